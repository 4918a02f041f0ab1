"""How telling each sentence of an article is, from its place, its words and what the model made of it.

The model's part is the length of a sentence's mean hidden state: the states of a formulaic sentence point one way and
add up to a long mean, those of one that names who did what where point many ways and cancel out. Weights and layer
were chosen on development articles in 40 languages; `python -m benchmarks.summaries` measures them.
"""

from collections import Counter

import numpy as np
import numpy.typing as npt

from summarizer.article import Article
from summarizer.backends.extractive import score_centrality, score_position
from summarizer.tokens import find_terms

POSITION_WEIGHT = 4.0
CENTRALITY_WEIGHT = 1.0
TITLE_WEIGHT = 0.7
STATE_WEIGHT = -1.0


def score_sentences(article: Article, states: npt.NDArray[np.float32]) -> tuple[float, ...]:
    """Return a score for each sentence; higher says more.

    :param article: The article.
    :param states: Mean hidden state of each sentence, shape (sentences, width).
    """
    bags = [Counter(find_terms(sentence.text)) for sentence in article.sentences]
    title = Counter(find_terms(article.title or ""))
    position = np.array([score_position(index) for index in range(len(bags))])
    centrality = standardize(np.array(score_centrality(bags, title)))
    titled = standardize(np.array([len(bag.keys() & title.keys()) for bag in bags], dtype=float))
    length = standardize(np.linalg.norm(states, axis=1))
    scores = POSITION_WEIGHT * position + CENTRALITY_WEIGHT * centrality + TITLE_WEIGHT * titled + STATE_WEIGHT * length
    return tuple(float(score) for score in scores)


def standardize(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the values with mean 0 and standard deviation 1; all zeros where they do not differ."""
    if not len(values) or np.ptp(values) < 1e-9:
        return np.zeros_like(values)
    scaled: npt.NDArray[np.float64] = (values - values.mean()) / values.std()
    return scaled
