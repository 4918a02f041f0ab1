"""Word lists of what publishers write around articles, and how strongly a block matches them."""

import unicodedata
from functools import cache, lru_cache
from importlib import resources

from summarizer.cleaning.blocks import Block

#: A phrase must cover this share of a block's letters to decide on its own.
COVERAGE = 0.4
#: A paragraph of the story must consist of phrases to this share to go; an article on cookies speaks of them.
PARAGRAPH_COVERAGE = 0.6
#: The same for two or more different phrases of one reason together.
JOINT_COVERAGE = 0.15
#: Phrases of this reason that stand whole on a line, but for numbers and marks, open a section.
HEADING_COVERAGE = 0.75
OPENERS = "[【([«»>→•*-– "


@cache
def _phrases() -> tuple[tuple[str, str], ...]:
    """Return (phrase, reason) of all languages together, longest first.

    The languages are not told apart: pages mix them, and a label in the wrong language is no article either.
    """
    found: set[tuple[str, str]] = set()
    reason = ""
    text = resources.files("summarizer.cleaning").joinpath("phrases.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("["):
            reason = line.strip("[]")
        elif line and not line.startswith("#"):
            _, _, listed = line.partition(": ")
            found.update((_fold(phrase), reason) for phrase in listed.split("; "))
    return tuple(sorted(found, key=lambda entry: (-len(entry[0]), entry)))


@lru_cache(maxsize=4096)
def _occurrences(text: str) -> dict[str, list[tuple[int, int]]]:
    """Return where phrases stand in a folded text, by reason; of overlapping phrases the longest counts."""
    found: dict[str, list[tuple[int, int]]] = {}
    for phrase, reason in _phrases():
        start = text.find(phrase)
        while start >= 0:
            end = start + len(phrase)
            taken = found.setdefault(reason, [])
            if _is_bounded(text, start, end) and not any(start < stop and begin < end for begin, stop in taken):
                taken.append((start, end))
            start = text.find(phrase, end)
    return found


def _is_bounded(text: str, start: int, end: int) -> bool:
    """Whether whole words stand there; scripts without spaces have no word bounds."""
    return not (_glued(text, start - 1, start) or _glued(text, end - 1, end))


def _glued(text: str, left: int, right: int) -> bool:
    if left < 0 or right >= len(text):
        return False
    return all(character.isalpha() and character < "\u0e00" for character in (text[left], text[right]))


def _fold(text: str) -> str:
    # Casefolding turns the dotted capital I of Turkish into an i with a dot above of its own.
    return unicodedata.normalize("NFC", text.casefold().replace("i\u0307", "i")).replace("’", "'")


def coverage(block: Block, reason: str) -> tuple[float, int]:
    """Return the share of the block's letters that phrases of this reason cover, and how many different ones."""
    text = _fold(block.text)
    found = [text[start:end] for start, end in _occurrences(text).get(reason, ())]
    return sum(map(_count, found)) / max(1, _count(text)), len(set(found))


def _count(text: str) -> int:
    return sum(character.isalpha() or character == "©" for character in text)


def matches(block: Block, reason: str) -> bool:
    """Whether phrases of this reason make up enough of the block to say what it is."""
    share, different = coverage(block, reason)
    return share >= COVERAGE or (different >= 2 and share >= JOINT_COVERAGE)


def consists_of(block: Block, reason: str) -> bool:
    """Whether phrases of this reason make up so much of the block that it says nothing else."""
    return coverage(block, reason)[0] >= PARAGRAPH_COVERAGE


def mentions(block: Block, reason: str) -> bool:
    """Whether any phrase of this reason occurs in the block."""
    return coverage(block, reason)[1] > 0


def is_heading(block: Block, reason: str) -> bool:
    """Whether the block is a label and nothing more, such as "Comments (3)" or "Read also:"."""
    return coverage(block, reason)[0] >= HEADING_COVERAGE


def opens_with(block: Block, reason: str) -> bool:
    """Whether the block begins with a phrase of this reason, as "Read also: ..." does."""
    text = _fold(block.text.lstrip(OPENERS))
    opening = next((end for start, end in _occurrences(text).get(reason, ()) if start == 0), 0)
    return opening >= 6 or (opening > 0 and not text[:opening].isascii())
