"""What ``summarizer batch`` does: a file in, a file out, progress in between and a report at the end."""

import logging
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from summarizer.batch.cache import ResultCache
from summarizer.batch.progress import Progress
from summarizer.batch.records import RowSource
from summarizer.batch.report import RunInfo, make_report, print_report, write_report
from summarizer.batch.runner import Job, Outcome, run_batch, stop_on_signals
from summarizer.batch.sources import open_source
from summarizer.batch.tables import check_table
from summarizer.batch.tally import Tally
from summarizer.terminal import progress as model_progress
from summarizer.terminal import warn

#: Processors that the model is left: cleaning takes a small part of the time.
FOR_MODEL = 1


def choose_workers(wanted: int | None) -> int:
    """Return how many processes clean ahead of the model: as many as there are processors to spare, one at least."""
    if wanted is not None:
        return wanted
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, processors - FOR_MODEL)


class _Watch:
    """Counts results and shows how far the run has come."""

    def __init__(self, source: RowSource, progress: Progress, cache: ResultCache | None) -> None:
        self.tally = Tally()
        self.earlier = (0, 0, 0)
        self._begun = False
        self._source = source
        self._progress = progress
        self._cache = cache

    @property
    def cached(self) -> int:
        """Rows of this run whose result was taken from the cache."""
        return self._cache.hits if self._cache is not None else 0

    def resume(self, result: Mapping[str, Any]) -> None:
        """Count a result of an earlier run."""
        self.tally.add(result)
        self.earlier = (self.tally.done, self.tally.failed, self.tally.tokens_read)

    def add(self, results: list[dict[str, Any]]) -> None:
        """Count the results of a step, and show it."""
        if not self._begun:
            self._progress.start_from(*self.earlier)
            self._begun = True
        self.tally.add_all(results)
        position = getattr(self._source, "position", None)
        counts = (self.tally.done, self.tally.failed, self.tally.tokens_read)
        self._progress.update(*counts, position() if position else None, self.cached)


def run_command(source: RowSource, output: Path, job: Job, *, mode: str, restart: bool, retry_failed: bool) -> Outcome:
    """Run a batch with its progress on stderr, and write the report beside the output.

    :param source: The input.
    :param output: The file that the results go to.
    :param job: What is asked of every article.
    :param mode: How progress is shown: ``bar``, ``lines``, ``json`` or ``quiet``.
    :param restart: As for ``run_batch``.
    :param retry_failed: As for ``run_batch``.
    :raises SummarizerError: As ``run_batch``.
    """
    check_table(output)
    with model_progress() as report_model:
        job.summarizer.prepare(report_model)
    started = time.monotonic()
    with (
        Progress(mode, source.total) as progress,
        _note_warnings(progress),
        stop_on_signals(progress.note) as stopped,
    ):
        watch = _Watch(source, progress, job.cache)
        outcome = run_batch(
            source, output, job, watcher=watch, restart=restart, retry_failed=retry_failed, stopped=stopped
        )
    seconds = time.monotonic() - started
    info = RunInfo(
        *(source.name, str(output), job.options(), seconds, *watch.earlier),
        peak_memory=progress.peak_memory,
        cached=watch.cached,
    )
    report = make_report(watch.tally, info=info)
    write_report(report, output)
    if mode in ("bar", "lines"):
        print_report(report)
    if not outcome.finished:
        warn(f"Stopped with {outcome.done:,} rows done. The same command goes on from there.")
    return outcome


class _Notes(logging.Handler):
    """Shows what the library logs among the lines of the progress."""

    def __init__(self, progress: Progress) -> None:
        super().__init__(logging.WARNING)
        self._progress = progress

    def emit(self, record: logging.LogRecord) -> None:
        """Show a record."""
        self._progress.note(record.getMessage())


@contextmanager
def _note_warnings(progress: Progress) -> Iterator[None]:
    logger, notes = logging.getLogger(__package__), _Notes(progress)
    logger.addHandler(notes)
    try:
        yield
    finally:
        logger.removeHandler(notes)


def open_input(source: str, columns: Mapping[str, str]) -> RowSource:
    """Return the rows of what was named on the command line."""
    return open_source(source, columns=columns or None, stdin=sys.stdin.buffer if source == "-" else None)


@contextmanager
def open_cache(path: Path | None, most_megabytes: int) -> Iterator[ResultCache | None]:
    """Yield the cache that was named on the command line, if one was, and close it at the end.

    :raises CacheError: If it cannot be used.
    """
    if path is None:
        yield None
        return
    cache = ResultCache(path, most_megabytes * 1_000_000)
    try:
        yield cache
    finally:
        cache.close()
