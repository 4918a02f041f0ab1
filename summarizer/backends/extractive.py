"""The floor: sentences scored by position and centrality, without any weights.

Centrality is the cosine of a sentence's tf-idf vector with the sum of all the others (the centroid of Radev et al.,
2004, computed within the one article), the title counted among them. News puts first what matters most, so position
weighs as much.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from summarizer.article import Article
from summarizer.backends.base import Reading
from summarizer.datamodels import Receipt
from summarizer.tokens import find_terms

POSITION_WEIGHT = 1.0
#: Sentences after which the advantage of an early one has halved.
HALF_LIFE = 3.0
TITLE_WEIGHT = 2.0


class ExtractiveBackend:
    """Scores sentences by where they stand and by how much they share with the rest of the article."""

    digest = "position+centrality-1"

    def score(self, articles: Sequence[Article]) -> list[Reading]:
        """Score every sentence of every article; the whole text is read, one term being one token."""
        return [self._read(article) for article in articles]

    def _read(self, article: Article) -> Reading:
        bags = [Counter(find_terms(sentence.text)) for sentence in article.sentences]
        tokens = sum(bag.total() for bag in bags)
        central = score_centrality(bags, Counter(find_terms(article.title or "")))
        scores = (POSITION_WEIGHT * score_position(index) + score for index, score in enumerate(central))
        return Reading(tuple(scores), Receipt(tokens, tokens))


def score_position(index: int) -> float:
    """Return the prior of the sentence at this index: 1 for the first, halving every ``HALF_LIFE`` sentences."""
    return float(0.5 ** (index / HALF_LIFE))


def score_centrality(bags: Sequence[Counter[str]], title: Counter[str]) -> list[float]:
    """Return for each bag of terms its cosine with the others and the title, from 0 to 1."""
    frequencies = Counter(term for bag in bags for term in bag)
    weights = {term: math.log((1 + len(bags)) / count) for term, count in frequencies.items()}
    vectors = [{term: count * weights[term] for term, count in bag.items()} for bag in bags]
    centroid: defaultdict[str, float] = defaultdict(float)
    for vector in vectors:
        for term, weight in vector.items():
            centroid[term] += weight
    for term, count in title.items():
        if term in weights:
            centroid[term] += TITLE_WEIGHT * count * weights[term]
    return [_cosine(vector, {term: centroid[term] - vector[term] for term in vector}, centroid) for vector in vectors]


def _cosine(vector: dict[str, float], others: dict[str, float], centroid: Mapping[str, float]) -> float:
    norm = math.hypot(*vector.values()) * math.hypot(*centroid.values())
    return sum(vector[term] * others[term] for term in vector) / norm if norm else 0.0
