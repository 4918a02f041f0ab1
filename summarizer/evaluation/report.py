"""From results to figures: means, intervals and differences, for each system and each language."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from summarizer.errors import BadOptionError
from summarizer.evaluation.data import SEED, Dataset
from summarizer.evaluation.metrics import LEVEL, RESAMPLES, difference_interval, mean_interval, ratio_interval
from summarizer.evaluation.runner import Result
from summarizer.evaluation.systems import BASELINE, System
from summarizer.version import __version__

#: What is compared with the baseline.
COMPARED = ("rouge1", "rouge2", "rougeL", "chrf")
REPORT_FILE, ROWS_FILE, PAGE_FILE = "report.json", "rows.jsonl", "report.html"

Report = dict[str, Any]


def build_report(
    systems: Sequence[System], results: Iterable[Result], dataset: Dataset, **settings: str | int | None
) -> Report:
    """Return the figures of a run as one JSON object.

    :param systems: The systems, in the order to show them.
    :param results: What ``run`` gave for them.
    :param dataset: The examples they ran on.
    :param settings: What was asked for, for the record.
    :return: ``data``, ``settings`` and ``systems``; each system has its means with intervals under ``scores``, the
        differences to the baseline under ``difference`` and ``ratio`` (``None`` for the baseline itself), and the same
        again under ``languages``.
    """
    by_system: dict[str, list[Result]] = {system.name: [] for system in systems}
    for result in results:
        by_system[result.system].append(result)
    baseline = by_system.get(BASELINE, [])
    return {
        "version": __version__,
        "data": {
            "file": dataset.path.name,
            "articles": len(dataset.examples),
            "usable": dataset.usable,
            "across_languages": dataset.across,
            "languages": dict(Counter(result.language for result in baseline).most_common()),
        },
        "settings": {**settings, "baseline": BASELINE, "seed": SEED, "resamples": RESAMPLES, "level": LEVEL},
        "systems": [_describe_system(system, by_system[system.name], baseline) for system in systems],
    }


def find_system(report: Report, name: str) -> dict[str, Any]:
    """Return the part of a report about one system.

    :raises KeyError: If it is not among them.
    """
    for system in report["systems"]:
        if system["name"] == name:
            found: dict[str, Any] = system
            return found
    raise KeyError(name)


def _describe_system(system: System, results: list[Result], baseline: list[Result]) -> dict[str, Any]:
    done = [result for result in results if result.output is not None]
    languages = dict.fromkeys(result.language for result in results)
    return {
        "name": system.name,
        "kind": system.kind,
        "signature": next((result.output.signature for result in done if result.output), ""),
        "peak_megabytes": max((result.peak_megabytes for result in done if result.peak_megabytes), default=None),
        "errors": dict(Counter(result.error["code"] for result in results if result.error)),
        **_describe(results, baseline),
        "languages": {
            language: _describe(_in_language(results, language), _in_language(baseline, language))
            for language in sorted(languages)
        },
    }


def _in_language(results: list[Result], language: str) -> list[Result]:
    return [result for result in results if result.language == language]


def _describe(results: list[Result], baseline: list[Result]) -> dict[str, Any]:
    """Return the figures of one system on some articles."""
    done = [result for result in results if result.output is not None]
    own = results[0].system if results else BASELINE
    pairs = [] if own == BASELINE else list(_pair(done, baseline))
    return {
        "articles": len(results),
        "failed": len(results) - len(done),
        "scores": dict(_mean_scores(done)),
        "difference": _differences(pairs) if pairs else None,
        "ratio": _ratios(pairs) if pairs else None,
    }


def _mean_scores(done: list[Result]) -> Iterator[tuple[str, dict[str, Any] | None]]:
    for name in done[0].scores if done else ():
        values = [value for result in done if (value := result.scores[name]) is not None]
        yield name, mean_interval(values).to_dict() if values else None


_Pair = tuple[Result, Result]


def _pair(done: list[Result], baseline: list[Result]) -> Iterator[_Pair]:
    """Yield a system's results with the baseline's for the same articles, where both have a summary."""
    others = {result.example.line: result for result in baseline if result.output is not None}
    return ((result, others[result.example.line]) for result in done if result.example.line in others)


def _columns(pairs: list[_Pair], name: str) -> tuple[list[float], list[float]]:
    own = [result.scores[name] or 0.0 for result, _ in pairs]
    return own, [other.scores[name] or 0.0 for _, other in pairs]


def _differences(pairs: list[_Pair]) -> dict[str, Any]:
    return {name: difference_interval(*_columns(pairs, name)).to_dict() for name in COMPARED}


def _ratios(pairs: list[_Pair]) -> dict[str, Any]:
    ratios = {name: ratio_interval(*_columns(pairs, name)) for name in COMPARED}
    return {name: ratio.to_dict() if ratio else None for name, ratio in ratios.items()}


def make_folder(folder: Path) -> None:
    """Make the folder of a report before the work begins.

    :raises BadOptionError: If it cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ROWS_FILE).write_text("", encoding="utf-8")
    except OSError as error:
        raise BadOptionError(f"No report can be written to {folder}: {error.strerror}.") from error


def keep_rows(results: Iterable[Result], folder: Path) -> Iterator[Result]:
    """Yield results as they come, each once it is written, so that a run that is cut short leaves what it had.

    :param results: What ``run`` gives.
    :param folder: Gets ``rows.jsonl``, a line for each result.
    """
    with (folder / ROWS_FILE).open("w", encoding="utf-8", errors="backslashreplace") as stream:
        for result in results:
            stream.write(json.dumps(result.to_dict(), ensure_ascii=False) + "\n")
            stream.flush()
            yield result


def write_report(report: Report, results: Sequence[Result], folder: Path) -> None:
    """Write ``report.json`` and ``report.html``.

    :param report: The figures.
    :param results: The results, for the page's examples.
    :param folder: Where to, as ``make_folder`` made it.
    """
    from summarizer.evaluation.page import render_page

    texts = {
        REPORT_FILE: json.dumps(report, ensure_ascii=False, indent=2) + "\n",
        PAGE_FILE: render_page(report, results),
    }
    for name, text in texts.items():
        # Half a surrogate pair, which JSON can hold, is no reason to lose a report.
        (folder / name).write_text(text, encoding="utf-8", errors="backslashreplace")
