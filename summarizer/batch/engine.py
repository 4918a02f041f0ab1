"""Where a batch is worked on: on this machine, or by the workers of a Ray cluster."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from typing_extensions import Self

from summarizer.backends.base import ENGINES
from summarizer.batch.journal import DoneRows
from summarizer.errors import BadOptionError

_RAY = "ray"


class Engine(Protocol):
    """Makes the results of an input; what becomes of them is not its business."""

    def run(self, done: DoneRows) -> Iterator[list[dict[str, Any]]]:
        """Yield the results of the rows that are not done, in steps and in any order; closing it ends the work."""
        ...

    def position(self) -> tuple[int, int] | None:
        """Return how many bytes of the input have been read, and how many there are, where that is known."""
        ...


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """What ``--engine`` of a batch says.

    :param on_ray: Whether Ray's workers do the work.
    :param runtime: What runs the model, as for ``Summarizer``.
    """

    on_ray: bool
    runtime: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what is meant by ``local``, ``ray``, ``ray:RUNTIME`` or the name of a runtime.

        :raises BadOptionError: If it is none of those.
        """
        place, _, runtime = text.partition(":")
        if text == "local":
            return cls(False, "auto")
        if text in ENGINES:
            return cls(False, text)
        if text == _RAY or (place == _RAY and runtime in ENGINES):
            return cls(True, runtime or "auto")
        names = ["local", *ENGINES, _RAY, *(f"{_RAY}:{name}" for name in ENGINES if name != "auto")]
        raise BadOptionError(f"Engine {text!r} means nothing: use {', '.join(names)}.")
