"""Run systems over examples and score each summary; an article that fails is a result too."""

import logging
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from summarizer.article import Article
from summarizer.datamodels import flag_to_dict
from summarizer.errors import SummarizerError
from summarizer.evaluation.data import Example
from summarizer.evaluation.metrics import chrf, copy_rate, rouge, tokenize
from summarizer.evaluation.systems import Output, System
from summarizer.evidence import locate_sentences, same_language
from summarizer.languages import get_language, identify_language
from summarizer.names import find_names
from summarizer.numbers import find_numbers
from summarizer.repetition import find_loop

logger = logging.getLogger(__name__)

UNKNOWN_LANGUAGE = "und"
#: Where Linux tells of a process.
STATUS = Path("/proc/self/status")
Scores = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Result:
    """What one system made of one article.

    ``scores`` maps a measure to its figure, ``None`` where it means nothing for this summary; ``seconds`` is wall
    time; ``peak_megabytes`` the most memory that the process had taken by then, ``None`` where the system does not
    tell; ``error`` holds code and message where there is no summary.
    """

    system: str
    example: Example
    language: str
    output: Output | None = None
    scores: Scores = field(default_factory=dict)
    seconds: float = 0.0
    peak_megabytes: float | None = None
    error: dict[str, str] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON row."""
        output = self.output
        return {
            "system": self.system,
            "id": self.example.id,
            "line": self.example.line,
            "language": self.language,
            "reference": self.example.reference,
            "summary": output.text if output else None,
            "flags": [flag_to_dict(flag, output.text) for flag in output.flags] if output else [],
            "scores": self.scores,
            "tokens_read": output.tokens if output else None,
            "seconds": round(self.seconds, 4),
            "peak_megabytes": self.peak_megabytes,
            "signature": output.signature if output else None,
            "error": self.error,
        }


def run(systems: Sequence[System], examples: Sequence[Example]) -> Iterator[Result]:
    """Run every system over every example, lazily: one result each, system by system.

    The first summary of a system also loads what it needs, so its time is in the result but not among the scores,
    unless it is the only one.
    """
    articles = [_try_article(example) for example in examples]
    # Every system is checked by the identifier; the first must not be charged for loading it.
    identify_language("The council voted on Tuesday to keep the ferry.")
    for system in systems:
        warm = len(examples) == 1
        for example, article in zip(examples, articles, strict=True):
            result = _run_one(system, example, article, timed=warm)
            warm = warm or result.error is None
            yield result


def _try_article(example: Example) -> Article | SummarizerError:
    try:
        return example.to_article()
    except SummarizerError as error:
        return error


def _run_one(system: System, example: Example, article: Article | SummarizerError, *, timed: bool) -> Result:
    if isinstance(article, SummarizerError):
        return Result(system.name, example, _stated_language(example), error=article.to_dict())
    started = time.perf_counter()
    try:
        output = system.summarize(article)
    except SummarizerError as error:
        return Result(system.name, example, article.language, error=error.to_dict())
    except Exception as error:
        # Hours of other results must not be lost to a defect that one article brings out.
        logger.exception("%s failed on line %d", system.name, example.line)
        return Result(
            system.name,
            example,
            article.language,
            error={"code": "defect", "message": f"{type(error).__name__}: {error}"},
        )
    seconds = time.perf_counter() - started
    scores = score(output, article, example.reference)
    scores["seconds"] = seconds if timed else None
    scores["tokens_per_second"] = output.tokens / seconds if timed and output.tokens else None
    return Result(system.name, example, article.language, output, scores, seconds, peak_megabytes())


def score(output: Output, article: Article, reference: str) -> Scores:
    """Return every measure of one summary but those of time.

    :param output: The summary.
    :param article: What it is a summary of.
    :param reference: What a person wrote.
    :return: Shares and F-scores from 0 to 1, ``words`` and flags as counts.
    """
    rouge1, rouge2, rouge_l = rouge(output.text, reference)
    matches = match_language(output.text, output.language)
    unsupported = _unsupported(output)
    return {
        "rouge1": rouge1,
        "rouge2": rouge2,
        "rougeL": rouge_l,
        "chrf": chrf(output.text, reference),
        "words": float(len(tokenize(output.text))),
        "number_flags": float(sum(flag.kind in ("number", "date") for flag in output.flags)),
        "name_flags": float(sum(flag.kind == "name" for flag in output.flags)),
        "unsupported_numbers": unsupported[0],
        "unsupported_names": unsupported[1],
        "language_match": None if matches is None else float(matches),
        "language_unknown": float(matches is None),
        "loops": float(find_loop(output.text) is not None),
        "copy_rate": copy_rate(output.sentences, article.text),
        "quoted": output.quoted / len(output.sentences) if output.sentences else None,
    }


def match_language(text: str, expected: str) -> bool | None:
    """Return whether a text is in the language it should be in, ``None`` if that cannot be told, as of a short one."""
    found = identify_language(text).language
    return None if found is None else same_language(found, expected)


def peak_megabytes() -> float | None:
    """Return the most memory that this process has taken so far, in MiB, ``None`` where the system does not tell."""
    try:
        # VmHWM begins anew with each program; ru_maxrss is inherited from the one before.
        status = STATUS.read_text(encoding="ascii")
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    except (OSError, IndexError, ValueError):
        pass
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)


def _stated_language(example: Example) -> str:
    try:
        return get_language(example.language or "").code
    except SummarizerError:
        return UNKNOWN_LANGUAGE


def _unsupported(output: Output) -> tuple[float | None, float | None]:
    """Return the share of the summary's numbers and dates, and of its names, that carry a flag."""
    numbers: list[tuple[int, int]] = []
    names: list[tuple[int, int]] = []
    for start, end in locate_sentences(output.text, output.sentences):
        sentence = output.text[start:end]
        found = (number for number in find_numbers(sentence, output.language) if not number.weak)
        numbers += [(start + number.start, start + number.end) for number in found]
        names += [(start + run[0].start, start + run[-1].end) for run in find_names(sentence, output.language)]
    return _flagged_share(output, numbers, ("number", "date")), _flagged_share(output, names, ("name",))


def _flagged_share(output: Output, spans: list[tuple[int, int]], kinds: tuple[str, ...]) -> float | None:
    if not spans:
        return None
    flags = [flag for flag in output.flags if flag.kind in kinds]
    return sum(any(flag.start < end and start < flag.end for flag in flags) for start, end in spans) / len(spans)
