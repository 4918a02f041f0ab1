"""What can be told of a sentence without a language model: its place, its length, what it shares with the rest.

These numbers do not depend on the language; the salience head weighs them together with the model's hidden states.
"""

import math
from collections import Counter
from itertools import accumulate
from operator import or_

import numpy as np
from numpy.typing import NDArray

from summarizer.article import Article
from summarizer.backends.extractive import score_centrality
from summarizer.tokens import find_terms, measure_letters

#: The columns, in order.
NAMES = (
    "first", "second", "third", "half_life", "reciprocal", "relative_place", "log_count",
    "log_letters", "short", "very_long", "letters_of_mean",
    "centrality", "central_rank", "title_recall", "title_precision", "has_title",
    "shared_before", "shared_after", "shared_next", "shared_first", "new_terms",
    "digits", "quote", "question", "colon", "no_stop", "begins_paragraph",
)  # fmt: skip

_QUOTES = frozenset('"“”„«»‹›「」『』')
_STOPS = frozenset(".!?…。！？।॥۔؟།።၊။")
_SHORT, _VERY_LONG = 35, 300


def describe_sentences(article: Article) -> NDArray[np.float32]:
    """Return the features of every sentence, shape (sentences, ``len(NAMES)``)."""
    texts = [sentence.text for sentence in article.sentences]
    bags = [Counter(find_terms(text)) for text in texts]
    title = Counter(find_terms(article.title or ""))
    columns = [
        *_describe_place(len(texts)),
        *_describe_length([measure_letters(text) for text in texts]),
        *_describe_centrality(bags, title),
        *_describe_sharing([frozenset(bag) for bag in bags]),
        *zip(*map(_describe_form, texts), strict=True),
        _find_paragraphs(article),
    ]
    features: NDArray[np.float32] = np.array(columns, dtype=np.float32).T
    return features


def _describe_place(count: int) -> list[list[float]]:
    places = range(count)
    return [
        *([float(place == wanted) for place in places] for wanted in range(3)),
        [0.5 ** (place / 3) for place in places],
        [1 / (1 + place) for place in places],
        [place / max(1, count - 1) for place in places],
        [math.log(count)] * count,
    ]


def _describe_length(letters: list[float]) -> list[list[float]]:
    mean = max(1.0, sum(letters) / len(letters))
    return [
        [math.log(1 + count) for count in letters],
        [float(count < _SHORT) for count in letters],
        [float(count > _VERY_LONG) for count in letters],
        [min(3.0, count / mean) for count in letters],
    ]


def _describe_centrality(bags: list[Counter[str]], title: Counter[str]) -> list[list[float]]:
    central = score_centrality(bags, title)
    order = sorted(range(len(central)), key=lambda index: -central[index])
    ranks = [0.0] * len(order)
    for rank, index in enumerate(order):
        ranks[index] = rank / max(1, len(order) - 1)
    shared = [len(bag.keys() & title.keys()) for bag in bags]
    return [
        central,
        ranks,
        [count / max(1, len(title)) for count in shared],
        [count / max(1, len(bag)) for count, bag in zip(shared, bags, strict=True)],
        [float(bool(title))] * len(bags),
    ]


def _describe_sharing(terms: list[frozenset[str]]) -> list[list[float]]:
    """Return which part of a sentence's terms others have: those before, after, the next, the first."""
    nothing: frozenset[str] = frozenset()
    before = list(accumulate(terms, or_, initial=nothing))
    after = list(accumulate(reversed(terms), or_, initial=nothing))[::-1]
    others = list(zip(before, after[1:], [*terms[1:], nothing], strict=False))
    rows = [
        [
            _share(own, earlier),
            _share(own, later),
            _share(own, following),
            _share(own, terms[0]) if index else 0.0,
            math.log(1 + len(own - earlier)),
        ]
        for index, (own, (earlier, later, following)) in enumerate(zip(terms, others, strict=False))
    ]
    return [list(column) for column in zip(*rows, strict=True)]


def _share(own: frozenset[str], other: frozenset[str]) -> float:
    return len(own & other) / max(1, len(own))


def _describe_form(text: str) -> tuple[float, ...]:
    stripped = text.rstrip("".join(_QUOTES) + ")）]'’ ")
    return (
        min(3.0, sum(character.isdigit() for character in text) / 4),
        float(any(character in _QUOTES for character in text)),
        float(stripped.endswith(("?", "？", "؟"))),
        float(stripped.endswith((":", "："))),
        float(stripped[-1:] not in _STOPS),
    )


def _find_paragraphs(article: Article) -> list[float]:
    """Return 1 for each sentence that begins a line."""
    ends = [0, *(sentence.end for sentence in article.sentences)]
    return [
        float(index == 0 or "\n" in article.text[ends[index] : sentence.start])
        for index, sentence in enumerate(article.sentences)
    ]
