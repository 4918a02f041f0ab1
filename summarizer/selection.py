"""Choosing sentences for an extractive summary: the best scores, nothing said twice, the article's order kept."""

from collections.abc import Sequence

from summarizer.article import Article
from summarizer.tokens import find_terms, measure_letters

#: A sentence that shares this part of its vocabulary with one already chosen says nothing new.
REDUNDANT = 0.5
#: Sentences below this many letters (of an alphabet) rarely stand on their own: "He agreed.", a subheading.
SHORTEST = 35
#: A summary has at most this share of the article's sentences, and one at least.
LARGEST_SHARE = 0.5


def select_sentences(article: Article, scores: Sequence[float], most: int) -> list[int]:
    """Return the indices of the chosen sentences, in the article's order.

    A greedy choice by score that passes over sentences which repeat a chosen one; in the spirit of maximal marginal
    relevance (Carbonell and Goldstein, SIGIR 1998), with a bound in place of the weighted sum.

    :param article: The article.
    :param scores: A score for each of its sentences.
    :param most: The most sentences to choose.
    """
    count = min(most, max(1, int(len(article.sentences) * LARGEST_SHARE)))
    terms = [frozenset(find_terms(sentence.text)) for sentence in article.sentences]
    ranked = sorted(range(len(scores)), key=lambda index: (not _stands_alone(article, index), -scores[index], index))
    chosen: list[int] = []
    for index in ranked:
        if len(chosen) == count:
            break
        if all(_overlap(terms[index], terms[other]) < REDUNDANT for other in chosen):
            chosen.append(index)
    return sorted(chosen)


def _stands_alone(article: Article, index: int) -> bool:
    text = article.sentences[index].text
    return measure_letters(text) >= SHORTEST and not text.endswith(("?", "？", "؟", ":", "："))


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, min(len(one), len(other)))
