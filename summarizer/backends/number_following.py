"""What may follow a number: a magnitude that the source has with it, a month of the source, the end of the number."""

from collections.abc import Callable, Iterator
from decimal import Decimal

import numpy as np
import regex

from summarizer.backends.magnitude_tokens import Follow, FollowWords
from summarizer.backends.number_forms import HAN_UNITS, is_han
from summarizer.backends.number_place import Place, Word
from summarizer.backends.number_tokens import Ids, PieceIndex
from summarizer.number_finding import Number, find_numbers
from summarizer.number_values import last_place, read_digits, read_han
from summarizer.numbers import Support
from summarizer.tokens import WORD

#: Tokens, and whether what they write fits.
Judged = tuple[Ids, bool]

_HAN_AFTER = regex.compile(rf"([.,]*)( ?)([{HAN_UNITS}]*)")
#: What is read as one with the units after it; Hangul alone may have a space within.
_HAN_NUMBER = regex.compile(rf"(?:\d[\d.,]*[{HAN_UNITS}]+(?:(?<=[백천만억]) )?)*\d[\d.,]*$")
#: At least all that may stand between a month and its day or year, such as "de".
_MONTH_GAP = regex.compile(r"[\s./ºª°-]*\p{L}{0,3}[\s.’'-]*")
_MONTH_AFTER = regex.compile(r"[\s./ºª°-]*(?:\p{L}{0,3}[\s.’'-]+)?([\p{L}\p{M}]*)")
_MONTH_DISTANCE = 12
_FILLER = 3
#: In some languages, a full stop makes a date of this.
_DAY_AND_MONTH = regex.compile(r"(?<![\d.])\d{1,2}\.\d{1,2}$")
_MONTH_DIGITS = regex.compile(r"(?<!\d)[01]?\d$")
_MONTH_SIGNS = "月월"
_MARKS = " .,'’:/-"
#: Most numbers whose readings are remembered.
_MOST_KNOWN = 1024


class Following:
    """Judges what may come after the numbers of a text.

    :param support: The numbers of the source.
    :param holds: Tells whether the numbers of a text are all supported.
    :param is_whole: Tells whether a number is written to its end, by itself or as a multiple of something.
    :param index: The vocabulary.
    :param words: The words for numbers of the language to write in.
    :param language: BCP-47 code of that language.
    """

    def __init__(
        self, support: Support, holds: Callable[[str], bool], is_whole: Callable[[Place, bool], bool],
        index: PieceIndex, words: FollowWords, language: str,
    ) -> None:  # fmt: skip
        self._support, self._holds, self._is_whole = support, holds, is_whole
        self._index, self._words, self._language = index, words, language
        months = (Number(0, 0, "", (Decimal(month),), "month") for month in range(1, 13))
        self._wrong_months = frozenset(int(month.values[0]) for month in months if not support.has(month))
        self._known: dict[str, dict[tuple[Decimal, bool], bool]] = {}
        self._last: tuple[str, tuple[str, tuple[Decimal, ...]]] = ("", ("", ()))

    def is_settled(self, place: Place, word: Word | None) -> bool:
        """Tell whether nothing that comes can change how the number is read, but for a month beside it."""
        return word is None and len(place.after) > 1 and not _HAN_AFTER.fullmatch(place.after)

    def is_within(self, place: Place, word: Word | None) -> bool:
        """Tell whether a digit would become part of the word after the number."""
        marks_only = len(place.after) > 1 and not place.after.strip(".,")
        return (word is not None and word.pending != "") or marks_only or place.after.endswith(tuple(HAN_UNITS))

    def is_scaled(self, place: Place, word: Word | None) -> bool:
        """Tell whether what was written after a number says what it is a multiple of, or the month of which year."""
        sign = place.after.strip(" ")
        named = word is not None and (word.value is not None or word.factor != 1)
        led = self._words.words.magnitude_first and self._words.magnitude(place.context.strip())
        return named or bool(led) or (sign != "" and not sign.strip(HAN_UNITS + _MONTH_SIGNS))

    def has_wrong_month(self, text: str) -> bool:
        """Tell whether a text ends with a month that a number here would make a date of, and the source has not."""
        for match in WORD.finditer(text, max(0, len(text) - 2 * _MONTH_DISTANCE)):
            gap = text[match.end() :]
            beside = len(gap) <= _MONTH_DISTANCE and _MONTH_GAP.fullmatch(gap)
            if beside and self._words.month(match[0]) in self._wrong_months:
                return True
        return False

    def judge(self, place: Place, word: Word | None) -> Iterator[Judged]:
        """Judge the tokens that write a magnitude: 万, 億 and 백만, or a word."""
        yield from self._judge_han(place)
        for each in (word, word and word.next()):
            if each is not None:
                yield from self._judge_word(place, each)

    def finish(self, place: Place, word: Word | None) -> Iterator[Judged]:
        """Judge the tokens that lead to what a number cannot do without: a magnitude, or what makes a date of it."""
        yield from self._finish_date(place)
        yield from self.judge(place, word)
        for each in (word, word and word.next()):
            if each is not None:
                wanted = self._find_wanted(place, each.factor)
                for factors, ids in self._words.after(each.pending, each.leads).partial.items():
                    yield ids, not wanted.isdisjoint(factors)
                if " " in each.leads:
                    yield self._index.exact("▁"), bool(wanted)

    def _finish_date(self, place: Place) -> Iterator[Judged]:
        if is_han(self._language) and _MONTH_DIGITS.search(place.cluster) and not place.after.strip(" "):
            for sign in _MONTH_SIGNS:
                yield self._index.find_first(sign), self._holds(place.text + sign)
        if not place.after and _DAY_AND_MONTH.search(place.cluster):
            yield self._index.exact("."), self._holds(place.text + ".")

    def ban_beside(self, place: Place, word: Word | None) -> Iterator[Ids]:
        """Yield the tokens that would put a wrong month beside a number, or undo the magnitude that it needs."""
        yield from self.ban_months(place.after)
        if not place.after and _DAY_AND_MONTH.search(place.cluster) and not self._holds(place.text + "."):
            yield self._index.stops
        if place.after.rstrip(HAN_UNITS) != place.after and not self._is_alone(place):
            yield self._index.not_han
        is_han_run = _HAN_AFTER.fullmatch(place.after) and _HAN_NUMBER.search(place.cluster)
        if word is None or word.value is None or is_han_run:
            return
        # A word of a script without spaces stays a magnitude, whatever is written on.
        if not self._words.words.unspaced_magnitude(word.pending) and not self._stands(place, word.factor):
            mask = np.zeros(self._index.size, dtype=bool)
            mask[self._index.glued] = True
            for ids, fits in self._judge_word(place, word):
                mask[ids] &= not fits
            yield np.flatnonzero(mask)

    def ban_months(self, after: str) -> Iterator[Ids]:
        """Yield the tokens that would complete the name of a month that the source has not."""
        for follow in self._follow_months(after):
            yield from (ids for month, ids in follow.months.items() if month in self._wrong_months)

    def _follow_months(self, after: str) -> Iterator[Follow]:
        match = _MONTH_AFTER.fullmatch(after)
        if match is None:
            return
        begun = match[1]
        if len(begun) <= _FILLER:
            yield self._words.after("", " " if begun else " |")
        if begun and begun != after:
            yield self._words.after(begun, "|")

    def _judge_word(self, place: Place, word: Word) -> Iterator[Judged]:
        for (factor, doubtful), ids in self._words.after(word.pending, word.leads).magnitudes.items():
            yield ids, self._fits(place, word.factor * factor, doubtful=doubtful)

    def _find_wanted(self, place: Place, before: Decimal) -> frozenset[Decimal]:
        """Return the magnitudes that make a number fit, alone or with another one after them."""
        factors = self._words.factors
        fitting = {factor for factor in factors if self._fits(place, before * factor)}
        if before == 1:
            fitting |= {factor for factor in factors if any(self._fits(place, factor * other) for other in factors)}
        return frozenset(fitting)

    def _stands(self, place: Place, factor: Decimal) -> bool:
        """Tell whether the number stands without the word that is being written."""
        return self._is_alone(place) if factor == 1 else self._fits(place, factor)

    def _is_alone(self, place: Place) -> bool:
        bare = Place(place.context, place.cluster, "")
        return self._is_whole(bare, self.is_scaled(bare, None)) and self._holds(place.number)

    def _fits(self, place: Place, factor: Decimal, *, doubtful: bool = False) -> bool:
        """Tell whether the source has the last number times a factor, exactly or more finely."""
        if place.number not in self._known:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            self._known[place.number] = {}
        known = self._known[place.number]
        if (factor, doubtful) not in known:
            alone = doubtful and self._is_alone(place)
            known[factor, doubtful] = alone or self._has(place.number, factor)
        return known[factor, doubtful]

    def _has(self, text: str, factor: Decimal) -> bool:
        if self._last[0] != text:
            self._last = (text, self._read_last(text))
        digits, readings = self._last[1]
        if not readings:
            return False
        half = last_place(digits, readings[0]) * factor / 2
        values = tuple(reading * factor for reading in readings)
        return self._support.has(Number(0, 0, "", values, margin=(half, half), factor=factor))

    def _read_last(self, text: str) -> tuple[str, tuple[Decimal, ...]]:
        """Return the digits of the last number and what they may mean; nothing where those before it do not hold."""
        numbers = (number for number in find_numbers(text, self._language) if not number.weak)
        last = max(numbers, key=lambda number: number.end, default=None)
        if last is None or last.end < len(text) or any(unit in last.text for unit in HAN_UNITS):
            return "", ()
        if not self._holds(text[: last.start].rstrip(_MARKS)):
            return "", ()
        return last.text, read_digits(last.text, self._words.words.decimal_mark)

    def _judge_han(self, place: Place) -> Iterator[Judged]:
        match, number = _HAN_AFTER.fullmatch(place.after), _HAN_NUMBER.search(place.cluster)
        if match is None or number is None:
            return
        if not is_han(self._language):
            yield self._index.han_ids, False
            return
        marks, gap, begun = match.groups()
        # Where a mark stands between, a sentence could end there.
        alone = not marks and self._holds_before(place, number[0])
        for run, (spaced, plain) in self._index.han.items():
            value, step = read_han(number[0] + begun + run)
            stated = Number(0, 0, "", (value,), margin=(step / 2, step / 2), factor=step)
            fits = alone and self._support.has(stated)
            yield plain, fits
            if not gap and not begun:
                yield spaced, fits

    def _holds_before(self, place: Place, number: str) -> bool:
        before = place.cluster[: -len(number)]
        # A space could join the digits before and after it.
        return not before or (before[-1] != " " and self._holds((place.context + before).rstrip(_MARKS)))
