"""What a batch reads: files, folders, feeds and standard input, opened by their names."""

import tempfile
import weakref
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path, PurePath
from typing import BinaryIO, Protocol, runtime_checkable

from summarizer.batch.records import RowSource
from summarizer.batch.source_bytes import StoredFile
from summarizer.batch.source_columns import Columns
from summarizer.batch.source_csv import CsvSource
from summarizer.batch.source_feed import FeedSource
from summarizer.batch.source_folder import FolderSource
from summarizer.batch.source_lines import LinesSource
from summarizer.batch.source_parquet import ParquetSource
from summarizer.batch.source_places import LocalFile, Place, RemoteFile
from summarizer.errors import BadOptionError, UnreadableInputError
from summarizer.fetching import DEFAULT_SETTINGS, FetchSettings

_COMPRESSED = (".gz", ".zst")
_STEP = 1 << 20


@runtime_checkable
class Positioned(Protocol):
    """An input of unknown length that tells how far it has been read."""

    def position(self) -> tuple[int, int]:
        """Return how many bytes have been read, and how many there are."""
        ...


def _open_lines(place: Place, columns: Columns | None) -> RowSource:
    return LinesSource(StoredFile(place), columns)


def _open_csv(place: Place, columns: Columns | None) -> RowSource:
    return CsvSource(StoredFile(place), columns)


def _open_tsv(place: Place, columns: Columns | None) -> RowSource:
    return CsvSource(StoredFile(place), columns, "\t")


def _open_feed(place: Place, columns: Columns | None) -> RowSource:
    _refuse_columns(columns, place.name)
    return FeedSource.from_file(place)


_KINDS: dict[str, Callable[[Place, Columns | None], RowSource]] = {
    **dict.fromkeys((".jsonl", ".ndjson"), _open_lines),
    ".csv": _open_csv,
    ".tsv": _open_tsv,
    ".parquet": ParquetSource,
    **dict.fromkeys((".xml", ".rss", ".atom"), _open_feed),
}


def open_source(
    source: str,
    *,
    columns: Columns | None = None,
    stdin: BinaryIO | None = None,
    fetch_settings: FetchSettings = DEFAULT_SETTINGS,
) -> RowSource:
    """Open an input by its name.

    :param source: A file that ends in .jsonl, .ndjson, .csv or .tsv (each also with .gz or .zst), .parquet, .xml, .rss
        or .atom, on this machine or in a store that fsspec reaches (``s3://bucket/in.jsonl``); a folder of text,
        Markdown, HTML and JSON files; the http or https address of a feed; or ``-`` for JSON lines from standard input.
    :param columns: The user's name for each of ``id``, ``text``, ``html``, ``url``, ``title`` and ``lang``; those left
        out are known by their usual names.
    :param stdin: What ``-`` stands for.
    :param fetch_settings: Limits and guards for the address of a feed.
    :return: The rows, each with its value or its error.
    :raises BadOptionError: If the name says no known kind, no column is known to hold the article, or a package is
        missing.
    :raises InputError: If there is no such input, or nothing in it can be read.
    :raises FetchError: If a feed cannot be had.
    """
    if source == "-":
        return _read_stdin(stdin, columns)
    if source.lower().startswith(("http://", "https://")):
        _refuse_columns(columns, source)
        return FeedSource.from_url(source, fetch_settings)
    path = Path(source)
    if path.is_dir():
        _refuse_columns(columns, source)
        return FolderSource(path)
    kind = _suffix(PurePath(source))
    if kind not in _KINDS:
        raise BadOptionError(
            f"The name {source!r} does not say what it holds: use a file that ends in {', '.join(_KINDS)} "
            "(.gz and .zst may follow), a folder, the address of a feed, or - for standard input."
        )
    return _KINDS[kind](RemoteFile(source) if "://" in source else LocalFile(path), columns)


def _refuse_columns(columns: Columns | None, name: str) -> None:
    if columns:
        raise BadOptionError(f"{name} is a folder or a feed and has no columns. Leave out {', '.join(columns)}.")


def _suffix(path: PurePath) -> str:
    return (path.with_suffix("") if path.suffix.lower() in _COMPRESSED else path).suffix.lower()


class _StdinSource(LinesSource):
    """Standard input, kept in a temporary file: a run goes on if the very same bytes are piped in again."""

    def __init__(self, path: Path, digest: str, columns: Columns | None) -> None:
        weakref.finalize(self, path.unlink, missing_ok=True)
        self._digest = digest
        super().__init__(StoredFile(LocalFile(path, "standard input")), columns)

    def fingerprint(self) -> str:
        return self._digest


def _read_stdin(stdin: BinaryIO | None, columns: Columns | None) -> RowSource:
    if stdin is None:
        raise BadOptionError("There is no standard input here. Name a file instead.")
    digest = sha256()
    try:
        with tempfile.NamedTemporaryFile(prefix="summarizer-", suffix=".jsonl", delete=False) as kept:
            while chunk := stdin.read(_STEP):
                digest.update(chunk)
                kept.write(chunk)
    except OSError as error:
        raise UnreadableInputError(
            f"Standard input cannot be kept in {tempfile.gettempdir()} ({error}). Save it as a file and name that."
        ) from error
    return _StdinSource(Path(kept.name), digest.hexdigest(), columns)
