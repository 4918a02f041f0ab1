"""Where a text stands after a number: what was written before and after it, and of the next word."""

from dataclasses import dataclass
from decimal import Decimal

import regex

from summarizer.backends.magnitude_tokens import FollowWords

_FOLLOWING = regex.compile(r"([ -]?)([\p{L}\p{M}\p{N}]*)(?:([ -])([\p{L}\p{M}\p{N}]*))?")
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text stands after a number.

    :param context: What stands before it and may change how it is read.
    :param cluster: The number, with those that are joined to it.
    :param after: What was written after it.
    """

    context: str
    cluster: str
    after: str

    @property
    def number(self) -> str:
        """The text up to the end of the number."""
        return self.context + self.cluster

    @property
    def text(self) -> str:
        """All of the text."""
        return self.context + self.cluster + self.after


@dataclass(frozen=True, slots=True)
class Word:
    """The word after a number, as far as it is written.

    :param factor: What the magnitude before it is worth, as "mil" in "2 mil millones"; else 1.
    :param pending: Its letters.
    :param value: What it is worth itself, if it is a magnitude.
    :param leads: What tokens that go on may begin with; see ``FollowWords.after``.
    """

    factor: Decimal
    pending: str
    value: Decimal | None
    leads: str

    def next(self) -> "Word | None":
        """Return the magnitude that may follow after a space: a second one, never a third."""
        return Word(self.value, "", None, " ") if self.value is not None and self.factor == 1 else None


def read_word(after: str, words: FollowWords) -> Word | None:
    """Return the word after a number, unless it can be no magnitude.

    :param after: What was written after it.
    :param words: The words for numbers.
    """
    match = _FOLLOWING.fullmatch(after)
    if match is None:
        return None
    gap, first, _, second = match.groups()
    value = words.magnitude(first) if first else None
    if second is None:
        is_open = not first or words.is_open(first)
        return Word(_ONE, first, value, "|" if gap or first else " |") if is_open else None
    if value is None or (second and not words.is_open(second)):
        return None
    return Word(value, second, words.magnitude(second) if second else None, "|")
