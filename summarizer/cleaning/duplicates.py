"""Repeated paragraphs and sentences of one page: exact by hashing, near by edit distance (rapidfuzz)."""

import re
from collections import Counter
from collections.abc import Sequence

from rapidfuzz import fuzz, process

from summarizer.tokens import find_words, measure_letters

#: Shorter passages repeat by nature: "Yes.", a refrain, the name of a section.
MIN_LETTERS = 40
#: The same question is put to one person after another.
QUESTION_MARKS = ("?", "？", "؟")
#: Similarity (0-100) from which two passages count as the same.
NEAR = 90
#: Passages compared with each other; pages with more are compared in a moving window of this size.
WINDOW = 400


def find_duplicates(passages: Sequence[str]) -> set[int]:
    """Return the indices of passages that repeat an earlier one.

    Two passages are the same when they are equal but for case, spaces and punctuation, or near by ``NEAR`` with the
    same numbers in them: lines of a table or list that differ by a number only are not repetitions. A number that one
    of them lacks may be spelled out there.
    """
    keys = [_key(passage) for passage in passages]
    seen: set[str] = set()
    kept: list[int] = []
    repeated: set[int] = set()
    for index, key in enumerate(keys):
        if may_repeat(passages[index]):
            continue
        if key in seen or _is_near(keys, kept[-WINDOW:], index):
            repeated.add(index)
        else:
            seen.add(key)
            kept.append(index)
    return repeated


def may_repeat(passage: str) -> bool:
    """Whether a passage is one that may well stand in an article twice: a short one, or a question."""
    return measure_letters(passage) < MIN_LETTERS or passage.endswith(QUESTION_MARKS)


def _is_near(keys: Sequence[str], kept: Sequence[int], index: int) -> bool:
    candidates = {other: keys[other] for other in kept if _similar_length(keys[other], keys[index])}
    matches = process.extract_iter(keys[index], candidates, scorer=fuzz.ratio, score_cutoff=NEAR)
    return any(_agree(_numbers(match), _numbers(keys[index])) for match, _, _ in matches)


def _agree(one: Counter[str], other: Counter[str]) -> bool:
    return one <= other or other <= one


def _similar_length(one: str, other: str) -> bool:
    return 0.8 < len(one) / len(other) < 1.25


def _key(passage: str) -> str:
    return " ".join(find_words(passage.casefold()))


def _numbers(key: str) -> Counter[str]:
    return Counter(re.findall(r"\d+", key))
