"""Bytes to clean text: character encodings, gzip, and the invisible characters that pasted text brings along."""

import codecs
import logging
import re
import unicodedata
import zlib
from types import MappingProxyType

from summarizer.errors import InputTooLargeError, UnreadableInputError

logger = logging.getLogger(__name__)

MAX_BYTES = 10_000_000
"""The most bytes of one input, as stored and after decompression."""
MAX_CHARACTERS = 1_000_000
"""The most characters of one article, after extraction from its page."""

GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
# Block gzip makes a member of every 64 KB; far more of them only cost time.
_GZIP_MEMBERS = 256

_MAX_PASSES = 4
_NESTED_AMPERSAND = re.compile(r"&(?:amp;|#0{0,5}38;|#x0{0,5}26;)+", re.IGNORECASE)
_LINE_END = re.compile("\r\n|[\v\f\r\x1c\x1d\x1e\u2028\u2029]")
# Spaces that only differ in width or in where lines may break, which is nothing to a reader of plain text.
_SPACES = "\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
# Soft hyphen, zero-width space, word joiner, byte order mark and their like split words that look whole. Directional
# marks and overrides say how to draw a line, not what it says: the letters of Arabic and Hebrew carry their direction
# themselves, and an override can make text read as something else than it is. Tag characters are entirely unseen. Only
# the two joiners stay: without them Persian and the scripts of India spell other words, and emoji fall to pieces.
_INVISIBLE = (
    "\xad\u034f\u061c\u17b4\u17b5\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062"
    "\u2063\u2064\u2066\u2067\u2068\u2069\u206a\u206b\u206c\u206d\u206e\u206f\u3164\ufeff\uffa0\ufff9\ufffa\ufffb\ufffe\uffff"
)
_REPLACED = {
    **dict.fromkeys([*range(0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0), *range(0xE0000, 0xE0080)]),
    **dict.fromkeys(map(ord, _INVISIBLE)),
    **dict.fromkeys(map(ord, _SPACES), " "),
}

_FORMATS = tuple(
    (re.compile(magic, re.DOTALL), name)
    for magic, name in (
        (rb"\x89PNG\r\n", "a PNG image"),
        (rb"\xff\xd8\xff", "a JPEG image"),
        (rb"GIF8[79]a", "a GIF image"),
        (rb"RIFF....(?:WEBP|WAVE|AVI )", "a WebP image, a sound or a video"),
        (rb"\x00\x00..ftyp", "a video or an AVIF or HEIC image"),
        (rb"%PDF-", "a PDF document"),
        (rb"\{\\rtf\d", "an RTF document"),
        (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
        (rb"PK\x03\x04", "a ZIP archive (or a DOCX, ODT or EPUB document)"),
        (rb"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        (rb"\xfd7zXZ\x00", "an XZ archive"),
        (rb"BZh[1-9]1AY&SY", "a BZip2 archive"),
        (rb"\x28\xb5\x2f\xfd", "a Zstandard archive"),
        (GZIP_MAGIC, "a gzip archive"),
        (rb"\x7fELF", "an ELF program"),
        (rb"SQLite format 3\x00", "an SQLite database"),
        (rb"PAR1", "a Parquet table"),
    )
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like UTF-16-LE, so it has to be tried first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What pages call one thing and browsers read as another: the WHATWG Encoding Standard, by Python's names.
_WHATWG_CODECS = MappingProxyType(
    {
        "ascii": "cp1252",
        "iso8859-1": "cp1252",
        "iso8859-9": "cp1254",
        "iso8859-11": "cp874",
        "tis-620": "cp874",
        "gb2312": "gb18030",
        "gbk": "gb18030",
        "shift_jis": "cp932",
        "euc_kr": "cp949",
        "big5": "big5hkscs",
        "utf-16": "utf-16-le",
    }
)
# Codecs that are text to Python but never the encoding of an article, or dangerous to believe.
_NEVER_DECLARED = frozenset({"utf_7", "unicode_escape", "raw_unicode_escape", "idna", "punycode", "undefined"})
_META_CHARSET = re.compile(rb"<meta\s[^>]{0,1000}?charset\s*=\s*[\"']?\s*([\w:.-]{1,40})", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"^\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*[\"']([\w:.-]{1,40})", re.IGNORECASE)

_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ufffd\ufffe\uffff]")
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z^_])")
_MAX_CONTROL_SHARE = 0.01
_GUESSED_BYTES = 50_000
_ASCII = bytes(range(128))
# In Latin script, fewer of the bytes than this are accented letters; in any other legacy encoding, most are not ASCII.
_LATIN_SHARE = 0.25
# Turkish first: where its score is not higher than that of western Europe, both read the same.
_LATIN_LETTERS = MappingProxyType(
    {"cp1254": "ğışçöü", "cp1252": "äöüßéèêëàâçîïôœñáíóúãõåæøðýþ", "cp1250": "ąćęłńóśźżáčďéěíňřšťúůýžđőűöüäăâîşţ"}
)
# A lead byte at the very end may also be the accented last letter of a Latin-1 text; so much ASCII speaks against it.
_SIZEABLE = 200
# Characters of several bytes that are right, for each damaged one, from which a text passes for damaged UTF-8.
_RIGHT_PER_DAMAGED = 4


def decode(data: bytes, charset: str | None = None) -> str:
    """Decode bytes: byte order mark first, then the declared charset, then UTF-8, then a guess.

    What is declared does not win over UTF-8 without a fault: any bytes pass for Latin-1, while bytes that are valid
    as UTF-8 practically always are UTF-8. A character cut in two at the very end is dropped.

    :param data: The raw bytes, already decompressed.
    :param charset: What the server, file or page says; unknown names are ignored.
    :return: The text, not yet normalized.
    :raises UnreadableInputError: If this is no text.
    """
    _refuse_known_formats(data)
    declared = _codec_name(charset)
    for attempt in (_marked, _declared):
        if (text := attempt(data, declared)) is not None:
            return _checked(text)
    return _checked(_mended(data) or _guessed(data))


def declared_charset(head: bytes) -> str | None:
    """Return the charset that an HTML or XHTML page declares in its first 4 KB.

    :param head: The beginning of the page.
    :return: The name as written, or ``None``; UTF-16 and UTF-32 become UTF-8, as the declaration could be read.
    """
    match = _META_CHARSET.search(head[:4096]) or _XML_ENCODING.search(head[:4096])
    if match is None:
        return None
    name = match[1].decode("ascii", "ignore").lower()
    return "utf-8" if name.startswith(("utf-16", "utf-32")) else name


def gunzip(data: bytes, limit: int) -> bytes:
    """Decompress gzip of one or more members, holding no more than the limit at any time.

    :param data: The compressed bytes.
    :param limit: The most bytes that may come out.
    :return: The decompressed bytes.
    :raises InputTooLargeError: If more comes out than the limit.
    :raises UnreadableInputError: If the archive is damaged or cut short.
    """
    out = bytearray()
    for _ in range(_GZIP_MEMBERS):
        member = zlib.decompressobj(_GZIP_WINDOW)
        try:
            # One step more than there is room for tells that there is too much, and never holds more than that.
            out += member.decompress(data, limit + 1 - len(out))
        except zlib.error as error:
            raise _damaged(str(error)) from error
        if len(out) > limit:
            raise InputTooLargeError(f"More than {limit:,} bytes come out of this gzip archive; split it up.")
        if not member.eof:
            raise _damaged("its end is missing")
        data = member.unused_data.lstrip(b"\0")
        if not data.startswith(GZIP_MAGIC):
            if data:
                logger.warning("%d bytes behind the end of the gzip archive were left out", len(data))
            return bytes(out)
    raise _damaged(f"more than {_GZIP_MEMBERS} parts")


def normalize(text: str) -> str:
    """Repair and unify text: mojibake, entities, line ends, spaces, invisible characters, NFC.

    Quotation marks, full-width forms and ligatures stay as written: they are the author's choice, and in Chinese and
    Japanese the full-width ones are the right ones. Normalizing twice gives the same text as normalizing once.

    :param text: Any text.
    :return: The same text as its author meant it to be stored.
    """
    for _ in range(_MAX_PASSES):
        # Lines first: mojibake is looked for line by line.
        repaired = _repaired(_LINE_END.sub("\n", _unescaped(text)))
        text = unicodedata.normalize("NFC", repaired.translate(_REPLACED))
        # What one step takes out can bring together what another one mends; else the repair has come to its end.
        if text == repaired and _unescaped(text) == text:
            break
    return text


def strip_controls(text: str) -> str:
    """Take terminal escapes and control characters out of what a model or a server said.

    :param text: Any text.
    :return: The text; tabs and line ends stay.
    """
    return text if text.isprintable() else _CONTROLS.sub("", _ESCAPES.sub("", text)).replace("\x1b", "")


def is_blank(text: str) -> bool:
    """Tell whether nothing of the text can be seen.

    :param text: Any text, normalized or not.
    :return: Whether there are only white space and invisible characters.
    """
    return not text.translate(_REPLACED).strip(" \t\n\u200c\u200d")


def _repaired(text: str) -> str:
    """Undo mojibake and drop control characters and terminal escapes."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    from ftfy import TextFixerConfig, fix_text

    config = TextFixerConfig(
        unescape_html=False,
        fix_latin_ligatures=False,
        fix_character_width=False,
        uncurl_quotes=False,
        normalization="NFC",
        explain=False,
    )
    return str(fix_text(text, config))


def _unescaped(text: str) -> str:
    """Resolve character references, except in text with a literal ``<``, which may be about HTML."""
    if "&" not in text or "<" in text:
        return text
    from ftfy.fixes import unescape_html

    # "&amp;amp;amp;quot;" would take a pass for each level, and hostile text can have any number of levels.
    return str(unescape_html(_NESTED_AMPERSAND.sub("&", text)))


def _refuse_known_formats(data: bytes) -> None:
    for magic, name in _FORMATS:
        if magic.match(data):
            raise UnreadableInputError(
                f"This is {name}, not text. Open it, copy its text and pass that, or save it as plain text or HTML."
            )


def _codec_name(charset: str | None) -> str | None:
    """Return Python's name of a charset as browsers understand it, or ``None`` if there is none."""
    try:
        name = codecs.lookup((charset or "").strip(" \"'")).name
        " ".encode(name)  # refuses codecs that are not about text, such as zlib and rot13
    except (LookupError, ValueError):
        return None
    return None if name.replace("-", "_") in _NEVER_DECLARED else _WHATWG_CODECS.get(name, name)


def _marked(data: bytes, declared: str | None) -> str | None:
    """Decode what begins with a byte order mark or shows by its NUL bytes that it is UTF-16 or UTF-32."""
    for bom, codec in _BOMS:
        if data.startswith(bom):
            return _strict(data, codec)
    if b"\0" not in data:
        return None
    return _strict(data, declared if declared and declared.startswith(("utf-16", "utf-32")) else _nul_codec(data))


def _declared(data: bytes, declared: str | None) -> str | None:
    """Decode as declared, but as UTF-8 where that holds to the last byte."""
    if not data.isascii() and (text := _strict(data, "utf-8", whole=True)) is not None:
        return text
    for codec in (declared, "utf-8"):
        if codec and (text := _strict(data, codec)) is not None:
            return text
    return None


def _nul_codec(data: bytes) -> str:
    """Return the UTF-16 flavour of text without byte order mark; its ASCII half shows by where the NULs are."""
    even, odd = data[::2].count(0), data[1::2].count(0)
    if max(even, odd) * 2 > len(data) // 2 and min(even, odd) * 50 < len(data):
        return "utf-16-be" if even > odd else "utf-16-le"
    raise _unreadable()


def _strict(data: bytes, codec: str, whole: bool = False) -> str | None:
    """Decode without replacement; unless it has to be whole, a character torn at the very end is left out."""
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        text = decoder.decode(data)
    except UnicodeError:
        return None
    torn = decoder.getstate()[0]
    if not torn:
        return text
    if not text:
        raise UnreadableInputError("There is only a piece of one character here. Pass the whole text.")
    if whole or (len(text) < _SIZEABLE and text.isascii()):
        return None
    logger.warning("The text ends in the middle of a character: the last %d bytes were left out", len(torn))
    return text


def _mended(data: bytes) -> str | None:
    """Decode UTF-8 with a few damaged bytes in it; what cannot be read is replaced by U+FFFD.

    Text in another encoding hardly ever has sequences of several bytes that are right as UTF-8.
    """
    text = data.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    right = sum(character > "\x7f" for character in text) - damaged
    if not damaged or right < _RIGHT_PER_DAMAGED * damaged:
        return None
    logger.warning("The text is damaged UTF-8: %d characters could not be read", damaged)
    return text


def _guessed(data: bytes) -> str | None:
    if len(data.translate(None, _ASCII)) < _LATIN_SHARE * len(data) and (text := _latin(data)):
        return text
    from charset_normalizer import from_bytes

    sample = data if len(data) <= _GUESSED_BYTES else data[: data.rfind(b"\n", 1, _GUESSED_BYTES) + 1 or _GUESSED_BYTES]
    texts = (_strict(data, match.encoding) for match in from_bytes(sample))
    return next((text for text in texts if text is not None), None)


def _latin(data: bytes) -> str | None:
    """Decode text in Latin script by the letters its languages use; few bytes are not enough for statistics."""
    texts = {codec: text for codec in _LATIN_LETTERS if (text := _strict(data, codec)) is not None}
    usual = {codec: sum(map(text.lower().count, _LATIN_LETTERS[codec])) for codec, text in texts.items()}
    return texts[max(usual, key=usual.__getitem__)] if usual else None


def _checked(text: str | None) -> str:
    """Return the text unless it is missing or too full of control characters to be one."""
    if text is None:
        raise _unreadable()
    controls = len(_CONTROLS.findall(text))
    if controls > max(2, _MAX_CONTROL_SHARE * len(text)):
        raise _unreadable()
    return text


def _unreadable() -> UnreadableInputError:
    return UnreadableInputError(
        "This is not text in any encoding that can be told. Save it as plain text in UTF-8 and pass that."
    )


def _damaged(reason: str) -> UnreadableInputError:
    return UnreadableInputError(f"This gzip archive is damaged ({reason}); make or download it again.")
