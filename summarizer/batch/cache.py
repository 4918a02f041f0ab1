"""No work repeated: an article that was summarized before, in the same way, is not summarized again."""

import json
import logging
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from summarizer.article import Article
from summarizer.batch.cache_file import CacheFile
from summarizer.errors import SummarizerError
from summarizer.summary import Summary

logger = logging.getLogger(__name__)

#: Bytes of results that are kept, by default.
MOST_BYTES: Final = 1_000_000_000
#: Where an article comes from, which no summary depends on.
_PROVENANCE: Final = ("source", "author", "date", "site", "removed")
#: What a result takes from its own article and run.
_OWN: Final[Mapping[str, Any]] = {"id": None, "article": None, "seconds": 0.0}

Answer = Summary | dict[str, Any] | SummarizerError
Compute = Callable[[list[Article]], Iterable[Summary | SummarizerError]]


class ResultCache:
    """Results of earlier runs, by article and request, in a file that several processes may use at a time.

    Once the file cannot be read or written any more, as on a full disk, that is logged and work goes on without it.
    Errors are not kept.

    :param path: The file; it is made if it is not there.
    :param most_bytes: Bytes of results to keep; those that were not used for longest go first.
    :raises CacheError: If the file is damaged, of another program or version, or cannot be opened; it stays as it is.
    """

    def __init__(self, path: Path, most_bytes: int = MOST_BYTES) -> None:
        #: Results that did not have to be made.
        self.hits = 0
        self._path = path
        self._most_bytes = most_bytes
        self._file: CacheFile | None = CacheFile(path, most_bytes)

    def __reduce__(self) -> tuple[type["ResultCache"], tuple[Path, int]]:
        """Be opened anew in another process."""
        return type(self), (self._path, self._most_bytes)

    def close(self) -> None:
        """Close the file; nothing is found or kept from then on."""
        if self._file is not None:
            self._file.close()
        self._file = None

    def complete(self, articles: Sequence[Article], request: Mapping[str, Any], compute: Compute) -> list[Answer]:
        """Return the answer for each article; of those that are alike, one is summarized.

        :param articles: The articles.
        :param request: What the answers depend on beside them, as JSON values.
        :param compute: Answers articles, in order.
        :return: What was computed, and for the others their result as its JSON.
        """
        keys = [make_key(article, request) for article in articles]
        found = self._find(set(keys))
        places: dict[bytes, int] = {}
        for place, key in enumerate(keys):
            if key not in found:
                places.setdefault(key, place)
        computed = dict(zip(places, compute([articles[place] for place in places.values()]), strict=True))
        made = {key: _strip(answer) for key, answer in computed.items() if isinstance(answer, Summary)}
        self._store(made)
        found |= made
        answers: list[Answer] = []
        for place, (key, article) in enumerate(zip(keys, articles, strict=True)):
            if places.get(key) == place or key not in found:
                answers.append(computed[key])
            else:
                self.hits += 1
                answers.append({**found[key], "id": article.id, "article": article.to_dict()})
        return answers

    def _find(self, keys: set[bytes]) -> dict[bytes, dict[str, Any]]:
        try:
            return self._file.find(keys) if self._file is not None else {}
        except (sqlite3.Error, ValueError) as error:
            self._give_up(error)
            return {}

    def _store(self, results: Mapping[bytes, dict[str, Any]]) -> None:
        try:
            if self._file is not None and results:
                self._file.store(results)
        except sqlite3.Error as error:
            self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        self.close()
        logger.warning("The cache %s cannot be used any more (%s): work goes on without it.", self._path, error)


def make_key(article: Article, request: Mapping[str, Any]) -> bytes:
    """Return what tells articles and requests apart that have different summaries.

    :param article: The article; its id and where it comes from do not count.
    :param request: What the summary depends on beside it, as JSON values.
    """
    content = {name: value for name, value in article.to_dict().items() if name not in _PROVENANCE}
    return sha256(json.dumps([content, request], sort_keys=True).encode()).digest()


def _strip(summary: Summary) -> dict[str, Any]:
    return {**summary.to_dict(), **_OWN}
