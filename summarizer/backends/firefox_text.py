"""Text for translation engines that know few characters: what to change before, and to change back after.

The small Firefox models have a vocabulary of their two languages and ASCII: typographic quotation marks, most currency
signs and the letters of other languages' names are unknown to them and come out as anything. So what a vocabulary lacks
is written in what it has, and put back where the word was kept.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from unicodedata import category, normalize

import regex

#: Stands for a test whether a vocabulary has a character.
Knows = Callable[[str], bool]

_MARKS = dict.fromkeys("“”„‟«»″〝〞", '"') | dict.fromkeys("‘’‚‛′ʼ‹›", "'") | dict.fromkeys("•·●▪", "-")
_CURRENCIES = {"£": "GBP", "€": "EUR", "¥": "JPY", "₹": "INR", "₽": "RUB", "₩": "KRW", "₺": "TRY", "₴": "UAH"}
_CURRENCY_NAMES = {"£": "pounds", "€": "euros", "¥": "yen", "₹": "rupees", "₽": "roubles", "₩": "won", "₺": "lira"}
_MAGNITUDES = {"k": "thousand", "m": "million", "mn": "million", "b": "billion", "bn": "billion", "tn": "trillion"}
_ENGLISH_AMOUNT = regex.compile(
    r"([£€¥₹₽₩₺])\s?(\d[\d.,]*(?<=\d))(?:(k|mn?|bn?|tn)\b|\s?(thousand|million|billion|trillion)\b)?"
)
_LETTERS = str.maketrans(
    {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ß": "ss"}
    | {"æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ı": "i", "ə": "a", "Ə": "A", "ħ": "h", "ŋ": "n", "⁄": "/"}
)
_TAGS_AND_SYMBOLS = regex.compile(
    r"(</?[a-zA-Z][^<>]*>|https?://\S+|\S*[\w.]@\w\S*|\S{40,}|[\p{Extended_Pictographic}\u200d\ufe0f]*"
    r"[\p{Extended_Pictographic}--[\d#*©®™‼⁉]][\p{Extended_Pictographic}\u200d\ufe0f]*)",
    flags=regex.V1,
)
_DASH = regex.compile(r"(?<=\d)\s?[–—―]\s?(?=\d)|\s*[–—―]+\s*")
_SIGN_AND_NUMBER = regex.compile(r"(?<=[§#№<>≤≥±~])\s(?=\d)")
_END_MARKS = ".!?…。！？؟।"
_BREAKS = (
    regex.compile(r"(?<=[.!?;:…।۔؛][\"'”’»)]*)\s+|(?<=[。！？；：])"),
    regex.compile(r"(?<=[,،])\s+|(?<=[，、])|\s+(?=[-–—(])"),
    regex.compile(r"\s+"),
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text as an engine is given it, and what to put back into what the engine returns."""

    text: str
    originals: dict[str, str] = field(default_factory=dict)
    upper: bool = False
    closed: bool = False

    def restore(self, translated: str) -> str:
        """Put back the original letters of names, currency signs, capitals and the full stop."""
        for known, original in self.originals.items():
            pattern = rf"(?<!\w){regex.escape(known)}(?!\w)"
            translated = regex.sub(pattern, original.replace("\\", r"\\"), translated, count=1)
        stripped = translated.rstrip()
        if self.closed and stripped and stripped[-1].isalnum() and category(stripped[-1]) in {"Lu", "Ll", "Nd"}:
            translated = f"{stripped}."
        elif not self.closed and stripped.endswith(".") and not stripped.endswith(".."):
            translated = stripped[:-1]
        return translated.upper() if self.upper else translated


def flatten(text: str) -> str:
    """Return the text on one line, without control characters."""
    return " ".join("".join(" " if category(character) == "Cc" else character for character in text).split())


def split_verbatim(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a text in order, with whether each is to stay as it is: tags, addresses, pictures."""
    for index, part in enumerate(_TAGS_AND_SYMBOLS.split(text)):
        if part:
            yield part, index % 2 == 1


def halve(text: str) -> tuple[str, str] | None:
    """Split a text near its middle, at the end of a clause if there is one; ``None`` for a single word."""
    for marks in _BREAKS:
        places = [match.end() for match in marks.finditer(text) if 0 < match.end() < len(text)]
        inner = [place for place in places if 0.2 * len(text) < place < 0.8 * len(text)]
        if inner or (marks is _BREAKS[-1] and places):
            place = min(inner or places, key=lambda place: abs(place - len(text) / 2))
            return text[:place], text[place:]
    return None


def prepare(text: str, knows: Knows, prefers_lower: Callable[[str], bool] | None = None) -> Prepared:
    """Write a text in characters that a vocabulary knows.

    :param text: One sentence on one line.
    :param knows: Whether the vocabulary has a character.
    :param prefers_lower: For English, with its headings In Title Case: whether a word is commoner in lower case.
    """
    closed = text.rstrip("\"'”’»)]")[-1:] in set(_END_MARKS)
    upper = _is_upper(text)
    if upper:
        text = text[:1] + text[1:].lower()
    originals: dict[str, str] = {}
    if prefers_lower is not None and not upper and not closed and _is_title(text):
        text = _lower_title(text, prefers_lower, originals)
    text = _DASH.sub(lambda match: "-" if match[0].strip() == match[0] and _between_digits(match) else " - ", text)
    text = _SIGN_AND_NUMBER.sub("", text)
    if prefers_lower is not None:
        text = _ENGLISH_AMOUNT.sub(lambda match: match[0] if knows(match[1]) else _name_amount(match), text)
    for sign, code in _CURRENCIES.items():
        if sign in text and not knows(sign):
            text = regex.sub(rf"\s?{sign}\s?", f" {code} ", text).strip()
            originals[code] = sign
    words = []
    for word in text.split(" "):
        known = "".join(character if knows(character) else _replacement(character, knows) for character in word)
        core, original = known.strip("\"'.,;:!?()[]-"), regex.sub(r"^[\"'“‘(«\[]+|[\"'”’.,;:!?»)\]]+$", "", word)
        if any(map(str.isalnum, core)) and not _same_but_marks(core, original):
            originals[core] = original
        words.append(known)
    return Prepared(" ".join(filter(None, words)), originals, upper, closed)


def _name_amount(match: "regex.Match[str]") -> str:
    sign, number, short, long = match.groups()
    magnitude = long or _MAGNITUDES.get(short)
    return " ".join(filter(None, (number, magnitude, _CURRENCY_NAMES[sign])))


def _between_digits(match: "regex.Match[str]") -> bool:
    before, after = match.string[: match.start()], match.string[match.end() :]
    return bool(before[-1:].isdigit() and after[:1].isdigit())


def _replacement(character: str, knows: Knows) -> str:
    if character in _MARKS:
        return _MARKS[character]
    decomposed = normalize("NFKD", character.translate(_LETTERS))
    plain = "".join(letter for letter in decomposed if category(letter) != "Mn").translate(_LETTERS)
    return plain if plain != character and all(map(knows, plain)) else ""


def _same_but_marks(core: str, original: str) -> bool:
    """Return whether only quotation marks within the word differ, as in "it’s": these need not come back."""
    return core == "".join(_MARKS.get(character, character) for character in original)


def _is_upper(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return len(text.split()) > 2 and len(letters) > 15 and sum(map(str.isupper, letters)) > 0.8 * len(letters)


def _is_title(text: str) -> bool:
    long = [word for word in regex.findall(r"\p{L}+", text) if len(word) > 3]
    return len(long) > 3 and sum(word[0].isupper() for word in long) > 0.9 * len(long)


def _lower_title(text: str, prefers_lower: Callable[[str], bool], originals: dict[str, str]) -> str:
    first, *words = text.split(" ")
    for index, word in enumerate(words):
        if regex.fullmatch(r"[\"'“‘(]?\p{Lu}\p{Ll}+[\"'”’),:;]*", word) and prefers_lower(word.strip("\"'“”‘’(),:;")):
            words[index] = word.lower()
            core = word.strip("\"'“”‘’(),:;")
            originals[core.lower()] = core
    return " ".join((first, *words))
