"""Finding the headline among the lines above a story."""

from collections import Counter
from collections.abc import Sequence

from summarizer.cleaning.blocks import Block
from summarizer.cleaning.lines import is_byline, is_caption, is_credit, is_date
from summarizer.cleaning.phrases import matches
from summarizer.cleaning.regions import BOILERPLATE
from summarizer.tokens import find_terms

#: Blocks above the first paragraph that may be the headline.
REACH = 15
LETTERS = (10, 260)


def find_title(blocks: Sequence[Block], first_paragraph: int, story: Sequence[Block]) -> int | None:
    """Return the index of the headline, or ``None`` where no line above the story is one.

    :param blocks: All blocks of the page.
    :param first_paragraph: Index of the first paragraph of the story.
    :param story: The paragraphs of the story, to compare the vocabulary with.
    """
    vocabulary = Counter(term for block in story for term in find_terms(block.text))
    start = max(0, first_paragraph - REACH)
    candidates = [
        (_score(blocks[index], vocabulary, first_paragraph - index), index)
        for index in range(start, first_paragraph)
        if _may_be_title(blocks[index])
    ]
    score, best = max(candidates, default=(0.0, None))
    return best if score > 0.3 else None


def _may_be_title(block: Block) -> bool:
    if not LETTERS[0] <= block.letters <= LETTERS[1] or block.text.endswith((".", "。", "।", ":")):
        return False
    if len(block.words) < 2 and not block.has_spaceless_script:
        return False
    if any(test(block) for test in (is_byline, is_caption, is_credit, is_date)):
        return False
    return not any(matches(block, reason) for reason in BOILERPLATE)


def _score(block: Block, vocabulary: Counter[str], distance: int) -> float:
    own = set(find_terms(block.text))
    shared = sum(term in vocabulary for term in own) / max(1, len(own))
    length = min(1.0, block.letters / 40)
    return shared * length + 0.3 * length - 0.03 * distance
