"""Passages in another language above and below a story: notices of a publisher, a summary for other readers."""

from collections.abc import Iterable, Sequence

from summarizer.cleaning.blocks import Block
from summarizer.languages import base_code, identify_language

#: Letters from which a language can be told, confidence from which it is believed.
LEAST_LETTERS, LEAST_CONFIDENCE = 60, 0.9
#: Longest blocks that are read for the language of the story.
SAMPLE = 5
#: A longer part of the story than this in another language is the same article twice, and no notice.
MOST_SHARE = 0.3


def find_foreign(blocks: Sequence[Block]) -> frozenset[int]:
    """Return the indices of the blocks at the head and the foot of a story that are in another language than it.

    What is in between stays: people are quoted in their own language.
    """
    longest = sorted(blocks, key=lambda block: -block.letters)[:SAMPLE]
    main = _identify("\n".join(block.text for block in longest))
    if main is None or len(blocks) < 3:
        return frozenset()
    head = _run(blocks, range(len(blocks)), main)
    foot = _run(blocks, range(len(blocks) - 1, -1, -1), main)
    total = sum(block.letters for block in blocks)
    runs = (run for run in (head, foot) if sum(blocks[index].letters for index in run) <= MOST_SHARE * total)
    return frozenset(index for run in runs for index in run)


def _run(blocks: Sequence[Block], order: Iterable[int], main: str) -> list[int]:
    """Return the blocks in another language with which the order begins."""
    run: list[int] = []
    for index in order:
        language = _identify(blocks[index].text) if blocks[index].letters >= LEAST_LETTERS else None
        if language is None or language == main:
            return run
        run.append(index)
    return run


def _identify(text: str) -> str | None:
    found = identify_language(text)
    return base_code(found.language) if found.language and found.confidence >= LEAST_CONFIDENCE else None
