"""Cleaning of pasted text: a page goes in as it was copied, the story comes out, and every removal says why."""

from collections.abc import Collection
from dataclasses import dataclass, field

from summarizer.cleaning.blocks import Block, collapse, split_blocks
from summarizer.cleaning.duplicates import find_duplicates, may_repeat
from summarizer.cleaning.labels import label_blocks
from summarizer.cleaning.lines import dateline_end
from summarizer.datamodels import Removed, Sentence
from summarizer.sentences import split_sentences

REASONS = (
    "banner", "navigation", "cookie", "share", "subscribe", "advertisement", "related", "caption", "credit", "byline",
    "date", "comments", "legal", "duplicate", "paywall", "login", "video",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What cleaning left of a page, and what it took away.

    ``paragraphs`` have single spaces only. ``removed`` is in the order of the page and has offsets into it.
    """

    title: str | None
    paragraphs: tuple[str, ...]
    removed: tuple[Removed, ...] = ()

    @property
    def text(self) -> str:
        """The story: its paragraphs, one a line."""
        return "\n".join(self.paragraphs)


@dataclass(slots=True)
class _Story:
    """The story as it is put together: kept pieces of the page and removals."""

    page: str
    paragraphs: list[str] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)

    def remove(self, start: int, end: int, reason: str) -> None:
        self.removed.append(Removed(self.page[start:end], reason, start, end))


def clean_text(page: str, *, title: str | None = None, keep: Collection[str] = (), extracted: bool = False) -> Cleaned:
    """Take everything that is not the article out of a pasted page.

    :param page: The page as it was pasted, already decoded and normalized.
    :param title: The headline, where it is known from elsewhere; else it is looked for above the story.
    :param keep: Reasons (of ``REASONS``) for which nothing is to be removed.
    :param extracted: Whether the page is an article already found in HTML, so that only lines that name themselves and
        repetitions are to go.
    :return: Headline, paragraphs and removals. The paragraphs may be empty: see ``guard.find_refusal``.
    """
    blocks = split_blocks(page)
    headline, reasons = label_blocks(blocks, title, extracted=extracted)
    story = _Story(page)
    bodies = [block for block, reason in zip(blocks, reasons, strict=True) if reason is None or reason in keep]
    repeated = set() if "duplicate" in keep else find_duplicates([block.text for block in bodies])
    duplicates = {bodies[index].start for index in repeated}
    seen: set[str] = set()
    for index, (block, reason) in enumerate(zip(blocks, reasons, strict=True)):
        if index == headline:
            continue
        if reason is not None and reason not in keep:
            story.remove(block.start, block.end, reason)
        elif block.start in duplicates:
            story.remove(block.start, block.end, "duplicate")
        else:
            _add_paragraph(story, block, seen, keep)
    found = title or (blocks[headline].text if headline is not None else None)
    return Cleaned(found, tuple(story.paragraphs), tuple(sorted(story.removed, key=lambda removal: removal.start)))


def _add_paragraph(story: _Story, block: Block, seen: set[str], keep: Collection[str]) -> None:
    """Add a paragraph less its dateline and less the sentences that the story already has."""
    start = block.start
    raw = story.page[start : block.end]
    cut = 0 if "byline" in keep else dateline_end(raw)
    if cut:
        story.remove(start, start + len(raw[:cut].rstrip()), "byline")
    text = raw[cut:].replace("\n", " ")
    kept: list[Sentence] = []
    for sentence in split_sentences(text):
        key = collapse(sentence.text).casefold()
        if key in seen and not may_repeat(sentence.text) and "duplicate" not in keep:
            story.remove(start + cut + sentence.start, start + cut + sentence.end, "duplicate")
        else:
            seen.add(key)
            kept.append(sentence)
    if kept:
        story.paragraphs.append(collapse(_join(text, kept)))


def _join(text: str, kept: list[Sentence]) -> str:
    """Join sentences with the space that stood before them, so that scripts without spaces get none."""
    spaced = (" " * (sentence.start > 0 and text[sentence.start - 1].isspace()) + sentence.text for sentence in kept)
    return "".join(spaced)
