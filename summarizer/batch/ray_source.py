"""The rows of an input as a stream of blocks that Ray Data reads; imported only where a batch runs on Ray."""

import pickle
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
import ray
from ray.data import Datasource, ReadTask
from ray.data.block import BlockMetadata

from summarizer.batch.records import Row, RowSource
from summarizer.batch.sources import Positioned

#: Characters after which a block ends, however few rows it has: a row may be a million long.
MOST_CHARACTERS = 1_000_000


class BlockSource(Datasource):  # type: ignore[misc]
    """The rows of an input that are not done, for ``ray.data.read_datasource``.

    One task reads, for an input is a stream and its ids are told apart from the first row on. It runs on the driver's
    machine, where local files are, and Ray holds it back while the workers have enough.

    :param source: The input.
    :param done: A reference to the ``DoneRows`` of the journal: for ten million rows too large to be sent with a task.
    :param size: Rows of a block.
    """

    def __init__(self, source: RowSource, done: "ray.ObjectRef[Any]", size: int) -> None:
        super().__init__()
        self._source = source
        self._done = done
        self._size = size

    @property
    def supports_distributed_reads(self) -> bool:
        """Return that only the driver's machine can read."""
        return False

    def estimate_inmemory_data_size(self) -> int | None:
        """Return that the size is not known."""
        return None

    def get_read_tasks(self, parallelism: int, *_limits: object, **_options: object) -> list[Any]:
        """Return the one task that reads everything."""
        source, done, size = self._source, self._done, self._size
        return [ReadTask(lambda: _read(source, done, size), BlockMetadata(None, None, None, None))]


def _read(source: RowSource, reference: "ray.ObjectRef[Any]", size: int) -> Iterator[pa.Table]:
    """Yield blocks as tables of one line each, which Ray neither joins nor cuts."""
    done = ray.get(reference)
    rows = (row for row in source.rows(done.first_missing()) if row.number not in done)
    for block in cut_blocks(rows, size):
        read, total = source.position() if isinstance(source, Positioned) else (None, None)
        yield pa.table({"first": [block[0].number], "rows": [pickle.dumps(block)], "read": [read], "total": [total]})


def cut_blocks(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """Yield rows in blocks of that many, fewer where they are long."""
    block: list[Row] = []
    characters = 0
    for row in rows:
        block.append(row)
        characters += sum(len(value) for value in (row.value or {}).values() if isinstance(value, str))
        if len(block) == size or characters > MOST_CHARACTERS:
            yield block
            block, characters = [], 0
    if block:
        yield block
