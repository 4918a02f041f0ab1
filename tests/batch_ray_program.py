"""A batch as a program of its own, for tests that kill it or Ray's workers: INPUT OUTPUT WHERE CPUS.

WHERE is ``here`` for no Ray, ``private`` for a Ray of its own, or the address of a cluster.
"""

import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from batch_program import Silent

from summarizer import Article, Summarizer
from summarizer.backends.base import Reading
from summarizer.backends.fake import FakeBackend
from summarizer.batch.engine import Engine
from summarizer.batch.engine_local import LocalEngine
from summarizer.batch.job import Job
from summarizer.batch.records import RowSource
from summarizer.batch.runner import run_batch, stop_on_signals
from summarizer.batch.sources import open_source
from summarizer.errors import SummarizerError

#: What is in the text of an article that ends every process that scores it.
POISON = "This row is poison."
SECONDS_PER_ARTICLE = 0.01


class Deadly(FakeBackend):
    """Takes a little time over each article, and dies over some."""

    def score(self, articles: Sequence[Article]) -> list[Reading]:
        """Score as the fake backend does, unless that is the end."""
        time.sleep(SECONDS_PER_ARTICLE * len(articles))
        if any(POISON in article.text for article in articles):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().score(articles)


def open_engine(where: str, rows: RowSource, job: Job) -> AbstractContextManager[Engine]:
    """Return what does the work."""
    if where == "here":
        return nullcontext(LocalEngine(rows, job))
    from summarizer.batch.engine_ray import RayEngine, RayOptions

    return RayEngine(rows, job, RayOptions(None if where == "private" else where))


def main(source: str, output: str, where: str, cpus: str) -> int:
    """Run the batch, and return 0 if it came to its end."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(cpus)])
    rows = open_source(source)
    job = Job(Summarizer(Deadly()), {"style": "extractive"}, {"check": False})
    try:
        with open_engine(where, rows, job) as engine, stop_on_signals(lambda text: None) as stopped:
            outcome = run_batch(rows, Path(output), job, watcher=Silent(), engine=engine, stopped=stopped)
    except SummarizerError as error:
        sys.stderr.write(f"{error.message} [{error.code}]\n")
        return 1
    return 0 if outcome.finished else 3


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
