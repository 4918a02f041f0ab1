"""Whose turn it is at the model: people first, and the jobs of many articles in between."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

#: Seconds that a job lets people go first; then it has one step, so that it goes on where there is always somebody.
PATIENCE = 30.0


class Turns:
    """People and jobs take turns: a job never works beside a person, and begins no step while one is there.

    :param patience: Seconds after which a job is let in all the same.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._changed = Condition()
        self._people = self._served = 0
        self._job_works = self._job_insists = False

    @contextmanager
    def of_person(self) -> Iterator[None]:
        """Wait for the step of a job to end, if there is one, and keep jobs away. Not to be nested."""
        with self._changed:
            self._people += 1
            self._changed.wait_for(lambda: not (self._job_works or self._job_insists))
            self._served += 1
        try:
            yield
        finally:
            with self._changed:
                self._people -= 1
                self._served -= 1
                self._changed.notify_all()

    @contextmanager
    def of_job(self) -> Iterator[None]:
        """Wait until nobody is there, and keep others away."""
        with self._changed:
            free = self._changed.wait_for(lambda: not (self._people or self._job_works), self._patience)
            if not free:
                self._job_insists = True
                self._changed.wait_for(lambda: not (self._served or self._job_works))
                self._job_insists = False
            self._job_works = True
        try:
            yield
        finally:
            with self._changed:
                self._job_works = False
                self._changed.notify_all()
