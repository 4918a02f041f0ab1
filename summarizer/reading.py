"""What the user names, as text of a known kind: files, streams and rows. Nothing here opens a connection."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isnan
from pathlib import Path, PurePath
from typing import BinaryIO, Literal

from summarizer.decoding import GZIP_MAGIC, MAX_BYTES, MAX_CHARACTERS, declared_charset, decode, gunzip, is_blank
from summarizer.documents import read_document
from summarizer.errors import BadRowError, EmptyInputError, InputNotFoundError, InputTooLargeError
from summarizer.extraction import looks_like_html

Kind = Literal["text", "html"]

_HTML_SUFFIXES = frozenset({".html", ".htm", ".xhtml", ".xht"})
_MARKDOWN_SUFFIXES = frozenset({".md", ".markdown"})
_ROW_SUFFIXES = frozenset({".json", ".jsonl", ".ndjson"})
_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?\n)?(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title[ \t]*:[ \t]*(.+?)[ \t]*$", re.MULTILINE)
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$", re.MULTILINE)
_QUOTE_MARK = re.compile(r"^ {0,3}(?:>[ \t]?)+", re.MULTILINE)
_IMAGE = re.compile(r"!\[[^\]\n]{0,1000}\]\([^)\n]{0,2000}\)")
_LINK = re.compile(r"\[([^\]\n]{1,1000})\](?:\([^)\n]{0,2000}\)|\[[^\]\n]{0,200}\])")
_STARS = re.compile(r"(?<![\w*])(\*{1,3})(?=[^\s*])([^*\n]{1,1000})(?<=[^\s*])\1(?![\w*])")
_UNDERSCORES = re.compile(r"(?<!\w)(_{1,3})(?=[^\s_])([^_\n]{1,1000})(?<=[^\s_])\1(?!\w)")


@dataclass(frozen=True, slots=True)
class RawInput:
    """Text as it was found, decoded but neither normalized nor cleaned; ``name`` says where it was."""

    text: str
    kind: Kind
    name: str | None = None
    title: str | None = None
    language: str | None = None
    id: str | None = None


def read_file(path: Path) -> RawInput:
    """Read a file: text, Markdown, HTML, PDF, Word (.docx) or one JSON row, each also with .gz.

    :param path: The file; its suffix says what it is, and text that is a page is taken for one.
    :return: What it holds.
    :raises InputNotFoundError: If there is no such file, or it may not be read.
    :raises InputTooLargeError: If it is above ``MAX_BYTES``, compressed or not, or has too much text.
    :raises UnreadableInputError: If it is not text, damaged, protected or scanned.
    :raises EmptyInputError: If there is nothing in it.
    :raises BadRowError: If it is JSON, but not one row with a text.
    """
    try:
        if path.is_dir():
            raise InputNotFoundError(f"{path} is a folder. Name a file in it.")
        stream = path.open("rb")
    except FileNotFoundError as error:
        raise InputNotFoundError(f"There is no file {path}. Check the name and the folder you are in.") from error
    except (OSError, ValueError) as error:
        raise InputNotFoundError(f"{path} cannot be opened ({error}). Check its name and who may read it.") from error
    with stream:
        return read_stream(stream, str(path))


def read_stream(stream: BinaryIO, name: str = "standard input") -> RawInput:
    """Read a binary stream to its end, or to the limit if it has none.

    :param stream: What to read; it is not closed.
    :param name: Where it comes from; the suffix, if any, says what it is.
    :return: What it holds.
    :raises InputError: As ``read_file``.
    """
    data = _read_bounded(stream, name)
    if data.startswith(GZIP_MAGIC):
        data = gunzip(data, MAX_BYTES)
    document = read_document(data, name)
    if document is not None:
        return RawInput(document.text, "text", name, document.title)
    text = decode(data, declared_charset(data[:4096]))
    path = PurePath(name)
    suffix = (path.with_suffix("") if path.suffix.lower() == ".gz" else path).suffix.lower()
    if is_blank(text):
        raise EmptyInputError(f"There is nothing to read in {name}.")
    if suffix in _ROW_SUFFIXES:
        return replace(read_row(_parse_row(text, name, lines=suffix != ".json")), name=name)
    if suffix in _HTML_SUFFIXES:
        return RawInput(text, "html", name)
    if suffix in _MARKDOWN_SUFFIXES:
        return _read_markdown(text, name)
    row = _guess_row(text)
    return replace(read_row(row), name=name) if row is not None else RawInput(*_checked(text), name)


def read_row(row: Mapping[str, object]) -> RawInput:
    """Read one row of a table.

    :param row: ``text`` or ``html``, and maybe ``id``, ``title`` and ``lang`` or ``language``.
    :return: What it holds.
    :raises BadRowError: If there is neither text nor HTML, or a value is of the wrong type.
    :raises EmptyInputError: If the text is empty or only white space.
    :raises InputTooLargeError: If it is beyond the limits.
    """
    text, html = _string(row, "text"), _string(row, "html")
    if text is None and html is None:
        if row_url(row):
            raise BadRowError("The row has only a 'url', and nothing is fetched here. Add its 'text' or 'html'.")
        keys = ", ".join(map(repr, list(row)[:10])) or "no keys"
        raise BadRowError(f"The row has neither 'text' nor 'html', but {keys}. Rename the key that holds the article.")
    source = text if html is None or (text is not None and not is_blank(text)) else html
    if source is None or is_blank(source):
        raise EmptyInputError("The row has an empty text.")
    content, kind = _checked(source) if source is text else (source, "html")
    identity = row.get("id")
    if isinstance(identity, int) and not isinstance(identity, bool):
        identity = str(identity)
    language = _string(row, "language") or _string(row, "lang")
    return RawInput(content, kind, None, _string(row, "title"), language, _string({"id": identity}, "id"))


def row_url(row: Mapping[str, object]) -> str | None:
    """Return the address of a row that has nothing else to read.

    :param row: One row of a table.
    :return: Its ``url``, or ``None`` if there is none or the row brings its own text.
    :raises BadRowError: If the address is not a string.
    """
    if _string(row, "text") is not None or _string(row, "html") is not None:
        return None
    return _string(row, "url")


def _read_bounded(stream: BinaryIO, name: str) -> bytes:
    """Read no more than tells that there is too much, whatever the stream says about its size."""
    data = bytearray()
    while chunk := stream.read(MAX_BYTES + 1 - len(data)):
        data += chunk
        if len(data) > MAX_BYTES:
            raise InputTooLargeError(
                f"{name} is larger than {MAX_BYTES:,} bytes. One input is one article: split it up."
            )
    return bytes(data)


def _parse_row(text: str, name: str, *, lines: bool) -> Mapping[str, object]:
    """Parse a file that holds a single row, as one object, a list of one or one line."""
    # Not splitlines: JSON strings may hold other line separators as they are.
    rows: list[object] = [line for line in text.split("\n") if line.strip()] if lines else [text]
    try:
        if len(rows) == 1:
            parsed = json.loads(text)
            rows = parsed if isinstance(parsed, list) else [parsed]
    except (ValueError, RecursionError) as error:
        raise BadRowError(f"{name} is not valid JSON ({error}).") from error
    if len(rows) > 1:
        raise BadRowError(
            f"{name} has {len(rows):,} rows, and one input is one article. "
            "In Python, Summarizer.summarize_many takes them all."
        )
    if not rows or not isinstance(rows[0], dict):
        raise BadRowError(f"{name} has no row in it: a JSON object with the key 'text' or 'html' is needed.")
    return rows[0]


def _guess_row(text: str) -> Mapping[str, object] | None:
    """Return the row that a text without a telling name is, if it is one."""
    if not text.lstrip("\ufeff \t\r\n").startswith("{"):
        return None
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) and ("text" in row or "html" in row) else None


def _read_markdown(text: str, name: str) -> RawInput:
    """Turn Markdown into plain text; the title is the one of its front matter, or its first heading at the top."""
    text = text.replace("\r\n", "\n").removeprefix("\ufeff")
    front = _FRONT_MATTER.match(text)
    stated = _FRONT_TITLE.search(front[1] or "") if front else None
    body = (text[front.end() :] if front else text).lstrip("\n")
    heading = None if stated else _HEADING.match(body)
    title = stated[1].strip("\"'") if stated else _without_marks(heading[1]) if heading else None
    plain = _without_marks(body[heading.end() :] if heading else body)
    if is_blank(plain):
        raise EmptyInputError(f"There is nothing to read in {name} but a title.")
    return RawInput(_within_limit(plain), "text", name, title or None)


def _without_marks(text: str) -> str:
    text = _HEADING.sub(r"\1", _QUOTE_MARK.sub("", text))
    text = _LINK.sub(r"\1", _IMAGE.sub("", text))
    return _UNDERSCORES.sub(r"\2", _STARS.sub(r"\2", text))


def _checked(text: str) -> tuple[str, Kind]:
    """Return text with its kind, unless it is too long for one article."""
    return (text, "html") if looks_like_html(text) else (_within_limit(text), "text")


def _within_limit(text: str) -> str:
    if len(text) > MAX_CHARACTERS:
        raise InputTooLargeError(
            f"The text has {len(text):,} characters; up to {MAX_CHARACTERS:,} are read. Split it into articles."
        )
    return text


def _string(row: Mapping[str, object], key: str) -> str | None:
    """Return a string of a row; tables write a missing one as nothing or as NaN."""
    value = row.get(key)
    if value is None or (isinstance(value, float) and isnan(value)):
        return None
    if not isinstance(value, str):
        raise BadRowError(f"The value of {key!r} is {type(value).__name__}, but has to be a string.")
    return value
