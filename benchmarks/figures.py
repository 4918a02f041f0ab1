"""What benchmarks leave behind: figures as JSON, curves as SVG and PNG."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.machine import describe_machine
from summarizer.evaluation.plots import MODEL_COLOURS, STYLE, make_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Curve = Sequence[tuple[float, float]]


def save_figures(folder: Path, name: str, figures: Mapping[str, Any]) -> None:
    """Write ``NAME.json``: the machine, and the figures.

    :param folder: Where to; made if it is not there.
    :param name: Name of the benchmark.
    :param figures: Anything that JSON can hold.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"machine": describe_machine(), **figures}, indent=2, ensure_ascii=False)
    (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def save_plot(
    folder: Path, name: str, curves: Mapping[str, Curve], labels: tuple[str, str], *, log: bool = False
) -> None:
    """Draw curves, and write ``NAME.svg`` and ``NAME.png``.

    :param folder: Where to; made if it is not there.
    :param name: Name of the files.
    :param curves: Points (x, y) of each curve, by its name.
    :param labels: What x and y are, with their units.
    :param log: Whether both axes are logarithmic.
    :raises ImportError: If matplotlib is not installed.
    """
    from matplotlib import rc_context

    folder.mkdir(parents=True, exist_ok=True)
    with rc_context(STYLE):
        figure, axes = make_axes(10)
        style = "o-" if log else "-"
        for index, (label, points) in enumerate(curves.items()):
            colour = MODEL_COLOURS[index % len(MODEL_COLOURS)]
            axes.plot(*zip(*points, strict=True), style, markersize=4, color=colour, label=label)
        axes.set(xlabel=labels[0], ylabel=labels[1])
        _set_scale(axes, log)
        axes.legend(frameon=False)
        for kind in ("svg", "png"):
            figure.savefig(folder / f"{name}.{kind}", dpi=150)


def _set_scale(axes: "Axes", log: bool) -> None:
    if not log:
        axes.set_ylim(bottom=0)
        return
    from matplotlib.ticker import LogFormatter

    axes.set(xscale="log", yscale="log")
    for axis in (axes.xaxis, axes.yaxis):
        # The usual labels of powers are formulas.
        axis.set_major_formatter(LogFormatter(labelOnlyBase=False))
