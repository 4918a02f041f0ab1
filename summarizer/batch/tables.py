"""Results as tables: one flat row for each, as CSV, TSV, Parquet or JSON lines."""

import csv
import gzip
import io
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path, PurePath
from typing import Any, BinaryIO, cast

from summarizer.batch.source_extras import load_extra
from summarizer.errors import BadOptionError

Cell = str | int | float | None
Result = Mapping[str, Any]

#: The columns and what is in them.
COLUMNS: Mapping[str, type] = {
    "row": int,
    "id": str,
    "title": str,
    "language": str,
    "summary": str,
    "translation": str,
    "translation_language": str,
    "flags": str,
    "sentences": str,
    "tokens": int,
    "tokens_read": int,
    "model": str,
    "signature": str,
    "seconds": float,
    "error_code": str,
    "error_message": str,
}
#: Rows of a row group of Parquet, and the most that are held at a time.
_GROUP = 2000
# A spreadsheet takes a cell that begins with one of these for a formula, in full width too.
_FORMULA_MARKS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
_SUFFIXES = (".jsonl", ".ndjson", ".csv", ".tsv", ".parquet")
_COMPRESSED = (".gz", ".zst")


def flatten(result: Result) -> dict[str, Cell]:
    """Make a flat row of a result.

    :param result: The JSON object of a result, with its place in the input as ``row``.
    :return: A value for each of ``COLUMNS``: ``flags`` in words on one line, those of the translation marked as such;
        ``sentences`` with their evidence as JSON.
    """
    translation, receipt, error = (result.get(key) or {} for key in ("translation", "receipt", "error"))
    flags = [_describe(flag) for flag in result.get("flags") or ()]
    flags += [f"translation: {_describe(flag)}" for flag in translation.get("flags") or ()]
    sentences = result.get("sentences")
    cells = {
        **{name: result.get(name) for name in COLUMNS},
        "title": (result.get("article") or {}).get("title"),
        "translation": translation.get("text"),
        "translation_language": translation.get("language"),
        "flags": "; ".join(flags) or None,
        "sentences": json.dumps(sentences, ensure_ascii=False) if sentences else None,
        "tokens": receipt.get("tokens"),
        "tokens_read": receipt.get("tokens_read"),
        "error_code": error.get("code"),
        "error_message": error.get("message"),
    }
    return {name: _writable(cell) for name, cell in cells.items()}


def check_table(path: Path) -> None:
    """Check that a table of this name can be written.

    :param path: The file.
    :raises BadOptionError: If its suffix says no known kind, or a package for it is missing.
    """
    kind, compression = _kind(path)
    if kind not in _SUFFIXES or (kind == ".parquet" and compression):
        raise BadOptionError(
            f"The name {str(path)!r} does not say what to write: use a file that ends in {', '.join(_SUFFIXES)} "
            "(.gz or .zst may follow, but for Parquet)."
        )
    if kind == ".parquet":
        load_extra("pyarrow.parquet", "Parquet")
    elif compression == ".zst":
        load_extra("pyarrow", "Zstandard")


def write_table(results: Iterable[Result], path: Path) -> None:
    """Write results to a file, which is there whole or not at all.

    JSON lines have the results as they are; in the other kinds they are flat. CSV begins with a byte order mark, for
    without it Excel takes UTF-8 for something else; and cells that a spreadsheet would run as formulas begin with an
    apostrophe.

    :param results: The results, taken one by one.
    :param path: The file; its suffix says the kind, and one that exists is replaced.
    :raises BadOptionError: If its suffix says no known kind, or a package for it is missing.
    :raises OSError: If it cannot be written; what was there before stays.
    """
    check_table(path)
    kind, compression = _kind(path)
    with _replaced(path) as raw:
        if kind == ".parquet":
            _write_parquet(results, raw)
            return
        with _compressed(raw, compression) as stream:
            _WRITERS[kind](results, stream)


def _describe(flag: Mapping[str, Any]) -> str:
    """Return a flag in words, on one line."""
    words = [str(flag.get(key) or "") for key in ("kind", "text", "detail")]
    kind, text, detail = (" ".join(word.split()) for word in words)
    return kind + (f" “{text}”" if text else "") + (f" ({detail})" if detail else "")


def _writable(cell: Cell) -> Cell:
    """Return a cell without what no encoding has."""
    return cell.encode("utf-8", "replace").decode() if isinstance(cell, str) else cell


def _kind(path: PurePath) -> tuple[str, str]:
    """Return the suffix that says the kind, and the one that says the compression."""
    suffix = path.suffix.lower()
    return (path.with_suffix("").suffix.lower(), suffix) if suffix in _COMPRESSED else (suffix, "")


@contextmanager
def _replaced(path: Path) -> Iterator[BinaryIO]:
    """Open a file beside the one that it becomes when all is written and on the disk."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _compressed(raw: BinaryIO, compression: str) -> Iterator[BinaryIO]:
    if compression == ".gz":
        # Without name and time, so that the same results give the same bytes.
        with gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed:
            yield cast(BinaryIO, packed)
    elif compression == ".zst":
        arrow = load_extra("pyarrow", "Zstandard")
        with arrow.CompressedOutputStream(arrow.PythonFile(_Unclosed(raw), "w"), "zstd") as packed:
            yield packed
    else:
        yield raw


class _Unclosed:
    """A stream for a library that closes what it has written: it stays open, to be synced."""

    closed = False

    def __init__(self, stream: BinaryIO) -> None:
        self.write = stream.write
        self.flush = stream.flush
        self.tell = stream.tell

    def close(self) -> None:
        """Leave the stream open."""


def _write_lines(results: Iterable[Result], stream: BinaryIO) -> None:
    for result in results:
        stream.write(json.dumps(result, ensure_ascii=False).encode("utf-8", "replace") + b"\n")


def _write_csv(results: Iterable[Result], stream: BinaryIO) -> None:
    stream.write("\ufeff".encode())
    _write_rows(results, stream, csv.excel())


def _write_tsv(results: Iterable[Result], stream: BinaryIO) -> None:
    _write_rows(results, stream, csv.excel_tab())


_WRITERS: Mapping[str, Callable[[Iterable[Result], BinaryIO], None]] = {
    ".jsonl": _write_lines,
    ".ndjson": _write_lines,
    ".csv": _write_csv,
    ".tsv": _write_tsv,
}


def _write_rows(results: Iterable[Result], stream: BinaryIO, dialect: csv.Dialect) -> None:
    line = io.StringIO(newline="")
    writer = csv.writer(line, dialect)
    for cells in _with_header(results):
        writer.writerow(map(_harmless, cells))
        stream.write(line.getvalue().encode())
        line.seek(0)
        line.truncate()


def _with_header(results: Iterable[Result]) -> Iterator[Iterable[Cell]]:
    yield COLUMNS
    for result in results:
        yield flatten(result).values()


def _harmless(cell: Cell) -> Cell:
    """Return a cell that a spreadsheet shows and does not run."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_MARKS) else cell


def _write_parquet(results: Iterable[Result], stream: BinaryIO) -> None:
    arrow, parquet = load_extra("pyarrow", "Parquet"), load_extra("pyarrow.parquet", "Parquet")
    types = {int: arrow.int64(), float: arrow.float64(), str: arrow.string()}
    schema = arrow.schema([(name, types[kind]) for name, kind in COLUMNS.items()])
    rows = map(flatten, results)
    with parquet.ParquetWriter(stream, schema, compression="zstd") as writer:
        while group := list(islice(rows, _GROUP)):
            writer.write_table(arrow.Table.from_pylist(group, schema=schema))
