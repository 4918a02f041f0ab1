"""Cleaning of pasted text: a page goes in as it was copied, the story comes out, and every removal says why."""

import re
from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from summarizer.cleaning.blocks import Block, Span, collapse, find_spans, read_block, read_blocks
from summarizer.cleaning.duplicates import find_duplicates, may_repeat
from summarizer.cleaning.foreign import find_foreign
from summarizer.cleaning.labels import label_blocks
from summarizer.cleaning.lines import dateline_end, find_agency, find_author, version_end
from summarizer.cleaning.structure import classify_blocks
from summarizer.datamodels import PassageKind, Removed, Sentence
from summarizer.sentences import split_sentences
from summarizer.tokens import measure_letters

REASONS = (
    "banner", "navigation", "cookie", "share", "subscribe", "advertisement", "related", "caption", "credit", "byline",
    "date", "comments", "legal", "duplicate", "paywall", "login", "video", "other-language",
)  # fmt: skip


#: What parts a dateline from the sentence.
_DASH = re.compile(r"(?<=[)）])\s*[.:]?[\s–—:-]*$|[\s–—:-]+$")
#: How often what is left is read again.
MOST_LOOKS = 5
#: Letters up to which all that was left may go on another look: so little is no article.
MOST_LOST = 280


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What cleaning left of a page, and what it took away.

    ``paragraphs`` have single spaces only; ``kinds`` says what each of them is, ``places`` where it stood in the page.
    ``removed`` is in the order of the page and has offsets into it. ``dateline``, ``agency`` and ``author`` are what
    was removed of the kind.
    """

    title: str | None
    paragraphs: tuple[str, ...]
    removed: tuple[Removed, ...] = ()
    kinds: tuple[PassageKind, ...] = ()
    places: tuple[Span, ...] = ()
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
    title: str | None = None
    headline: int | None = None
    paragraphs: list[str] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
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
    story = _read_story(page, title, keep, extracted=extracted)
    if not extracted:
        _look_again(story, keep)
    return _finish(story)


def _read_story(page: str, title: str | None, keep: Collection[str], *, extracted: bool) -> _Story:
    spans = find_spans(page)
    headline, reasons = _find_reasons(read_blocks(page, spans), title, keep, extracted=extracted)
    story = _Story(page, title)
    seen: set[str] = set()
    for index, (span, reason) in enumerate(zip(spans, reasons, strict=True)):
        if index == headline:
            continue
        if reason is not None:
            story.remove(*span, reason)
        else:
            _add_paragraph(story, span, seen, keep)
    if headline is not None:
        story.title = title or _find_headline(story, spans[headline], keep)
        story.headline = spans[headline][0]
    return story


def _find_reasons(
    blocks: Sequence[Block], title: str | None, keep: Collection[str], *, extracted: bool = False
) -> tuple[int | None, list[str | None]]:
    """Return the index of the headline, and for each block why it goes (``None``: it stays)."""
    headline, reasons = label_blocks(blocks, title, extracted=extracted)
    _mark_repeated(blocks, reasons, keep)
    _mark_foreign(blocks, reasons, headline)
    return headline, [None if reason in keep else reason for reason in reasons]


def _look_again(story: _Story, keep: Collection[str]) -> None:
    """Read what was left as a page of its own until nothing more goes: cleaning a cleaned text changes nothing."""
    for _ in range(MOST_LOOKS):
        dropped = _find_dropped(story, "", keep) or _find_dropped(story, f"{story.title or ''}\n\n", keep)
        if not dropped:
            return
        if len(dropped) == len(story.paragraphs) and sum(map(measure_letters, story.paragraphs)) > MOST_LOST:
            return
        for index, reason in dropped.items():
            start, end = story.spans[index]
            # Sentences that were taken out of the paragraph before now go with it.
            story.removed = [removal for removal in story.removed if removal.end <= start or end <= removal.start]
            story.remove(start, end, reason)
        left = [index for index in range(len(story.paragraphs)) if index not in dropped]
        story.paragraphs = [story.paragraphs[index] for index in left]
        story.spans = [story.spans[index] for index in left]


def _find_dropped(story: _Story, head: str, keep: Collection[str]) -> dict[int, str]:
    """Return the paragraphs that would go, with the reason, if the story were a page below this head."""
    page = head + "\n".join(story.paragraphs)
    spans = find_spans(page)
    headline, reasons = _find_reasons(read_blocks(page, spans), None, keep)
    starts = [*accumulate((len(text) + 1 for text in story.paragraphs), initial=len(head))]
    dropped: dict[int, str] = {}
    for index, ((start, end), reason) in enumerate(zip(spans, reasons, strict=True)):
        if reason is not None and index != headline:
            # A block may be of several paragraphs, if they look like the lines of one.
            for paragraph in range(bisect_left(starts, start), bisect_left(starts, end)):
                dropped[paragraph] = reason
    return dropped


def _finish(story: _Story) -> Cleaned:
    removed = sorted(story.removed, key=lambda removal: removal.start)
    first = story.spans[0][0] if story.spans else 0
    second = story.spans[1][0] if len(story.spans) > 1 else first
    leads = story.headline is not None and story.headline < first
    leads = leads and any(
        first < removal.start < second and removal.reason in ("byline", "date") for removal in removed
    )
    bylines = (find_author(removal.text) for removal in removed if removal.reason == "byline")
    return Cleaned(
        story.title,
        tuple(story.paragraphs),
        tuple(removed),
        tuple(classify_blocks([*map(read_block, story.paragraphs)], leads=leads)),
        tuple(story.spans),
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


def _find_headline(story: _Story, span: Span, keep: Collection[str]) -> str:
    raw = story.page[slice(*span)]
    cut = 0 if "byline" in keep else version_end(raw)
    if cut:
        story.remove(span[0], span[0] + len(raw[:cut].rstrip()), "byline")
    return collapse(raw[cut:])


def keep_lines(page: str, title: str | None = None) -> Cleaned:
    """Return all lines of a page as its paragraphs, with single spaces."""
    lines = page.split("\n")
    ends = accumulate(len(line) + 1 for line in lines)
    spans = ((end - 1 - len(line), end - 1) for line, end in zip(lines, ends, strict=True))
    kept = [(text, span) for line, span in zip(lines, spans, strict=True) if (text := collapse(line))]
    blocks = [read_block(text) for text, _ in kept]
    return Cleaned(
        title,
        tuple(block.text for block in blocks),
        kinds=tuple(classify_blocks(blocks)),
        places=tuple(place for _, place in kept),
    )


def _add_paragraph(story: _Story, span: Span, seen: set[str], keep: Collection[str]) -> None:
    """Add a paragraph less its dateline and less the sentences that the story already has."""
    start = span[0]
    raw = story.page[slice(*span)]
    version = version_end(raw)
    cut = 0 if "byline" in keep else version or dateline_end(raw)
    if cut:
        story.remove(start, start + len(raw[:cut].rstrip()), "byline")
        story.dateline = story.dateline or (None if version else _DASH.sub("", collapse(raw[:cut])))
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
        story.spans.append(span)


def _join(text: str, kept: list[Sentence]) -> str:
    """Join sentences with the space that stood before them, so that scripts without spaces get none."""
    spaced = (" " * (sentence.start > 0 and text[sentence.start - 1].isspace()) + sentence.text for sentence in kept)
    return "".join(spaced)
