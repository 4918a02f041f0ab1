"""What ``summarizer batch`` does: a file in, a file out, progress in between and a report at the end."""

import io
import logging
import os
import sys
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

from summarizer.batch.cache import ResultCache
from summarizer.batch.deliveries import Delivery
from summarizer.batch.engine import Engine
from summarizer.batch.engine_local import LocalEngine
from summarizer.batch.job import Job
from summarizer.batch.progress import Progress
from summarizer.batch.records import RowSource
from summarizer.batch.report import RunInfo, make_report, print_report, write_report
from summarizer.batch.runner import Outcome, run_batch, stop_on_signals
from summarizer.batch.sources import open_source
from summarizer.batch.tables import check_table
from summarizer.batch.tally import Tally
from summarizer.errors import BadOptionError
from summarizer.terminal import progress as model_progress
from summarizer.terminal import warn

if TYPE_CHECKING:
    from summarizer.batch.engine_ray import RayOptions

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

    def __init__(self, engine: Engine, progress: Progress, cache: ResultCache | None) -> None:
        self.tally = Tally()
        self.earlier = (0, 0, 0)
        self._begun = False
        self._engine = engine
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
        counts = (self.tally.done, self.tally.failed, self.tally.tokens_read)
        self._progress.update(*counts, self._engine.position(), self.cached)


def run_command(
    source: RowSource,
    delivery: Delivery,
    job: Job,
    *,
    ray: "RayOptions | None" = None,
    mode: str,
    restart: bool,
    retry_failed: bool,
) -> Outcome:
    """Run a batch with its progress on stderr, write the report beside the output, and deliver both when it is done.

    :param source: The input.
    :param delivery: Where the results go.
    :param job: What is asked of every article.
    :param ray: How Ray is used; ``None`` to run on this machine.
    :param mode: How progress is shown: ``bar``, ``lines``, ``json`` or ``quiet``.
    :param restart: As for ``run_batch``.
    :param retry_failed: As for ``run_batch``.
    :raises SummarizerError: As ``run_batch`` and ``Delivery.deliver``.
    """
    output = delivery.path
    check_table(output)
    with model_progress() as report_model:
        job.summarizer.prepare(report_model)
    started = time.monotonic()
    with (
        open_engine(source, job, ray) as engine,
        Progress(mode, source.total) as progress,
        _note_warnings(progress),
        stop_on_signals(progress.note) as stopped,
    ):
        watch = _Watch(engine, progress, job.cache)
        ways = {"restart": restart, "retry_failed": retry_failed}
        outcome = run_batch(source, output, job, watcher=watch, engine=engine, stopped=stopped, **ways)
    seconds = time.monotonic() - started
    info = RunInfo(
        *(source.name, delivery.name, job.options(), seconds, *watch.earlier),
        peak_memory=progress.peak_memory,
        cached=watch.cached,
    )
    report = make_report(watch.tally, info=info)
    reports = write_report(report, output)
    if mode in ("bar", "lines"):
        print_report(report)
    if not outcome.finished:
        warn(f"Stopped with {outcome.done:,} rows done. The same command goes on from there.")
    else:
        delivery.deliver([output, *reports])
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


@contextmanager
def open_engine(source: RowSource, job: Job, ray: "RayOptions | None") -> Iterator[Engine]:
    """Yield what does the work, and let go of it at the end.

    :raises SummarizerError: If Ray was asked for and cannot be used.
    """
    if ray is None:
        yield LocalEngine(source, job)
        return
    from summarizer.batch.engine_ray import RayEngine

    # Ray says on stdout that a worker died, in a paragraph each time, and warns of fewer blocks than workers.
    with RayEngine(source, job, ray) as engine, redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="ray")
        yield engine


def make_ray_options(on_ray: bool, address: str | None, cpus: float | None, gpus: float | None) -> "RayOptions | None":
    """Return how Ray is used, from what was typed; ``None`` if it is not.

    :raises BadOptionError: If Ray is not installed, or something was said of it that is not used.
    """
    if not on_ray:
        if any(value is not None for value in (address, cpus, gpus)):
            raise BadOptionError("--ray-address, --ray-cpus and --ray-gpus are for --engine ray: add that.")
        return None
    try:
        from summarizer.batch.engine_ray import RayOptions
    except ImportError as error:
        raise BadOptionError("--engine ray needs Ray: pip install 'news-summarizer[ray]'") from error
    return RayOptions(address, cpus, gpus)


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
