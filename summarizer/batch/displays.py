"""How the progress of a batch is shown: a live line, plain lines, JSON, or not at all."""

import json
import math
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TextIO

from summarizer.errors import BadOptionError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

MODES = ("bar", "lines", "json", "quiet")
#: Seconds between two lines.
INTERVAL = 10.0
_DRAWN_PER_SECOND = 2
_WIDEST_BAR, _NARROWEST_BAR = 40, 5
#: What moves the cursor or turns the direction of other text, and halves of surrogate pairs.
UNPRINTABLE = re.compile("[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """Return text that changes nothing but its own line: control characters and marks of direction are spelled out."""
    return UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


@dataclass(frozen=True, slots=True)
class Status:
    """How far a batch is.

    ``done`` are rows with a summary, ``failed`` rows with an error, ``total`` those of the input where that is known,
    ``share`` the part that is through, from 0 to 1. Speeds are those of the last minute, failed rows left out;
    ``memory`` is in bytes; ``cached`` are rows of this run whose result was taken from the cache.
    """

    done: int
    failed: int
    total: int | None
    share: float | None
    seconds: float
    articles_per_second: float | None
    tokens_per_second: float | None
    seconds_left: float | None
    memory: int | None
    cached: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, with figures of three decimals."""
        return {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(self).items()}

    def to_text(self) -> str:
        """Return a line for people, without what is not known."""
        rows = self.done + self.failed
        parts = [
            None if self.share is None else f"{math.floor(100 * self.share)} %",
            f"{rows:,}" if self.total is None else f"{rows:,} of {self.total:,}",
            f"{self.failed:,} failed",
            f"{self.cached:,} from cache" if self.cached else None,
            None if self.seconds_left is None else f"{timedelta(seconds=round(self.seconds_left))} left",
            None if self.articles_per_second is None else f"{self.articles_per_second:,.1f} articles/s",
            None if self.tokens_per_second is None else f"{self.tokens_per_second:,.0f} tokens/s",
            None if self.memory is None else f"{self.memory / 1e6:,.0f} MB",
        ]
        return ", ".join(part for part in parts if part)


class Quiet:
    """Nothing at all, and what the other displays add to."""

    #: Seconds from one time that it is to be shown the status to the next.
    interval = math.inf

    def show(self, status: Status) -> None:
        """Show nothing."""

    def note(self, text: str) -> None:
        """Show nothing."""

    def close(self) -> None:
        """Leave nothing."""


class _Lines(Quiet):
    """A plain line now and then."""

    interval = INTERVAL

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def show(self, status: Status) -> None:
        self._write(status.to_text())

    def note(self, text: str) -> None:
        self._write(printable(text))

    def _write(self, line: str) -> None:
        # A terminal that went away or a full disk under a log is no reason to end the work.
        with suppress(OSError, ValueError):
            self._stream.write(line + "\n")
            self._stream.flush()


class _JsonLines(_Lines):
    """One JSON object in each line, in ASCII: log collectors are of many kinds."""

    def show(self, status: Status) -> None:
        self._write(json.dumps({"event": "progress", **status.to_dict()}))

    def note(self, text: str) -> None:
        self._write(json.dumps({"event": "note", "text": text}))


class _Bar(Quiet):
    """One line that is drawn again and again, by a thread of its own, so that it is right between updates too."""

    def __init__(self, console: "Console", status: Callable[[], Status]) -> None:
        from rich.live import Live

        self._console = console
        self._status = status
        # Results may go to stdout, which is not to be touched.
        self._live = Live(
            get_renderable=self._draw, console=console, refresh_per_second=_DRAWN_PER_SECOND, redirect_stdout=False
        )
        self._live.start()

    def note(self, text: str) -> None:
        with suppress(OSError):
            self._console.print(printable(text), soft_wrap=True)

    def close(self) -> None:
        with suppress(OSError):
            self._live.stop()

    def _draw(self) -> "RenderableType":
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        status = self._status()
        text = Text(status.to_text(), no_wrap=True, overflow="ellipsis")
        room = self._console.width - len(text) - 1
        if status.share is None or room < _NARROWEST_BAR:
            return text
        line = Table.grid(padding=(0, 1))
        line.add_row(ProgressBar(total=1.0, completed=status.share, width=min(room, _WIDEST_BAR)), text)
        return line


def check_mode(mode: str) -> None:
    """Check that there is such a display.

    :param mode: One of ``MODES``.
    :raises BadOptionError: If it is none.
    """
    if mode not in MODES:
        raise BadOptionError(f"Progress {mode!r} means nothing: use {', '.join(MODES)}.")


def open_display(mode: str, stream: TextIO, status: Callable[[], Status]) -> Quiet:
    """Return what shows the progress: a ``bar`` becomes ``lines`` where the stream is no terminal to draw on.

    :param mode: One of ``MODES``.
    :param stream: Where to write to.
    :param status: Tells how far the batch is now.
    """
    if mode == "quiet":
        return Quiet()
    if mode == "json":
        return _JsonLines(stream)
    if mode == "bar" and stream.isatty():
        from rich.console import Console

        console = Console(file=stream, highlight=False, markup=False, emoji=False)
        if console.is_terminal and not console.is_dumb_terminal:
            return _Bar(console, status)
    return _Lines(stream)
