"""How the numbers and dates of a source may be written: grouped, scaled to millions or lakhs, as numeric dates."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

import regex

from summarizer.number_finding import Number, find_clocks, to_ascii_digits
from summarizer.number_values import FRACTIONS
from summarizer.number_words import number_words

#: Powers of ten that Han and Hangul have characters for.
_HAN_POWERS = frozenset(Decimal(10) ** power for power in (3, 4, 6, 7, 8, 12))
_UNITS = (("万", "亿"), ("萬", "億"), ("万", "億"), ("만", "억"))
#: Larger numbers are codes of some kind and written as they are.
_LARGEST = Decimal(10) ** 16
_LONGEST = 40

HAN_UNITS = "十百千万萬亿億兆백천만억조"
DIGIT = rf"[\d{''.join(FRACTIONS)}]"
#: Numbers that are joined by at most one character each.
CLUSTER = rf"{DIGIT}(?:[ .,'’:/-]?{DIGIT}|[{HAN_UNITS}]++ ?{DIGIT})*+"
_VERBATIM = regex.compile(CLUSTER)
_LAST_CLUSTER = regex.compile(rf"{CLUSTER}$")
_JOINT = regex.compile(r"[ :/-]")
#: A number that a space and three digits would make a larger one.
_GROUPS = regex.compile(r"(?<![\d.,])\d{1,3}(?: \d{3})*$")
_THREE = regex.compile(r"\d{3}(?!\d)")
#: What a few more digits would make a full date.
_HALF_DATE = regex.compile(r"(?<!\d)(?:\d{1,2}|\d{4})[-/.]\d{1,2}[-/.]$")
_PART = regex.compile(r"\d+")
#: After these each run of digits is read alone.
_DATE_WORD = regex.compile(r"\b(?:tháng|ngày|năm)\s$")


def is_han(language: str) -> bool:
    """Tell whether a language counts in ten thousands, with characters for them."""
    return language.split("-")[0] in {"zh", "yue", "ja", "ko"}


@dataclass(frozen=True, slots=True)
class Forms:
    """Ways to write the numbers of a source, in ASCII digits and with plain spaces.

    :param alone: Those that say all by themselves.
    :param scaled: Those that need something after them, as 1.2 needs "million", and 5 for May needs 月.
    """

    alone: frozenset[str]
    scaled: frozenset[str]


def find_forms(source: str, numbers: Sequence[Number], language: str) -> Forms:
    """Return the ways to write the numbers of a source.

    :param source: The text.
    :param numbers: Its numbers.
    :param language: BCP-47 code of the language to write in.
    """
    dates = list(_find_dates(numbers))
    alone = {form for number in numbers for form in _write_alone(number)}
    alone |= {form for date in dates for form in _write_date(*date)} | set(_write_clocks(source))
    if number_words(language).decimal_mark == ",":
        alone |= {f"{day}.{month}." for _, month, day in dates}
    scaled = {form for number in numbers for form in _write_scaled(number, language)}
    return Forms(*(frozenset(form for form in forms if len(form) <= _LONGEST) for forms in (alone, scaled)))


def _write_alone(number: Number) -> Iterator[str]:
    if number.factor == 1 and not number.weak and (verbatim := _VERBATIM.match(_plain(number.text))):
        yield verbatim[0]
    for value in _find_values(number):
        yield from _write_value(value, grouped=number.kind == "number")
        if number.kind == "date" and value < 10:
            yield f"0{value}"


def _write_scaled(number: Number, language: str) -> Iterator[str]:
    if number.kind == "month" and is_han(language):
        yield str(number.values[0])
    if number.factor > 1 and not number.weak and (verbatim := _VERBATIM.match(_plain(number.text))):
        yield verbatim[0]
    for value in _find_values(number) if number.kind == "number" else ():
        yield from _scale(value, language)


def _find_values(number: Number) -> Iterator[Decimal]:
    """Yield what a number stands for: not 1.34 where 1,340 is more likely, and nothing for "millions of people"."""
    first = number.values[0]
    if number.kind == "month" or (number.weak and number.values == (number.factor, number.factor / 2)):
        return
    for value in set(number.values):
        if 0 < value < _LARGEST and first not in (1000 * value, value / 1000):
            yield value


def _plain(text: str) -> str:
    return to_ascii_digits(text).replace("\u00a0", " ")


def _write_value(value: Decimal, *, grouped: bool = True) -> Iterator[str]:
    whole, _, fraction = format(value, "f").partition(".")
    fraction = fraction.rstrip("0")
    tails = {",": "." + fraction, ".": "," + fraction} if fraction else {",": "", ".": ""}
    yield from (whole + tail for tail in tails.values())
    if grouped and len(whole) > 3:
        for mark in (",", ".", " ", "'", "’"):
            for tail in [tails[mark]] if mark in tails else tails.values():
                yield _group(whole, mark, 3) + tail
                yield _group(whole, mark, 2) + tail
    for sign, part in FRACTIONS.items():
        if fraction and value % 1 == Decimal(part):
            yield (whole if value > 1 else "") + sign


def _group(whole: str, mark: str, size: int) -> str:
    """Put marks between thousands, and above these between groups of so many digits (two: lakhs and crores)."""
    head, groups = whole[:-3], [whole[-3:]]
    while head:
        groups.insert(0, head[-size:])
        head = head[:-size]
    return mark.join(groups)


def _scale(value: Decimal, language: str) -> Iterator[str]:
    """Write a value in thousands, millions and the like: exactly, or rounded to one or two places."""
    powers = set(number_words(language).magnitudes.values())
    for power in powers | _HAN_POWERS if is_han(language) else powers:
        scaled = value / power
        if not Decimal("0.1") <= scaled < 10_000:
            continue
        rounded = {scaled.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) for places in (0, 1, 2)}
        for part in {*rounded, *([scaled] if scaled == round(scaled, 3) else [])} - {Decimal(0)}:
            yield from _write_value(part)
    if is_han(language) and value >= 100_000_000 and value % 10_000 == 0:
        for small, large in _UNITS:
            yield f"{value // 10**8}{large}{value % 10**8 // 10**4}{small}"


def _write_clocks(source: str) -> Iterator[str]:
    for hour, minute in find_clocks(source):
        yield from (str(hour), f"{hour:02}", f"{minute:02}")
        yield from (f"{hour}{mark}{minute:02}" for mark in ":.")
        yield from (f"{hour:02}{mark}{minute:02}" for mark in ":.")


def _find_dates(numbers: Iterable[Number]) -> Iterator[tuple[int, int, int]]:
    """Yield year, month and day of what seem to be full dates."""
    dated = [number for number in numbers if number.kind != "number" or 0 < number.values[0] <= 31]
    for triple in zip(dated, dated[1:], dated[2:], strict=False):
        close = all(0 <= two.start - one.end <= 12 for one, two in pairwise(triple))
        months = [number for number in triple if number.kind == "month"] or [triple[1]]
        years = [number for number in triple if number.kind == "date" and number.values[-1] > 31]
        days = [number for number in triple if number not in months and number not in years]
        if close and len(months) == len(years) == len(days) == 1 and months[0].values[0] <= 12:
            year, month, day = (int(part[0].values[-1]) for part in (years, months, days))
            yield year, month, day


def _write_date(year: int, month: int, day: int) -> Iterator[str]:
    for mark in "-/.":
        yield f"{year}{mark}{month:02}{mark}{day:02}"
        yield f"{year}{mark}{month}{mark}{day}"
    for first, second, marks in ((day, month, "-/."), (month, day, "/")):
        for mark in marks:
            yield f"{first}{mark}{second}{mark}{year}"
            yield f"{first:02}{mark}{second:02}{mark}{year}"


class FormTables:
    """The beginnings of the forms of a source's numbers: how digits can go on, and where they can begin.

    :param forms: The forms; see ``find_forms``.
    :param numbers: The numbers of the source.
    """

    def __init__(self, known: Forms, numbers: Iterable[Number]) -> None:
        months = {str(value) for number in numbers if number.kind == "month" for value in number.values}
        forms = known.alone | known.scaled
        self._alone, self._forms = known.alone | months, forms | months
        self._all = _beginnings(forms)
        self._unspaced = _beginnings(form for form in forms if " " not in form)
        self._not_three = _beginnings(form for form in forms if not _THREE.match(form))
        self._whole = _beginnings(months | {form for form in forms if self._has_parts(form)})

    def enter(self, text: str, holds: Callable[[str], bool]) -> Iterator[tuple[str, frozenset[str]]]:
        """Yield what was written of a number that a digit could come next in, with the beginnings it must keep to.

        :param text: The text before the digit.
        :param holds: Tells whether the numbers of a text are all supported.
        """
        match = _LAST_CLUSTER.search(text + "0")
        start, end = (match.start() if match else len(text)), len(text)
        starts = [start, *(joint.end() for joint in _JOINT.finditer(text, start))]
        for begin in starts:
            table = self._choose(text, start, begin)
            if (begin == end or text[begin:] in table) and (begin == start or holds(text[: begin - 1])):
                yield text[begin:], table

    def is_whole(self, cluster: str, after: str, *, scaled: bool) -> bool:
        """Tell whether the last of some numbers is written to its end.

        :param cluster: The numbers.
        :param after: What was written after them, which may belong to the form.
        :param scaled: Whether that says what the number is a multiple of.
        """
        forms = self._forms if scaled else self._alone
        starts = [0, *(joint.end() for joint in _JOINT.finditer(cluster))]
        return any(not forms.isdisjoint((cluster[start:], cluster[start:] + after[:1])) for start in starts)

    def _has_parts(self, form: str) -> bool:
        parts = _PART.findall(form)
        return all(not part.strip("0") or part.lstrip("0") in self._forms for part in parts)

    def _choose(self, text: str, start: int, begin: int) -> frozenset[str]:
        """Choose the beginnings that are read as they stand where a number begins."""
        if _DATE_WORD.search(text, 0, begin):
            return self._whole
        if text[begin - 1 : begin] in (".", ","):
            return self._unspaced
        if begin > start and _HALF_DATE.search(text, start, begin):
            return frozenset()
        if begin > start and text[begin - 1] == " " and _GROUPS.search(text, start, begin - 1):
            return self._not_three
        return self._all


def _beginnings(forms: Iterable[str]) -> frozenset[str]:
    return frozenset(form[:end] for form in forms for end in range(1, len(form) + 1))
