"""A batch as the command runs it, with a model that costs nothing: what is left is the way of the rows."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from summarizer import Summarizer
from summarizer.backends.fake import FakeBackend
from summarizer.batch.runner import Job, run_batch
from summarizer.batch.sources import open_source
from summarizer.batch.tally import Tally


class Counter:
    """Counts results as the command does."""

    def __init__(self) -> None:
        self.tally = Tally()

    def resume(self, result: Mapping[str, Any]) -> None:
        """Count a result of an earlier run."""
        self.tally.add(result)

    def add(self, results: list[dict[str, Any]]) -> None:
        """Count the results of a step."""
        self.tally.add_all(results)


def run_fake_batch(
    source: Path, output: Path, workers: int, *, clean: bool = True, counter: Counter | None = None
) -> float:
    """Run or go on with a batch, and return its seconds.

    :param source: The rows.
    :param output: Where the results go; its suffix says the kind.
    :param workers: Processes that clean.
    :param clean: Whether they do clean; most of the time of such a batch goes there.
    :param counter: Counts the results, for those who want to look in between.
    :raises RuntimeError: If a row failed: then something else than a batch was measured.
    """
    backend = FakeBackend()
    # It keeps a list of its calls, for tests; here that list would be what grows.
    backend.calls = _Forgetful()
    job = Job(Summarizer(backend), {"style": "extractive"}, {"check": False, "clean": clean}, workers)
    counter = counter or Counter()
    started = time.perf_counter()
    outcome = run_batch(open_source(str(source)), output, job, watcher=counter)
    seconds = time.perf_counter() - started
    if outcome.failed or not outcome.finished:
        raise RuntimeError(f"{outcome.failed} rows failed: {counter.tally.errors}")
    return seconds


class _Forgetful(list[tuple[str, int]]):
    """A list that stays empty."""

    def append(self, item: tuple[str, int]) -> None:
        """Forget the item."""
