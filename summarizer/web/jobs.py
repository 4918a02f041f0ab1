"""Jobs of many articles that the server works on, one after another, whether somebody looks or not."""

import atexit
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import RLock, Thread
from typing import Final, Literal

from summarizer.backends.model_store import cache_dir
from summarizer.errors import EmptyInputError, InputTooLargeError, JobNotFoundError, TooManyJobsError
from summarizer.web.job_folder import JobFolder, JobOrder, count_rows
from summarizer.web.job_results import JobResults
from summarizer.web.job_run import Run
from summarizer.web.models import Models
from summarizer.web.service import ReadOptions, SummaryOptions

State = Literal["waiting", "running", "done", "stopped", "failed"]

#: Seconds that a server that ends waits for the articles in hand.
_LAST_WAIT: Final = 30.0
_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class JobLimits:
    """How much may be asked for.

    :param rows: Articles of a job.
    :param size: Bytes of its uploads.
    :param waiting: Jobs that wait.
    :param days: Days after which a job is removed.
    """

    rows: int = 10_000
    size: int = 100_000_000
    waiting: int = 20
    days: int = 7


@dataclass(frozen=True, slots=True)
class JobStatus:
    """How far a job is.

    :param order: What is asked for.
    :param state: What is going on.
    :param done: Articles with a summary.
    :param failed: Articles with an error.
    :param before: Jobs that come first, while it waits.
    :param per_minute: Articles a minute lately, while it runs.
    :param seconds_left: Estimate, while it runs.
    """

    order: JobOrder
    state: State
    done: int
    failed: int
    before: int = 0
    per_minute: float | None = None
    seconds_left: float | None = None


class Jobs:
    """The jobs of a server: each a folder, so that they outlive it.

    :param models: Where summarizers come from, and the turns at them.
    :param folder: The folder of all jobs; by default in the user's cache.
    :param limits: How much may be asked for.
    :param allow_fetch: Whether rows that only have an address may be fetched.
    """

    def __init__(
        self, models: Models, folder: Path | None = None, limits: JobLimits | None = None, *, allow_fetch: bool = True
    ) -> None:
        self.limits = limits or JobLimits()
        self._models, self._allow_fetch = models, allow_fetch
        self._folder = folder or cache_dir() / "jobs"
        self._lock = RLock()
        self._waiting: deque[str] = deque()
        self._running: Run | None = None
        self._thread: Thread | None = None
        self._results: dict[str, JobResults] = {}

    def start(self, files: Sequence[Path], summary: SummaryOptions, reading: ReadOptions) -> str:
        """Begin a job, or let it wait for its turn.

        :param files: A table, or articles; they are copied.
        :param summary: What kind of summaries.
        :param reading: How the articles are read.
        :return: Its id. Whoever has it can see the results.
        :raises SummarizerError: If it cannot be served, is too large or is one too many.
        """
        self._models.get(summary.model).check(summary.target or None, summary.length, summary.style)
        if not files:
            raise EmptyInputError("There is nothing to read. Choose a table or some articles first.")
        if sum(file.stat().st_size for file in files) > self.limits.size:
            raise InputTooLargeError(f"A job may have {self.limits.size // 1_000_000} MB at most. Split it.")
        self.remove_old()
        job = JobFolder.create(self._folder, files)
        try:
            total = count_rows(job.open(allow_fetch=self._allow_fetch), self.limits.rows)
            if total > self.limits.rows:
                raise InputTooLargeError(f"A job may have {self.limits.rows:,} articles at most. Split it.")
            if not total:
                raise EmptyInputError("There are no articles in it.")
            job.write(JobOrder(summary, reading, _name(files), total, time.time()))
            self._enqueue(job.id, is_asked=True)
        except BaseException:
            job.remove()
            raise
        return job.id

    def go_on(self) -> None:
        """Take up the jobs that an earlier server left unfinished, the oldest first, and remove the old ones."""
        self.remove_old()
        left = [(job.read(), job.id) for job in JobFolder.find_all(self._folder)]
        for _, job_id in sorted((order.created, job_id) for order, job_id in left if order.wish == "open"):
            self._enqueue(job_id)

    def status(self, job_id: str) -> JobStatus:
        """Return how far a job is.

        :raises JobNotFoundError: If there is no such job.
        """
        job, results = self._find(job_id), self.results(job_id)
        with self._lock:
            order, run = job.read(), self._find_run(job_id)
            counts = (results.count - results.failed, results.failed)
            if run is not None:
                speed, left = run.measure()
                return JobStatus(order, "running", *counts, per_minute=speed, seconds_left=left)
            if order.wish != "open":
                return JobStatus(order, order.wish, *counts)
            place = self._waiting.index(job_id) if job_id in self._waiting else 0
            return JobStatus(order, "waiting", *counts, before=place + (self._running is not None))

    def results(self, job_id: str) -> JobResults:
        """Return the results so far.

        :raises JobNotFoundError: If there is no such job.
        """
        job = self._find(job_id)
        with self._lock:
            results = self._results.setdefault(job_id, JobResults(job.output))
        results.refresh()
        return results

    def stop(self, job_id: str) -> None:
        """Stop a job after the articles in hand.

        :raises JobNotFoundError: If there is no such job.
        """
        job = self._find(job_id)
        with self._lock:
            order = job.read()
            if order.wish == "open":
                job.write(replace(order, wish="stopped"))
            self._leave(job_id)

    def resume(self, job_id: str, *, retry: bool = False) -> None:
        """Go on with a job that was stopped or interrupted.

        :param job_id: The job.
        :param retry: Try the articles again that failed.
        :raises JobNotFoundError: If there is no such job.
        :raises TooManyJobsError: If it is one too many.
        """
        job = self._find(job_id)
        with self._lock:
            order = job.read()
            job.write(replace(order, wish="open", retry=retry, error=None))
            try:
                self._enqueue(job_id, is_asked=True)
            except TooManyJobsError:
                job.write(order)
                raise

    def delete(self, job_id: str) -> None:
        """Remove a job with its articles and results.

        :raises JobNotFoundError: If there is no such job.
        """
        job = self._find(job_id)
        with self._lock:
            self._leave(job_id)
            self._results.pop(job_id, None)
            run = self._find_run(job_id)
            if run is not None:
                run.is_deleted = True
            else:
                job.remove()

    def remove_old(self) -> None:
        """Remove the jobs that were kept long enough."""
        JobFolder.remove_leftovers(self._folder, _DAY)
        for job in JobFolder.find_all(self._folder):
            if time.time() - job.read().created > self.limits.days * _DAY:
                self.delete(job.id)

    def close(self) -> None:
        """Stop after the articles in hand; the next server goes on."""
        with self._lock:
            self._waiting.clear()
            thread = self._thread
            if self._running is not None:
                self._running.stopped.set()
        if thread is not None:
            thread.join(_LAST_WAIT)

    def _find(self, job_id: str) -> JobFolder:
        job, run = JobFolder.find(self._folder, job_id), self._find_run(job_id)
        if run is not None and run.is_deleted:
            raise JobNotFoundError("This job has been deleted.")
        return job

    def _find_run(self, job_id: str) -> Run | None:
        with self._lock:
            return self._running if self._running is not None and self._running.job.id == job_id else None

    def _leave(self, job_id: str) -> None:
        """Let a job wait no longer, and end the work on it."""
        if job_id in self._waiting:
            self._waiting.remove(job_id)
        run = self._find_run(job_id)
        if run is not None:
            run.stopped.set()

    def _enqueue(self, job_id: str, *, is_asked: bool = False) -> None:
        with self._lock:
            if is_asked and len(self._waiting) >= self.limits.waiting:
                raise TooManyJobsError(f"{self.limits.waiting} jobs wait already. Come back later.")
            if job_id not in self._waiting:
                self._waiting.append(job_id)
            if self._thread is None:
                self._thread = Thread(target=self._work, name="jobs", daemon=True)
                atexit.register(self.close)
                self._thread.start()

    def _work(self) -> None:
        """Work on one job after another, until none waits."""
        while (run := self._take()) is not None:
            try:
                run.work(self._models, allow_fetch=self._allow_fetch)
            finally:
                with self._lock:
                    self._running = None
                    run.close()

    def _take(self) -> Run | None:
        with self._lock:
            if self._waiting:
                self._running = Run(JobFolder(self._folder / self._waiting.popleft()), self._lock)
                return self._running
            self._thread = None
            atexit.unregister(self.close)
            return None


def _name(files: Sequence[Path]) -> str:
    """Return what was uploaded, for people."""
    return files[0].name if len(files) == 1 else f"{files[0].name} + {len(files) - 1}"
