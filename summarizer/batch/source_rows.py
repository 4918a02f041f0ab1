"""Records to rows: each is numbered, named and checked, whatever is wrong with it."""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import blake2b, sha256
from math import isnan

from summarizer.batch.records import Row
from summarizer.batch.source_columns import CONTENT, Columns
from summarizer.decoding import declared_charset, decode
from summarizer.errors import BadRowError, EmptyInputError, SummarizerError
from summarizer.reading import read_row, row_url

#: What an input is read as: the values by the user's column names, or why there are none.
Record = Mapping[str, object] | SummarizerError


def number_rows(records: Iterable[Record], columns: Columns, start: int = 0) -> Iterator[Row]:
    """Make a row of each record.

    An id that comes again is an error; a digest that comes again, as of equal rows without ids, gets a number.

    :param records: All records of the input, from its beginning.
    :param columns: The user's column for each of our names.
    :param start: The first row to yield; ids of those before count all the same.
    :return: The rows, in order.
    """
    ids = _Ids()
    for number, record in enumerate(records):
        row = _identify(number, record, columns, ids)
        if number >= start:
            yield _checked(row)


def _identify(number: int, record: Record, columns: Columns, ids: "_Ids") -> Row:
    if isinstance(record, SummarizerError):
        return Row(number, "", None, record)
    identity = ""
    try:
        if given := _read_id(record.get(columns.get("id", ""))):
            identity = given
            ids.claim(identity, number)
        value = _select(record, columns)
    except SummarizerError as error:
        return Row(number, identity, None, error)
    return Row(number, identity or ids.make(value, number), value)


def _checked(row: Row) -> Row:
    """Return the row, or why nothing can be made of it."""
    if row.value is None:
        return row
    try:
        for name, value in row.value.items():
            if not isinstance(value, str):
                raise BadRowError(f"The {name!r} is {type(value).__name__}, but has to be a string.")
        if row_url(row.value) is None:
            read_row(row.value)
    except SummarizerError as error:
        return replace(row, value=None, error=error)
    return row


def _read_id(value: object) -> str | None:
    if _is_missing(value):
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise BadRowError(f"The id is {type(value).__name__}, but has to be a string or a whole number.")
    return _mended(value).strip()


def _select(record: Mapping[str, object], columns: Columns) -> dict[str, object]:
    """Return what there is of a record, under our names."""
    present = {ours: record[column] for ours, column in columns.items() if ours != "id" and column in record}
    value = {ours: _as_text(found) for ours, found in present.items() if not _is_missing(found)}
    if any(ours in value for ours in CONTENT):
        return value
    wanted = [repr(columns[ours]) for ours in CONTENT if ours in columns]
    if any(ours in present for ours in CONTENT):
        raise EmptyInputError(f"There is nothing in {' or '.join(wanted)} of this row.")
    keys = ", ".join(repr(key[:50]) for key in list(record)[:10]) or "nothing"
    raise BadRowError(f"The row lacks {' or '.join(wanted)}; it has {keys}.")


def _is_missing(value: object) -> bool:
    """Tell whether a cell is empty; tables write that in several ways."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, float) and isnan(value))


def _as_text(value: object) -> object:
    if isinstance(value, bytes):
        value = decode(value, declared_charset(value))
    return _mended(value) if isinstance(value, str) else value


def _mended(text: str) -> str:
    """Return text that can be written: JSON may escape one half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


class _Ids:
    """All ids so far."""

    def __init__(self) -> None:
        self._numbers = DigestMap()
        self._repeats = DigestMap()

    def claim(self, identity: str, number: int) -> None:
        """Take an id that a row brings.

        :raises BadRowError: If another row has it.
        """
        first = self._numbers.setdefault(identity, number)
        if first != number:
            raise BadRowError(f"Row {first} has the same id. Give every article an id of its own, or none.")

    def make(self, value: Mapping[str, object], number: int) -> str:
        """Return a new id for a row that brings none; empty where its content is no text."""
        content = next((value[name] for name in CONTENT if name in value), None)
        if not isinstance(content, str):
            return ""
        digest = identity = sha256(content.encode()).hexdigest()[:16]
        while self._numbers.setdefault(identity, number) != number:
            repeats = self._repeats.setdefault(digest, 1) + 1
            self._repeats.set(digest, repeats)
            identity = f"{digest}-{repeats}"
        return identity


class DigestMap:
    """Whole numbers by strings, of which only 8 bytes of a digest are kept: 24 to 48 bytes for each.

    Open addressing with linear probing. Two of ten million strings are taken for one with a chance of 1 to 400,000.
    """

    def __init__(self) -> None:
        self._size = 0
        self._keys = array("Q", bytes(8 * 1024))
        self._values = array("Q", bytes(8 * 1024))

    def setdefault(self, key: str, value: int) -> int:
        """Return the number of a string, after giving it this one if it has none."""
        digest = _short_digest(key)
        place = self._find(digest)
        if self._keys[place] == digest:
            return self._values[place]
        self._keys[place], self._values[place] = digest, value
        self._size += 1
        if 3 * self._size > 2 * len(self._keys):
            self._grow()
        return value

    def set(self, key: str, value: int) -> None:
        """Change the number of a string that has one."""
        self._values[self._find(_short_digest(key))] = value

    def _find(self, digest: int) -> int:
        """Return the place of a digest, or the free one where it belongs."""
        mask = len(self._keys) - 1
        place = digest & mask
        while self._keys[place] not in (0, digest):
            place = (place + 1) & mask
        return place

    def _grow(self) -> None:
        keys, values = self._keys, self._values
        self._keys, self._values = array("Q", bytes(16 * len(keys))), array("Q", bytes(16 * len(keys)))
        for digest, value in zip(keys, values, strict=True):
            if digest:
                place = self._find(digest)
                self._keys[place], self._values[place] = digest, value


def _short_digest(key: str) -> int:
    """Return 8 bytes of a digest, never 0: that marks a free place."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "little") or 1
