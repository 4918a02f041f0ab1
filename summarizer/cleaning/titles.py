"""Finding the headline among the lines above a story: a conditional logit, trained in ``training/cleaning.py``."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from summarizer.cleaning.blocks import BULLETS, Block
from summarizer.cleaning.lines import is_byline, is_caption, is_credit, is_date
from summarizer.cleaning.phrases import Phrases
from summarizer.cleaning.regions import BOILERPLATE

#: Blocks above the first paragraph that may be the headline, and blocks below it: a caption may stand above a headline.
REACH, BELOW = 25, 3
LETTERS = (10, 260)
#: A headline on cookies is longer than the heading of a notice.
SHORT = 30
_PATH = re.compile(r"[>›»/]")
#: Marks that close a credit after a caption.
_CREDITED = (")", "）", "]", "】")


def find_title(blocks: Sequence[Block], first_paragraph: int, story: Sequence[Block]) -> int | None:
    """Return the index of the headline, or ``None`` where no line above the story is one.

    :param blocks: All blocks of the page.
    :param first_paragraph: Index of the first paragraph of the story.
    :param story: The paragraphs of the story, to compare the vocabulary with.
    """
    candidates = find_candidates(blocks, first_paragraph)
    if not candidates:
        return None
    weights, threshold = load_weights()
    scores = measure_candidates(blocks, candidates, first_paragraph, story) @ weights
    best = int(np.argmax(scores))
    return candidates[best] if scores[best] > threshold else None


@cache
def load_weights() -> tuple[NDArray[np.float32], float]:
    """Return the weight of each feature, and the score that a headline has to have."""
    with resources.files("summarizer.cleaning").joinpath("titles.npz").open("rb") as source:
        arrays = dict(np.load(source).items())
    return arrays["weights"].astype(np.float32), float(arrays["threshold"])


def find_candidates(blocks: Sequence[Block], first_paragraph: int) -> list[int]:
    """Return the indices of the blocks that may be the headline."""
    near = range(max(0, first_paragraph - REACH), min(len(blocks), first_paragraph + BELOW + 1))
    return [
        index
        for index in near
        if _may_be_title(blocks[index]) and (index < first_paragraph or not blocks[index].is_paragraph)
    ]


def _may_be_title(block: Block) -> bool:
    if not LETTERS[0] <= block.letters <= LETTERS[1] or block.text.endswith((".", "。", "।", ":")):
        return False
    if block.text.startswith(BULLETS) or is_byline(block) or is_date(block) or _is_path(block):
        return False
    if block.phrases.mention("cookie") and block.letters < SHORT:
        return False
    if len(block.words) < 2 and not block.has_spaceless_script:
        return False
    return not block.phrases.first(BOILERPLATE, Phrases.match)


def _is_path(block: Block) -> bool:
    """Whether the block says where on the site the page is: "News > Sports > Football"."""
    return len(_PATH.findall(block.text)) >= 2


def measure_candidates(
    blocks: Sequence[Block], candidates: Sequence[int], first_paragraph: int, story: Sequence[Block]
) -> NDArray[np.float32]:
    """Return the features of candidates, one row for each."""
    vocabulary = Counter(term for block in story for term in block.terms)
    repeats = Counter(block.name for block in blocks)
    marks = [is_byline(block) or is_date(block) for block in blocks]
    rows = []
    for rank, index in enumerate(candidates):
        block = blocks[index]
        own = block.terms
        shared = sum(min(1, vocabulary[term]) for term in own)
        after = blocks[index + 1 : index + 5]
        rows.append(
            [
                shared / max(1, len(own)),
                math.log1p(shared),
                min(1.0, block.letters / 40),
                block.letters > 140,
                len(block.words) <= 3,
                math.log1p(max(0, first_paragraph - index)),
                max(0, index - first_paragraph),
                any(marks[index + 1 : index + 4]),
                any(marks[max(0, index - 4) : index]),
                any(marks[index + 1 : max(index + 1, first_paragraph)]),
                is_caption(block) or is_credit(block),
                block.text.endswith(_CREDITED),
                block.ends_sentence and not block.text.endswith(("?", "？", "!", "！")),
                repeats[block.name] > 1,
                block.capitalised_share,
                block.separators > 0,
                max((other.letters for other in after), default=0) > 1.3 * block.letters,
                index > 0 and blocks[index - 1].letters < 25,
                math.log1p(rank),
                block.text.startswith(('"', "“", "„", "«", "‘")),
            ]
        )
    return np.array(rows, np.float32)
