"""Scores of one summary, and intervals for means over many; all scores run from 0 to 1."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import regex
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq

from summarizer.datamodels import Record

#: Scripts without spaces between words, where a character (with its marks) counts as a token. The long vowel mark of
#: katakana belongs to no script of its own.
_SINGLE = r"\p{Thai}\p{Lao}\p{Myanmar}\p{Khmer}\p{Tibetan}\p{Hiragana}\p{Katakana}\p{Han}\u30fc"
TOKEN = regex.compile(
    rf"[[{_SINGLE}]&&[\p{{L}}\p{{N}}]]\p{{M}}*|[[\p{{L}}\p{{M}}\p{{N}}]--[{_SINGLE}]]+", regex.VERSION1
)
CHRF_ORDER = 6
CHRF_BETA = 2
RESAMPLES = 1000
LEVEL = 0.95
SEED = 0
#: The most numbers drawn at once, so that memory stays bounded however many articles there are.
_DRAWN_AT_ONCE = 1_000_000
_LEAST_BASE = 1e-9

Column = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval(Record):
    """A figure with its interval at the level ``LEVEL``, and the number of articles it rests on."""

    value: float
    low: float
    high: float
    n: int


def tokenize(text: str) -> list[str]:
    """Return the words of a text, or its characters in scripts without spaces, folded (NFKC and lower case)."""
    return TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())


def rouge(summary: str, reference: str) -> tuple[float, float, float]:
    """Return ROUGE-1, ROUGE-2 and ROUGE-L as F1 (Lin, 2004) over Unicode tokens, without stemming.

    The usual tokenizer keeps only ``[a-z0-9]`` and scores most languages as 0, so these figures do not compare with
    its figures. ROUGE-L takes the whole summary as one sequence.
    """
    one, other = tokenize(summary), tokenize(reference)
    unigrams = _f1(_count_shared(one, other, 1), len(one), len(other))
    bigrams = _f1(_count_shared(one, other, 2), len(one) - 1, len(other) - 1)
    return unigrams, bigrams, _f1(LCSseq.similarity(one, other), len(one), len(other))


def chrf(summary: str, reference: str) -> float:
    """Return the character F-score (Popović, 2015) of orders 1 to 6 with recall weighted twice, white space left out.

    Precision and recall are averaged over the orders that both texts are long enough for, and then combined, as
    sacreBLEU 2 does with its defaults; its figures are these times 100.
    """
    return corpus_chrf([summary], [reference])


def corpus_chrf(texts: Sequence[str], references: Sequence[str]) -> float:
    """Return the character F-score of several texts, as ``chrf``, from the counts of all of them together.

    :param texts: What is scored, as many as there are references.
    :param references: What each of them should be.
    """
    counts = np.zeros((CHRF_ORDER, 3))
    for text, reference in zip(texts, references, strict=True):
        one, other = "".join(text.split()), "".join(reference.split())
        for order in range(1, CHRF_ORDER + 1):
            sizes = [max(0, len(units) - order + 1) for units in (one, other)]
            counts[order - 1] += [_count_shared(one, other, order), *sizes]
    shared, one_sizes, other_sizes = counts[(counts[:, 1:] > 0).all(axis=1)].T
    if not shared.sum():
        return 0.0
    precision, recall = float((shared / one_sizes).mean()), float((shared / other_sizes).mean())
    weight = CHRF_BETA**2
    return (1 + weight) * precision * recall / (weight * precision + recall)


def copy_rate(sentences: Iterable[str], source: str) -> float | None:
    """Return the share of the token pairs within a summary's sentences that the source has.

    :param sentences: The sentences of the summary; quoted ones alone give 1.
    :param source: The article.
    :return: ``None`` where no sentence has two tokens.
    """
    pairs = [pair for sentence in sentences for pair in pairwise(tokenize(sentence))]
    known = set(pairwise(tokenize(source)))
    return sum(pair in known for pair in pairs) / len(pairs) if pairs else None


def mean_interval(values: Sequence[float]) -> Interval:
    """Return a mean with its percentile bootstrap interval (Efron, 1979).

    :param values: One figure for each article; one at least.
    """
    column = np.array(values, dtype=float)
    return _interval(float(column.mean()), _resample(column[:, None])[:, 0], len(column))


def difference_interval(one: Sequence[float], other: Sequence[float]) -> Interval:
    """Return the difference of two means over the same articles, with its interval by paired bootstrap (Koehn, 2004).

    :param one: The figures of one system.
    :param other: The figures of the other, for the same articles in the same order.
    """
    return mean_interval([first - second for first, second in zip(one, other, strict=True)])


def ratio_interval(one: Sequence[float], other: Sequence[float]) -> Interval | None:
    """Return the ratio of two means over the same articles, with its interval by paired bootstrap (Koehn, 2004).

    :param one: The figures of one system.
    :param other: The figures that it is measured by, for the same articles in the same order; none is negative.
    :return: The ratio; ``None`` where the other mean is 0.
    """
    columns = np.array([one, other], dtype=float).T
    means = columns.mean(axis=0)
    if means[1] < _LEAST_BASE:
        return None
    draws = _resample(columns)
    return _interval(float(means[0] / means[1]), draws[:, 0] / np.maximum(draws[:, 1], _LEAST_BASE), len(columns))


def _resample(columns: Column) -> Column:
    """Return the mean of each column in each resample of the rows; the same draws for the same number of rows."""
    generator = np.random.default_rng(SEED)
    rows = len(columns)
    block = max(1, min(RESAMPLES, _DRAWN_AT_ONCE // rows))
    sizes = [min(block, RESAMPLES - start) for start in range(0, RESAMPLES, block)]
    return np.concatenate([columns[generator.integers(rows, size=(size, rows))].mean(axis=1) for size in sizes])


def _interval(value: float, draws: Column, n: int) -> Interval:
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(value, float(low), float(high), n)


def _grams(units: Sequence[str], size: int) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(units[start:] for start in range(size)), strict=False))


def _count_shared(one: Sequence[str], other: Sequence[str], size: int) -> int:
    return (_grams(one, size) & _grams(other, size)).total()


def _f1(match: int, one: int, other: int) -> float:
    return 2 * match / (one + other) if match else 0.0
