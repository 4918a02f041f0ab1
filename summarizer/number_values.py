"""What runs of digits, Han numerals and Roman numerals may stand for."""

from decimal import Decimal

import regex

#: Roman numerals up to 89; of single letters only V and X, as I, L, C, D and M are mostly something else.
ROMAN = regex.compile(r"\b(?=(?:[IVXL]{2,}|[VX])\b)(XL|L?X{0,3})(IX|IV|V?I{0,3})\b")
_ROMAN_TENS = {"": 0, "X": 10, "XX": 20, "XXX": 30, "XL": 40, "L": 50, "LX": 60, "LXX": 70, "LXXX": 80}
_ROMAN_ONES = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
FRACTIONS = {"½": "0.5", "¼": "0.25", "¾": "0.75", "⅓": "0.33", "⅔": "0.67"}

_MARK = regex.compile(r"\D")
_HAN_PART = regex.compile(r"\d[\d.,]*|\S")
_HAN_DIGITS = {character: value for value, character in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "兩": 2}
_HAN_UNITS = {
    **{"十": 1, "百": 2, "千": 3, "万": 4, "萬": 4, "亿": 8, "億": 8, "兆": 12},
    **{"십": 1, "백": 2, "천": 3, "만": 4, "억": 8, "조": 12},
}


def read_digits(token: str, decimal_mark: str) -> tuple[Decimal, ...]:
    """Return every value that a run of ASCII digits and marks may stand for, likeliest first.

    :param token: Such as "1,234.5" or "12 000".
    :param decimal_mark: What the language writes before a fraction.
    :return: Nothing for dates, versions and the like.
    """
    if token[-1] in FRACTIONS:
        whole = Decimal(token[:-1]) if token[:-1].isdigit() else Decimal(0)
        return (whole + Decimal(FRACTIONS[token[-1]]),)
    if not _MARK.sub("", token).isascii():
        return ()
    marks = _MARK.findall(token)
    groups = _MARK.split(token)
    if not marks:
        return (Decimal(token),)
    thousands = (Decimal("".join(groups)),) if _is_grouped(groups) else ()
    if len(set(marks)) == 1:
        may_be_fraction = len(marks) == 1 and marks[0] in ".," and not (thousands and groups[1] == "000")
        fraction = (Decimal(".".join(groups)),) if may_be_fraction else ()
        return fraction + thousands if marks[0] == decimal_mark else thousands + fraction
    if marks.count(marks[-1]) == 1 and marks[-1] in ".,":
        return (Decimal("".join(groups[:-1]) + "." + groups[-1]),)
    return ()


def _is_grouped(groups: list[str]) -> bool:
    """Return whether thousands, or lakhs and crores, are marked as they should be."""
    first, *middle, last = groups
    if not 1 <= len(first) <= 3 or first[0] == "0" or len(last) != 3:
        return False
    return all(len(group) == 3 for group in middle) or (len(first) < 3 and all(len(group) == 2 for group in middle))


def read_roman(match: "regex.Match[str]") -> Decimal:
    """Return the value of a match of ``ROMAN``."""
    return Decimal(_ROMAN_TENS[match[1]] + _ROMAN_ONES.index(match[2]))


def last_place(token: str, reading: Decimal) -> Decimal:
    """Return the place value of the last digit that says something: 0.1 of "1.2", 100 of "1,200"."""
    _, digits, exponent = reading.as_tuple()
    if isinstance(exponent, int) and exponent < 0:
        return Decimal(10) ** exponent
    zeros = len(token) - len(token.rstrip("0., \u00a0'’"))
    return Decimal(10) ** min(zeros, len(digits) - 1)


def read_han(run: str) -> tuple[Decimal, Decimal]:
    """Return the value of a run such as 三百五十, 1億2500万 or 3천500만, and how finely it is stated."""
    parts = _HAN_PART.findall(run)
    if all(part in _HAN_DIGITS for part in parts):
        return Decimal("".join(str(_HAN_DIGITS[part]) for part in parts)), Decimal(1)
    total = section = Decimal(0)
    number: Decimal | None = None
    unit = fraction = Decimal(1)
    for part in parts:
        if part not in _HAN_UNITS:
            number = Decimal(_HAN_DIGITS[part]) if part in _HAN_DIGITS else _first_reading(part)
            fraction = last_place(part, number) if "." in part else Decimal(1)
            continue
        unit = Decimal(10) ** _HAN_UNITS[part]
        if unit < 10_000:
            section += (Decimal(1) if number is None else number) * unit
        elif section == 0 and number is None and total > 0:
            total *= unit
        else:
            total += ((section + (number or 0)) or 1) * unit
            section = Decimal(0)
        number = None
    return total + section + (number or 0), unit * fraction


def _first_reading(part: str) -> Decimal:
    readings = read_digits(part.rstrip(".,"), ".")
    return readings[0] if readings else Decimal(_MARK.sub("", part))
