"""Parquet tables, read in small batches of the columns that are needed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from summarizer.batch.records import Row
from summarizer.batch.source_columns import Columns, match_columns
from summarizer.batch.source_extras import load_extra
from summarizer.batch.source_places import Place
from summarizer.batch.source_rows import Record, number_rows
from summarizer.errors import UnreadableInputError

#: Rows held at a time.
_BATCH = 128
_BUFFER = 1 << 20


class ParquetSource:
    """The rows of a Parquet file.

    :param place: The file.
    :param columns: The user's columns, by our names.
    :raises InputNotFoundError: If it cannot be opened.
    :raises UnreadableInputError: If it is not a Parquet file.
    :raises BadOptionError: If no column is known to hold the article, or pyarrow is missing.
    """

    def __init__(self, place: Place, columns: Columns | None = None) -> None:
        self.name = place.name
        self._place = place
        with self._open() as file:
            self.total: int | None = file.metadata.num_rows
            self._columns = match_columns(file.schema_arrow.names, columns, self.name)

    def fingerprint(self) -> str:
        """Return the fingerprint of the file."""
        return self._place.fingerprint()

    def rows(self, start: int = 0) -> Iterator[Row]:
        """Yield the rows from a place on; those of a damaged part are errors."""
        return number_rows(self._records(), self._columns, start)

    def _records(self) -> Iterator[Record]:
        with self._open() as file:
            for group in range(file.num_row_groups):
                yield from self._read_group(file, group)

    def _read_group(self, file: Any, group: int) -> Iterator[Record]:
        left = file.metadata.row_group(group).num_rows
        wanted = list(self._columns.values())
        try:
            for batch in file.iter_batches(_BATCH, row_groups=[group], columns=wanted, use_threads=False):
                for record in _read_batch(batch):
                    left -= 1
                    yield record
        except (OSError, ValueError) as error:
            if getattr(error, "errno", None) is not None:
                raise
            for _ in range(left):
                yield UnreadableInputError(f"This part of {self.name} is damaged ({error}). Make the file again.")

    @contextmanager
    def _open(self) -> Iterator[Any]:
        parquet = load_extra("pyarrow.parquet", "Parquet")
        with self._place.open() as stream:
            try:
                # Without both, whole row groups are read ahead, of which some files have a single one.
                file = parquet.ParquetFile(stream, buffer_size=_BUFFER, pre_buffer=False)
            except (ValueError, OSError) as error:
                raise UnreadableInputError(f"{self.name} is not a Parquet file, or damaged: {error}") from error
            yield file


def _read_batch(batch: Any) -> Iterator[Record]:
    try:
        yield from batch.to_pylist()
    except UnicodeDecodeError:
        yield from (_read_one(batch.slice(place, 1)) for place in range(batch.num_rows))


def _read_one(batch: Any) -> Record:
    try:
        record: Record = batch.to_pylist()[0]
    except UnicodeDecodeError as error:
        return UnreadableInputError(f"The row says that it is UTF-8 and is not ({error}). Write it anew.")
    return record
