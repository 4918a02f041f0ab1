"""A report as one HTML file that needs nothing else: no script, nothing from outside, all text escaped."""

from collections.abc import Sequence
from html import escape

from summarizer.evaluation.report import Report
from summarizer.evaluation.runner import Result
from summarizer.evaluation.tables import Table, make_tables

#: Articles shown with their summaries.
MOST_SHOWN = 10
NO_PLOTS = "There are no plots, for matplotlib is not installed: pip install 'news-summarizer[evaluate]'"

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; color: #1d2025; }
h1, h2 { line-height: 1.2; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { padding: .25rem .7rem; border-bottom: 1px solid #dfe2e7; text-align: end; white-space: nowrap; }
th:first-child, td:first-child { text-align: start; }
p.note, dt { color: #5b626d; }
dd { margin: 0 0 .8rem; }
svg { max-width: 100%; height: auto; }
"""


def render_page(report: Report, results: Sequence[Result]) -> str:
    """Return the page.

    :param report: What ``build_report`` gave.
    :param results: The results it was built from.
    """
    name = f"Evaluation on {report['data']['file']}"
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{escape(name)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{escape(name)}</h1>",
        f"<p>{escape(describe_run(report))}</p>",
        *map(render_table, make_tables(report, intervals=True)),
        *_render_plots(report, results),
        *_render_examples(report, results),
        "</body>\n</html>\n",
    ]
    return "\n".join(parts)


def describe_run(report: Report) -> str:
    """Return a line that says what was run on how much."""
    data, settings = report["data"], report["settings"]
    parts = [
        f"{data['articles']:,} of {data['usable']:,} articles",
        f"languages: {', '.join(f'{code} {count}' for code, count in data['languages'].items())}",
        f"rows with a summary in another language, passed over: {data['across_languages']:,}",
        *(f"{name}: {value}" for name, value in settings.items() if value is not None),
        f"summarizer {report['version']}",
    ]
    return " · ".join(parts)


def render_table(table: Table) -> str:
    """Return a table as HTML; its text never becomes markup."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in table.header)
    rows = "\n".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows)
    return (
        f"<h2>{escape(table.title)}</h2>\n<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n"
        f'<p class="note">{escape(table.note)}</p>'
    )


def _render_plots(report: Report, results: Sequence[Result]) -> list[str]:
    from summarizer.evaluation.plots import draw_plots

    try:
        plots = draw_plots(report, results)
    except ImportError:
        return [f'<p class="note">{escape(NO_PLOTS)}</p>']
    return [f"<h2>{escape(title)}</h2>\n<figure>\n{svg}</figure>" for title, svg in plots]


def _render_examples(report: Report, results: Sequence[Result]) -> list[str]:
    """Show the articles where the first model loses most against the baseline, with what every system made of them."""
    models = [system["name"] for system in report["systems"] if system["kind"] == "model"]
    baseline = report["settings"]["baseline"]
    by_line: dict[int, dict[str, Result]] = {}
    for result in results:
        by_line.setdefault(result.example.line, {})[result.system] = result
    scored = [
        (_rouge2(group[models[0]]) - _rouge2(group[baseline]), line)
        for line, group in by_line.items()
        if models and models[0] in group and baseline in group and group[models[0]].output
    ]
    if not scored:
        return []
    title = f"Where {models[0]} loses most against {baseline}"
    return [f"<h2>{escape(title)}</h2>", *(_render_article(by_line[line]) for _, line in sorted(scored)[:MOST_SHOWN])]


def _rouge2(result: Result) -> float:
    return result.scores.get("rouge2") or 0.0


def _render_article(group: dict[str, Result]) -> str:
    first = next(iter(group.values()))
    texts = [("reference", first.example.reference)]
    for name, result in group.items():
        label = f"{name} (ROUGE-2 {100 * _rouge2(result):.1f})"
        texts.append((label, result.output.text if result.output else str(result.error)))
    body = "\n".join(
        f'<dt>{escape(label)}</dt><dd dir="auto" lang="{escape(first.language)}">{escape(text)}</dd>'
        for label, text in texts
    )
    summary = f"{first.example.id} ({first.language})"
    return f"<details><summary>{escape(summary)}</summary>\n<dl>\n{body}\n</dl></details>"
