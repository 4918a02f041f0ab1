"""Work that has to be done within some seconds."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Thread
from typing import Generic, TypeVar

from summarizer.errors import TimedOutError
from summarizer.web.turns import Turns

Result = TypeVar("Result")


class Deadline:
    """When a request has to be answered.

    :param seconds: How long it may take from now on.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left; between two steps of the work this ends what nobody waits for any longer.

        :raises TimedOutError: If there are none.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise self.error()
        return left

    def error(self) -> TimedOutError:
        """Return what to raise when it is over."""
        return TimedOutError(
            f"This took more than {self._seconds:g} seconds. Try a shorter text, or again when fewer are waiting."
        )

    @contextmanager
    def turn(self, turns: Turns) -> Iterator[None]:
        """Have the model, as soon as it is this request's turn.

        :raises TimedOutError: If that is not in time.
        """
        with ExitStack() as held:
            try:
                held.enter_context(turns.of_person(self.left()))
            except TimeoutError:
                raise self.error() from None
            yield


class _Work(Thread, Generic[Result]):
    """One piece of work; nothing waits for it when the program ends."""

    def __init__(self, work: Callable[[Deadline], Result], deadline: Deadline) -> None:
        super().__init__(name="summarizer-request", daemon=True)
        self._work = work
        self._deadline = deadline
        self.result: list[Result] = []
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self.result.append(self._work(self._deadline))
        except Exception as error:
            self.error = error


def run_within(seconds: float, work: Callable[[Deadline], Result]) -> Result:
    """Do a piece of work, and wait for it no longer than some seconds.

    A thread cannot be ended from outside: work that is late goes on to its next step and keeps the locks that it has
    until then, so that nothing runs beside it.

    :param seconds: How long to wait.
    :param work: What to do; it is given its deadline.
    :return: What the work returned.
    :raises TimedOutError: If it took longer.
    """
    deadline = Deadline(seconds)
    thread = _Work(work, deadline)
    thread.start()
    thread.join(seconds)
    if thread.error is not None:
        raise thread.error
    if not thread.result:
        raise deadline.error()
    return thread.result[0]
