"""Pasted text as a row of blocks: one block for each line, hard-wrapped lines joined, with what can be measured."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from summarizer.cleaning.phrases import Phrases, find_phrases
from summarizer.tokens import DENSE, find_terms, find_words, is_unspaced, measure_letters

TERMINALS = ".!?…。．！？।॥؟۔።፧፨։៕။"
OPENERS = "\"'“„«»‘([「『"
CLOSERS = "\"'“”’«»‹›)]）」』】》〉"
SEPARATORS = re.compile(r"[|·•»›→/>]")
#: A paragraph whose lines were broken by an e-mail program or a terminal has lines of about this many characters.
WRAP_WIDTHS = range(34, 101)
#: Paragraphs that must be wrapped for sure before those of two lines are taken for such.
WRAPPED_GROUPS = 1
BULLETS = ("- ", "– ", "— ", "* ", "• ")
#: Blocks kept with what was measured of them: pages repeat their labels, and what is left of a page is read again.
BLOCKS = 4096
#: Where a block stands: ``page[start:end]``, with outer space cut.
Span = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Block:
    """The text of a line of a page (or of several, where a paragraph was wrapped), and what can be measured of it.

    ``read_block`` gives equal texts the same block; blocks are compared by identity.
    """

    text: str

    @cached_property
    def letters(self) -> float:
        """Amount of writing, in letters of an alphabet."""
        return measure_letters(self.text)

    @cached_property
    def words(self) -> list[str]:
        """The words of the block."""
        return find_words(self.text)

    @cached_property
    def terms(self) -> frozenset[str]:
        """What to compare its vocabulary by."""
        return frozenset(find_terms(self.text))

    @cached_property
    def name(self) -> str:
        """The text without regard to case."""
        return self.text.casefold()

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


@lru_cache(maxsize=BLOCKS)
def read_block(text: str) -> Block:
    """Return the block of a text that has single spaces only."""
    return Block(text)


def split_blocks(page: str) -> list[Block]:
    """Cut a page into blocks, in order."""
    return read_blocks(page, find_spans(page))


def read_blocks(page: str, spans: Iterable[Span]) -> list[Block]:
    """Return the blocks that stand at these places of a page."""
    return [read_block(collapse(page[start:end])) for start, end in spans]


def find_spans(page: str) -> list[Span]:
    """Return where the blocks of a page stand, in order; every character but white space is in exactly one."""
    groups = list(_find_groups(page))
    wrapped = [_is_wrapped(page, group, least=3) for group in groups]
    # On a page of wrapped paragraphs those of two lines are wrapped too; elsewhere two such lines may be headlines.
    if sum(wrapped) >= WRAPPED_GROUPS:
        wrapped = [_is_wrapped(page, group, least=2) for group in groups]
    return [
        span
        for group, joined in zip(groups, wrapped, strict=True)
        for span in ([(group[0][0], group[-1][1])] if joined else group)
    ]


def _find_groups(page: str) -> Iterator[list[Span]]:
    """Yield the lines, by their offsets, that no blank line parts."""
    group: list[Span] = []
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


def _is_wrapped(page: str, group: list[Span], least: int) -> bool:
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
