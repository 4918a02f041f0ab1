"""What a batch did, counted row by row in memory that does not grow with the rows."""

import heapq
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from summarizer.addresses import hide_secrets

MOST_SLOWEST = 10
#: Rows shown for each code of an error.
MOST_EXAMPLES = 3
#: Ids and messages come with the input and may be of any length; this many characters of them are kept.
MOST_CHARACTERS = 300
_BINS_PER_DECADE = 10


class Histogram:
    """Counts of positive numbers in bins of equal ratio, ten for each power of ten.

    :param least: Smaller numbers, 0 among them, are counted as this one.
    """

    def __init__(self, least: float) -> None:
        self._least = least
        self._bins: Counter[int] = Counter()

    def add(self, value: float) -> None:
        """Count a number."""
        self._bins[math.floor(_BINS_PER_DECADE * math.log10(max(value, self._least)))] += 1

    def quantile(self, share: float) -> float | None:
        """Return the number that this share of all lies below, to within 13 %; ``None`` where nothing was counted.

        :param share: From 0 to 1; 0.5 for the median.
        """
        seen, wanted = 0, share * sum(self._bins.values())
        for place in sorted(self._bins):
            seen += self._bins[place]
            if seen >= wanted:
                return _edge(place + 0.5)
        return None

    def to_dict(self) -> dict[str, Any]:
        """Return the median, the 95 % quantile and the bins without a gap; ``to`` of one is ``from`` of the next."""
        places = range(min(self._bins), max(self._bins) + 1) if self._bins else ()
        return {
            "median": self.quantile(0.5),
            "p95": self.quantile(0.95),
            "bins": [{"from": _edge(place), "to": _edge(place + 1), "count": self._bins[place]} for place in places],
        }


def _edge(place: float) -> float:
    """Return where a bin begins, to four digits."""
    return float(f"{10 ** (place / _BINS_PER_DECADE):.4g}")


@dataclass(slots=True)
class LanguageTally:
    """What became of the articles in one language; ``flagged`` are those with something to check."""

    articles: int = 0
    flagged: int = 0
    quoted: int = 0
    written: int = 0
    tokens_read: int = 0
    seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {**asdict(self), "seconds": round(self.seconds, 3)}


@dataclass(slots=True)
class ErrorTally:
    """Rows that failed with one code: how many, for which reasons where the error tells, and the first of them."""

    count: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    examples: list[dict[str, Any]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, the most frequent reason first."""
        return {"count": self.count, "reasons": dict(self.reasons.most_common()), "examples": self.examples}


class _Timing(NamedTuple):
    """How long an article took, in the order of that; of two that took the same the earlier row is the slower."""

    seconds: float
    before: int
    id: str
    tokens: int

    def to_dict(self) -> dict[str, Any]:
        return {"id": self.id, "row": -self.before, "seconds": self.seconds, "tokens": self.tokens}


class Tally:
    """Counts of the results of a batch; a run that goes on with an earlier one is given the results of that first.

    ``tokens_read`` are counted by the model's own tokenizer. ``seconds`` are those of the results, added up: more than
    the run took where several processes work.
    """

    def __init__(self) -> None:
        self.done = 0
        self.failed = 0
        self.tokens_read = 0
        self.seconds = 0.0
        self.languages: dict[str, LanguageTally] = {}
        self.translations: Counter[str] = Counter()
        self.flags: Counter[str] = Counter()
        self.translation_flags: Counter[str] = Counter()
        self.errors: dict[str, ErrorTally] = {}
        self._seconds_per_article = Histogram(least=0.001)
        self._tokens_per_article = Histogram(least=1)
        self._slowest: list[_Timing] = []

    @property
    def rows(self) -> int:
        """Rows that have a result, be it a summary or an error."""
        return self.done + self.failed

    def add(self, result: Mapping[str, Any]) -> None:
        """Count a result.

        :param result: As ``Summary.to_dict`` and ``error_to_dict`` make them, with the number of its ``row``.
        """
        if result["error"] is None:
            self._add_summary(result)
        else:
            self._add_error(result)

    def add_all(self, results: Iterable[Mapping[str, Any]]) -> None:
        """Count results, such as those of an earlier run."""
        for result in results:
            self.add(result)

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as one JSON object, the most frequent first."""
        languages = sorted(self.languages.items(), key=lambda item: (-item[1].articles, item[0]))
        errors = sorted(self.errors.items(), key=lambda item: (-item[1].count, item[0]))
        return {
            "rows": self.rows,
            "done": self.done,
            "failed": self.failed,
            "tokens_read": self.tokens_read,
            "seconds": round(self.seconds, 3),
            "languages": {code: language.to_dict() for code, language in languages},
            "translations": dict(self.translations.most_common()),
            "flags": dict(self.flags.most_common()),
            "translation_flags": dict(self.translation_flags.most_common()),
            "errors": {code: error.to_dict() for code, error in errors},
            "slowest": [timing.to_dict() for timing in sorted(self._slowest, reverse=True)],
            "seconds_per_article": self._seconds_per_article.to_dict(),
            "tokens_per_article": self._tokens_per_article.to_dict(),
        }

    def _add_summary(self, result: Mapping[str, Any]) -> None:
        self.done += 1
        receipt = result["receipt"]
        self.tokens_read += receipt["tokens_read"]
        self.seconds += result["seconds"]
        self._seconds_per_article.add(result["seconds"])
        self._tokens_per_article.add(receipt["tokens"])
        self._add_language(result)
        self.flags.update(flag["kind"] for flag in result["flags"])
        translation = result["translation"]
        if translation is not None:
            self.translations[translation["language"]] += 1
            self.translation_flags.update(flag["kind"] for flag in translation["flags"])
        timing = _Timing(result["seconds"], -result["row"], _shorten(result["id"]), receipt["tokens"])
        if len(self._slowest) < MOST_SLOWEST:
            heapq.heappush(self._slowest, timing)
        else:
            heapq.heappushpop(self._slowest, timing)

    def _add_language(self, result: Mapping[str, Any]) -> None:
        translation = result["translation"]
        quoted = sum(1 for sentence in result["sentences"] if sentence["quoted"])
        language = self.languages.setdefault(result["article"]["language"], LanguageTally())
        language.articles += 1
        language.flagged += bool(result["flags"] or (translation and translation["flags"]))
        language.quoted += quoted
        language.written += len(result["sentences"]) - quoted
        language.tokens_read += result["receipt"]["tokens_read"]
        language.seconds += result["seconds"]

    def _add_error(self, result: Mapping[str, Any]) -> None:
        self.failed += 1
        error = result["error"]
        tally = self.errors.setdefault(error["code"], ErrorTally())
        tally.count += 1
        if "reason" in error:
            tally.reasons[error["reason"]] += 1
        if len(tally.examples) < MOST_EXAMPLES:
            example = {"id": _shorten(result["id"]), "row": result["row"], "message": _shorten(error["message"])}
            tally.examples.append(example)


def _shorten(text: str | None) -> str:
    text = hide_secrets(text or "")
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"
