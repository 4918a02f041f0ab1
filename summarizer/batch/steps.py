"""Which rows are summarized in one durable step: as many as take some seconds, of about the same length if wanted."""

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import count, islice
from operator import itemgetter
from typing import TypeVar

#: Rows whose results are made durable in one step, at most.
STEP = 32
#: Seconds that a step is to take at most: what is lost with the power.
SECONDS = 10.0
#: Steps that are looked ahead for rows of the same length.
AHEAD = 8

T = TypeVar("T")


def cut_steps(
    rows: Iterable[T], least: int, most: int = STEP, *, clock: Callable[[], float] = time.monotonic
) -> Iterator[list[T]]:
    """Cut rows into steps, each as large as the one before says can be done in ``SECONDS``.

    :param rows: The rows.
    :param least: Rows of the first step, and of any: those that the model is given at once.
    :param most: Most rows of a step, if that is more.
    :param clock: Returns seconds that only grow. What passes between two steps is the time that the first one took.
    """
    iterator, size = iter(rows), least
    while step := list(islice(iterator, size)):
        started = clock()
        yield step
        seconds = clock() - started
        fitting = int(SECONDS * len(step) / seconds) if seconds > 0 else most
        size = max(least, min(most, fitting))


def bring_together(rows: Iterable[T], length: Callable[[T], int], together: int, ahead: int) -> Iterator[T]:
    """Yield rows so that neighbours are of about the same length, and none waits for ever.

    The oldest row that waits comes next, with those that are nearest to it in length.

    :param rows: The rows.
    :param length: Says how long a row is.
    :param together: Rows that are to be alike.
    :param ahead: Rows that are held for that, at most. They are taken little by little, so that the first results do
        not wait for all of them.
    """
    iterator, ages = iter(rows), count()
    waiting: list[tuple[int, int, T]] = []
    while True:
        room = min(2 * together, ahead - len(waiting))
        waiting.extend((length(row), next(ages), row) for row in islice(iterator, room))
        if not waiting:
            return
        waiting.sort(key=itemgetter(0, 1))
        oldest = min(range(len(waiting)), key=lambda place: waiting[place][1])
        start = max(0, min(oldest - together // 2, len(waiting) - together))
        yield from (row for _, _, row in waiting[start : start + together])
        del waiting[start : start + together]
