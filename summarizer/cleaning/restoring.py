"""Putting back what cleaning took away, where it stood."""

from collections.abc import Collection, Sequence

from summarizer.cleaning.blocks import Span, collapse
from summarizer.datamodels import Removed


def put_back(
    page: str,
    paragraphs: Sequence[str],
    places: Sequence[Span],
    removed: Collection[Removed],
    back: Collection[Removed],
) -> tuple[list[str], list[Span]]:
    """Return the paragraphs of a story with some passages back in it, and where each stood in the page.

    A passage that was a block of its own becomes a paragraph; one that was part of a paragraph goes back into it.

    :param page: The page, before cleaning.
    :param paragraphs: What cleaning left of it.
    :param places: Where each paragraph stood, as (start, end) in the page.
    :param removed: What cleaning took away.
    :param back: What of it is put back.
    """
    story = dict(zip(places, paragraphs, strict=True))
    left = [passage for passage in removed if passage not in back]
    for passage in back:
        start, end = passage.start, passage.end
        around = next((place for place in story if place[0] <= start and end <= place[1]), None)
        if around is None:
            story[start, end] = collapse(passage.text)
        else:
            story[around] = _read_without(page, around, left)
    return [story[place] for place in sorted(story)], sorted(story)


def _read_without(page: str, place: Span, removed: Collection[Removed]) -> str:
    """Return a stretch of a page less what was removed from it."""
    text, position = "", place[0]
    for passage in removed:
        if place[0] <= passage.start and passage.end <= place[1]:
            text += page[position : passage.start]
            position = passage.end
    return collapse(text + page[position : place[1]])
