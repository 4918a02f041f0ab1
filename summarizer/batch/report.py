"""What a batch did, for people and programs: on the terminal, as JSON and as a page."""

import json
import os
import platform
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from summarizer.addresses import hide_secrets
from summarizer.batch.displays import UNPRINTABLE
from summarizer.batch.tally import Tally
from summarizer.errors import BadOptionError
from summarizer.version import __version__

if TYPE_CHECKING:
    from summarizer.evaluation.tables import Table

Report = dict[str, Any]

#: What can be done about rows that failed, by the code of the error.
ADVICE = {
    "empty_input": "The row has no text: see whether the right column is read.",
    "input_not_found": "Give paths that can be read from where the batch runs.",
    "input_too_large": "Cut the row into articles: one of this length is hardly one.",
    "unreadable_input": "Save the text as UTF-8.",
    "not_an_article": "Leave the row out, or fetch its page again: it shows no article. The reasons say what it shows.",
    "bad_row": "Mend the row in the input: it lacks a text, or has it in the wrong form.",
    "unknown_language": "Give the language of the row in its column lang.",
    "unsupported_language": "Choose a model for this language: summarizer models.",
    "fetch_refused": "Give public http or https addresses, or the text itself.",
    "fetch_failed": "Try again later with --retry-failed.",
    "model_not_found": "See the names of the models: summarizer models.",
    "model_download_failed": "Get the model first with summarizer models get NAME, then use --retry-failed.",
    "model_damaged": "Get the model again with summarizer models get NAME, then use --retry-failed.",
    "server_failed": "See that the server of the model runs, then use --retry-failed.",
    "unsupported_style": "Choose a style that the model has, or another model.",
    "out_of_memory": "Use a machine with more memory or a smaller model, or cut the row; then use --retry-failed.",
    "output_in_use": "Wait for the other run, or name another output.",
    "output_mismatch": "Name another output, or use --restart.",
    "disk_full": "Make room and run the same command again.",
    "worker_died": "Leave the row out, or look at what is in it: it needs too much memory.",
    "cluster_failed": "See that the cluster runs, and run the same command again.",
    "job_not_found": "Start a new job.",
    "too_many_jobs": "Wait until other jobs are done.",
    "request_refused": "Send the request from the server's own page.",
    "not_authorized": "Give a user and a password that the server knows.",
    "too_many_requests": "Wait a little and try again.",
    "timed_out": "Try a shorter text, or again when fewer are waiting.",
    "upload_failed": "See that the place can be written to, and run the same command again.",
    "bad_cache": "Name another file with --cache, or remove this one if it is a cache.",
    "bad_option": "Change the option that the message names, then use --restart.",
}
NO_ADVICE = "Summarize one of these rows alone to see more, then use --retry-failed."
#: Lines of a table on the terminal; the page has all of them.
MOST_LINES = 20
_PACKAGES = ("torch", "transformers", "ctranslate2", "ray")


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What the report says beside the counts.

    :param source: The input, as the user named it.
    :param output: The file of the results.
    :param options: What was asked for, by name, without secrets.
    :param seconds: Wall time of this run.
    :param earlier_done: Summaries that earlier runs had made.
    :param earlier_failed: Rows that had failed in earlier runs.
    :param earlier_tokens: Tokens that earlier runs had read.
    :param peak_memory: The most bytes the processes held at one time, where that is known.
    :param cached: Rows of this run whose result was taken from the cache.
    """

    source: str
    output: str
    options: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    earlier_done: int = 0
    earlier_failed: int = 0
    earlier_tokens: int = 0
    peak_memory: int | None = None
    cached: int = 0


def make_report(tally: Tally, *, info: RunInfo) -> Report:
    """Return the figures of a batch as one JSON object.

    :param tally: The counts of all results, those of earlier runs included.
    :param info: What was run, and how long this run took.
    :return: The counts of ``Tally.to_dict`` with ``advice`` for each error, and ``run``, ``speed`` (of this run
        alone), ``options``, ``versions`` and ``machine``.
    """
    counts = tally.to_dict()
    for code, error in counts["errors"].items():
        error["advice"] = ADVICE.get(code, NO_ADVICE)
    run = {**asdict(info), "source": hide_secrets(info.source), "output": hide_secrets(info.output)}
    options = run.pop("options")
    done, tokens = tally.done - info.earlier_done, tally.tokens_read - info.earlier_tokens
    return {
        "run": {**run, "done": done, "failed": tally.failed - info.earlier_failed, "seconds": round(info.seconds, 3)},
        **counts,
        "speed": {
            "articles_per_second": round(done / info.seconds, 3) if info.seconds else None,
            "tokens_per_second": round(tokens / info.seconds, 3) if info.seconds else None,
        },
        "options": options,
        "versions": _find_versions(),
        "machine": {"system": platform.platform(), "processor": platform.machine(), "cores": os.cpu_count()},
    }


def _find_versions() -> dict[str, str]:
    found = {"summarizer": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def write_report(report: Report, output: Path) -> tuple[Path, Path]:
    """Write the report beside the results; files that are there are replaced whole or not at all.

    :param report: What ``make_report`` gave.
    :param output: The file of the results.
    :return: The paths of the JSON and the page: that of the results with ``.report.json`` and ``.report.html`` behind.
    :raises BadOptionError: If they cannot be written.
    """
    from summarizer.batch.report_page import render_page

    texts = {".report.json": _to_json(report), ".report.html": render_page(report)}
    paths = [output.with_name(output.name + ending) for ending in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        _write_whole(path, text)
    return paths[0], paths[1]


def _to_json(report: Report) -> str:
    """Return JSON that a terminal can show: what UNPRINTABLE matches, line ends aside, is inside of strings."""
    text = json.dumps(report, ensure_ascii=False, indent=2, default=str)
    return UNPRINTABLE.sub(lambda match: match[0] if match[0] == "\n" else f"\\u{ord(match[0]):04x}", text) + "\n"


def _write_whole(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    try:
        with part.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise BadOptionError(
            f"The report {path} cannot be written: {error.strerror}. The results are not touched by that."
        ) from error


def print_report(report: Report, stream: TextIO | None = None) -> None:
    """Print the tables of a report.

    :param report: What ``make_report`` gave.
    :param stream: Where to, by default stderr; if nobody reads that any more, nothing happens.
    """
    from rich.console import Console
    from rich.table import Table as Drawn
    from rich.text import Text

    from summarizer.batch.report_page import make_printable, make_tables

    stream = stream or sys.stderr
    console = Console(file=stream, highlight=False)
    with console.capture() as captured:
        for table in map(make_printable, make_tables(report)):
            drawn = Drawn(box=None, pad_edge=False, header_style="bold")
            for number, name in enumerate(table.header):
                drawn.add_column(Text(name), overflow="fold", justify="right" if number else "left")
            for row in table.rows[:MOST_LINES]:
                drawn.add_row(*map(Text, row))
            console.print(Text(table.title.upper()), drawn, Text(_note(table), style="dim"), "", sep="\n")
    # rich would end the program where nobody listens any more.
    with suppress(OSError, ValueError):
        stream.write(captured.get())
        stream.flush()


def _note(table: "Table") -> str:
    more = len(table.rows) - MOST_LINES
    return f"{table.note} {more:,} more are in the report." if more > 0 else table.note
