"""The results of a job, while it goes on: counted, found by what they are, and given out as files."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal, NamedTuple, get_args

from summarizer.batch.tables import write_table
from summarizer.rendering import escape, render_markdown
from summarizer.summary import Summary

Kind = Literal["all", "flagged", "clean", "failed"]
KINDS: Final = get_args(Kind)
Format = Literal["jsonl", "csv", "parquet", "md"]
FORMATS: Final = get_args(Format)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which results are wanted.

    :param language: Code of the article's language; empty for any.
    :param kind: One of ``KINDS``.
    :param words: Words that all stand in title, summary, translation, id or error; in any case.
    """

    language: str = ""
    kind: str = "all"
    words: str = ""


class _Entry(NamedTuple):
    """Where a result is, and what it is."""

    offset: int
    language: str
    kind: Kind


class JobResults:
    """The results in a journal that grows; what is new is read when somebody looks.

    :param path: The journal.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._forget(0)

    def _forget(self, file: int) -> None:
        self._file, self._end = file, 0
        self._entries: list[_Entry] = []

    def refresh(self) -> None:
        """Take in what has come since the last look; all of it, if the journal was written anew."""
        with self._lock:
            try:
                journal = self._path.open("rb")
            except FileNotFoundError:
                self._forget(0)
                return
            with journal:
                status = self._path.stat()
                if status.st_ino != self._file or status.st_size < self._end:
                    self._forget(status.st_ino)
                journal.seek(self._end)
                for line in journal:
                    # A line without an end is being written.
                    if not line.endswith(b"\n"):
                        return
                    self._entries.append(_index(json.loads(line), self._end))
                    self._end += len(line)

    @property
    def count(self) -> int:
        """Number of results."""
        return len(self._entries)

    @property
    def failed(self) -> int:
        """Number of results with an error."""
        return sum(entry.kind == "failed" for entry in self._entries)

    @property
    def languages(self) -> Counter[str]:
        """Number of articles in each language."""
        return Counter(entry.language for entry in self._entries if entry.language)

    def find(self, wanted: Filter) -> list[int]:
        """Return where the results are that a filter lets through."""
        offsets = [entry.offset for entry in list(self._entries) if _fits(entry, wanted)]
        words = wanted.words.casefold().split()
        if not words:
            return offsets
        return [offset for offset, result in zip(offsets, self.read(offsets), strict=True) if _has(result, words)]

    def read(self, offsets: Sequence[int]) -> Iterator[dict[str, Any]]:
        """Yield the results at some places."""
        if not offsets:
            return
        with self._path.open("rb") as journal:
            for offset in offsets:
                journal.seek(offset)
                yield json.loads(journal.readline())


def _index(result: Mapping[str, Any], offset: int) -> _Entry:
    translation = result["translation"] or {}
    flagged: Kind = "flagged" if result["flags"] or translation.get("flags") else "clean"
    kind: Kind = "failed" if result["error"] is not None else flagged
    return _Entry(offset, (result["article"] or {}).get("language", ""), kind)


def _fits(entry: _Entry, wanted: Filter) -> bool:
    return wanted.language in ("", entry.language) and wanted.kind in ("all", entry.kind)


def _has(result: Mapping[str, Any], words: Iterable[str]) -> bool:
    article, translation, error = (result[key] or {} for key in ("article", "translation", "error"))
    texts = (result["id"], article.get("title"), result["summary"], translation.get("text"), error.get("message"))
    text = "\n".join(filter(None, texts)).casefold()
    return all(word in text for word in words)


def write_results(results: Iterable[Mapping[str, Any]], path: Path) -> None:
    """Write results to a file; its suffix is one of ``FORMATS``.

    :raises BadOptionError: If its suffix says no known kind, or a package for it is missing.
    """
    if path.suffix != ".md":
        write_table(results, path)
        return
    with path.open("w", encoding="utf-8", errors="replace") as file:
        file.writelines(f"{_to_markdown(result)}\n\n---\n\n" for result in results)


def _to_markdown(result: Mapping[str, Any]) -> str:
    if result["error"] is None:
        return render_markdown(Summary.from_dict(dict(result)))
    return f"# {escape(result['id'] or str(result['row']))}\n\n⚠ {escape(result['error']['message'])}"
