"""Deciding for every block of a page whether it is story, headline, or something to remove and why."""

import re
from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from summarizer.cleaning import block_model
from summarizer.cleaning.blocks import Block, collapse
from summarizer.cleaning.features import measure_blocks
from summarizer.cleaning.lines import is_byline, is_caption, is_credit, is_date
from summarizer.cleaning.phrases import Phrases
from summarizer.cleaning.regions import find_story, recover_paragraphs, viterbi
from summarizer.cleaning.titles import find_title

#: Headings that close the story: what follows them is no longer the publisher's text, or no text of the story.
CLOSING = ("comments", "legal")
#: Headings of lists: the labels that follow belong to them until the next paragraph.
LISTS = ("related", "share", "subscribe", "navigation")
#: Rows of buttons, and how many follow their first one at most; a menu goes on below them.
BUTTONS = ("share", "subscribe")
MOST_BUTTONS = 8
#: Letters from which a line without a full stop is no entry of a list of buttons.
LONG_LABEL = 90
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
#: Added to the log-odds of the block model, since over-deletion is the worse error; and the cost of a change along the
#: page between story and the rest.
BIAS, EXTRACTED_BIAS, SWITCH_COST = 1.0, 4.0, 1.0
#: Scores from which a paragraph above the story opens it and a line between the two belongs to it; and how many lines
#: that begin with a number, from there to so many blocks into the story, make a list of it.
OPENING, LISTED, AMOUNTS, AMONG = -1.0, -4.0, 3, 25
#: Posts that make a live blog, the score from which a paragraph is one, and how far below its time it stands.
POSTS, POST, POST_REACH = 3, -4.0, 4
_TIME = re.compile(
    r"(?:\D{0,12}\s)?\d{1,2}(?:[:.h]|\s?Uhr\s?)\d{0,2}(?:\s?(?:[ap]\.?m\.?|Uhr|[A-Z]{2,4}))?", re.IGNORECASE
)
#: Letters up to which a credit stands alone, without a caption before it.
SHORT_CREDIT = 45
#: Letters of the shortest headline of another story.
TEASER_LETTERS = 28
#: Share of the page's running text that must lie above a closing heading; above it the same word is a link.
CLOSING_SHARE = 0.4


def label_blocks(
    blocks: Sequence[Block], title: str | None, *, extracted: bool = False
) -> tuple[int | None, list[str | None]]:
    """Decide what each block of a page is.

    :param blocks: The blocks of the page, in order.
    :param title: The headline, where it is known.
    :param extracted: Whether the page is an article that was found in HTML, so that little is to go.
    :return: The index of the headline (``None`` without one) and a reason for each block, ``None`` to keep it.
    """
    closed, listed = _closing_reasons(blocks), _listed_reasons(blocks)
    story, scores = _find_region(blocks, closed, listed, extracted=extracted)
    headline = _find_headline(blocks, story, title)
    barred = _find_barred(blocks, closed, listed)
    story = _add_posts(blocks, story, scores, closed)
    story = _add_opening(blocks, story, scores, barred, -1 if headline is None else headline)
    headline = _find_headline(blocks, story, title) if headline is None else headline
    first = find_first(blocks, story)
    reasons = [
        _story_reason(block, listing, dates=not extracted and index < first)
        if inside or _is_standfirst(block, index, headline, first)
        else _outside_reason(block, closing or section or listing)
        for index, (block, inside, closing, section, listing) in enumerate(
            zip(blocks, story, closed, _tail_sections(blocks, story), listed, strict=True)
        )
    ]
    name = collapse(blocks[headline].text if headline is not None else title or "").casefold()
    repeats = (index for index, block in enumerate(blocks) if index != headline and block.name == name)
    for index in repeats:
        reasons[index] = "duplicate"
    return headline, reasons


def measure_page(blocks: Sequence[Block], *, extracted: bool = False) -> NDArray[np.float32]:
    """Return the features of all blocks of a page, one row for each, after a first look at where its story is.

    :param blocks: The blocks of the page, in order.
    :param extracted: Whether the page is an article that was found in HTML.
    """
    return _measure(blocks, _closing_reasons(blocks), _listed_reasons(blocks), extracted=extracted)[1]


def first_look(blocks: Sequence[Block]) -> list[bool]:
    """Return by rules alone which blocks are of the story."""
    return _look(blocks, _closing_reasons(blocks), _listed_reasons(blocks))


def _look(blocks: Sequence[Block], closed: Sequence[str | None], listed: Sequence[str | None]) -> list[bool]:
    below = [reason is not None for reason in closed]
    return recover_paragraphs(blocks, find_story(blocks, below), _find_barred(blocks, closed, listed))


def _find_barred(blocks: Sequence[Block], closed: Sequence[str | None], listed: Sequence[str | None]) -> list[bool]:
    """Return for each block whether a heading above it or its own words say that it is something else."""
    return [
        closing is not None or label is not None or _phrase_reason(block) is not None
        for block, closing, label in zip(blocks, closed, listed, strict=True)
    ]


def _measure(
    blocks: Sequence[Block], closed: Sequence[str | None], listed: Sequence[str | None], *, extracted: bool
) -> tuple[list[bool], NDArray[np.float32]]:
    """Return a first look at where the story is, and the features that build on it."""
    core = _look(blocks, closed, listed)
    below = [reason is not None for reason in closed]
    labels = [reason is not None for reason in listed]
    return core, measure_blocks(blocks, core, below, labels, extracted=extracted)


def _find_region(
    blocks: Sequence[Block], closed: Sequence[str | None], listed: Sequence[str | None], *, extracted: bool
) -> tuple[list[bool], list[float]]:
    """Return which blocks are of the story, and the score of each."""
    if not blocks:
        return [], []
    core, features = _measure(blocks, closed, listed, extracted=extracted)
    scores = (block_model.score_features(features) + (EXTRACTED_BIAS if extracted else BIAS)).tolist()
    story = viterbi(scores, SWITCH_COST)
    return (story if any(story) else core), scores


def _add_opening(
    blocks: Sequence[Block], story: Sequence[bool], scores: Sequence[float], barred: Sequence[bool], headline: int
) -> list[bool]:
    """Return the story with paragraphs that open it above a list, as in a recipe, and with that list.

    They are looked for below the headline: what stands above it opens another story.
    """
    widened = list(story)
    first = next((index for index, inside in enumerate(story) if inside), 0)
    for index in range(first - 1, headline, -1):
        if not blocks[index].is_paragraph or barred[index] or scores[index] < OPENING:
            continue
        if sum(block.text[0].isdigit() for block in blocks[index : first + AMONG]) < AMOUNTS:
            break
        for between in range(index, first):
            widened[between] = scores[between] >= LISTED and not barred[between]
        first = index
    return widened


def find_first(blocks: Sequence[Block], story: Sequence[bool]) -> int:
    """Return the index of the story's first paragraph, of its first block where it has none."""
    inside = [index for index, member in enumerate(story) if member]
    paragraphs = (index for index in inside if blocks[index].is_paragraph)
    return next(paragraphs, inside[0] if inside else len(blocks))


def _add_posts(
    blocks: Sequence[Block], story: Sequence[bool], scores: Sequence[float], closed: Sequence[str | None]
) -> list[bool]:
    """Return the story of a live blog with the posts that the path passed over: paragraphs below the time of day.

    A page is one where times stand alone on lines of their own, again and again, with a paragraph below.
    """
    widened = list(story)
    posts = []
    for index, block in enumerate(blocks):
        if not _TIME.fullmatch(block.text) or closed[index]:
            continue
        below = range(index + 1, min(index + 1 + POST_REACH, len(blocks)))
        posts += next(([place] for place in below if _may_be_post(blocks[place], scores[place])), [])
    inside = sum(story[place] for place in posts)
    if len(posts) >= POSTS and inside:
        for place in posts:
            widened[place] = True
    return widened


def _may_be_post(block: Block, score: float) -> bool:
    return block.is_paragraph and score >= POST and _phrase_reason(block) is None


def _find_headline(blocks: Sequence[Block], story: Sequence[bool], title: str | None) -> int | None:
    """Return the index of the headline, known or not."""
    if title:
        return _known_title(blocks, title)
    members = [block for block, inside in zip(blocks, story, strict=True) if inside]
    return find_title(blocks, find_first(blocks, story), members)


def _known_title(blocks: Sequence[Block], title: str) -> int | None:
    wanted = collapse(title).casefold()
    return next((index for index, block in enumerate(blocks[:60]) if block.name == wanted), None)


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
            current = block.phrases.first(CLOSING, Phrases.head) or current
        reasons.append(current)
    return reasons


def _listed_reasons(blocks: Sequence[Block]) -> list[str | None]:
    """Return for each label the reason of the list heading that it follows, if it does."""
    reasons: list[str | None] = []
    current: str | None = None
    since = 0
    for block in blocks:
        since += 1
        long = block.is_sentence or block.letters >= LONG_LABEL
        if long or (current in BUTTONS and since > MOST_BUTTONS):
            current = None
        heading = block.phrases.first(LISTS, Phrases.head)
        if heading is not None:
            current, since = heading, 0
        reasons.append(current)
    return reasons


def _story_reason(block: Block, listed: str | None, *, dates: bool) -> str | None:
    """Return why a block inside the story goes, or ``None``; ``dates`` says whether date lines go."""
    if listed == "related" and not block.is_paragraph:
        return "related"
    if not block.is_paragraph or block.letters <= 260:
        if block.phrases.open("related") and not block.text.endswith("?"):
            return "related"
        if is_credit(block):
            return "credit" if block.letters <= SHORT_CREDIT else "caption"
        if is_caption(block):
            return "caption"
    if is_byline(block):
        return "byline"
    if dates and is_date(block):
        return "date"
    return _phrase_reason(block)


def _phrase_reason(block: Block) -> str | None:
    """Return the reason that a block's own words give; a sentence must consist of them, a label match them."""
    return block.phrases.first(PHRASE_REASONS, Phrases.fill if block.is_sentence else Phrases.match)


def _tail_sections(blocks: Sequence[Block], story: Sequence[bool]) -> list[str | None]:
    """Return for each block below the story the reason of the heading above it: comments, or a list of something."""
    last = max((index for index, inside in enumerate(story) if inside), default=len(blocks))
    sections: list[str | None] = []
    current: str | None = None
    for index, block in enumerate(blocks):
        if index > last:
            current = block.phrases.first(("comments", *LISTS, "legal"), Phrases.head) or current
            if current == "comments" and block.phrases.match("legal"):
                current = "legal"
        sections.append(current)
    return sections


def _outside_reason(block: Block, section: str | None) -> str:
    """Return what a block outside the story is.

    :param block: The block.
    :param section: The reason of the heading above it, if there is one.
    """
    found = block.phrases.first(PHRASE_REASONS, Phrases.match)
    if found is not None and (section != "comments" or not block.is_sentence):
        return found
    if section == "comments":
        return section
    if section in BUTTONS and block.is_paragraph:
        section = None
    if block.phrases.mention("error"):
        return "banner"
    if is_credit(block):
        return "credit" if block.letters <= SHORT_CREDIT else "caption"
    if is_byline(block):
        return "byline"
    if is_date(block):
        return "date"
    return section or _mentioned(block) or ("related" if _is_teaser(block) else "navigation")


def _is_teaser(block: Block) -> bool:
    """Whether a line outside the story is long enough for a headline or a sentence of another one."""
    return block.letters >= TEASER_LETTERS and block.separators < 2 and bool(block.words)


def _mentioned(block: Block) -> str | None:
    """Return the reason that a longer passage outside the story gives itself by one of its words."""
    if len(block.words) < 5 and not block.has_spaceless_script:
        return "banner" if block.text.endswith(("!", "！")) or block.text.isdigit() else None
    return block.phrases.first(("cookie", "paywall", "subscribe", "legal"), Phrases.mention)
