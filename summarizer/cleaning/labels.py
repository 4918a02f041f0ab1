"""Deciding for every block of a page whether it is story, headline, or something to remove and why."""

from collections.abc import Sequence
from itertools import accumulate

from summarizer.cleaning.blocks import Block, collapse
from summarizer.cleaning.lines import is_byline, is_caption, is_credit, is_date
from summarizer.cleaning.phrases import consists_of, is_heading, matches, mentions, opens_with
from summarizer.cleaning.regions import find_story, recover_paragraphs
from summarizer.cleaning.titles import find_title

#: Headings that close the story: what follows them is no longer the publisher's text, or no text of the story.
CLOSING = ("comments", "legal")
#: Headings of lists: the labels that follow belong to them until the next paragraph.
LISTS = ("related", "share", "subscribe", "navigation")
#: In the order in which a block is asked for them.
PHRASE_REASONS = (
    "cookie",
    "paywall",
    "subscribe",
    "related",
    "share",
    "comments",
    "advertisement",
    "legal",
    "login",
    "video",
    "navigation",
)
#: Share of the page's running text that must lie above a closing heading; above it the same word is a link.
CLOSING_SHARE = 0.4


def label_blocks(
    blocks: Sequence[Block], title: str | None, *, extracted: bool = False
) -> tuple[int | None, list[str | None]]:
    """Decide what each block of a page is.

    :param blocks: The blocks of the page, in order.
    :param title: The headline, where it is known.
    :param extracted: Whether all blocks are known to belong to the story.
    :return: The index of the headline (``None`` without one) and a reason for each block, ``None`` to keep it.
    """
    closed = [None] * len(blocks) if extracted else _closing_reasons(blocks)
    listed = [None] * len(blocks) if extracted else _listed_reasons(blocks)
    story = [True] * len(blocks) if extracted else _find_region(blocks, closed, listed)
    first = _first_paragraph(blocks, story)
    members = [block for block, inside in zip(blocks, story, strict=True) if inside]
    headline = _known_title(blocks, title) if title else find_title(blocks, first, members)
    reasons = [
        _story_reason(block, listing, dates=not extracted)
        if inside or _is_standfirst(block, index, headline, first)
        else _outside_reason(block, closing, listing)
        for index, (block, inside, closing, listing) in enumerate(zip(blocks, story, closed, listed, strict=True))
    ]
    name = collapse(blocks[headline].text if headline is not None else title or "").casefold()
    repeats = (index for index, block in enumerate(blocks) if index != headline and block.text.casefold() == name)
    for index in repeats:
        reasons[index] = "duplicate"
    return headline, reasons


def _find_region(blocks: Sequence[Block], closed: Sequence[str | None], listed: Sequence[str | None]) -> list[bool]:
    barred = [
        closing is not None or listing is not None or _phrase_reason(block) is not None
        for block, closing, listing in zip(blocks, closed, listed, strict=True)
    ]
    return recover_paragraphs(blocks, find_story(blocks, [reason is not None for reason in closed]), barred)


def _first_paragraph(blocks: Sequence[Block], story: Sequence[bool]) -> int:
    """Return the index of the story's first paragraph, of its first block where it has none."""
    inside = [index for index, member in enumerate(story) if member]
    paragraphs = (index for index in inside if blocks[index].is_paragraph)
    return next(paragraphs, inside[0] if inside else len(blocks))


def _known_title(blocks: Sequence[Block], title: str) -> int | None:
    wanted = collapse(title).casefold()
    return next((index for index, block in enumerate(blocks[:60]) if block.text.casefold() == wanted), None)


def _is_standfirst(block: Block, index: int, headline: int | None, first: int) -> bool:
    """Tell a standfirst: a longer line between headline and story, which many papers leave without a full stop."""
    return headline is not None and headline < index < first and block.letters >= 50 and block.separators < 2


def _closing_reasons(blocks: Sequence[Block]) -> list[str | None]:
    """Return for each block the reason of the closing heading that stands above it (or is it), if one does."""
    weights = [block.letters if block.is_paragraph else 0.0 for block in blocks]
    total = sum(weights)
    above = [0.0, *accumulate(weights)]
    reasons: list[str | None] = []
    current: str | None = None
    for index, block in enumerate(blocks):
        if above[index] >= CLOSING_SHARE * total and total:
            current = next((reason for reason in CLOSING if is_heading(block, reason)), current)
        reasons.append(current)
    return reasons


def _listed_reasons(blocks: Sequence[Block]) -> list[str | None]:
    """Return for each label the reason of the list heading that it follows, if it does."""
    reasons: list[str | None] = []
    current: str | None = None
    for block in blocks:
        if block.is_paragraph or (current == "related" and block.is_sentence):
            current = None
        current = next((reason for reason in LISTS if is_heading(block, reason)), current)
        reasons.append(current)
    return reasons


def _story_reason(block: Block, listed: str | None, *, dates: bool) -> str | None:
    """Return why a block inside the story goes, or ``None``; ``dates`` says whether date lines go."""
    if listed == "related" and not block.is_paragraph:
        return "related"
    if not block.is_paragraph or block.letters <= 260:
        if opens_with(block, "related") and not block.text.endswith("?"):
            return "related"
        if is_credit(block):
            return "credit" if block.letters <= 45 else "caption"
        if is_caption(block):
            return "caption"
    if is_byline(block):
        return "byline"
    if dates and is_date(block):
        return "date"
    return _phrase_reason(block)


def _phrase_reason(block: Block) -> str | None:
    """Return the reason that a block's own words give; a paragraph must consist of them, a label match them."""
    decides = consists_of if block.is_paragraph else matches
    return next((reason for reason in PHRASE_REASONS if decides(block, reason)), None)


def _outside_reason(block: Block, closed: str | None, listed: str | None) -> str:
    """Return what a block outside the story is."""
    if closed is not None:
        return "legal" if matches(block, "legal") else closed
    if mentions(block, "error"):
        return "banner"
    if is_credit(block):
        return "credit"
    if is_byline(block):
        return "byline"
    found = next((reason for reason in PHRASE_REASONS if matches(block, reason)), None)
    if found is None and is_date(block):
        return "date"
    return found or listed or _mentioned(block) or "navigation"


def _mentioned(block: Block) -> str | None:
    """Return the reason that a longer passage outside the story gives itself by one of its words."""
    if len(block.words) < 5 and not block.has_spaceless_script:
        return "banner" if block.text.endswith(("!", "！")) or block.text.isdigit() else None
    return next((reason for reason in ("cookie", "paywall", "subscribe", "legal") if mentions(block, reason)), None)
