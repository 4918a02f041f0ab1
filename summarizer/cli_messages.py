"""What the command line says of errors and warnings, to people and to programs."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from summarizer.errors import SummarizerError
from summarizer.terminal import to_json, warn, write


@contextmanager
def plain_warnings() -> Iterator[None]:
    """Print what the user should know in a line of its own, without the place in the program that Python adds."""
    with warnings.catch_warnings():
        show = warnings.showwarning

        def print_line(message: Warning | str, category: type[Warning], *rest: Any, **more: Any) -> None:
            if category.__module__.partition(".")[0] == __package__:
                warn(f"Note: {message}")
            else:
                show(message, category, *rest, **more)

        warnings.showwarning = print_line
        yield


@contextmanager
def json_errors(form: str, *, whole: bool = True) -> Iterator[None]:
    """With JSON asked for, print an error as JSON too; what is on stderr and the exit code stay the same.

    :param form: The format that was asked for.
    :param whole: Whether all keys of the result of a summary are there, and not only ``error``.
    """
    try:
        yield
    except SummarizerError as error:
        if form == "json":
            from summarizer.summary import error_to_dict

            write(to_json(error_to_dict(error) if whole else {"error": error.to_dict()}))
        raise
