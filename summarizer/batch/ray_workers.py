"""What Ray's workers do with a block of rows; imported only where a batch runs on Ray."""

import pickle
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import ray

from summarizer.batch.job import Job, to_result
from summarizer.batch.preparation import Preparation, Prepared
from summarizer.batch.records import Row
from summarizer.errors import ClusterError, WorkerDiedError
from summarizer.version import __version__

Block = dict[str, Any]
#: A row as the reader gives it, or as a ``Cleaner`` does.
BlockItem = Row | Prepared
Item = TypeVar("Item")
Answer = TypeVar("Answer")

#: Times that a row is tried alone when its block has ended a worker.
MOST_TRIES = 2
#: Times that a worker is started when it dies before it can work.
MOST_STARTS = 4


class Attempts:
    """Counts what was begun and not ended: an actor that outlives the workers, for Ray tries again for ever."""

    def __init__(self) -> None:
        self._begun: Counter[str] = Counter()

    def begin(self, work: str) -> int:
        """Return how often this was begun, this time included."""
        self._begun[work] += 1
        return self._begun[work]

    def end(self, work: str) -> None:
        """Forget what was begun: it is done."""
        del self._begun[work]


class _Careful:
    """Work on blocks in which a row that ends its worker again and again comes to an end itself.

    :param attempts: The actor of ``Attempts``.
    :param kind: What the work is called among the attempts.
    """

    def __init__(self, attempts: Any, kind: str) -> None:
        self._attempts = attempts
        self._kind = kind

    def start(self, prepare: Callable[[], None]) -> None:
        """Make ready for work.

        :raises ClusterError: If that ended the worker several times.
        """
        worker = f"{self._kind} {ray.get_runtime_context().get_actor_id()}"
        if self._begin(worker) > MOST_STARTS:
            raise ClusterError(f"A worker died {MOST_STARTS} times while it loaded the model; it may need more memory.")
        prepare()
        self._end(worker)

    def do(
        self,
        first: int,
        items: Sequence[Item],
        work: Callable[[list[Item]], list[Answer]],
        give_up: Callable[[Item], Answer],
    ) -> list[Answer]:
        """Return an answer for each item: of all at once, or one by one where that ended a worker before."""
        block = f"{self._kind} block {first}"
        if self._begin(block) == 1:
            answers = work(list(items))
        else:
            answers = [self._do_alone(f"{block}, {place}", item, work, give_up) for place, item in enumerate(items)]
        self._end(block)
        return answers

    def _do_alone(
        self, name: str, item: Item, work: Callable[[list[Item]], list[Answer]], give_up: Callable[[Item], Answer]
    ) -> Answer:
        answer = give_up(item) if self._begin(name) > MOST_TRIES else work([item])[0]
        self._end(name)
        return answer

    def _begin(self, work: str) -> int:
        return int(ray.get(self._attempts.begin.remote(work)))

    def _end(self, work: str) -> None:
        self._attempts.end.remote(work)


class Cleaner:
    """Makes articles of rows, ahead of workers that have a GPU to keep busy.

    :param job: What is asked of every article.
    :param attempts: The actor of ``Attempts``.
    """

    def __init__(self, job: Job, attempts: Any) -> None:
        self._preparation = Preparation(job.reading)
        self._careful = _Careful(attempts, "clean")

    def __call__(self, block: Block) -> Block:
        """Return the block with its rows prepared."""
        rows: list[Row] = pickle.loads(block["rows"])  # noqa: S301  (from our own reader)
        prepared = self._careful.do(block["first"], rows, self._prepare, lambda row: (row, _died("Cleaning")))
        return {**block, "rows": b"", "prepared": pickle.dumps(prepared)}

    def _prepare(self, rows: list[Row]) -> list[Prepared]:
        return [(row, self._preparation.prepare(row)) for row in rows]


class Worker:
    """Makes results of rows with a model of its own.

    :param job: What is asked of every article.
    :param attempts: The actor of ``Attempts``.
    :param version: The version of this package that the driver has.
    :raises ClusterError: If this machine has another version.
    """

    def __init__(self, job: Job, attempts: Any, version: str) -> None:
        if version != __version__:
            raise ClusterError(f"A worker has version {__version__} of news-summarizer and the driver {version}.")
        self._job = job
        self._preparation = Preparation(job.reading)
        self._careful = _Careful(attempts, "summarize")
        self._careful.start(job.summarizer.prepare)

    def __call__(self, block: Block) -> Block:
        """Return the results of a block, and how far the input was read when it was cut."""
        items: list[BlockItem] = pickle.loads(block.get("prepared") or block["rows"])  # noqa: S301
        results = self._careful.do(block["first"], items, self._summarize, _give_up)
        return {"results": pickle.dumps(results), "read": block["read"], "total": block["total"]}

    def _summarize(self, items: list[BlockItem]) -> list[dict[str, Any]]:
        return self._job.summarize([self._prepare(item) for item in items])

    def _prepare(self, item: BlockItem) -> Prepared:
        return (item, self._preparation.prepare(item)) if isinstance(item, Row) else item


def _give_up(item: BlockItem) -> dict[str, Any]:
    return to_result(item if isinstance(item, Row) else item[0], _died("Summarizing"))


def _died(work: str) -> WorkerDiedError:
    return WorkerDiedError(f"{work} this article ended the worker that did it, again and again; it is left out.")
