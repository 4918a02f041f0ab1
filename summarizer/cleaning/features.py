"""What the block model sees of each block: its form, its phrases, its vocabulary and its place on the page."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from summarizer.cleaning.blocks import BLOCKS, CLOSERS, TERMINALS, Block
from summarizer.cleaning.lines import dateline_end, is_byline, is_caption, is_credit, is_date
from summarizer.cleaning.regions import LIST_ITEM
from summarizer.cleaning.titles import find_title

PHRASES = (
    "error", "cookie", "share", "subscribe", "advertisement", "related", "comments", "legal", "paywall", "login",
    "video", "navigation",
)  # fmt: skip
_ENDS = re.compile(f"[{re.escape(TERMINALS)}](?:[{re.escape(CLOSERS)}]*(?:\\s|$)|(?<=[。！？]))")
_COMMAS = re.compile("[,;，、；،]")
_QUOTE = re.compile('["“”„«»「『‘—–-]')
_DIGIT = re.compile(r"\d")
_NUMBERED = re.compile(r"(?:\d{1,3}|[a-zA-Z])\s?[.):/–-]\s|\d{1,3}\s+\D")
_ADDRESS = re.compile(r"https?:|www\.|\w@\w|\.com\b|#\w|@\w")
#: Words as frequent as these on a page, and no longer, are mostly its language's function words.
_COMMON, _COMMON_LETTERS = 25, 4
#: Columns of the form; in it, whether the block is a date line, and how many of its words are common on the page.
_FORM, _DATED, _COMMON_SHARE = 25, 23, 18
#: Columns that word lists decide.
WORDED = (*range(_FORM - 4, _FORM + 2 * len(PHRASES)), _FORM + 2 * len(PHRASES) + 1, _FORM + 2 * len(PHRASES) + 2)


def measure_blocks(
    blocks: Sequence[Block],
    core: Sequence[bool],
    closed: Sequence[bool],
    listed: Sequence[bool],
    *,
    extracted: bool = False,
) -> NDArray[np.float32]:
    """Return the features of all blocks of a page.

    :param blocks: The blocks, in order.
    :param core: Which of them a first look takes for the story.
    :param closed: Which of them stand below a heading that closes the story.
    :param listed: Which of them are labels below the heading of a list.
    :param extracted: Whether the page is an article that was found in HTML.
    :return: An array of one row for each block.
    """
    common = _common_words(blocks)
    own = np.stack([_measure_block(block) for block in blocks])
    own[:, _COMMON_SHARE] = [sum(word in common for word in block.words) / max(1, len(block.words)) for block in blocks]
    places = _measure_places(blocks, core, closed, listed, own[:, _DATED].astype(float))
    origin = np.full((len(blocks), 1), extracted)
    return np.concatenate([own, places, origin], axis=1).astype(np.float32)


@lru_cache(maxsize=BLOCKS)
def _measure_block(block: Block) -> NDArray[np.float32]:
    """Return what a block's own text says: its form, the share that phrases of each reason cover, and their number."""
    row = np.zeros(_FORM + 2 * len(PHRASES), np.float32)
    row[:_FORM] = _measure_form(block)
    for reason, share in block.phrases.shares.items():
        row[_FORM + PHRASES.index(reason)] = min(1.0, share)
        row[_FORM + len(PHRASES) + PHRASES.index(reason)] = min(3, block.phrases.different[reason])
    return row


def _common_words(blocks: Sequence[Block]) -> frozenset[str]:
    counts = Counter(word for block in blocks if block.is_paragraph for word in block.words)
    short = ((count, word) for word, count in counts.items() if len(word) <= _COMMON_LETTERS and word.islower())
    return frozenset(word for _, word in sorted(short, reverse=True)[:_COMMON])


def _measure_form(block: Block) -> list[float]:
    text, words = block.text, block.words
    size, count = len(text), max(1, len(words))
    return [
        math.log1p(block.letters / 20),
        math.log1p(len(words)),
        block.ends_sentence,
        block.is_paragraph,
        block.is_sentence,
        min(4.0, math.log1p(len(_ENDS.findall(text)))),
        min(3.0, 10 * len(_COMMAS.findall(text)) / count),
        block.capitalised_share,
        len(_DIGIT.findall(text)) / size,
        min(3, block.separators),
        text[0].islower(),
        bool(_QUOTE.match(text)),
        text.endswith((":", "：")),
        text.endswith(("?", "？", "؟", "!", "！")),
        text.isupper(),
        block.has_spaceless_script,
        bool(LIST_ITEM.match(text)),
        bool(_NUMBERED.match(text)),
        0.0,  # The share of the page's common words stands here.
        min(3.0, block.letters / count / 5),
        bool(_ADDRESS.search(text)),
        is_byline(block),
        is_credit(block) or is_caption(block),
        is_date(block),
        dateline_end(text) > 0,
    ]


def _measure_places(
    blocks: Sequence[Block],
    core: Sequence[bool],
    closed: Sequence[bool],
    listed: Sequence[bool],
    dated: NDArray[np.float64],
) -> NDArray[np.float64]:
    count = len(blocks)
    letters = np.array([block.letters if block.is_paragraph else 0.0 for block in blocks])
    inside = np.flatnonzero(core)
    first, last = (inside[0], inside[-1]) if len(inside) else (count, -1)
    index = np.arange(count)
    above = np.cumsum(letters) - letters
    total = max(1.0, letters.sum())
    title = find_title(blocks, int(first), [block for block, member in zip(blocks, core, strict=True) if member])
    named = blocks[title].terms if title is not None else frozenset()
    top = title if title is not None else first
    repeats = Counter(block.name for block in blocks)
    terms = [block.terms for block in blocks]
    known, rare, start = _share_vocabulary(terms, core)
    repeated = np.array([min(3, repeats[block.name] - 1) for block in blocks], float)
    columns = [
        np.asarray(core),
        np.asarray(closed),
        np.asarray(listed),
        above / total,
        index / count,
        np.log1p(index),
        np.log1p(np.maximum(0, first - index)),
        np.log1p(np.maximum(0, index - last)),
        (index >= first) & (index <= last),
        known,
        rare,
        start,
        repeated,
        index == title,
        np.log1p(np.maximum(0, top - index)),
        np.log1p(np.maximum(0, index - top)),
        [len(own & named) / max(1, len(named)) for own in terms],
        _mean_around(dated, 3),
        _mean_around(dated, 10),
        _mean_around(repeated, 3),
        _mean_around(repeated, 10),
        *(np.log1p(_mean_around(letters, width) / 20) for width in (2, 6, 20)),
        np.log1p(_distance_up(letters > 0)),
        np.log1p(_distance_up((letters > 0)[::-1])[::-1]),
    ]
    return np.stack([np.asarray(column, float) for column in columns], axis=1)


def _share_vocabulary(
    terms: Sequence[frozenset[str]], core: Sequence[bool]
) -> tuple[list[float], list[float], list[float]]:
    """Return for each block which part of its terms the rest of the core has, and the core's rare and first ones."""
    inside = [own for own, member in zip(terms, core, strict=True) if member]
    counts = Counter(term for own in inside for term in own)
    opening = frozenset().union(*inside[:3])
    most = max(2, len(inside) // 5)
    known, rare, start = [], [], []
    for own, member in zip(terms, core, strict=True):
        shared = [term for term in own if counts[term] > member]
        size = max(1, len(own))
        known.append(len(shared) / size)
        rare.append(min(5.0, math.log1p(sum(counts[term] <= most and len(term) > 3 for term in shared))))
        start.append(sum(term in opening for term in own) / size)
    return known, rare, start


def _mean_around(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Return the mean over a window of ``2 * width + 1`` blocks, beyond the page zero."""
    sums = np.concatenate([np.zeros(width + 1), np.cumsum(values), np.full(width, values.sum())])
    means: NDArray[np.float64] = (sums[2 * width + 1 :] - sums[: len(values)]) / (2 * width + 1)
    return means


def _distance_up(marked: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return how many blocks above each the nearest marked one is; above the first, the distance to the edge."""
    steps = accumulate(marked.tolist(), lambda distance, mark: 0 if mark else distance + 1, initial=0)
    return np.array(list(steps)[1:], float)
