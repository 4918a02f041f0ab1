"""Whose turn it is at the model: people first, and the jobs of many articles in between."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

#: Seconds that a job lets people go first; then it has one step, so that it goes on where there is always somebody.
PATIENCE = 30.0


class Turns:
    """People and jobs take turns: one at a time, and a job begins no step while a person is there.

    :param patience: Seconds after which a job is let in all the same.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._changed = Condition()
        self._people = 0
        self._is_served = self._job_works = self._job_insists = False

    @contextmanager
    def of_person(self, timeout: float | None = None) -> Iterator[None]:
        """Wait for whoever is served and for the step of a job to end, and keep all others away. Not to be nested.

        :param timeout: Seconds to wait at most; ``None`` for any number.
        :raises TimeoutError: If it took longer.
        """
        with self._changed:
            self._people += 1
            if not self._changed.wait_for(self._is_free, timeout):
                self._people -= 1
                self._changed.notify_all()
                raise TimeoutError
            self._is_served = True
        try:
            yield
        finally:
            with self._changed:
                self._people -= 1
                self._is_served = False
                self._changed.notify_all()

    def _is_free(self) -> bool:
        return not (self._is_served or self._job_works or self._job_insists)

    @contextmanager
    def of_job(self) -> Iterator[None]:
        """Wait until nobody is there, and keep others away."""
        with self._changed:
            free = self._changed.wait_for(lambda: not (self._people or self._job_works), self._patience)
            if not free:
                self._job_insists = True
                self._changed.wait_for(lambda: not (self._is_served or self._job_works))
                self._job_insists = False
            self._job_works = True
        try:
            yield
        finally:
            with self._changed:
                self._job_works = False
                self._changed.notify_all()
