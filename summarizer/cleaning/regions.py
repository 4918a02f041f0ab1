"""Where on the page the story is: a two-state Viterbi path over the blocks, in the story or out of it."""

import math
import re
from collections.abc import Sequence
from functools import lru_cache

from summarizer.cleaning.blocks import BLOCKS, Block
from summarizer.cleaning.phrases import Phrases

#: Log-odds that a block lies in the story are summed along the path; each change of state costs this much.
SWITCH_COST = 2.0
#: The same for a page on which no run of blocks is worth that: a brief of one paragraph, a table of results.
LOW_SWITCH_COST = 0.5
#: Blocks above and below the story among which its outlying paragraphs are looked for.
REACH = 12
SHARED_VOCABULARY = 0.4
#: Bullets, times of a live blog, amounts of a recipe: lines that belong to what stands around them.
LIST_ITEM = re.compile(r"[-–*•]\s|\d{1,2}[:.]\d{2}\b|\d+[.,]?\d*\s+[^\W\d_]{1,3}\b")
BOILERPLATE = (
    "cookie",
    "share",
    "subscribe",
    "advertisement",
    "related",
    "comments",
    "legal",
    "paywall",
    "login",
    "navigation",
    "error",
)


def find_story(blocks: Sequence[Block], after_section: Sequence[bool]) -> list[bool]:
    """Return for each block whether it lies in the story.

    :param blocks: The blocks of the page, in order.
    :param after_section: For each block, whether a heading such as "Comments" closed the story before it.
    """
    scores = [block_score(block) - 3.0 * closed for block, closed in zip(blocks, after_section, strict=True)]
    story = viterbi(scores, SWITCH_COST)
    return story if any(story) else viterbi(scores, LOW_SWITCH_COST)


def recover_paragraphs(blocks: Sequence[Block], story: Sequence[bool], barred: Sequence[bool]) -> list[bool]:
    """Return the story with paragraphs added that the path passed over, since over-deletion is the worse error.

    Between its first and its last block every paragraph belongs to the story; a little beyond them, the paragraphs
    that share its vocabulary do.

    :param blocks: The blocks of the page.
    :param story: Which of them lie in the story.
    :param barred: Which of them are known for something else, by a phrase or a heading.
    """
    inside = [index for index, member in enumerate(story) if member]
    if not inside:
        return list(story)
    vocabulary = {term for index in inside for term in blocks[index].terms}
    recovered = list(story)
    for index in range(max(0, inside[0] - REACH), min(len(blocks), inside[-1] + REACH + 1)):
        if recovered[index] or barred[index] or not blocks[index].is_sentence:
            continue
        own = blocks[index].terms
        within = inside[0] < index < inside[-1]
        recovered[index] = within or len(own & vocabulary) >= SHARED_VOCABULARY * len(own)
    return recovered


@lru_cache(maxsize=BLOCKS)
def block_score(block: Block) -> float:
    """Return how much the block looks like running text (above 0) or like a label (below 0)."""
    size = math.log2(1 + block.letters / 40)
    if block.is_paragraph:
        score = 0.6 + size
    elif block.ends_sentence and len(block.words) >= 3:
        score = 0.3 + 0.3 * size
    elif LIST_ITEM.match(block.text):
        score = -0.3
    else:
        score = -1.3 + 0.4 * size - 0.5 * (len(block.words) <= 3) - 0.5 * block.capitalised_share
    score -= 0.6 * min(3, block.separators) * (not block.is_paragraph)
    if block.phrases.first(BOILERPLATE, Phrases.match):
        score = min(score, 0.0) - 2.0
    return score


def viterbi(scores: Sequence[float], switch_cost: float) -> list[bool]:
    """Return the in/out path that has the greatest sum of scores inside less the cost of its changes."""
    outside, inside = 0.0, -switch_cost
    origins: list[tuple[bool, bool]] = []
    for score in scores:
        stay_out, leave = outside, inside - switch_cost
        enter, stay_in = outside - switch_cost, inside
        origins.append((leave > stay_out, stay_in >= enter))
        outside, inside = max(stay_out, leave), max(enter, stay_in) + score
    path = []
    state = inside > outside
    for from_inside_if_out, from_inside_if_in in reversed(origins):
        path.append(state)
        state = from_inside_if_in if state else from_inside_if_out
    return path[::-1]
