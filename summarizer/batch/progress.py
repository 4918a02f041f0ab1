"""How far a batch is, told on stderr: one live line for people, plain lines for files, JSON for log collectors."""

import json
import math
import os
import re
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from typing_extensions import Self

from summarizer.errors import BadOptionError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

MODES = ("bar", "lines", "json", "quiet")
#: Speed is that of the last so many seconds.
WINDOW = 60.0
#: Seconds between two lines.
INTERVAL = 10.0
#: Seconds between two looks at speed and memory.
SAMPLE_INTERVAL = 1.0
_DRAWN_PER_SECOND = 2
_WIDEST_BAR, _NARROWEST_BAR = 40, 5
#: What moves the cursor or turns the direction of other text, and halves of surrogate pairs.
UNPRINTABLE = re.compile("[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """Return text that changes nothing but its own line: control characters and marks of direction are spelled out."""
    return UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def measure_memory() -> int | None:
    """Return the resident bytes of this process and all below it; ``None`` where there is no /proc.

    Pages that several processes share are counted for each of them.
    """
    pages, waiting, seen = 0, [os.getpid()], set[int]()
    while waiting:
        process = waiting.pop()
        if process not in seen:
            seen.add(process)
            pages += _resident_pages(process)
            waiting += _children(process)
    return pages * os.sysconf("SC_PAGE_SIZE") if pages else None


def _resident_pages(process: int) -> int:
    # A process may end at any time.
    with suppress(OSError):
        return int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return 0


def _children(process: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for thread in Path(f"/proc/{process}/task").iterdir():
            found += map(int, (thread / "children").read_text().split())
    return found


@dataclass(frozen=True, slots=True)
class Status:
    """How far a batch is.

    ``done`` are rows with a summary, ``failed`` rows with an error, ``total`` those of the input where that is known,
    ``share`` the part that is through, from 0 to 1. Speeds are those of the last minute, failed rows left out;
    ``memory`` is in bytes.
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
            None if self.seconds_left is None else f"{timedelta(seconds=round(self.seconds_left))} left",
            None if self.articles_per_second is None else f"{self.articles_per_second:,.1f} articles/s",
            None if self.tokens_per_second is None else f"{self.tokens_per_second:,.0f} tokens/s",
            None if self.memory is None else f"{self.memory / 1e6:,.0f} MB",
        ]
        return ", ".join(part for part in parts if part)


class _Quiet:
    """Nothing at all, and what the other displays add to."""

    #: Seconds from one time that it is to be shown the status to the next.
    interval = math.inf

    def show(self, status: Status) -> None:
        """Show nothing."""

    def note(self, text: str) -> None:
        """Show nothing."""

    def close(self) -> None:
        """Leave nothing."""


class _Lines(_Quiet):
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


class _Bar(_Quiet):
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


class _Sample(NamedTuple):
    """The counts at one time of the clock."""

    time: float
    done: int
    failed: int
    tokens: int


class Progress:
    """Tells how far a batch is, on stderr.

    :param mode: ``bar`` draws one live line, or writes ``lines`` where stderr is no terminal; ``lines`` writes a plain
        line every ten seconds, ``json`` a JSON object; ``quiet`` writes nothing.
    :param total: Rows of the input, where that is known.
    :param done: Summaries that an earlier run has made; they do not count as speed.
    :param failed: Rows that failed in an earlier run.
    :param tokens: Tokens that an earlier run has read.
    :param stream: Where to write to, by default stderr.
    :param clock: Returns seconds that only grow.
    :raises BadOptionError: If there is no such mode.
    """

    def __init__(
        self,
        mode: str = "bar",
        total: int | None = None,
        *,
        done: int = 0,
        failed: int = 0,
        tokens: int = 0,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if mode not in MODES:
            raise BadOptionError(f"Progress {mode!r} means nothing: use {', '.join(MODES)}.")
        self._mode, self._total, self._clock = mode, total, clock
        self._stream = stream or sys.stderr
        self._done, self._failed, self._tokens = done, failed, tokens
        self._position: tuple[int, int] | None = None
        self._begin = self._shown = clock()
        self._samples = deque([_Sample(self._begin, done, failed, tokens)])
        self._memory = self.peak_memory = measure_memory()
        self._display = _Quiet()

    def __enter__(self) -> Self:
        self._display = self._open_display()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._display.show(self.status())
        self._display.close()

    def start_from(self, done: int, failed: int, tokens: int) -> None:
        """Take what earlier runs have done, which does not count as speed.

        :param done: Rows with a summary.
        :param failed: Rows with an error.
        :param tokens: Tokens read.
        """
        self._done, self._failed, self._tokens = done, failed, tokens
        self._samples.clear()
        self._take_sample(self._clock())

    def update(self, done: int, failed: int, tokens: int, position: tuple[int, int] | None = None) -> None:
        """Take the counts since the very beginning, earlier runs included.

        :param done: Rows with a summary.
        :param failed: Rows with an error.
        :param tokens: Tokens read.
        :param position: Bytes of the input that are read, and all; for inputs of an unknown number of rows.
        """
        self._done, self._failed, self._tokens = done, failed, tokens
        self._position = position or self._position
        now = self._clock()
        if now - self._samples[-1].time >= SAMPLE_INTERVAL:
            self._take_sample(now)
        if now - self._shown >= self._display.interval:
            self._shown = now
            self._display.show(self.status())

    def note(self, text: str) -> None:
        """Tell something in a line of its own; the text may come from anywhere."""
        self._display.note(text)

    def status(self) -> Status:
        """Return how far it is now."""
        now, begin, share = self._clock(), self._samples[0], self._share()
        seconds, rows = now - begin.time, self._done + self._failed
        gained = rows - begin.done - begin.failed
        return Status(
            done=self._done,
            failed=self._failed,
            total=self._total,
            share=share,
            seconds=now - self._begin,
            articles_per_second=(self._done - begin.done) / seconds if seconds else None,
            tokens_per_second=(self._tokens - begin.tokens) / seconds if seconds else None,
            seconds_left=rows * (1 - share) / share * seconds / gained if share and gained else None,
            memory=self._memory,
        )

    def _share(self) -> float | None:
        rows = self._done + self._failed
        through, whole = (rows, self._total) if self._total is not None else self._position or (0, 0)
        return min(1.0, through / whole) if whole else None

    def _take_sample(self, now: float) -> None:
        self._samples.append(_Sample(now, self._done, self._failed, self._tokens))
        # What is left first is the last sample that is at least a window old.
        while len(self._samples) > 1 and self._samples[1].time <= now - WINDOW:
            self._samples.popleft()
        self._memory = measure_memory()
        self.peak_memory = max(self._memory or 0, self.peak_memory or 0) or None

    def _open_display(self) -> _Quiet:
        if self._mode == "quiet":
            return _Quiet()
        if self._mode == "json":
            return _JsonLines(self._stream)
        if self._mode == "bar" and self._stream.isatty():
            from rich.console import Console

            console = Console(file=self._stream, highlight=False, markup=False, emoji=False)
            if console.is_terminal and not console.is_dumb_terminal:
                return _Bar(console, self.status)
        return _Lines(self._stream)
