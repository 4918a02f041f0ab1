"""The report of a batch as tables, and as one HTML file that needs nothing else; all text in it is escaped."""

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from summarizer.batch.displays import printable
from summarizer.evaluation.page import NO_PLOTS, STYLE, render_table
from summarizer.evaluation.tables import NONE, Table

#: Languages in the plot; the table has all.
MOST_PLOTTED = 30

_Report = dict[str, Any]


def render_page(report: _Report) -> str:
    """Return the page.

    :param report: What ``make_report`` gave.
    """
    name = f"Batch of {printable(report['run']['source'])}"
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            f"<title>{escape(name)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{escape(name)}</h1>",
            *(render_table(make_printable(table)) for table in make_tables(report)),
            *_render_examples(report),
            *_render_plots(report),
            *(render_table(make_printable(table)) for table in _make_settings(report)),
            "</body>\n</html>\n",
        ]
    )


def make_tables(report: _Report) -> list[Table]:
    """Return the tables of a report that have something in them.

    :param report: What ``make_report`` gave; cells may hold text of the input as it is.
    """
    tables = [_overview(report), _languages(report), _flags(report), _errors(report), _slowest(report)]
    return [table for table in tables if table.rows]


def _overview(report: _Report) -> Table:
    run, speed, sentences = report["run"], report["speed"], _count_sentences(report)
    lines = {
        "rows": f"{report['rows']:,}",
        "done": f"{report['done']:,}",
        "failed": f"{report['failed']:,}",
        "done in this run": f"{run['done']:,}",
        "failed in this run": f"{run['failed']:,}",
        "from cache in this run": f"{run['cached']:,}",
        "seconds of this run": f"{run['seconds']:,.1f}",
        "articles per second": _figure(speed["articles_per_second"], ",.2f"),
        "tokens per second": _figure(speed["tokens_per_second"], ",.0f"),
        "peak MB": _figure(run["peak_memory"] and run["peak_memory"] / 1e6, ",.0f"),
        "tokens read": f"{report['tokens_read']:,}",
        "tokens of an article, median": _figure(report["tokens_per_article"]["median"], ",.0f"),
        "seconds of an article, median": _figure(report["seconds_per_article"]["median"], ",.3f"),
        "seconds of an article, 95 % quantile": _figure(report["seconds_per_article"]["p95"], ",.3f"),
        "sentences quoted": f"{sentences['quoted']:,}",
        "sentences written": f"{sentences['written']:,}",
    }
    note = (
        "Speed is that of this run alone, rows that failed left out. Articles read at once share their seconds evenly; "
        "those from the cache take none."
    )
    return Table("Batch", ("", "value"), tuple(lines.items()), note)


def _count_sentences(report: _Report) -> dict[str, int]:
    languages = report["languages"].values()
    return {kind: sum(language[kind] for language in languages) for kind in ("quoted", "written")}


def _figure(value: float | None, form: str) -> str:
    return NONE if value is None else format(value, form)


def _languages(report: _Report) -> Table:
    header = ("language", "articles", "flagged", "quoted", "written", "tokens read", "seconds each")
    rows = tuple(
        (
            code,
            *(f"{language[name]:,}" for name in ("articles", "flagged", "quoted", "written", "tokens_read")),
            f"{language['seconds'] / language['articles']:.3f}",
        )
        for code, language in report["languages"].items()
    )
    translated = ", ".join(f"{code} {count:,}" for code, count in report["translations"].items())
    note = "Of the articles; flagged are summaries with something to check, quoted and written are sentences."
    return Table("By language", header, rows, f"{note} Translated into: {translated}." if translated else note)


def _flags(report: _Report) -> Table:
    own, translated = report["flags"], report["translation_flags"]
    rows = tuple(
        (kind, f"{own.get(kind, 0):,}", f"{translated.get(kind, 0):,}") for kind in dict.fromkeys((*own, *translated))
    )
    return Table("To check", ("flag", "in summaries", "in translations"), rows, "Flags by kind.")


def _errors(report: _Report) -> Table:
    errors = report["errors"]
    rows = tuple((code, f"{error['count']:,}", _reasons(error) or NONE) for code, error in errors.items())
    advice = " ".join(f"{code}: {error['advice']}" for code, error in errors.items())
    return Table("Rows that failed", ("error", "rows", "reasons"), rows, advice)


def _reasons(error: dict[str, Any]) -> str:
    return ", ".join(f"{reason} {count:,}" for reason, count in error["reasons"].items())


def _slowest(report: _Report) -> Table:
    rows = tuple(
        (timing["id"] or NONE, f"{timing['row']:,}", f"{timing['seconds']:,.3f}", f"{timing['tokens']:,}")
        for timing in report["slowest"]
    )
    return Table("Slowest articles", ("id", "row", "seconds", "tokens"), rows, "Rows are counted from 0.")


def _make_settings(report: _Report) -> Iterator[Table]:
    for title in ("run", "options", "versions", "machine"):
        rows = tuple((name, _to_cell(value)) for name, value in report[title].items())
        if rows:
            yield Table(title.capitalize(), ("", "value"), rows)


def _to_cell(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def make_printable(table: Table) -> Table:
    """Return the table with text that changes nothing but its own cell, on a terminal as on a page."""
    rows = tuple(tuple(map(printable, row)) for row in table.rows)
    return Table(table.title, table.header, rows, printable(table.note))


def _render_examples(report: _Report) -> Iterator[str]:
    """Show the first rows that failed with each code."""
    for code, error in report["errors"].items():
        body = "\n".join(
            f'<dt dir="auto">{_escape(example["id"] or NONE)} (row {example["row"]:,})</dt>\n'
            f'<dd dir="auto">{_escape(example["message"])}</dd>'
            for example in error["examples"]
        )
        yield f"<details><summary>The first of {_escape(code)}</summary>\n<dl>\n{body}\n</dl></details>"


def _escape(text: str) -> str:
    return escape(printable(text))


def _render_plots(report: _Report) -> list[str]:
    try:
        plots = _draw_plots(report)
    except ImportError:
        return [f'<p class="note">{escape(NO_PLOTS)}</p>']
    return [f"<h2>{escape(title)}</h2>\n<figure>\n{svg}</figure>" for title, svg in plots]


def _draw_plots(report: _Report) -> list[tuple[str, str]]:
    """Return titles and SVG elements of the plots that there is data for.

    :raises ImportError: If matplotlib is not installed.
    """
    from matplotlib import rc_context

    from summarizer.evaluation.plots import STYLE

    with rc_context(STYLE):
        plots = [
            ("Seconds of an article", _draw_histogram(report["seconds_per_article"]["bins"], "seconds")),
            ("Tokens of an article", _draw_histogram(report["tokens_per_article"]["bins"], "tokens")),
            ("Articles by language", _draw_languages(report)),
        ]
    return [(title, svg) for title, svg in plots if svg]


def _draw_histogram(bins: list[dict[str, Any]], unit: str) -> str:
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    from summarizer.evaluation.plots import MODEL_COLOURS, make_axes, to_svg

    if not bins:
        return ""
    figure, axes = make_axes(6)
    starts, widths = [part["from"] for part in bins], [part["to"] - part["from"] for part in bins]
    axes.bar(starts, [part["count"] for part in bins], widths, align="edge", color=MODEL_COLOURS[0])
    axes.set_xscale("log")
    # The usual labels of powers are formulas.
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(unit)
    axes.set_ylabel("articles")
    return to_svg(figure)


def _draw_languages(report: _Report) -> str:
    from summarizer.evaluation.plots import MODEL_COLOURS, make_axes, to_svg

    languages = list(report["languages"].items())[:MOST_PLOTTED]
    if not languages:
        return ""
    figure, axes = make_axes(len(languages))
    counts = [language["articles"] for _, language in languages]
    axes.barh([printable(code) for code, _ in languages], counts, color=MODEL_COLOURS[0])
    axes.invert_yaxis()
    axes.set_xlabel("articles")
    return to_svg(figure)
