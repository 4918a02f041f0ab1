"""Find the numbers and dates of a text in any script."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Literal
from unicodedata import category, decimal

import regex

from summarizer.languages import base_code
from summarizer.number_values import ROMAN, last_place, read_digits, read_han, read_roman
from summarizer.number_words import ABOUT, NumberWords, fold, number_words, strip_proclitics
from summarizer.tokens import WORD

# One character for one, so that offsets stay: digits of all scripts, Arabic and full-width marks, narrow spaces.
_ASCII: dict[int, str] = {
    **{code: chr(48 + decimal(chr(code))) for code in range(0x80, 0x1FBFA) if category(chr(code)) == "Nd"},
    **{ord(mark): ascii_mark for mark, ascii_mark in zip("٫٬．，\u202f\u2009", ".,.,\u00a0\u00a0", strict=True)},
}
_TOKEN = regex.compile(
    r"(?<![\d.,])\d{1,3}(?:[ \u00a0]\d{3})+(?!\d)(?:[.,]\d+(?!\d))?|\d+(?:[.,'’]\d+)*[½¼¾⅓⅔]?|[½¼¾⅓⅔]"
)
_FULL_DATE = regex.compile(r"(?<!\d)(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2}))(?!\d)")
_PART_OF_DATE = regex.compile(r"\d{1,4}\s?[年月日년월일]|\b(?:tháng|ngày|năm)\s\d{1,4}")
_DAY_AND_MONTH = regex.compile(r"(?<![\d.])\d{1,2}\.\d{1,2}\.(?!\d)")
_CLOCK = regex.compile(
    r"(?<!\d)([01]?\d|2[0-4])(?:(?:[:.,h]|\s?[時时点點시]\s?)([0-5]\d)(?!\d|[.,]\d)"
    r"|(?=\s?(?:[ap]\.?\s?m\b|h\b|uhr\b|o.clock|[時时点點시])))",
    regex.IGNORECASE,
)
_CENTURY = regex.compile(r"-(?:lu[kv]|tal|årh)")
_HAN = regex.compile(
    # Digits with Chinese, Japanese or Korean magnitudes; not kilometres (千米), kilograms (千克), kilowatts (千瓦).
    r"(?:\d[\d.,]*[ \u00a0]?[十百千万萬亿億兆백천만억조]{1,9}(?![米克瓦卡])(?:[ \u00a0](?=\d[\d.,]*[백천만억]))?)+"
    r"(?:\d[\d,]*)?|[〇零一二三四五六七八九两兩十百千万萬亿億兆]{1,40}"
)
_MONTH_GAP = regex.compile(r"[\s./ºª°-]*(?:de|del|d|of|the|th|st|nd|rd|er|e|do)?[\s.’']*", regex.IGNORECASE)
_NUMBER_BEFORE = regex.compile(r"\d([^\d,]{0,12})$")
_NUMBER_AFTER = regex.compile(r"(\D{0,12}?)\d")
_DIGITS = regex.compile(r"\d+")
_LINK = regex.compile(r"[^\d,.;:、，。()年月日]{0,6}")
_UNSPACED = frozenset({"th", "lo", "km", "my"})
_MONTH_DISTANCE = 14


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it stands in a text.

    ``values`` are all that it may stand for, likeliest first: "1.234" is 1.234 or 1234. ``margin`` is how far below and
    above the first of them a number may be that this one is a rounded form of: 50,000 for "1.2 million". A ``weak``
    number, such as a spelled one, supports others and is never checked itself.
    """

    start: int
    end: int
    text: str
    values: tuple[Decimal, ...]
    kind: Literal["number", "date", "month"] = "number"
    margin: tuple[Decimal, Decimal] | None = None
    factor: Decimal = Decimal(1)
    weak: bool = False

    @property
    def value(self) -> Decimal | None:
        """The value, or ``None`` where more than one is possible."""
        return self.values[0] if len(set(self.values)) == 1 else None


def find_numbers(text: str, language: str | None = None) -> list[Number]:
    """Find the numbers, parts of dates and spelled numbers of a text, in order.

    :param text: Text in any script.
    :param language: BCP-47 code, for the words of numbers; ``None`` knows those of English.
    """
    words = number_words(language or "en")
    plain = to_ascii_digits(text)
    han = list(_find_han(plain))
    taken = [(number.start, number.end) for number in han if not number.weak]
    digits = [n for n in _find_digits(plain, words) if not any(start <= n.start < end for start, end in taken)]
    found = sorted([*han, *digits, *_find_spelled(plain, words, language or "en")], key=lambda n: (n.start, -n.end))
    return [replace(number, text=text[number.start : number.end]) for number in _link(found, plain)]


def to_ascii_digits(text: str) -> str:
    """Return the text with the digits of all scripts as 0 to 9, character for character."""
    return text.translate(_ASCII)


def _find_digits(plain: str, words: NumberWords) -> Iterator[Number]:
    full = [match.span() for match in _FULL_DATE.finditer(plain)]
    parts = [match.span() for match in _PART_OF_DATE.finditer(plain)]
    if words.decimal_mark == ",":  # elsewhere it is a fraction at the end of a sentence
        parts += [match.span() for match in _DAY_AND_MONTH.finditer(plain)]
    hours = {match.start() for match in _CLOCK.finditer(plain)}
    for match in _TOKEN.finditer(plain):
        in_full = any(start <= match.start() < end for start, end in full)
        in_date = in_full or any(start <= match.start() < end for start, end in parts)
        readings = () if in_date else read_digits(match[0], words.decimal_mark)
        if readings:
            yield _measure(plain, match, readings, words, is_hour=match.start() in hours)
            continue
        # Digits newer than this Python's tables of Unicode have no value here.
        for part in _DIGITS.finditer(match[0] if match[0].isascii() else ""):
            value = Decimal(part[0])
            values = (value, value + 2000) if in_full and len(part[0]) == 2 else (value,)
            start = match.start() + part.start()
            yield Number(start, start + len(part[0]), "", values, "date" if in_date else "number")


def _measure(
    plain: str, match: "regex.Match[str]", readings: tuple[Decimal, ...], words: NumberWords, *, is_hour: bool
) -> Number:
    """Give a run of digits its magnitude, and the other values that its surroundings allow."""
    factor, end, doubtful = _magnitude_after(plain, match.end(), words)
    values = tuple(reading * factor for reading in readings)
    if doubtful:
        values += readings
    before = [fold(word) for word in WORD.findall(plain, max(0, match.start() - 30), match.start())]
    if words.magnitude_first and before and (leading := words.magnitude(before[-1])):
        factor, values = leading, tuple(reading * leading for reading in readings) + values
    if is_hour and factor == 1:
        values += tuple(value + 12 if value <= 12 else value - 12 for value in readings)
    if _CENTURY.match(plain, end):
        values += (readings[0] // 100 + 1,)
    is_year = match[0].isdigit() and len(match[0]) == 4 and 1500 <= readings[0] < 2100 and factor == 1
    about = any(word in ABOUT for word in before[-3:])
    margin = None
    if factor > 1 or about:
        step = last_place(match[0], readings[0]) * factor
        margin = (step / 2, step if about else step / 2)  # "more than 1,200" is said of 1,284
    return Number(match.start(), end, "", values, "date" if is_year else "number", margin, factor)


def _magnitude_after(plain: str, position: int, words: NumberWords) -> tuple[Decimal, int, bool]:
    """Return the magnitude written after a number, the end of its words, and whether it may mean something else."""
    factor, doubtful = Decimal(1), False
    for _ in range(2):
        start = position + (plain[position : position + 1] in {" ", "\u00a0", "-"})
        word = WORD.match(plain, start)
        if word is None:
            break
        folded, end = fold(word[0]), word.end()
        found = words.magnitude(folded)
        if found is None and (beginning := words.unspaced_magnitude(word[0])):
            found, end = words.magnitudes[beginning], start + len(beginning)
        if found is None or (folded in words.doubtful and factor > 1):
            break
        factor, position, doubtful = factor * found, end, folded in words.doubtful
    return factor, position, doubtful


def _find_han(plain: str) -> Iterator[Number]:
    for match in _HAN.finditer(plain):
        value, step = read_han(match[0])
        weak = not match[0][0].isdigit()
        yield Number(match.start(), match.end(), "", (value,), margin=(step / 2, step / 2), factor=step, weak=weak)


def _find_spelled(plain: str, words: NumberWords, language: str) -> Iterator[Number]:
    for match in ROMAN.finditer(plain):
        yield Number(match.start(), match.end(), "", (read_roman(match),), weak=True)
    if base_code(language) in _UNSPACED:
        for match in _unspaced_cardinals(language).finditer(plain):
            yield Number(match.start(), match.end(), "", (words.cardinals[match[0]],), weak=True)
    tokens = [(match.start(), match.end(), fold(match[0])) for match in WORD.finditer(plain)]
    digits = [match.start() for match in _DIGITS.finditer(plain)]
    done = 0
    for index, (start, end, word) in enumerate(tokens):
        if start < done:
            continue
        if word[:1].isdigit():
            done = _magnitude_after(plain, start + len(word) - len(word.lstrip("0123456789")), words)[1]
            continue
        beside = _is_near(digits, start, end) and _is_beside_number(plain, start, end)
        bare = strip_proclitics(word, language)
        if beside or bare[:4] in words.heads:
            number = _read_words(plain, [(start, end, bare), *tokens[index + 1 : index + 4]], words, beside=beside)
            if number is not None:
                done = number.end
                yield number


def _read_words(plain: str, tokens: list[tuple[int, int, str]], words: NumberWords, *, beside: bool) -> Number | None:
    """Return the number or month that some words begin with."""
    start, end, word = tokens[0]
    if month := words.month(word, inflected=beside):
        # "may", "mars" and "set" are other words too.
        checked = beside and (plain[start].isupper() or not words.months_have_capitals)
        return Number(start, end, "", (Decimal(month),), "month", weak=not checked)
    for count in range(len(tokens), 0, -1):
        phrase = " ".join(token for _, _, token in tokens[:count])
        value = words.cardinals.get(phrase) or words.ordinals.get(phrase)
        if value is not None:
            factor, end, _ = _magnitude_after(plain, tokens[count - 1][1], words)
            return Number(start, end, "", (value * factor,), factor=factor, weak=True)
    alone = words.magnitude(word) if len(word) > 2 else None  # "millions of", "half a million"
    return None if alone is None else Number(start, end, "", (alone, alone / 2), factor=alone, weak=True)


@lru_cache(maxsize=8)
def _unspaced_cardinals(language: str) -> "regex.Pattern[str]":
    names = sorted(number_words(language).cardinals, key=len, reverse=True)
    return regex.compile("|".join(regex.escape(name) for name in names if not name.isascii()))


def _is_near(positions: list[int], start: int, end: int) -> bool:
    index = bisect_left(positions, start - _MONTH_DISTANCE)
    return index < len(positions) and positions[index] < end + _MONTH_DISTANCE


def _is_beside_number(plain: str, start: int, end: int) -> bool:
    before = _NUMBER_BEFORE.search(plain[max(0, start - _MONTH_DISTANCE) : start])
    after = _NUMBER_AFTER.match(plain[end : end + _MONTH_DISTANCE])
    return any(match is not None and _MONTH_GAP.fullmatch(match[1]) for match in (before, after))


def find_clocks(text: str) -> Iterator[tuple[int, int]]:
    """Yield the times of day in a text as hours and minutes, each also twelve hours off."""
    for match in _CLOCK.finditer(to_ascii_digits(text)):
        hour, minute = int(match[1]), int(match[2] or 0)
        yield hour, minute
        yield (hour + 12 if hour <= 12 else hour - 12), minute


def _link(numbers: list[Number], plain: str) -> list[Number]:
    """Let neighbours complete one another: "10 to 12 million", "2019-20", "2 bin 500"."""
    linked = list(numbers)
    for index in range(len(linked) - 1):
        first, second = linked[index], linked[index + 1]
        gap = plain[first.end : second.start]
        if first.start >= second.start or not _LINK.fullmatch(gap):
            continue
        if second.factor > 1 and first.factor == 1:
            first = replace(first, values=first.values + tuple(value * second.factor for value in first.values))
        if first.kind == "date" and second.end - second.start == 2 and gap in {"-", "–", "/"}:
            second = replace(second, values=(*second.values, first.values[0] // 100 * 100 + second.values[0]))
        if first.factor > 1 and gap.strip() in {"", "e", "y", "and", "und", "og"} and second.values[0] < first.factor:
            whole = first.values[0] + second.values[0]
            first = replace(first, values=(*first.values, whole))
            second = replace(second, values=(*second.values, whole))
        linked[index], linked[index + 1] = first, second
    return linked
