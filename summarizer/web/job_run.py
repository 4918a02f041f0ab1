"""The work on one job: its articles one small step after another, with people let in between."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from threading import Event, RLock
from typing import Any, Final

from summarizer.batch.job import Job
from summarizer.batch.preparation import Prepared
from summarizer.batch.progress import Progress
from summarizer.batch.runner import run_batch
from summarizer.errors import JobNotFoundError, OutputInUseError, SummarizerError
from summarizer.web.job_folder import JobFolder, JobOrder, reading_options
from summarizer.web.models import Models
from summarizer.web.turns import Turns

logger = logging.getLogger(__name__)

#: Articles of a step: somebody who wants one summary waits for no more than these.
STEP: Final = 4
_FAILURE = SummarizerError("Something went wrong in the program itself, not in your articles. Its log says what.")


@dataclass(frozen=True)
class _SharedJob(Job):
    """A batch that lets people go first at the model."""

    turns: Turns = field(default_factory=Turns)

    def summarize(self, prepared: list[Prepared]) -> list[dict[str, Any]]:
        with self.turns.of_job():
            return super().summarize(prepared)


class Run:
    """The work on a job in this process; it watches its own speed.

    :param job: The job.
    :param lock: Held whenever what is asked for is changed.
    """

    def __init__(self, job: JobFolder, lock: RLock) -> None:
        self.job = job
        self.stopped = Event()
        self.is_deleted = False
        self._lock = lock
        self._progress: Progress | None = None
        # With a summary, with an error.
        self._counts = (0, 0)
        self._begun = False

    def measure(self) -> tuple[float | None, float | None]:
        """Return articles a minute and the seconds that are left, as soon as they are known."""
        if not self._begun or self._progress is None:
            return None, None
        now = self._progress.status()
        return now.articles_per_second and now.articles_per_second * 60, now.seconds_left

    def work(self, models: Models, *, allow_fetch: bool) -> None:
        """Work until all is done, it is stopped or something is wrong; the job's folder says which.

        :param models: Where the summarizer comes from, and the turns at it.
        :param allow_fetch: Whether rows that only have an address may be fetched.
        """
        try:
            if self._run(self.job.read(), models, allow_fetch=allow_fetch):
                self._note(wish="done", retry=False)
        except (OutputInUseError, JobNotFoundError):
            # Another server has it, or it was removed.
            logger.info("The job %s is left alone", self.job.id)
        except SummarizerError as error:
            self._note(wish="failed", error=error.to_dict())
        except Exception:
            logger.exception("A job of the page failed")
            self._note(wish="failed", error=_FAILURE.to_dict())

    def close(self) -> None:
        """Remove the job, if that was asked for meanwhile."""
        if self.is_deleted:
            self.job.remove()

    def _run(self, order: JobOrder, models: Models, *, allow_fetch: bool) -> bool:
        self._progress = Progress("quiet", order.total, pulse=None)
        source, summarizer, wanted = (
            self.job.open(allow_fetch=allow_fetch),
            models.get(order.summary.model),
            order.summary,
        )
        with models.turns.of_job():
            summarizer.prepare()
        request = {"target_language": wanted.target or None, "length": wanted.length, "style": wanted.style}
        reading = reading_options(order.reading)
        job = _SharedJob(summarizer, request, reading, batch_size=STEP, step=STEP, turns=models.turns)
        outcome = run_batch(source, self.job.output, job, watcher=self, retry_failed=order.retry, stopped=self.stopped)
        return outcome.finished

    def _note(self, **changes: Any) -> None:
        with self._lock:
            try:
                self.job.write(replace(self.job.read(), **changes))
            except SummarizerError as error:
                logger.warning("The state of a job cannot be kept: %s", error)

    def resume(self, result: Mapping[str, Any]) -> None:
        """Count a result of an earlier run."""
        done, failed = self._counts
        self._counts = (done, failed + 1) if result["error"] is not None else (done + 1, failed)

    def add(self, results: list[dict[str, Any]]) -> None:
        """Count the results of a step, and see how fast they came."""
        if self._progress is None:
            return
        if not self._begun:
            self._progress.start_from(*self._counts, tokens=0)
            self._begun = True
        for result in results:
            self.resume(result)
        self._progress.update(*self._counts, tokens=0)
