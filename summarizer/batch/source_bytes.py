"""Files as streams of lines: decompressed, in UTF-8 where they are UTF-16, and never held whole."""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import suppress
from encodings.aliases import aliases
from typing import Any, BinaryIO, cast

from summarizer.batch.source_extras import load_extra
from summarizer.batch.source_places import Place
from summarizer.decoding import GZIP_MAGIC, MAX_BYTES, decode
from summarizer.errors import InputError, InputTooLargeError, SummarizerError, UnreadableInputError

_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_EDGE = 1 << 16
_STEP = 1 << 16
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like UTF-16-LE, so it has to be tried first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Where the beginning reads the same in several, the commoner one is right.
_LIKELY = ("cp1252", "cp1254", "cp1250")
_NEVER = frozenset({"utf_7", "unicode_escape", "raw_unicode_escape"})


class StoredFile:
    """A file to be read line by line, once or several times.

    :param place: Where it lies; compression shows by its first bytes.
    :raises InputNotFoundError: If it cannot be opened.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self._done = 0
        self._charset = find_charset(self._read_head())
        # Asked once, for a store may be far away.
        self._size = place.size()

    def position(self) -> tuple[int, int]:
        """Return how many bytes of the file have been read, and how many there are."""
        return self._done, self._size

    def lines(self) -> Iterator[bytes | InputError]:
        """Yield the lines with their ends; of one that is too long, or that cannot be read, the error.

        Behind damage in an archive there is nothing more to be had, so that is the last line.

        :raises OSError: If the disk fails.
        """
        with self.place.open() as raw:
            try:
                stream = _recoded(_decompressed(raw))
                while line := read_line(stream):
                    self._done = raw.tell()
                    yield line
            except (OSError, EOFError, zlib.error) as error:
                if getattr(error, "errno", None) is not None:
                    raise
                yield UnreadableInputError(
                    f"{self.place.name} is damaged here ({error}), and what follows is lost. Make or download it again."
                )
            self._done = self._size

    def decode(self, line: bytes) -> str:
        """Decode a line.

        :raises UnreadableInputError: If it is not text.
        """
        try:
            return line.decode()
        except UnicodeDecodeError:
            return decode(line, self._charset)

    def _read_head(self) -> bytes:
        # Damage is told as a row, where it is come upon.
        with self.place.open() as raw, suppress(OSError, EOFError, zlib.error):
            return _recoded(_decompressed(raw)).read(_EDGE)
        return b""


def read_line(stream: io.BufferedReader) -> bytes | InputTooLargeError:
    """Read a line; one longer than ``MAX_BYTES`` is passed over and gives an error."""
    line = stream.readline(MAX_BYTES + 1)
    if len(line) <= MAX_BYTES:
        return line
    while line and not line.endswith(b"\n"):
        line = stream.readline(_STEP)
    return InputTooLargeError(f"The row is larger than {MAX_BYTES:,} bytes. A row is one article: split it up.")


def find_charset(sample: bytes) -> str | None:
    """Return the codec of a text that is not UTF-8, so that all of it is read alike.

    :param sample: Its beginning.
    :return: Python's name of the codec; ``None`` for UTF-8, and for what is not text.
    """
    sample = sample[: sample.rfind(b"\n") + 1] or sample
    with suppress(UnicodeDecodeError):
        sample.decode()
        return None
    with suppress(SummarizerError):
        text = decode(sample)
        for codec in (*_LIKELY, *sorted(set(aliases.values()) - _NEVER)):
            with suppress(UnicodeError, LookupError):
                if sample.decode(codec) == text:
                    return codec
    return None


def _decompressed(raw: io.BufferedReader) -> io.BufferedReader:
    head = raw.peek(4)
    if head.startswith(GZIP_MAGIC):
        return io.BufferedReader(cast(io.RawIOBase, gzip.GzipFile(fileobj=raw)), _STEP)
    if head.startswith(_ZSTD_MAGIC):
        arrow = load_extra("pyarrow", "Zstandard")
        return io.BufferedReader(arrow.CompressedInputStream(arrow.PythonFile(raw, "r"), "zstd"), _STEP)
    return raw


def _recoded(stream: io.BufferedReader) -> io.BufferedReader:
    """Return the stream in an encoding whose lines end with one byte, and behind its byte order mark."""
    head = stream.peek(4)
    for bom, codec in _BOMS:
        if head.startswith(bom):
            return io.BufferedReader(_Recoder(stream, codec), _STEP)
    if head.startswith(codecs.BOM_UTF8):
        stream.read(len(codecs.BOM_UTF8))
    return stream


class _Recoder(io.RawIOBase):
    """A stream of text in another encoding, as UTF-8."""

    def __init__(self, stream: BinaryIO, codec: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(codec)("replace")
        self._waiting = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._waiting:
            data = self._stream.read(_STEP)
            self._waiting = self._decoder.decode(data, final=not data).encode("utf-8", "replace")
            if not data:
                break
        size = min(len(buffer), len(self._waiting))
        buffer[:size], self._waiting = self._waiting[:size], self._waiting[size:]
        return size
