"""What ``summarizer evaluate`` does: read rows, run systems with progress on stderr, show and write the report."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from summarizer.terminal import progress, warn

if TYPE_CHECKING:
    from summarizer.evaluation.report import Report
    from summarizer.evaluation.runner import Result
    from summarizer.evaluation.systems import System
    from summarizer.pipeline import Summarizer

NO_LEXRANK = "lexrank is left out, for sumy is not installed: pip install 'news-summarizer[evaluate]'"


def run_evaluation(
    data: Path, models: Sequence[str], *, style: str, length: str, most: int | None, folder: Path | None
) -> "Report":
    """Measure models on the rows of a file, beside baselines.

    :param data: The rows, as for ``read_dataset``.
    :param models: Names of models.
    :param style: As for ``Summarizer.summarize``.
    :param length: As for ``Summarizer.summarize``.
    :param most: The most rows to use, ``None`` for all.
    :param folder: Where to write the report to, ``None`` for nowhere.
    :return: The report.
    :raises SummarizerError: If rows, models or options cannot be used; articles that fail are in the report.
    """
    from summarizer.evaluation.data import read_dataset
    from summarizer.evaluation.report import build_report, keep_rows, make_folder, write_report
    from summarizer.evaluation.runner import run
    from summarizer.pipeline import Summarizer

    summarizers = [Summarizer(name) for name in dict.fromkeys(models)]
    systems = _make_systems(summarizers, style, length)
    dataset = read_dataset(data, most)
    if dataset.across:
        warn(f"passed over {dataset.across:,} rows whose summary is in another language")
    if folder is not None:
        make_folder(folder)
    with progress() as show:
        for summarizer in summarizers:
            summarizer.prepare(show)
    results = run(systems, dataset.examples)
    kept = list(
        _show_progress(results if folder is None else keep_rows(results, folder), systems, len(dataset.examples))
    )
    report = build_report(systems, kept, dataset, style=style, length=length, most=most)
    if folder is not None:
        write_report(report, kept, folder)
        warn(f"the report is in {folder}")
    return report


def _make_systems(summarizers: "Sequence[Summarizer]", style: str, length: str) -> "list[System]":
    """Return the baselines and the models, these checked before any work is done."""
    from summarizer.evaluation.systems import lead_systems, lexrank_system, model_system

    own = [model_system(summarizer, style=style, length=length) for summarizer in summarizers]
    lexrank = lexrank_system(length)
    if lexrank is None:
        warn(NO_LEXRANK)
    return [*lead_systems(), *([lexrank] if lexrank else []), *own]


def _show_progress(results: "Iterable[Result]", systems: "Sequence[System]", articles: int) -> "Iterator[Result]":
    """Pass results on, with a bar for each system, or a line where stderr is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        tasks = {system.name: bar.add_task(system.name, total=articles) for system in systems}
        begun: set[str] = set()
        for result in results:
            if result.system not in begun and not console.is_terminal:
                warn(f"{result.system} ...")
            begun.add(result.system)
            bar.advance(tasks[result.system])
            yield result


def print_report(report: "Report") -> None:
    """Print the tables of a report."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from summarizer.evaluation.tables import make_tables

    console = Console(highlight=False)
    for table in make_tables(report, intervals=False):
        drawn = Table(box=None, pad_edge=False, header_style="bold")
        for number, name in enumerate(table.header):
            drawn.add_column(Text(name), overflow="fold", justify="right" if number else "left")
        for row in table.rows:
            drawn.add_row(*map(Text, row))
        console.print(Text(table.title.upper()), drawn, Text(table.note, style="dim"), "", sep="\n")
