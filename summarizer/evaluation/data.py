"""Rows to measure with: articles and their references, from JSON lines or a table."""

import csv
import gzip
import json
import random
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from summarizer.article import Article
from summarizer.decoding import MAX_BYTES, MAX_CHARACTERS
from summarizer.errors import (
    BadOptionError,
    BadRowError,
    EmptyInputError,
    InputNotFoundError,
    InputTooLargeError,
    UnreadableInputError,
)
from summarizer.languages import identify_language, is_same_language
from summarizer.reading import read_row

SEED = 0
JSON_SUFFIXES, TABLE_SUFFIXES = (".jsonl", ".ndjson"), (".csv",)


@dataclass(frozen=True, slots=True)
class Example:
    """An article with its reference.

    :param row: What the article is made of, as for ``Article.from_row``; never holds what the summary is compared with.
    :param reference: The summary that a person wrote.
    :param line: Where the row stands in its file, from 1.
    """

    row: Mapping[str, object]
    reference: str
    line: int

    @property
    def id(self) -> str:
        """The row's own name, or else its line."""
        return str(self.row.get("id", self.line))

    @property
    def language(self) -> str | None:
        """The language that the row states."""
        stated = self.row.get("language") or self.row.get("lang")
        return str(stated) if stated else None

    def to_article(self) -> Article:
        """Make the article; evaluation texts are taken as they are, without cleaning.

        :raises SummarizerError: If the row holds none, or its language means nothing.
        """
        return Article.from_row(self.row, clean=False, check=False)


@dataclass(frozen=True, slots=True)
class Dataset:
    """The examples of one file; ``usable`` counts those before sampling, ``across`` the rows in two languages."""

    path: Path
    examples: tuple[Example, ...]
    usable: int
    across: int


def read_dataset(path: Path, most: int | None = None) -> Dataset:
    """Read the rows of a file: ``text``, ``summary`` or ``reference``, and maybe ``lang``, ``title``, ``kind``.

    A ``reference`` goes before a ``summary``. Where ``kind`` is ``headline`` the title is the answer and is left out.
    Rows whose ``summary_lang`` is not the article's language are passed over and counted.

    :param path: A file that ends in .jsonl or .csv, or in one of these and .gz.
    :param most: The most rows to use; more are sampled, always the same ones. ``None`` for all.
    :return: The examples, in the order of the file.
    :raises BadOptionError: If the name ends in something else.
    :raises InputNotFoundError: If there is no such file, or it may not be read.
    :raises UnreadableInputError: If it is not UTF-8, or a damaged archive.
    :raises InputTooLargeError: If a single line is above ``MAX_BYTES``.
    :raises BadRowError: If a row lacks what is needed; the message names its line.
    :raises EmptyInputError: If no row is left to use.
    """
    found: list[Example] = []
    across = 0
    for line, row in _read_rows(path):
        if _is_across(row):
            across += 1
        else:
            found.append(_make_example(row, line, path))
    if not found:
        others = f" but {across:,} with a summary in another language" if across else ""
        raise EmptyInputError(f"{path} has no rows to measure with{others}.")
    return Dataset(path, tuple(found[index] for index in _sample(len(found), most)), len(found), across)


def _sample(count: int, most: int | None) -> Sequence[int]:
    if most is None or most >= count:
        return range(count)
    return sorted(random.Random(SEED).sample(range(count), most))  # noqa: S311 - the same rows every time, no secret


def _read_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    suffix = (path.with_suffix("") if path.suffix.lower() == ".gz" else path).suffix.lower()
    if suffix not in (*JSON_SUFFIXES, *TABLE_SUFFIXES):
        raise BadOptionError(f"{path} is not a file of rows: its name has to end in .jsonl, .jsonl.gz or .csv.")
    with _open(path) as stream:
        yield from _read_table(stream, path) if suffix in TABLE_SUFFIXES else _read_json(stream, path)


@contextmanager
def _open(path: Path) -> Iterator[TextIO]:
    """Open a file of text, compressed or not; whatever goes wrong while it is read becomes an error of ours."""
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8-sig", newline="")
            if path.suffix.lower() == ".gz"
            else path.open(encoding="utf-8-sig", newline="")
        ) as stream:
            yield stream
    except FileNotFoundError as error:
        raise InputNotFoundError(f"There is no file {path}. Check the name and the folder you are in.") from error
    except UnicodeDecodeError as error:
        raise UnreadableInputError(f"{path} is not in UTF-8 (byte {error.start:,}). Save it in UTF-8.") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableInputError(f"{path} is a damaged gzip archive ({error}). Get it anew.") from error
    except OSError as error:
        raise InputNotFoundError(f"{path} cannot be read ({error.strerror}). Name a file that you may read.") from error


def _read_json(stream: TextIO, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    number = 0
    while line := stream.readline(MAX_BYTES + 1):
        number += 1
        if len(line) > MAX_BYTES:
            raise InputTooLargeError(f"{path}, line {number:,}: the row is larger than {MAX_BYTES:,} bytes.")
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadRowError(f"{path}, line {number:,}: not valid JSON ({error}).") from error
        if not isinstance(row, dict):
            raise BadRowError(f"{path}, line {number:,}: a JSON object is needed, with 'text' and 'summary'.")
        yield number, row


def _read_table(stream: TextIO, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Read a table with a header; an empty cell is a missing value."""
    before = csv.field_size_limit(MAX_CHARACTERS)
    reader = csv.DictReader(stream, strict=True)
    try:
        for row in reader:
            yield reader.line_num, {key: cell for key, cell in row.items() if key and (cell or key == "text")}
    except csv.Error as error:
        raise BadRowError(f"{path}, line {reader.reader.line_num:,}: not a valid table ({error}).") from error
    finally:
        csv.field_size_limit(before)


def _is_across(row: Mapping[str, object]) -> bool:
    """Return whether the summary is in another language than the article."""
    summary_language = row.get("summary_lang")
    if not isinstance(summary_language, str) or not summary_language:
        return False
    language = row.get("language") or row.get("lang") or identify_language(str(row.get("text", ""))).language
    return language is not None and not is_same_language(str(language), summary_language)


def _make_example(row: Mapping[str, object], line: int, path: Path) -> Example:
    answers = (row.get(key) for key in ("reference", "summary"))
    reference = next((answer.strip() for answer in answers if isinstance(answer, str) and answer.strip()), None)
    if reference is None:
        raise BadRowError(f"{path}, line {line:,}: there is no text under 'summary' or 'reference' to compare with.")
    hidden = {"summary", "reference", *(("title",) if row.get("kind") == "headline" else ())}
    kept = {key: value for key, value in row.items() if key not in hidden}
    try:
        read_row(kept)
    except BadRowError as error:
        raise BadRowError(f"{path}, line {line:,}: {error.message}") from error
    except (EmptyInputError, InputTooLargeError):
        # One article that cannot be summarized is told of among the results; it does not spoil the others.
        pass
    return Example(kept, reference, line)
