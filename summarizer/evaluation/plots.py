"""The plots of a report as SVG, drawn by matplotlib without any display."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from summarizer.evaluation.report import Report
from summarizer.evaluation.runner import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BASELINE_COLOUR, MODEL_COLOURS = "#8a8f98", ("#1f5fbf", "#c2571a", "#2a7d4f", "#8d3fa8", "#b3243b", "#6b6114")
_WIDTH = 7.5
_ROW = 0.32
#: Text stays text, and is never read as a formula; ids depend on the content alone.
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "evaluation",
    "text.parse_math": False,
    "font.size": 9,
}
_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}


def draw_plots(report: Report, results: Sequence[Result]) -> list[tuple[str, str]]:
    """Return titles and SVG elements of the plots that there is data for.

    :param report: What ``build_report`` gave.
    :param results: The results it was built from.
    :raises ImportError: If matplotlib is not installed.
    """
    from matplotlib import rc_context

    with rc_context(STYLE):
        plots = [
            ("ROUGE-2 of each system, with 95 % intervals", _draw_systems(report)),
            (
                f"ROUGE-2 minus {report['settings']['baseline']} by language (articles), with 95 % intervals",
                _draw_languages(report),
            ),
            ("Seconds per article against tokens read", _draw_times(report, results)),
        ]
    return [(title, svg) for title, svg in plots if svg]


def _draw_systems(report: Report) -> str:
    systems = [system for system in report["systems"] if system["scores"]]
    if not systems:
        return ""
    figure, axes = make_axes(len(systems))
    colours = _colours(report)
    for row, system in enumerate(systems):
        _draw_interval(axes, row, system["scores"]["rouge2"], colours[system["name"]])
    axes.set_yticks(range(len(systems)), [system["name"] for system in systems])
    axes.invert_yaxis()
    axes.set_xlabel("ROUGE-2 F1 x 100")
    return to_svg(figure)


def _draw_languages(report: Report) -> str:
    models = [system for system in report["systems"] if system["kind"] == "model" and system["difference"]]
    languages = sorted(
        {language for model in models for language, part in model["languages"].items() if part["difference"]}
    )
    if not languages:
        return ""
    colours = _colours(report)
    figure, axes = make_axes(len(languages) * max(1.0, 0.5 * len(models)))
    axes.axvline(0, color=_BASELINE_COLOUR, linewidth=1)
    for index, model in enumerate(models):
        label = model["name"]
        for row, language in enumerate(languages):
            part = model["languages"].get(language)
            if part and part["difference"]:
                place = row + 0.7 * ((index + 0.5) / len(models) - 0.5)
                _draw_interval(axes, place, part["difference"]["rouge2"], colours[model["name"]], label)
                label = ""
    axes.set_yticks(
        range(len(languages)), [f"{language} ({_most_articles(models, language)})" for language in languages]
    )
    axes.invert_yaxis()
    axes.set_xlabel(f"ROUGE-2 F1 x 100, minus that of {report['settings']['baseline']}")
    axes.legend(frameon=False)
    return to_svg(figure)


def _most_articles(models: list[dict[str, Any]], language: str) -> int:
    parts = (model["languages"].get(language) for model in models)
    return max(int(part["articles"]) - int(part["failed"]) for part in parts if part)


def _draw_times(report: Report, results: Sequence[Result]) -> str:
    from matplotlib.ticker import LogFormatter

    colours = _colours(report)
    points: dict[str, list[tuple[int, float]]] = {}
    for result in results:
        seconds = result.scores.get("seconds")
        if seconds and result.output and result.output.tokens:
            points.setdefault(result.system, []).append((result.output.tokens, seconds))
    if not points:
        return ""
    figure, axes = make_axes(10)
    for name, found in points.items():
        axes.plot(*zip(*found, strict=True), "o", markersize=4, alpha=0.6, color=colours[name], label=name)
    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        # The usual labels of powers are formulas.
        axis.set_major_formatter(LogFormatter(labelOnlyBase=False))
        axis.set_minor_formatter(LogFormatter(labelOnlyBase=False))
    axes.set_xlabel("tokens read, as the model counts them")
    axes.set_ylabel("seconds")
    axes.legend(frameon=False)
    return to_svg(figure)


def make_axes(rows: float) -> "tuple[Figure, Axes]":
    """Return an empty plot that is high enough for so many rows."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH, 1.0 + _ROW * rows), layout="constrained")
    FigureCanvasSVG(figure)
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _draw_interval(axes: "Axes", row: float, interval: dict[str, Any], colour: str, label: str = "") -> None:
    value, low, high = (100 * interval[key] for key in ("value", "low", "high"))
    spread = [[max(0.0, value - low)], [max(0.0, high - value)]]
    axes.errorbar([value], [row], xerr=spread, fmt="o", color=colour, capsize=3, label=label or "_nolegend_")


def _colours(report: Report) -> dict[str, str]:
    models = [system["name"] for system in report["systems"] if system["kind"] == "model"]
    baselines = {system["name"]: _BASELINE_COLOUR for system in report["systems"]}
    return {**baselines, **{name: MODEL_COLOURS[i % len(MODEL_COLOURS)] for i, name in enumerate(models)}}


def to_svg(figure: "Figure") -> str:
    """Return the figure as an element for a page: what stands before it belongs to files only."""
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata=_METADATA)
    text = stream.getvalue()
    return text[text.index("<svg") :]
