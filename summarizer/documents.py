"""The text of PDF and Word files. They come from strangers: sizes are bounded, nothing in them is followed or run."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from itertools import pairwise, zip_longest
from statistics import median
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

from summarizer.decoding import MAX_CHARACTERS
from summarizer.errors import EmptyInputError, InputTooLargeError, UnreadableInputError

#: Pages of a PDF.
MAX_PAGES: Final = 500
#: Bytes of a file's text and drawing instructions, or of a Word file's parts, once they are unpacked.
MAX_UNPACKED: Final = 60_000_000
#: Parts of a Word file.
MAX_PARTS: Final = 5_000

_PDF, _ZIP, _OLE = b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_PDF_HEAD: Final = 1024
_HYPHEN = re.compile(r"(?<=\w)[-\u00ad\u2010]$")
_DIGITS = re.compile(r"\d+")
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "ft", "ﬆ": "st"})
_SENTENCE_END = re.compile(r"[.!?…。！？؟।።]['\"”’»)\]]*$")
#: A line that stands so many times the usual distance below the last one begins a paragraph.
_WIDE_GAP: Final = 1.3
#: So many times the height of letters is more than any distance of lines.
_WIDE_LINE: Final = 1.8
#: Letters of two lines whose heights differ by more than this share are of different kinds of text.
_OTHER_HEIGHT: Final = 0.1


@dataclass(slots=True)
class _Line:
    """A line of a page of a PDF: its text, its place above the foot of the page, and the height of its letters."""

    text: str
    place: float
    height: float

    def takes(self, place: float, height: float) -> bool:
        """Tell whether letters at this place go on with the line; those of notes are smaller and stand higher."""
        larger, smaller = max(self.height, height), min(self.height, height)
        return abs(self.place - place) < larger / 2 and larger < 2 * smaller

    @property
    def key(self) -> tuple[int, str]:
        """What the same line on other pages has in common with this one, page numbers included."""
        return round(self.place), _DIGITS.sub("#", self.text)


@dataclass(frozen=True, slots=True)
class Document:
    """The text of a file, its paragraphs parted by blank lines, and its title where the file marks one."""

    text: str
    title: str | None = None


def read_document(data: bytes, name: str) -> Document | None:
    """Read a PDF or Word file.

    :param data: The bytes of any file; what they begin with says what it is.
    :param name: What to call it in messages.
    :return: Its text, or ``None`` if it is neither.
    :raises UnreadableInputError: If it is damaged, protected, scanned or from an old Word, or the package that reads
        such files is not installed.
    :raises InputTooLargeError: If it has too many pages, or too much comes out when it is unpacked.
    :raises EmptyInputError: If a Word file has no text.
    """
    if _PDF in data[:_PDF_HEAD]:
        return _read_pdf(data, name)
    if data.startswith(_OLE):
        raise UnreadableInputError(f"{name} is a file of an old Word or Office. Save it as .docx, or copy its text.")
    if data.startswith(_ZIP):
        return _read_word(data, name)
    return None


def _load(package: str, what: str) -> Any:
    try:
        return import_module(package)
    except ImportError as error:
        raise UnreadableInputError(
            f"Reading {what} files needs a package: pip install 'news-summarizer[files]'"
        ) from error


def _read_pdf(data: bytes, name: str) -> Document:
    pypdf = _load("pypdf", "PDF")
    try:
        reader = pypdf.PdfReader(BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableInputError(f"{name} is protected by a password. Save it without one, or copy its text.")
        pages = _read_pages(reader, name)
    except (UnreadableInputError, InputTooLargeError):
        raise
    except pypdf.errors.LimitReachedError as error:
        raise InputTooLargeError(f"{name} becomes too large when it is unpacked. Copy its text instead.") from error
    # A broken file makes the parser fail in any way there is.
    except Exception as error:
        raise UnreadableInputError(f"{name} is no PDF that can be read ({error}). Copy its text instead.") from error
    text = "\n\n".join(_find_paragraphs([*_drop_running_lines(pages)])).translate(_LIGATURES)
    if not text.strip():
        raise UnreadableInputError(
            f"{name} has no text, only pictures: it seems to be scanned. Run it through text recognition first."
        )
    return Document(text)


def _read_pages(reader: Any, name: str) -> list[list[_Line]]:
    """Return the lines of each page, in the order of the file."""
    if len(reader.pages) > MAX_PAGES:
        raise InputTooLargeError(f"{name} has {len(reader.pages)} pages; up to {MAX_PAGES} are read. Split it.")
    pages: list[list[_Line]] = []
    unpacked = characters = 0
    for page in reader.pages:
        contents = page.get_contents()
        unpacked += len(contents.get_data()) if contents is not None else 0
        if unpacked > MAX_UNPACKED:
            raise InputTooLargeError(f"{name} becomes too large when it is unpacked. Copy its text instead.")
        pages.append(_read_lines(page))
        characters += sum(len(line.text) for line in pages[-1])
        if characters > MAX_CHARACTERS:
            raise InputTooLargeError(f"{name} has more than {MAX_CHARACTERS:,} characters. Split it.")
    return pages


def _read_lines(page: Any) -> list[_Line]:
    lines: list[_Line] = []

    def visit(text: str, outer: Sequence[float], matrix: Sequence[float], _font: Any, size: float) -> None:
        """Take a run of text with the two matrices that place it on the page (PDF 32000-1, 9.4.4)."""
        if not text.strip():
            return
        place = matrix[4] * outer[1] + matrix[5] * outer[3] + outer[5]
        height = size * abs(matrix[3] * outer[3])
        if lines and lines[-1].takes(place, height):
            lines[-1].text += text.rstrip("\n")
        else:
            lines.append(_Line(text.strip("\n"), place, height))

    page.extract_text(visitor_text=visit)
    return [_Line(" ".join(line.text.split()), line.place, line.height) for line in lines]


def _drop_running_lines(pages: Sequence[list[_Line]]) -> Iterator[_Line]:
    """Yield the lines of all pages but for those that stand at one place of several: heads, feet, page numbers."""
    pages_of = Counter(key for page in pages for key in {line.key for line in page})
    for page in pages:
        yield from (line for line in page if pages_of[line.key] == 1)


def _find_paragraphs(lines: Sequence[_Line]) -> Iterator[str]:
    """Yield the paragraphs that lines make, told by the space between them and the height of their letters."""
    gaps = [one.place - other.place for one, other in pairwise(lines) if one.place > other.place]
    usual = median(gaps or [0])
    paragraph = ""
    for line, following in zip_longest(lines, lines[1:]):
        paragraph = _join(paragraph, line.text)
        if following is None or _parts(line, following, usual):
            yield paragraph
            paragraph = ""


def _parts(line: _Line, following: _Line, usual: float) -> bool:
    """Tell whether the next line begins a paragraph; on a new page or column, the end of a sentence tells."""
    if abs(line.height - following.height) > _OTHER_HEIGHT * max(line.height, following.height):
        return True
    gap = line.place - following.place
    return gap > max(_WIDE_GAP * usual, _WIDE_LINE * line.height) if gap > 0 else bool(_SENTENCE_END.search(line.text))


def _join(text: str, line: str) -> str:
    """Return a text with one line more; a word that was parted at its end is whole again."""
    if text and _HYPHEN.search(text) and line[:1].islower():
        return text[:-1] + line
    return f"{text} {line}".strip()


def _read_word(data: bytes, name: str) -> Document:
    try:
        with ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
    except BadZipFile as error:
        raise UnreadableInputError(f"{name} is damaged. Save it again, or copy its text.") from error
    if "word/document.xml" not in {part.filename for part in parts}:
        raise UnreadableInputError(f"{name} is an archive, and not of Word. Give the file that is in it, or its text.")
    # What a part claims to have is also the most that is unpacked of it.
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise InputTooLargeError(f"{name} becomes too large when it is unpacked. Copy its text instead.")
    docx = _load("docx", "Word")
    try:
        blocks = list(_read_blocks(docx.Document(BytesIO(data))))
    # As with a PDF: no list of what a broken file can lead to would be complete.
    except Exception as error:
        raise UnreadableInputError(
            f"{name} is no Word file that can be read ({error}). Copy its text instead."
        ) from error
    title = next((text for style, text in blocks if style == "Title"), None)
    text = "\n\n".join(text for style, text in blocks if style != "Title" or text != title)
    if not text.strip():
        raise EmptyInputError(f"There is no text in {name}.")
    if len(text) > MAX_CHARACTERS:
        raise InputTooLargeError(f"{name} has more than {MAX_CHARACTERS:,} characters. Split it.")
    return Document(text, title)


def _read_blocks(document: Any) -> Iterator[tuple[str, str]]:
    """Yield style and text of each paragraph, and of each row of a table."""
    for block in document.iter_inner_content():
        if hasattr(block, "rows"):
            for row in block.rows:
                yield "", "\t".join(dict.fromkeys(cell.text.strip() for cell in row.cells))
        elif block.text.strip():
            yield block.style.name if block.style is not None else "", block.text
