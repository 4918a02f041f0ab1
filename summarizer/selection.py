"""Choosing sentences for an extractive summary: the best scores, nothing said twice, the article's order kept."""

from collections.abc import Sequence

from summarizer.article import Article
from summarizer.options import Extent
from summarizer.tokens import find_terms, measure_letters

#: A sentence that shares this part of its vocabulary with one already chosen says nothing new.
REDUNDANT = 0.5
#: Sentences below this many letters (of an alphabet) rarely stand on their own: "He agreed.", a subheading.
SHORTEST = 35
#: Sentences that are considered beyond the least number of them.
MOST_TRIED = 3
#: A summary has at most this share of the article's sentences, and one at least.
LARGEST_SHARE = 0.5


def select_sentences(article: Article, scores: Sequence[float], extent: Extent) -> list[int]:
    """Return the indices of the chosen sentences, in the article's order.

    A greedy choice by score that passes over sentences which repeat a chosen one; in the spirit of maximal marginal
    relevance (Carbonell and Goldstein, SIGIR 1998), with a bound in place of the weighted sum. Beyond the least number
    of sentences, only the next best few are considered, and only those that keep within the extent's letters.

    :param article: The article.
    :param scores: A score for each of its sentences.
    :param extent: How many sentences to choose.
    """
    texts = [sentence.text for sentence in article.sentences]
    share = max(1, int(len(texts) * LARGEST_SHARE))
    terms = [frozenset(find_terms(text)) for text in texts]
    letters = [measure_letters(text) for text in texts]
    headings = {passage.start for passage in article.passages if passage.kind == "subheading"}
    weak = [
        sentence.start in headings or not _stands_alone(sentence.text, size)
        for sentence, size in zip(article.sentences, letters, strict=True)
    ]
    ranked = sorted(range(len(scores)), key=lambda index: (weak[index], -scores[index], index))
    chosen: list[int] = []
    tried = 0
    for index in ranked:
        further = len(chosen) >= extent.least
        if len(chosen) == min(extent.most, share) or tried == MOST_TRIED:
            break
        tried += further
        fits = not further or sum(letters[other] for other in (*chosen, index)) <= extent.letters
        if fits and all(_overlap(terms[index], terms[other]) < REDUNDANT for other in chosen):
            chosen.append(index)
    return sorted(chosen)


def _stands_alone(text: str, letters: float) -> bool:
    return letters >= SHORTEST and not text.endswith(("?", "？", "؟", ":", "："))


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, min(len(one), len(other)))
