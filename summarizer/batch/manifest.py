"""What an output is the output of: its input and the options of its run, kept beside it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from typing_extensions import Self

from summarizer.batch.journal import write_durably
from summarizer.errors import OutputMismatchError

_VERSION = 1
_AGAIN = "Name another output, or start over with --restart."


@dataclass(frozen=True, slots=True)
class Manifest:
    """The facts of a run that must be the same when it goes on.

    :param input: Name of the input.
    :param fingerprint: What tells the input from a changed one.
    :param options: What the results depend on, by name.
    :param finished: Whether every row was done.
    """

    input: str
    fingerprint: str
    options: Mapping[str, Any]
    finished: bool = False
    version: int = _VERSION

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Read the manifest of an output; ``None`` without one.

        :raises OutputMismatchError: If it cannot be read.
        """
        try:
            data = json.loads(path.read_bytes())
            return cls(**{name: data[name] for name in cls.__dataclass_fields__})
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise OutputMismatchError(f"{path} cannot be read ({error}). {_AGAIN}") from error

    def write(self, path: Path) -> None:
        """Write it, whole or not at all.

        :raises DiskFullError: If it cannot be written.
        """
        write_durably(path, json.dumps(asdict(self), ensure_ascii=False, indent=2).encode() + b"\n")

    def check_same(self, other: "Manifest", output: Path) -> None:
        """Refuse to go on with an output of another run.

        :param other: What was asked for now.
        :param output: The output, for the message.
        :raises OutputMismatchError: If input or options are others; the message says which.
        """
        if self.version != other.version:
            raise OutputMismatchError(f"{output} was begun by another version of this program. {_AGAIN}")
        if self.fingerprint != other.fingerprint:
            changed = f"{self.input} was changed since" if self.input == other.input else f"it is of {self.input}"
            raise OutputMismatchError(f"{output} cannot be gone on with: {changed}. {_AGAIN}")
        names = sorted({*self.options, *other.options})
        changes = [
            f"{name} was {self.options.get(name)!r} and is {other.options.get(name)!r}"
            for name in names
            if self.options.get(name) != other.options.get(name)
        ]
        if changes:
            raise OutputMismatchError(f"{output} was begun with other options: {'; '.join(changes)}. {_AGAIN}")
