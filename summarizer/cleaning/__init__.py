"""Cleaning of pasted text: a page goes in as it was copied, the story comes out, and every removal says why."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from summarizer.cleaning.blocks import Block, collapse, split_blocks
from summarizer.cleaning.duplicates import find_duplicates, may_repeat
from summarizer.cleaning.foreign import find_foreign
from summarizer.cleaning.labels import label_blocks
from summarizer.cleaning.lines import dateline_end, find_agency, find_author, version_end
from summarizer.cleaning.structure import classify_blocks
from summarizer.datamodels import PassageKind, Removed, Sentence
from summarizer.sentences import split_sentences

REASONS = (
    "banner", "navigation", "cookie", "share", "subscribe", "advertisement", "related", "caption", "credit", "byline",
    "date", "comments", "legal", "duplicate", "paywall", "login", "video", "other-language",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What cleaning left of a page, and what it took away.

    ``paragraphs`` have single spaces only; ``kinds`` says what each of them is. ``removed`` is in the order of the page
    and has offsets into it. ``dateline``, ``agency`` and ``author`` are what was removed of the kind.
    """

    title: str | None
    paragraphs: tuple[str, ...]
    removed: tuple[Removed, ...] = ()
    kinds: tuple[PassageKind, ...] = ()
    dateline: str | None = None
    agency: str | None = None
    author: str | None = None

    @property
    def text(self) -> str:
        """The story: its paragraphs, one a line."""
        return "\n".join(self.paragraphs)


@dataclass(slots=True)
class _Story:
    """The story as it is put together: kept pieces of the page and removals."""

    page: str
    paragraphs: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)
    dateline: str | None = None

    def remove(self, start: int, end: int, reason: str) -> None:
        self.removed.append(Removed(self.page[start:end], reason, start, end))


def clean_text(page: str, *, title: str | None = None, keep: Collection[str] = (), extracted: bool = False) -> Cleaned:
    """Take everything that is not the article out of a pasted page.

    :param page: The page as it was pasted, already decoded and normalized.
    :param title: The headline, where it is known from elsewhere; else it is looked for above the story.
    :param keep: Reasons (of ``REASONS``) for which nothing is to be removed.
    :param extracted: Whether the page is an article already found in HTML, so that little is to go.
    :return: Headline, paragraphs and removals. The paragraphs may be empty: see ``guard.find_refusal``.
    """
    blocks = split_blocks(page)
    headline, reasons = label_blocks(blocks, title, extracted=extracted)
    _mark_repeated(blocks, reasons, keep)
    _mark_foreign(blocks, reasons, headline)
    story = _Story(page)
    seen: set[str] = set()
    for index, (block, reason) in enumerate(zip(blocks, reasons, strict=True)):
        if index == headline:
            continue
        if reason is not None and reason not in keep:
            story.remove(block.start, block.end, reason)
        else:
            _add_paragraph(story, block, seen, keep)
    found = title or (_find_headline(story, blocks[headline], keep) if headline is not None else None)
    return _finish(story, found, blocks[headline].start if headline is not None else None)


def _finish(story: _Story, title: str | None, headline: int | None) -> Cleaned:
    removed = sorted(story.removed, key=lambda removal: removal.start)
    first = story.blocks[0].start if story.blocks else 0
    second = story.blocks[1].start if len(story.blocks) > 1 else first
    leads = headline is not None and headline < first
    leads = leads and any(
        first < removal.start < second and removal.reason in ("byline", "date") for removal in removed
    )
    bylines = (find_author(removal.text) for removal in removed if removal.reason == "byline")
    return Cleaned(
        title,
        tuple(story.paragraphs),
        tuple(removed),
        tuple(classify_blocks(story.blocks, leads=leads)),
        story.dateline,
        find_agency(story.dateline) if story.dateline else None,
        next(filter(None, bylines), None),
    )


def _mark_repeated(blocks: Sequence[Block], reasons: list[str | None], keep: Collection[str]) -> None:
    bodies = [index for index, reason in enumerate(reasons) if reason is None or reason in keep]
    for index in find_duplicates([blocks[index].text for index in bodies]):
        reasons[bodies[index]] = "duplicate"


def _mark_foreign(blocks: Sequence[Block], reasons: list[str | None], headline: int | None) -> None:
    bodies = [index for index, reason in enumerate(reasons) if reason is None and index != headline]
    for index in find_foreign([blocks[index] for index in bodies]):
        reasons[bodies[index]] = "other-language"


def _find_headline(story: _Story, block: Block, keep: Collection[str]) -> str:
    raw = story.page[block.start : block.end]
    cut = 0 if "byline" in keep else version_end(raw)
    if cut:
        story.remove(block.start, block.start + len(raw[:cut].rstrip()), "byline")
    return collapse(raw[cut:])


def keep_lines(page: str, title: str | None = None) -> Cleaned:
    """Return all lines of a page as its paragraphs, with single spaces."""
    blocks = [Block(text, 0, 0) for text in map(collapse, page.split("\n")) if text]
    return Cleaned(title, tuple(block.text for block in blocks), kinds=tuple(classify_blocks(blocks)))


def _add_paragraph(story: _Story, block: Block, seen: set[str], keep: Collection[str]) -> None:
    """Add a paragraph less its dateline and less the sentences that the story already has."""
    start = block.start
    raw = story.page[start : block.end]
    cut = 0 if "byline" in keep else dateline_end(raw)
    if cut:
        story.remove(start, start + len(raw[:cut].rstrip()), "byline")
        story.dateline = story.dateline or collapse(raw[:cut]).strip(" -–—:.")
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
        story.blocks.append(Block(story.paragraphs[-1], start, block.end))


def _join(text: str, kept: list[Sentence]) -> str:
    """Join sentences with the space that stood before them, so that scripts without spaces get none."""
    spaced = (" " * (sentence.start > 0 and text[sentence.start - 1].isspace()) + sentence.text for sentence in kept)
    return "".join(spaced)
