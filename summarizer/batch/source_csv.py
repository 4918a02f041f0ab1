"""Tables as text: CSV and TSV, with one line of column names."""

import csv
from collections import deque
from collections.abc import Iterator

from summarizer.batch.records import Row
from summarizer.batch.source_bytes import StoredFile
from summarizer.batch.source_columns import Columns, match_columns
from summarizer.batch.source_rows import Record, number_rows
from summarizer.decoding import MAX_BYTES
from summarizer.errors import (
    BadRowError,
    EmptyInputError,
    InputError,
    InputTooLargeError,
    SummarizerError,
    UnreadableInputError,
)

_DELIMITERS = (",", ";", "\t", "|")
#: How often a line may be read again, on average; once or twice will do for tables that are merely broken.
_READ_AGAIN = 10


class CsvSource:
    """The rows of a table of text.

    :param file: The file.
    :param columns: The user's columns, by our names.
    :param delimiter: What stands between two fields; by default it is told from the first line.
    :raises EmptyInputError: If there is no line of column names.
    :raises UnreadableInputError: If that line cannot be read.
    :raises BadOptionError: If no column is known to hold the article.
    """

    total: int | None = None

    def __init__(self, file: StoredFile, columns: Columns | None = None, delimiter: str | None = None) -> None:
        self.name = file.place.name
        self._file = file
        header = self._read_header()
        self._delimiter = delimiter or max(_DELIMITERS, key=lambda mark: len(_split(header, mark)))
        self._names = _split(header, self._delimiter)
        self._columns = match_columns(self._names, columns, self.name)

    def fingerprint(self) -> str:
        """Return the fingerprint of the file."""
        return self._file.place.fingerprint()

    def position(self) -> tuple[int, int]:
        """Return how many bytes of the file have been read, and how many there are."""
        return self._file.position()

    def rows(self, start: int = 0) -> Iterator[Row]:
        """Yield the rows from a place on; blank lines are none."""
        return number_rows(self._records(), self._columns, start)

    def _read_header(self) -> str:
        if header := _Lines(self._file).read_header():
            return header
        raise EmptyInputError(f"{self.name} is empty: its first line has to name the columns.")

    def _records(self) -> Iterator[Record]:
        # The limit of the module holds for the whole process, so it is only ever raised.
        csv.field_size_limit(max(csv.field_size_limit(), MAX_BYTES))
        lines = _Lines(self._file)
        lines.read_header()
        reader = csv.reader(lines, delimiter=self._delimiter, strict=True)
        while True:
            lines.begin()
            try:
                fields = next(reader)
            except StopIteration:
                return
            except SummarizerError as error:
                yield error
            except csv.Error as error:
                yield self._read_broken(lines, error)
            else:
                if fields and not lines.taken[0].isspace():
                    yield self._record(fields, lines)

    def _record(self, fields: list[str], lines: "_Lines") -> Record:
        if len(fields) != len(self._names):
            return BadRowError(
                f"Line {lines.first} has {len(fields)} fields, and the first line {len(self._names)}. Put fields "
                "with delimiters in them in quotation marks."
            )
        return dict(zip(self._names, fields, strict=True))

    def _read_broken(self, lines: "_Lines", error: csv.Error) -> Record:
        """Take one line for the broken row, and read those anew that its open quotation mark had swallowed."""
        lines.give_back()
        fields = lines.taken[0].rstrip("\r\n").split("\t")
        if self._delimiter == "\t" and len(lines.taken) == 1 and len(fields) == len(self._names):
            # Much of what is called TSV knows no quoting.
            return dict(zip(self._names, fields, strict=True))
        return BadRowError(
            f"What begins in line {lines.first} and has {len(lines.taken)} of them is not valid CSV ({error}). Is a "
            "quotation mark not closed or doubled?"
        )


class _Lines:
    """The decoded lines of a file, for ``csv.reader``: what it took for a row can be given back, and is bounded."""

    def __init__(self, file: StoredFile) -> None:
        self._file = file
        self._stream = file.lines()
        self._given_back: deque[str | InputError] = deque()
        self._number = 0
        self.first = 0
        self.taken: list[str] = []
        self._size = 0
        self._credit = 10_000

    def __iter__(self) -> "_Lines":
        return self

    def begin(self) -> None:
        """Begin a row."""
        self.taken, self._size, self.first = [], 0, self._number + 1

    def give_back(self) -> None:
        """Have all lines of the row but the first read again, unless hostile quoting brought that about too often."""
        others = self.taken[1:]
        if len(others) <= self._credit:
            self._credit -= len(others)
            self._given_back.extendleft(reversed(others))
            self._number -= len(others)
            del self.taken[1:]

    def read_header(self) -> str:
        """Return the first line that is not blank; nothing if there is none."""
        line = "\n"
        while line and not line.strip():
            self.begin()
            line = next(self, "")
        return line

    def __next__(self) -> str:
        """Return the next line.

        :raises InputTooLargeError: If the row, or the line, is too large.
        :raises UnreadableInputError: If the line is not text, or the archive damaged.
        """
        line = self._given_back.popleft() if self._given_back else self._read()
        if isinstance(line, InputError) and self.taken:
            self._given_back.appendleft(line)
            raise csv.Error("it runs into a line that cannot be read")
        self._number += 1
        if isinstance(line, InputError):
            raise line
        self._size += len(line)
        if self._size > MAX_BYTES:
            raise InputTooLargeError(
                f"The row that begins in line {self.first} is larger than {MAX_BYTES:,} bytes. Is a quotation mark "
                "not closed? A row is one article."
            )
        self.taken.append(line)
        return line

    def _read(self) -> str | InputError:
        line = next(self._stream)
        self._credit += _READ_AGAIN
        try:
            return line if isinstance(line, InputError) else self._file.decode(line)
        except UnreadableInputError as error:
            return error


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return [name.strip() for name in next(csv.reader([line], delimiter=delimiter))]
    except (csv.Error, StopIteration):
        return [line.strip()]
