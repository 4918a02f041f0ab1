"""What the command line shows: results on stdout in UTF-8, progress and warnings on stderr.

rich is imported where it draws, so that a plain result does not wait for it.
"""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from summarizer.addresses import hide_secrets
from summarizer.decoding import strip_controls
from summarizer.errors import BadOptionError

if TYPE_CHECKING:
    from summarizer.cards import ModelCard

#: Columns of a list that goes into a file or a pipe.
LISTING = 240


def to_json(value: object) -> str:
    """Return a value as indented JSON with every script as it is."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def write(text: str, output: Path | None = None) -> None:
    """Print a result, in UTF-8 wherever it goes: a terminal in another encoding must not lose a script.

    :param text: The result.
    :param output: A file to write it to instead of stdout.
    :raises BadOptionError: If the file cannot be written.
    """
    data = (text + "\n").encode("utf-8", "backslashreplace")
    if output is not None:
        try:
            output.write_bytes(data)
        except OSError as error:
            raise BadOptionError(f"{output} cannot be written: {error.strerror}.") from error
        return
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise BadOptionError(f"The result cannot be written: {error.strerror}.") from error


def warn(text: str) -> None:
    """Print a line on stderr; what others said in it never reaches the terminal as a command, and no key is shown."""
    sys.stderr.write(strip_controls(hide_secrets(text)) + "\n")


def print_models(cards: "Sequence[ModelCard]") -> None:
    """Print one row for each model."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("model", "can", "languages", "licence", "size", "what it is"):
        table.add_column(column, overflow="fold")
    for card in cards:
        languages = str(len(card.languages)) if card.languages else "any"
        licence = card.license_name + ("" if card.commercial else " (non-commercial)")
        table.add_row(card.name, ", ".join(card.abilities), languages, licence, _megabytes(card.size), card.summary)
    # Whoever reads a pipe wants one line for each model.
    Console(highlight=False, width=None if sys.stdout.isatty() else LISTING).print(table)


def print_card(card: "ModelCard") -> None:
    """Print the facts and the prose of a model's card."""
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(highlight=False)
    facts = {
        "model": card.name,
        "can": ", ".join(card.abilities),
        "backend": card.backend,
        "source": f"{card.source} {card.revision}".strip(),
        "licence": card.license_name + ("" if card.commercial else " (non-commercial)"),
        "size": _megabytes(card.size),
    }
    for name, value in facts.items():
        console.print(f"{name:10}{value}", markup=False)
    console.print()
    console.print(Markdown(card.prose))


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB" if size else "-"


@contextmanager
def progress(*, bytes_done: bool = True) -> Iterator[Callable[[int, int, str], None]]:
    """Yield a function that draws a progress bar on stderr, from the moment there is something to show.

    :param bytes_done: Whether what it is told are bytes, and not a number of things.
    """
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    amount = DownloadColumn() if bytes_done else MofNCompleteColumn()
    columns = (TextColumn("{task.description}"), BarColumn(), amount, TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        tasks: dict[str, Any] = {}

        def show(done: int, total: int, what: str) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total or None)
                if not console.is_terminal:
                    warn(f"{what} ...")
            bar.update(tasks[what], completed=done, total=total or None)

        yield show
