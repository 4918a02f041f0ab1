"""How far a batch is, told on stderr: one live line for people, plain lines for files, JSON for log collectors."""

import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import NamedTuple, TextIO

from typing_extensions import Self

from summarizer.addresses import hide_secrets
from summarizer.batch.displays import Quiet, Status, check_mode, open_display
from summarizer.batch.memory import measure_memory

#: Speed is that of the last so many seconds.
WINDOW = 60.0
#: Seconds between two looks at speed and memory.
SAMPLE_INTERVAL = 1.0


class _Sample(NamedTuple):
    """The counts at one time of the clock."""

    time: float
    done: int
    failed: int
    tokens: int


class Progress:
    """Tells how far a batch is, on stderr, also while a step takes minutes: a thread of its own looks every second.

    :param mode: ``bar`` draws one live line, or writes ``lines`` where stderr is no terminal; ``lines`` writes a plain
        line every ten seconds, ``json`` a JSON object; ``quiet`` writes nothing.
    :param total: Rows of the input, where that is known.
    :param done: Summaries that an earlier run has made; they do not count as speed.
    :param failed: Rows that failed in an earlier run.
    :param tokens: Tokens that an earlier run has read.
    :param stream: Where to write to, by default stderr.
    :param clock: Returns seconds that only grow.
    :param pulse: Seconds between two looks of the thread; with ``None`` there is no thread.
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
        pulse: float | None = SAMPLE_INTERVAL,
    ) -> None:
        check_mode(mode)
        self._mode, self._total, self._clock, self._pulse = mode, total, clock, pulse
        self._stream = stream or sys.stderr
        self._done, self._failed, self._tokens, self._cached = done, failed, tokens, 0
        self._position: tuple[int, int] | None = None
        self._begin = self._shown = clock()
        self._samples = deque([_Sample(self._begin, done, failed, tokens)])
        self._memory = self.peak_memory = measure_memory()
        self._display = Quiet()
        # The batch, the thread that looks and the one that draws the live line come in turn.
        self._lock = threading.RLock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep_looking, name="progress", daemon=True)

    def __enter__(self) -> Self:
        self._display = open_display(self._mode, self._stream, self.status)
        if self._pulse is not None:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        self._display.show(self.status())
        self._display.close()

    def start_from(self, done: int, failed: int, tokens: int) -> None:
        """Take what earlier runs have done, which does not count as speed.

        :param done: Rows with a summary.
        :param failed: Rows with an error.
        :param tokens: Tokens read.
        """
        with self._lock:
            self._done, self._failed, self._tokens = done, failed, tokens
            self._samples.clear()
            self._take_sample(self._clock())

    def update(
        self, done: int, failed: int, tokens: int, position: tuple[int, int] | None = None, cached: int = 0
    ) -> None:
        """Take the counts since the very beginning, earlier runs included.

        :param done: Rows with a summary.
        :param failed: Rows with an error.
        :param tokens: Tokens read.
        :param position: Bytes of the input that are read, and all; for inputs of an unknown number of rows.
        :param cached: Rows of this run whose result was taken from the cache.
        """
        with self._lock:
            self._done, self._failed, self._tokens, self._cached = done, failed, tokens, cached
            self._position = position or self._position
            self.look()

    def look(self) -> None:
        """Note speed and memory, and show the status, each if it is time to."""
        with self._lock:
            now = self._clock()
            if now - self._samples[-1].time >= SAMPLE_INTERVAL:
                self._take_sample(now)
            if now - self._shown >= self._display.interval:
                self._shown = now
                self._display.show(self.status())

    def note(self, text: str) -> None:
        """Tell something in a line of its own; the text may come from anywhere."""
        self._display.note(hide_secrets(text))

    def status(self) -> Status:
        """Return how far it is now."""
        with self._lock:
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
                cached=self._cached,
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

    def _keep_looking(self) -> None:
        while not self._ended.wait(self._pulse):
            self.look()
