"""What each kept block of a story is: standfirst, subheading, paragraph, item of a list, quotation, turn of a talk."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from summarizer.cleaning.blocks import Block
from summarizer.datamodels import PassageKind

_ITEM = re.compile(r"(?:[-–—*•‣▪■◦·・●]|\(?\d{1,3}[.)\]、]|[①-⑳])\s*(?=\S)")
_DASH = re.compile(r"[-–—]\s")
_SPEAKER = re.compile(r"([^\W\d_][\w .’'-]{0,40}?)\s*[:：]\s*(?=\S)")
_OPENING, _CLOSING = '"“„«»「『‘', '"”“»«」』’'
_QUESTION = ("?", "？", "؟")
#: Most letters of a subheading, of a question in an interview, and of a speaker's turn with a dash.
HEADING, ASKED = 90, 400
#: Lines of one kind from which they are a talk and not chance.
TURNS = 3


def classify_blocks(blocks: Sequence[Block], *, leads: bool = False) -> list[PassageKind]:
    """Return what each block of a story is.

    :param blocks: The kept blocks, in order, headline left out.
    :param leads: Whether the first block stood between the headline and a byline or date.
    """
    talk = _find_talk(blocks)
    followers = [*blocks[1:], None][: len(blocks)]
    kinds: list[PassageKind] = [
        "turn" if block in talk else _classify(block, following)
        for block, following in zip(blocks, followers, strict=True)
    ]
    if len(kinds) > 1 and kinds[0] != "turn" and (leads or _is_unfinished(blocks[0])):
        kinds[0] = "standfirst"
    return kinds


def _classify(block: Block, following: Block | None) -> PassageKind:
    if _ITEM.match(block.text):
        return "subheading" if _is_numbered_heading(block, following) else "list"
    if block.text[0] in _OPENING and block.text[-1] in _CLOSING:
        return "quote"
    if _is_label(block):
        # Labels under each other are a list without bullets: ingredients, results.
        stands_over = following is not None and (following.is_sentence or bool(_ITEM.match(following.text)))
        return "subheading" if stands_over else "list"
    return "paragraph"


def _find_talk(blocks: Sequence[Block]) -> frozenset[Block]:
    """Return the turns of a talk: by speakers named again and again, by dashes, by questions that stand alone."""
    speakers = _find_speakers(blocks)
    named = {block for block in blocks if (match := _SPEAKER.match(block.text)) and match[1].casefold() in speakers}
    dashed = {block for block in blocks if _DASH.match(block.text) and _is_question(block)}
    asked = {block for block in blocks if _is_question(block) and not _ITEM.match(block.text)}
    asks = sum(_is_question(block) and not _is_question(following) for block, following in pairwise(blocks)) >= TURNS
    return frozenset(named | (dashed if len(dashed) >= TURNS else set()) | (asked if asks else set()))


def _find_speakers(blocks: Sequence[Block]) -> frozenset[str]:
    """Return the names, or letters, that stand before a colon again and again."""
    found = (match[1].casefold() for block in blocks if (match := _SPEAKER.match(block.text)))
    counts = Counter(found)
    return frozenset(name for name, count in counts.items() if count >= TURNS)


def _is_question(block: Block) -> bool:
    return block.text.endswith(_QUESTION) and block.letters <= ASKED


def _is_unfinished(block: Block) -> bool:
    return not block.ends_sentence and block.letters >= 50


def _is_numbered_heading(block: Block, following: Block | None) -> bool:
    """Whether a numbered line stands over a paragraph, as in an article of "seven ways to"."""
    numbered = block.text.lstrip("(")[0].isdigit() and _is_label(block)
    return numbered and following is not None and following.is_paragraph and not _ITEM.match(following.text)


def _is_label(block: Block) -> bool:
    if block.letters > HEADING or block.text.endswith((".", "。", "।", "։", ",", ";")):
        return False
    return not block.is_sentence or block.text.endswith(_QUESTION)
