"""Rows made into articles ahead of the model, by processes of their own: read, cleaned and cut into sentences."""

import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from typing import Any

from summarizer.article import Article
from summarizer.batch.records import Row
from summarizer.errors import SummarizerError, WorkerDiedError
from summarizer.reading import row_url

#: Rows that a process is given at once: fewer and the hand-over costs more than it brings.
CHUNK = 8
#: Chunks that are prepared ahead for each process.
AHEAD = 3


@dataclass(frozen=True, slots=True)
class Preparation:
    """How rows become articles.

    :param options: As for ``Article.from_row``.
    :param workers: Processes that prepare; with 0 it is done in the process that asks.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    workers: int = 0

    def prepare(self, row: Row) -> Article | SummarizerError:
        """Return the article of a row, or why there is none. A row with only an address is fetched."""
        if row.error is not None or row.value is None:
            return row.error or SummarizerError("The row is empty.")
        try:
            address = row_url(row.value)
            if address is not None:
                return Article.from_url(address, id=row.id, **self.options)
            return Article.from_row({**row.value, "id": row.id or None}, **self.options)
        except SummarizerError as error:
            return error

    def run(self, rows: Iterable[Row]) -> Iterator[tuple[Row, Article | SummarizerError]]:
        """Yield each row with its article or error, in order; a few chunks are prepared ahead.

        A process that dies over a row is replaced; its chunk is tried again row by row, and a row over which a process
        dies again gets an error.
        """
        if not self.workers:
            yield from ((row, self.prepare(row)) for row in rows)
            return
        iterator = iter(rows)
        pool = self._start()
        waiting: deque[tuple[list[Row], Future[list[Article | SummarizerError]]]] = deque()
        try:
            while True:
                while len(waiting) < AHEAD * self.workers and (chunk := list(islice(iterator, CHUNK))):
                    waiting.append((chunk, pool.submit(_prepare_all, self, chunk)))
                if not waiting:
                    # Gone before what comes next: the packages that write Parquet take as much memory as a process.
                    pool.shutdown()
                    return
                chunk, future = waiting.popleft()
                try:
                    prepared = future.result()
                except BrokenProcessPool:
                    pool.shutdown(wait=False, cancel_futures=True)
                    prepared = [self._prepare_alone(row) for row in chunk]
                    pool = self._start()
                    waiting = deque((left, pool.submit(_prepare_all, self, left)) for left, _ in waiting)
                yield from zip(chunk, prepared, strict=True)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _prepare_alone(self, row: Row) -> Article | SummarizerError:
        with self._start(1) as pool:
            try:
                return pool.submit(_prepare_all, self, [row]).result()[0]
            except BrokenProcessPool:
                return WorkerDiedError("Cleaning this article ended the process that did it, twice; it is left out.")

    def _start(self, workers: int | None = None) -> ProcessPoolExecutor:
        # A fresh interpreter: forking a process that runs torch's threads can hang.
        return ProcessPoolExecutor(workers or self.workers, get_context("spawn"), _begin)


def _prepare_all(preparation: Preparation, rows: list[Row]) -> list[Article | SummarizerError]:
    return [preparation.prepare(row) for row in rows]


def _begin() -> None:
    """Leave Ctrl-C to the process that runs the batch, and the processor to the model; end when that process has."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(5)


def _end_with_parent() -> None:
    """Wait for the process that runs the batch to end, as by kill -9, which tells nobody."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
