"""The figures of a report as tables of text, for the terminal and for the page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from summarizer.evaluation.report import Report

NONE = "-"

_Part = dict[str, Any]
_Cell = Callable[[_Part], str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of text: the first column names the row, the others hold figures."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def make_tables(report: Report, *, intervals: bool) -> list[Table]:
    """Return the tables of a report.

    :param report: What ``build_report`` gave.
    :param intervals: Whether every mean has its interval beside it; there is no room for that on a terminal.
    """
    baseline = report["settings"]["baseline"]
    tables = [
        _quality(report, baseline, intervals),
        _checks(report),
        _costs(report, intervals),
        _by_language(report, baseline, intervals),
    ]
    return [table for table in tables if table.rows]


def _quality(report: Report, baseline: str, intervals: bool) -> Table:
    columns: dict[str, _Cell] = {
        "n": _count_done,
        "R-1": _mean("rouge1", 100, intervals),
        "R-2": _mean("rouge2", 100, True),
        "R-L": _mean("rougeL", 100, intervals),
        "chrF": _mean("chrf", 100, intervals),
        f"R-2 - {baseline}": lambda part: _interval(_of(part, "difference", "rouge2"), 100, sign="+"),
    }
    if intervals:
        columns[f"R-2 / {baseline}"] = lambda part: _interval(_of(part, "ratio", "rouge2"), 1, digits=2)
    rows = [(system["name"], *(cell(system) for cell in columns.values())) for system in report["systems"]]
    note = "ROUGE F1 (Unicode tokenizer) and chrF times 100, with 95 % bootstrap intervals; differences are paired."
    return Table("Against the references", ("system", *columns), tuple(rows), note)


def _checks(report: Report) -> Table:
    lines: dict[str, _Cell] = {
        "words": _mean("words", 1),
        "flags on numbers, dates": _mean("number_flags", 1, digits=2),
        "flags on names": _mean("name_flags", 1, digits=2),
        "numbers unsupported": _share("unsupported_numbers"),
        "names unsupported": _share("unsupported_names"),
        "in the language due": _share("language_match"),
        "language untold": _share("language_unknown"),
        "stuck in a loop": _share("loops"),
        "word pairs copied": _share("copy_rate"),
        "sentences quoted": _share("quoted"),
    }
    note = "Means over summaries. In the language due: of the summaries whose language can be told."
    return _by_measure("Checks", report, lines, note)


def _costs(report: Report, intervals: bool) -> Table:
    lines: dict[str, _Cell] = {
        "seconds per article": _mean("seconds", 1, intervals, digits=3),
        "tokens per second": _mean("tokens_per_second", 1, digits=0),
        "peak MiB": lambda part: f"{part['peak_megabytes']:.0f}" if part["peak_megabytes"] else NONE,
        "articles failed": lambda part: str(part["failed"]),
        "errors": lambda part: ", ".join(f"{code} {count}" for code, count in part["errors"].items()) or NONE,
    }
    note = (
        "Wall time, without the first article, which loads the model. Memory is the most that the process had taken "
        "by the end of each system, from left to right."
    )
    return _by_measure("Cost", report, lines, note)


def _by_measure(title: str, report: Report, lines: dict[str, _Cell], note: str) -> Table:
    header = ("", *(system["name"] for system in report["systems"]))
    rows = ((name, *(cell(system) for system in report["systems"])) for name, cell in lines.items())
    return Table(title, header, tuple(rows), note)


def _by_language(report: Report, baseline: str, intervals: bool) -> Table:
    systems = report["systems"]
    languages = sorted({language for system in systems for language in system["languages"]})
    rows = tuple(
        (language, *(_language_cell(system, language, intervals) for system in systems)) for language in languages
    )
    header = ("language", *(system["name"] for system in systems))
    note = f"ROUGE-2 times 100 and the number of articles; in brackets the difference to {baseline} with its interval."
    plain = "ROUGE-2 times 100."
    return Table("By language", header, rows, note if intervals else plain)


def _language_cell(system: _Part, language: str, intervals: bool) -> str:
    part = system["languages"].get(language)
    if part is None:
        return NONE
    mean = _mean("rouge2", 100)(part)
    if not intervals:
        return mean
    difference = _of(part, "difference", "rouge2")
    behind = f" ({_interval(difference, 100, sign='+')})" if difference else ""
    return f"{mean} n={_count_done(part)}{behind}"


def _count_done(part: _Part) -> str:
    return str(part["articles"] - part["failed"])


def _of(part: _Part, group: str, name: str) -> _Part | None:
    found: _Part | None = (part[group] or {}).get(name)
    return found


def _mean(name: str, scale: float, interval: bool = False, digits: int = 1) -> _Cell:
    def cell(part: _Part) -> str:
        found = _of(part, "scores", name)
        if found is None:
            return NONE
        return _interval(found, scale, digits=digits) if interval else f"{found['value'] * scale:.{digits}f}"

    return cell


def _share(name: str) -> _Cell:
    def cell(part: _Part) -> str:
        found = _of(part, "scores", name)
        return f"{100 * found['value']:.1f} %" if found else NONE

    return cell


def _interval(found: _Part | None, scale: float, *, digits: int = 1, sign: str = "") -> str:
    if found is None:
        return NONE
    value, low, high = (found[key] * scale for key in ("value", "low", "high"))
    return f"{value:{sign}.{digits}f} [{low:{sign}.{digits}f}, {high:{sign}.{digits}f}]"
