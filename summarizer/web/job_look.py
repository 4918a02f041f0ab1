"""One look at a job: how far it is, and the page of its results that somebody wants to see."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from summarizer.web.job_results import Filter
from summarizer.web.jobs import Jobs, JobStatus

#: Rows of a page of results.
PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class JobLook:
    """What there is to show.

    :param status: How far the job is.
    :param rows: The results of the page.
    :param place: Number of results before them.
    :param count: Number of results that the filter lets through.
    :param is_empty: Whether there are no results at all.
    :param languages: Languages of the articles so far with the number of articles in each, the most frequent first.
    """

    status: JobStatus
    rows: tuple[Mapping[str, Any], ...]
    place: int
    count: int
    is_empty: bool
    languages: tuple[tuple[str, int], ...]

    @property
    def is_active(self) -> bool:
        """Whether the next look will show something else."""
        return self.status.state in ("waiting", "running")


def look_at(jobs: Jobs, job_id: str, wanted: Filter, place: int) -> JobLook:
    """Look at a job.

    :param jobs: Where it is.
    :param job_id: Its id, which may come from anywhere.
    :param wanted: Which results to show.
    :param place: Number of results that stand on the pages before.
    :raises JobNotFoundError: If there is no such job.
    """
    status, results = jobs.status(job_id), jobs.results(job_id)
    found = results.find(wanted)
    last = max(0, len(found) - 1) // PAGE * PAGE
    place = max(0, min(place, last))
    rows = tuple(results.read(found[place : place + PAGE]))
    return JobLook(status, rows, place, len(found), results.count == 0, tuple(results.languages.most_common()))
