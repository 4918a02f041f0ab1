"""What a user can ask for: how long a summary is and how it is made."""

from dataclasses import dataclass
from typing import Literal, get_args

from summarizer.errors import BadOptionError

Style = Literal["auto", "extractive", "abstractive"]
STYLES: tuple[Style, ...] = get_args(Style)

MOST_SENTENCES = 50
#: Letters of an alphabet that a sentence of a short summary has at most, on average: about eighteen English words.
_LETTERS = 100


@dataclass(frozen=True, slots=True)
class Extent:
    """How long a summary is: it has ``least`` sentences, and up to ``most`` while they keep within ``letters``."""

    least: int
    most: int
    letters: int


LENGTHS = {
    "headline": Extent(1, 1, _LETTERS),
    "short": Extent(1, 2, 2 * _LETTERS),
    "medium": Extent(3, 4, 4 * _LETTERS),
    "long": Extent(5, 7, 7 * _LETTERS),
}


def find_extent(length: str | int) -> Extent:
    """Return how long a summary of this length is.

    :param length: ``headline``, ``short``, ``medium``, ``long`` or a number of sentences, also as text.
    :return: Its extent; a number means exactly so many sentences, ``MOST_SENTENCES`` at most.
    :raises BadOptionError: If it is none of these.
    """
    name = str(length).strip().lower()
    if name in LENGTHS:
        return LENGTHS[name]
    number = int(name) if name.isascii() and name.isdigit() else 0
    if not 1 <= number <= MOST_SENTENCES:
        raise BadOptionError(
            f"Length {length!r} means nothing: use {', '.join(LENGTHS)} or a number of sentences "
            f"from 1 to {MOST_SENTENCES}."
        )
    return Extent(number, number, number * _LETTERS)


def check_style(style: str) -> Style:
    """Return the style if it is one.

    :raises BadOptionError: If it is none of ``STYLES``.
    """
    for known in STYLES:
        if style == known:
            return known
    raise BadOptionError(f"Style {style!r} means nothing: use {', '.join(STYLES)}.")
