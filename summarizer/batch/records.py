"""What goes through a batch: rows of an input, and where they come from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from summarizer.errors import SummarizerError


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an input.

    :param number: Its place in the input, counted from 0; a row that cannot be read has one too.
    :param id: The id it brings, else a digest of its text; empty where there is neither.
    :param value: ``text``, ``html`` or ``url``, and maybe ``title`` and ``lang``, under these names.
    :param error: Why it cannot be read; then there is no value.
    """

    number: int
    id: str
    value: Mapping[str, object] | None
    error: SummarizerError | None = None


class RowSource(Protocol):
    """An input, read row by row and never whole."""

    name: str
    #: Number of rows, where it is known without reading them.
    total: int | None

    def fingerprint(self) -> str:
        """Return what tells this input from another one, and from itself after a change."""
        ...

    def rows(self, start: int = 0) -> Iterator[Row]:
        """Yield the rows from a place on, in order."""
        ...
