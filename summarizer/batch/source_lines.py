"""JSON Lines: one object a line."""

import json
from collections.abc import Iterator
from copy import copy
from itertools import islice

from summarizer.batch.records import Row
from summarizer.batch.source_bytes import StoredFile
from summarizer.batch.source_columns import CONTENT, NAMES, Columns, match_columns
from summarizer.batch.source_rows import Record, number_rows
from summarizer.errors import BadRowError, SummarizerError

#: Rows whose keys are looked at to find out what they are called.
_SAMPLE = 100


class LinesSource:
    """The rows of a file of JSON lines.

    :param file: The file.
    :param columns: The user's keys, by our names.
    :raises BadOptionError: If none of the first rows has a key that is known to hold the article.
    """

    total: int | None = None

    def __init__(self, file: StoredFile, columns: Columns | None = None) -> None:
        self.name = file.place.name
        self._file = file
        self._columns = self._find_columns(columns or {})

    def fingerprint(self) -> str:
        """Return the fingerprint of the file."""
        return self._file.place.fingerprint()

    def position(self) -> tuple[int, int]:
        """Return how many bytes of the file have been read, and how many there are."""
        return self._file.position()

    def rows(self, start: int = 0) -> Iterator[Row]:
        """Yield the rows from a place on; blank lines are none."""
        return number_rows(self._records(self._file), self._columns, start)

    def _records(self, file: StoredFile) -> Iterator[Record]:
        for line in file.lines():
            if isinstance(line, SummarizerError):
                yield line
            elif line.strip():
                yield self._parse(line)

    def _parse(self, line: bytes) -> Record:
        try:
            parsed = json.loads(self._file.decode(line))
        except SummarizerError as error:
            return error
        except (ValueError, RecursionError) as error:
            return BadRowError(f"The line is not valid JSON ({error}). Each line has to be one JSON object.")
        if not isinstance(parsed, dict):
            return BadRowError(f"The line is JSON, but {type(parsed).__name__} and not an object with keys and values.")
        return parsed

    def _find_columns(self, wanted: Columns) -> dict[str, str]:
        """Match the keys of the first rows; keys that only later rows have are known by our own names."""
        # A copy, for the position is that of the rows that are asked for.
        records = islice(self._records(copy(self._file)), _SAMPLE)
        present = dict.fromkeys(key for record in records if not isinstance(record, SummarizerError) for key in record)
        names = [name for name in NAMES if name not in CONTENT] if wanted.keys() & set(CONTENT) else NAMES
        own = {name: name for name in names}
        if not present:
            return {**own, **wanted}
        optional = {column for name, column in wanted.items() if name not in CONTENT}
        return {**own, **match_columns([*present, *(optional - present.keys())], wanted, self.name)}
