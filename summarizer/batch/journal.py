"""Results on disk, appended in durable steps: what was once there is there after any crash."""

import json
import os
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any

from typing_extensions import Self

from summarizer.errors import DiskFullError

#: Results that are copied in one durable step.
STEP = 256


class DoneRows:
    """Which rows of an input are done: one bit for each."""

    def __init__(self) -> None:
        self._bits = bytearray()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __contains__(self, number: int) -> bool:
        place, bit = divmod(number, 8)
        return place < len(self._bits) and bool(self._bits[place] >> bit & 1)

    def add(self, number: int) -> None:
        """Mark a row as done."""
        if number in self:
            return
        place, bit = divmod(number, 8)
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1 - len(self._bits)))
        self._bits[place] |= 1 << bit
        self._count += 1

    def first_missing(self) -> int:
        """Return the first row that is not done."""
        place = next((index for index, byte in enumerate(self._bits) if byte != 0xFF), len(self._bits))
        return next(number for number in range(8 * place, 8 * place + 9) if number not in self)


class Journal:
    """A file of results, one JSON object a line, the number of its row first.

    Each ``append`` is one write and one ``fsync``. A line that was torn by a crash is cut off when the file is opened.

    :param path: The file; it is made if it is not there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.done = DoneRows()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)

    def recover(self) -> Iterator[dict[str, Any]]:
        """Yield the results that are there whole, note their rows as done, and cut off what follows the last one."""
        for result, end in _read_whole(self.path):
            self.done.add(result["row"])
            self._size = end
            yield result
        os.ftruncate(self._file, self._size)

    def append(self, results: Sequence[Mapping[str, Any]]) -> None:
        """Add results, and return when they are on the disk.

        :param results: Each with its row.
        :raises DiskFullError: If there is no room for them; the file then ends where it ended before.
        """
        data = b"".join(to_line(result) for result in results)
        try:
            written = 0
            while written < len(data):
                written += os.pwrite(self._file, data[written:], self._size + written)
            os.fsync(self._file)
        except OSError as error:
            os.ftruncate(self._file, self._size)
            raise DiskFullError(
                f"{self.path} cannot be written: {error.strerror}. All results up to here are safe; make room and run "
                "the same command again to go on."
            ) from error
        self._size += len(data)
        for result in results:
            self.done.add(result["row"])


def to_line(result: Mapping[str, Any]) -> bytes:
    """Return a result as a line of JSON, its row first."""
    ordered = {"row": result["row"], **result}
    # Lone surrogates, which JSON can hold and UTF-8 cannot, stay as escapes.
    text = json.dumps(ordered, ensure_ascii=False)
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(ordered).encode() + b"\n"


def read_results(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the results of a journal."""
    for result, _ in _read_whole(path):
        yield result


def _read_whole(path: Path) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield each result with the offset at which its line ends, up to the first line that is none."""
    end = 0
    with path.open("rb") as lines:
        for line in lines:
            result = _parse(line)
            if result is None:
                return
            end += len(line)
            yield result, end


def _parse(line: bytes) -> dict[str, Any] | None:
    if not line.endswith(b"\n"):
        return None
    try:
        result = json.loads(line)
    except ValueError:
        return None
    row = result.get("row") if isinstance(result, dict) else None
    return result if isinstance(row, int) and row >= 0 else None


def rewrite(path: Path, results: Iterable[Mapping[str, Any]]) -> None:
    """Put other results into a journal's place, all at once.

    :raises DiskFullError: If there is no room for them; the journal is as before.
    """
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    try:
        iterator = iter(results)
        with Journal(draft) as journal:
            while step := list(islice(iterator, STEP)):
                journal.append(step)
        draft.replace(path)
        sync_folder(path.parent)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def is_sorted(journal: Path) -> bool:
    """Return whether the results of a journal are in the order of their rows."""
    last = -1
    for result in read_results(journal):
        if result["row"] < last:
            return False
        last = result["row"]
    return True


def sort_results(journal: Path) -> Iterator[dict[str, Any]]:
    """Yield results by row, with no more in memory than where each begins: 8 bytes."""
    places = array("Q")
    with journal.open("rb") as lines:
        start = 0
        for line in lines:
            row = json.loads(line)["row"]
            places.frombytes(bytes(places.itemsize * max(0, row + 1 - len(places))))
            # From 1 on, since 0 is for rows that have none.
            places[row] = start + 1
            start += len(line)
        for place in filter(None, places):
            lines.seek(place - 1)
            yield json.loads(lines.readline())


def write_durably(path: Path, data: bytes) -> None:
    """Write a small file whole or not at all.

    :raises DiskFullError: If it cannot be written.
    """
    draft = path.with_name(f"{path.name}.new")
    try:
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise DiskFullError(f"{path} cannot be written: {error.strerror}.") from error


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
