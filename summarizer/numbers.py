"""Compare the numbers and dates of two texts, in any two languages and scripts."""

from bisect import bisect_left
from decimal import Decimal

from summarizer.number_finding import Number, find_clocks, find_numbers, to_ascii_digits

__all__ = ["Number", "Support", "find_numbers", "to_ascii_digits", "unsupported_numbers"]

_DECADES = {Decimal(year) for year in range(1910, 2000, 10)}  # 1980s is also written 80s


def unsupported_numbers(
    text: str, source: str, language: str | None = None, source_language: str | None = None
) -> list[Number]:
    """Return the numbers of a text that its source does not have.

    A number is supported by an equal one, in digits of any script or spelled, and by one that rounds to it where the
    text states a rounded number ("about 1,200", "1.2 million").

    :param text: The text to check, such as a sentence of a summary.
    :param source: What it must rest on, such as the article with its title.
    :param language: BCP-47 code of the text.
    :param source_language: BCP-47 code of the source.
    """
    return Support(source, source_language).find_missing(text, language)


class Support:
    """The numbers of one source, ready to be asked many times.

    :param source: The text.
    :param language: BCP-47 code of its language.
    """

    def __init__(self, source: str, language: str | None = None) -> None:
        self._language = language
        numbers = find_numbers(source, language)
        self._months = {value for number in numbers if number.kind != "number" for value in number.values}
        self._clocks = set(find_clocks(source))
        values = {value for number in numbers if number.kind != "month" for value in number.values}
        values |= {Decimal(part) for clock in self._clocks for part in clock}
        self._values = values | {value - 1900 for value in values & _DECADES}
        self._sorted = sorted(self._values)

    def find_missing(self, text: str, language: str | None = None) -> list[Number]:
        """Return the numbers of a text that the source does not have.

        :param text: The text to check.
        :param language: BCP-47 code of its language.
        """
        one = Decimal(1) if language != self._language else None  # "1 año" is "a year"
        found = (number for number in find_numbers(text, language) if not number.weak and one not in number.values)
        return [number for number in found if not self.has(number)]

    def has(self, number: Number) -> bool:
        """Return whether the source states this number, exactly or more finely."""
        if any(value == 0 or self._has_value(value, number.kind) for value in number.values):
            return True
        if number.margin is not None and self._has_near(number.values[0], *number.margin):
            return True
        return any(clock in self._clocks for clock in find_clocks(number.text))

    def _has_value(self, value: Decimal, kind: str) -> bool:
        if kind == "month" or (kind == "date" and value in self._months):
            return value in self._months
        return value in self._values or (value in _DECADES and value - 1900 in self._values)

    def _has_near(self, value: Decimal, below: Decimal, above: Decimal) -> bool:
        position = bisect_left(self._sorted, value - below)
        return position < len(self._sorted) and self._sorted[position] < value + above
