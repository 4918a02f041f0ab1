"""Word lists of what publishers write around articles, and how strongly a text matches them.

The lists are data: ``phrases/CODE.txt`` for each language, with ``[reason]`` sections of one phrase a line. The
languages are not told apart: pages mix them, and a label in the wrong language is no article either.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

import regex

from summarizer.tokens import ALPHABETIC_WORD, DENSE, UNSPACED, count_letters, is_alphabetic

#: A phrase must cover this share of a text's letters to decide on its own.
COVERAGE = 0.4
#: A paragraph of the story must consist of phrases to this share to go; an article on cookies speaks of them.
PARAGRAPH_COVERAGE = 0.6
#: The same for two or more different phrases of one reason together.
JOINT_COVERAGE = 0.15
#: Phrases of this reason that stand whole on a line, but for numbers and marks, open a section.
HEADING_COVERAGE = 0.75
#: Letters of the shortest phrase of the Latin alphabet that says by itself what it opens.
LEAST_OPENING = 6
OPENERS = "[【([«»>→•*-– "
#: Letters that have no word bounds between them: of scripts without spaces, and of Korean, whose particles are endings.
_UNBOUNDED = regex.compile(f"[{UNSPACED.pattern}{DENSE.pattern}]", regex.V1)
#: Where a phrase may begin, and what it is looked up by: a word, two letters of those scripts, a copyright sign.
_START = regex.compile(
    rf"(?P<key>©)|(?=(?P<key>{_UNBOUNDED.pattern}\w)){_UNBOUNDED.pattern}"
    rf"|(?P<key>[[\p{{L}}\p{{M}}\p{{N}}]--{_UNBOUNDED.pattern}]+)",
    regex.V1,
)
#: The same in the alphabets of Europe.
_ALPHABETIC_START = re.compile(rf"(?P<key>©|{ALPHABETIC_WORD.pattern})")
#: Two letters of one word; vowel signs count as letters.
_INSIDE = regex.compile(r"[\p{L}\p{M}][\p{L}\p{M}]")


@dataclass(frozen=True, slots=True)
class Entry:
    """A phrase, folded, with what it stands for and its number of letters."""

    text: str
    reason: str
    letters: int


@cache
def _entries() -> dict[str, tuple[tuple[str, ...], list[Entry]]]:
    """Return the phrases of all languages by how they begin, the longest first: their texts, and they themselves."""
    found: set[tuple[str, str]] = set()
    for source in resources.files("summarizer.cleaning").joinpath("phrases").iterdir():
        found.update(_read(source.read_text(encoding="utf-8")))
    entries: dict[str, list[Entry]] = {}
    for phrase, reason in sorted(found, key=lambda entry: (-len(entry[0]), entry)):
        start = _START.search(phrase)
        if start is not None:
            entries.setdefault(start["key"], []).append(Entry(phrase, reason, _count(phrase)))
    return {key: (tuple(entry.text for entry in group), group) for key, group in entries.items()}


def _read(text: str) -> Iterator[tuple[str, str]]:
    reason = ""
    for line in text.splitlines():
        if line.startswith("["):
            reason = line.strip("[]")
        elif line and not line.startswith("#"):
            yield _fold(line), reason


def _fold(text: str) -> str:
    # Casefolding turns the dotted capital I of Turkish into an i with a dot above of its own. The dotless one cannot be
    # told from it in capitals.
    return unicodedata.normalize("NFC", text.casefold().replace("i\u0307", "i").replace("ı", "i")).replace("’", "'")


def _count(text: str) -> int:
    return count_letters(text) + text.count("©")


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases in a text.

    ``shares`` has for each reason the part of the text's letters that its phrases cover, ``different`` how many
    different ones there are; ``opening`` has the reasons of those that the text begins with.
    """

    shares: dict[str, float]
    different: dict[str, int]
    opening: frozenset[str]

    def first(self, reasons: Iterable[str], decides: Callable[["Phrases", str], bool]) -> str | None:
        """Return the first of the reasons for which one of the other methods holds."""
        return next((reason for reason in reasons if decides(self, reason)), None) if self.shares else None

    def match(self, reason: str) -> bool:
        """Whether phrases of this reason make up enough of the text to say what it is."""
        share = self.shares.get(reason, 0.0)
        return share >= COVERAGE or (self.different.get(reason, 0) >= 2 and share >= JOINT_COVERAGE)

    def fill(self, reason: str) -> bool:
        """Whether phrases of this reason make up so much of the text that it says nothing else."""
        return self.shares.get(reason, 0.0) >= PARAGRAPH_COVERAGE

    def mention(self, reason: str) -> bool:
        """Whether any phrase of this reason occurs in the text."""
        return reason in self.shares

    def head(self, reason: str) -> bool:
        """Whether the text is a label and nothing more, such as "Comments (3)" or "Read also:"."""
        return self.shares.get(reason, 0.0) >= HEADING_COVERAGE

    def open(self, reason: str) -> bool:
        """Whether the text begins with a phrase of this reason, as "Read also: ..." does."""
        return reason in self.opening


def find_phrases(text: str) -> Phrases:
    """Find the listed phrases in a text; of phrases of one reason that overlap, the longest counts."""
    folded = _fold(text)
    candidates = list(_candidates(folded))
    if not candidates:
        return NONE
    spans: dict[str, list[tuple[int, int]]] = {}
    covered: dict[str, int] = {}
    different: dict[str, set[str]] = {}
    for start, entry in sorted(candidates, key=lambda found: -len(found[1].text)):
        end = start + len(entry.text)
        taken = spans.setdefault(entry.reason, [])
        if not any(start < stop and begin < end for begin, stop in taken):
            taken.append((start, end))
            covered[entry.reason] = covered.get(entry.reason, 0) + entry.letters
            different.setdefault(entry.reason, set()).add(entry.text)
    total = max(1, _count(folded))
    first = len(folded) - len(folded.lstrip(OPENERS))
    opening = frozenset(
        reason for reason, taken in spans.items() if any(_opens(folded, first, *span) for span in taken)
    )
    return Phrases(
        {reason: letters / total for reason, letters in covered.items()},
        {reason: len(texts) for reason, texts in different.items()},
        opening,
    )


def _opens(text: str, first: int, start: int, end: int) -> bool:
    """Whether a phrase stands first, and is no such short word as begins many a sentence."""
    return start == first and (end - start >= LEAST_OPENING or not text[start:end].isascii())


NONE = Phrases({}, {}, frozenset())


def _candidates(text: str) -> Iterator[tuple[int, Entry]]:
    entries = _entries()
    starts = _ALPHABETIC_START if is_alphabetic(text) else _START
    for start in starts.finditer(text):
        texts, group = entries.get(start["key"], ((), []))
        position = start.start()
        # Few words begin a phrase here: all texts at once are compared in a tenth of the time.
        if not text.startswith(texts, position):
            continue
        for entry in group:
            if text.startswith(entry.text, position) and _ends_word(text, position + len(entry.text)):
                yield position, entry


def _ends_word(text: str, end: int) -> bool:
    """Whether no word goes on there; scripts without spaces have no word bounds."""
    if not _INSIDE.match(text, end - 1):
        return True
    return bool(_UNBOUNDED.match(text[end - 1]) or _UNBOUNDED.match(text[end]))
