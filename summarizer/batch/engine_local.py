"""A batch on this machine: processes clean ahead of the model, which is in the process that runs the batch."""

from collections.abc import Iterator
from typing import Any

from summarizer.article import Article
from summarizer.batch.job import Job
from summarizer.batch.journal import DoneRows
from summarizer.batch.preparation import Preparation, Prepared
from summarizer.batch.records import RowSource
from summarizer.batch.sources import Positioned
from summarizer.batch.steps import AHEAD, bring_together, cut_steps


class LocalEngine:
    """Makes results on this machine.

    :param source: The input.
    :param job: What is asked of every article.
    """

    def __init__(self, source: RowSource, job: Job) -> None:
        self._source = source
        self._job = job

    def run(self, done: DoneRows) -> Iterator[list[dict[str, Any]]]:
        """Yield the results of the rows that are not done, step by step, in the order that the job wants."""
        job = self._job
        rows = (row for row in self._source.rows(done.first_missing()) if row.number not in done)
        prepared = Preparation(job.reading, job.workers).run(rows)
        arranged = prepared if job.ordered else bring_together(prepared, _measure, job.most, AHEAD * job.most)
        try:
            for step in cut_steps(arranged, min(job.together, job.most), job.most):
                yield job.summarize(step)
        finally:
            prepared.close()  # type: ignore[attr-defined]

    def position(self) -> tuple[int, int] | None:
        """Return how many bytes of the input have been read, and how many there are, where it tells."""
        return self._source.position() if isinstance(self._source, Positioned) else None


def _measure(prepared: Prepared) -> int:
    """Return the characters of an article; a row without one costs nothing."""
    _, article = prepared
    return len(article.text) if isinstance(article, Article) else 0
