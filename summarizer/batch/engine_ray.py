"""A batch on Ray: workers anywhere make the results, and the driver keeps the journal.

Ray Data streams blocks of rows through actors that have a model each. It has checkpoints of its own, which are not
used: the journal of a batch says which rows are done, so a run that was begun here can go on on a cluster and back.

Imported only where a batch runs on Ray.
"""

import logging
import os
import pickle
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray
from ray import cloudpickle
from ray.data import ActorPoolStrategy, DataContext, Dataset
from ray.exceptions import RayError
from typing_extensions import Self

from summarizer.batch.job import Job
from summarizer.batch.journal import DoneRows
from summarizer.batch.ray_source import BlockSource
from summarizer.batch.ray_workers import Attempts, Cleaner, Worker
from summarizer.batch.records import RowSource
from summarizer.errors import BadOptionError, ClusterError
from summarizer.version import __version__

_AGAIN = "What was done is safe, and the same command goes on."
#: How long the head of a cluster may take to accept a connection.
SECONDS_TO_ANSWER = 10.0


@dataclass(frozen=True, slots=True)
class RayOptions:
    """How a batch uses Ray.

    :param address: Where the cluster is, as HOST:PORT or ``auto``; ``None`` for a private one on this machine.
    :param cpus: CPUs of each worker; ``None`` for one, or none beside a GPU, which leaves them to cleaning.
    :param gpus: GPUs of each worker; ``None`` for one where the cluster has any now.
    """

    address: str | None = None
    cpus: float | None = None
    gpus: float | None = None


class RayEngine:
    """Makes results with the workers of a Ray cluster; entering it connects, and leaving it lets go.

    :param source: The input; it is read on this machine.
    :param job: What is asked of every article; it is pickled, so models are loaded by the workers.
    :param options: Which cluster, and what a worker gets of it.
    """

    def __init__(self, source: RowSource, job: Job, options: RayOptions) -> None:
        self._source = source
        self._job = job
        self._options = options
        self._position: tuple[int, int] | None = None

    def __enter__(self) -> Self:
        """Start Ray, or connect to it.

        :raises BadOptionError: If the address is of a kind that does not serve.
        :raises ClusterError: If there is no cluster, or the job cannot be sent to one.
        """
        try:
            cloudpickle.dumps((self._source, self._job))
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            raise ClusterError(f"This batch cannot be sent to other processes: {error}.") from error
        with _signals_kept(), _stderr_silenced():
            _connect(self._options.address)
        return self

    def __exit__(self, *_error: object) -> None:
        ray.shutdown()

    def position(self) -> tuple[int, int] | None:
        """Return how much of the input had been read for the results so far, and how much there is, in bytes."""
        return self._position

    def run(self, done: DoneRows) -> Iterator[list[dict[str, Any]]]:
        """Yield the results of the rows that are not done, block by block, as the workers end them.

        :raises ClusterError: If workers fail for another reason than a row, or the cluster is lost.
        """
        batches = iter(self._stream(done).iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0))
        try:
            for table in batches:
                for block in table.to_pylist():
                    if block["read"] is not None:
                        self._position = (block["read"], block["total"])
                    yield pickle.loads(block["results"])  # noqa: S301  (from our own workers)
        except RayError as error:
            raise ClusterError(f"Ray ended the run: {_last_line(error)} {_AGAIN}") from error
        finally:
            batches.close()

    def _stream(self, done: DoneRows) -> Dataset:
        """Return the results as Ray Data plans them; nothing is done yet."""
        _set_up_data()
        gpus = self._find_gpus()
        cpus = self._options.cpus if self._options.cpus is not None else float(not gpus)
        attempts = ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1)(Attempts).remote()
        blocks = BlockSource(self._source, ray.put(done), 2 * self._job.together)
        # A read that needs no CPU can always start: workers that hold every CPU would wait for it for ever.
        stream = ray.data.read_datasource(blocks, num_cpus=0, override_num_blocks=1)
        if gpus:
            stream = stream.map(
                Cleaner, fn_constructor_args=(self._job, attempts), compute=ActorPoolStrategy(min_size=1), num_cpus=1
            )
        return stream.map(
            Worker,
            fn_constructor_args=(self._job, attempts, __version__),
            compute=ActorPoolStrategy(min_size=_count_workers(cpus, gpus)),
            num_cpus=cpus,
            num_gpus=gpus or None,
        )

    def _find_gpus(self) -> float:
        if self._options.gpus is not None:
            return self._options.gpus
        return float(ray.cluster_resources().get("GPU", 0) >= 1)


def _connect(address: str | None) -> None:
    if address is not None and "://" in address:
        raise BadOptionError(
            f"--ray-address {address} is one of Ray Client, which does not serve here. Run this command on a machine "
            "of the cluster, with --ray-address auto; `ray job submit` and `ray exec` do that from afar."
        )
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # What Ray's core has to say to its developers is in its logs.
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    # "local" keeps RAY_ADDRESS and clusters that happen to run here out of it.
    private = address in (None, "local")
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:
        _knock(address or "local")
        ray.init(
            "local" if private else address,
            num_cpus=processors if private else None,
            include_dashboard=False if private else None,
            log_to_driver=False,
            logging_level=logging.ERROR,
        )
    except (ConnectionError, ValueError, RuntimeError, OSError) as error:
        where = "on this machine" if private else f"at {address}"
        raise ClusterError(f"Ray {where} cannot be used: {_last_line(error.__cause__ or error)} {_AGAIN}") from error


def _knock(address: str) -> None:
    """See whether anybody listens at HOST:PORT: Ray waits for minutes before it says so.

    :raises OSError: If nobody does.
    """
    host, _, port = address.rpartition(":")
    if port.isdecimal():
        socket.create_connection((host, int(port)), SECONDS_TO_ANSWER).close()


def _set_up_data() -> None:
    """Tell Ray Data to keep quiet, and to leave blocks as they are."""
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    context = DataContext.get_current()
    context.enable_progress_bars = False
    # Blocks of one line each are joined below this size and cut above it: so they stay.
    context.target_max_block_size = 1


def _count_workers(cpus: float, gpus: float) -> int:
    """Return how many workers the cluster has room for now; Ray starts more when it grows."""
    there = ray.cluster_resources()
    rooms = [there.get(name, 0) // wanted for name, wanted in (("CPU", cpus), ("GPU", gpus)) if wanted]
    return max(1, int(min(rooms, default=1)))


def _last_line(error: BaseException) -> str:
    """Return what an error of Ray's comes to: the last line of the traceback that it brings."""
    return (str(error).strip().splitlines() or [type(error).__name__])[-1]


@contextmanager
def _stderr_silenced() -> Iterator[None]:
    """Keep stderr clean: that it is told to be quiet, Ray's core says there before it is quiet."""
    kept = os.dup(2)
    with Path(os.devnull).open("wb") as nothing:
        os.dup2(nothing.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Put back what ends the program: Ray takes SIGTERM for itself."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)
