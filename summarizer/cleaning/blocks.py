"""Pasted text as a row of blocks: one block for each line, hard-wrapped lines joined, with what can be measured."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from summarizer.cleaning.phrases import Phrases, find_phrases
from summarizer.tokens import DENSE, find_words, is_unspaced, measure_letters

TERMINALS = ".!?…。．！？।॥؟۔።፧፨։៕။"
OPENERS = "\"'“„«»‘([「『"
CLOSERS = "\"'“”’«»‹›)]）」』】》〉"
SEPARATORS = re.compile(r"[|·•»›→/>]")
#: A paragraph whose lines were broken by an e-mail program or a terminal has lines of about this many characters.
WRAP_WIDTHS = range(34, 101)
#: Paragraphs that must be wrapped for sure before those of two lines are taken for such.
WRAPPED_GROUPS = 1
BULLETS = ("- ", "– ", "— ", "* ", "• ")


@dataclass(frozen=True, eq=False)
class Block:
    """A line of the page (or several, where a paragraph was wrapped): ``page[start:end]`` with outer space cut.

    Blocks are compared by identity: what is measured of one is kept with it.
    """

    text: str
    start: int
    end: int

    @cached_property
    def letters(self) -> float:
        """Amount of writing, in letters of an alphabet."""
        return measure_letters(self.text)

    @cached_property
    def words(self) -> list[str]:
        """The words of the block."""
        return find_words(self.text)

    @cached_property
    def phrases(self) -> Phrases:
        """What the block says of itself by phrases of the word lists."""
        return find_phrases(self.text)

    @cached_property
    def ends_sentence(self) -> bool:
        """Whether the block closes with a mark that ends sentences."""
        return self.text.rstrip(CLOSERS + " ").endswith(tuple(TERMINALS))

    @cached_property
    def has_spaceless_script(self) -> bool:
        """Whether most of the writing is in a script that puts no spaces between words."""
        return is_unspaced(self.text)

    @cached_property
    def capitalised_share(self) -> float:
        """Share of the words that begin with a capital; links and names of sections have many."""
        if not self.words:
            return 0.0
        return sum(word[0].isupper() or word[0].isdigit() for word in self.words) / len(self.words)

    @cached_property
    def separators(self) -> int:
        """Number of marks that part links from each other."""
        return len(SEPARATORS.findall(self.text))

    @cached_property
    def is_sentence(self) -> bool:
        """Whether the block is a whole sentence, however short; headlines have no full stop."""
        return self.is_paragraph or (self.ends_sentence and len(self.words) >= 5)

    @cached_property
    def is_paragraph(self) -> bool:
        """Whether the block reads like running text rather than like a label."""
        if self.ends_sentence:
            return self.letters >= 60
        # Thai, Lao and Khmer paragraphs need no mark at their end; Chinese and Japanese ones have one.
        return self.letters >= 70 and self.has_spaceless_script and not DENSE.search(self.text)


def split_blocks(page: str) -> list[Block]:
    """Cut a page into blocks, in order; every character that is not white space is in exactly one block."""
    groups = list(_find_groups(page))
    wrapped = [_is_wrapped(page, group, least=3) for group in groups]
    # On a page of wrapped paragraphs those of two lines are wrapped too; elsewhere two such lines may be headlines.
    if sum(wrapped) >= WRAPPED_GROUPS:
        wrapped = [_is_wrapped(page, group, least=2) for group in groups]
    spans = (
        span
        for group, joined in zip(groups, wrapped, strict=True)
        for span in ([(group[0][0], group[-1][1])] if joined else group)
    )
    return [Block(collapse(page[start:end]), start, end) for start, end in spans]


def _find_groups(page: str) -> Iterator[list[tuple[int, int]]]:
    """Yield the lines, by their offsets, that no blank line parts."""
    group: list[tuple[int, int]] = []
    position = 0
    for line in page.split("\n"):
        stripped = line.strip()
        if stripped:
            start = position + line.index(stripped[0])
            group.append((start, start + len(stripped)))
        elif group:
            yield group
            group = []
        position += len(line) + 1
    if group:
        yield group


def _is_wrapped(page: str, group: list[tuple[int, int]], least: int) -> bool:
    """Tell a wrapped paragraph: lines of one width, of which most break in the middle of sentences."""
    full, last = group[:-1], group[-1]
    if len(group) < least or last[1] - last[0] > WRAP_WIDTHS.stop:
        return False
    if any(end - start not in WRAP_WIDTHS for start, end in full):
        return False
    if any(page.startswith(BULLETS, start) for start, _ in group):
        return False
    following = [page[start : start + 3].lstrip(OPENERS)[:1] for start, _ in group[1:]]
    if any(first.isupper() or first.islower() for first in following) and not any(map(str.islower, following)):
        return False
    broken = sum(not page[start:end].rstrip(CLOSERS).endswith(tuple(TERMINALS)) for start, end in full)
    return broken * 2 > len(full)


def collapse(text: str) -> str:
    """Return the text with every run of white space as one space."""
    return " ".join(text.split())
