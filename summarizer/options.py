"""What a user can ask for: how long a summary is and how it is made."""

from typing import Literal, get_args

from summarizer.errors import BadOptionError

Style = Literal["auto", "extractive", "abstractive"]
STYLES: tuple[Style, ...] = get_args(Style)

#: Most sentences of a summary of each named length.
LENGTHS = {"headline": 1, "short": 2, "medium": 4, "long": 7}
MOST_SENTENCES = 50


def count_sentences(length: str | int) -> int:
    """Return the most sentences that a summary of this length has.

    :param length: ``headline``, ``short``, ``medium``, ``long`` or a number of sentences, also as text.
    :return: A number from 1 to ``MOST_SENTENCES``.
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
    return number


def check_style(style: str) -> Style:
    """Return the style if it is one.

    :raises BadOptionError: If it is none of ``STYLES``.
    """
    for known in STYLES:
        if style == known:
            return known
    raise BadOptionError(f"Style {style!r} means nothing: use {', '.join(STYLES)}.")
