"""What is compared: the article's first sentences, LexRank where it is installed, and models."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from summarizer.article import Article
from summarizer.datamodels import Flag
from summarizer.errors import InputTooLargeError
from summarizer.evidence import find_flags
from summarizer.languages import get_language
from summarizer.options import find_extent
from summarizer.pipeline import Summarizer
from summarizer.tokens import find_terms

#: What every other system is measured by.
BASELINE = "lead-2"
LEADS = (1, 2, 3)
#: LexRank compares every sentence with every other.
MOST_RANKED = 1000


@dataclass(frozen=True, slots=True)
class Output:
    """A summary with what its checks need; ``tokens`` is what a model read of the article, ``None`` without a model."""

    text: str
    language: str
    sentences: tuple[str, ...]
    quoted: int
    flags: tuple[Flag, ...]
    tokens: int | None = None
    signature: str = ""


@dataclass(frozen=True, slots=True)
class System:
    """A way to summarize, by name."""

    name: str
    kind: Literal["baseline", "model"]
    summarize: Callable[[Article], Output]


@dataclass(frozen=True, eq=False, slots=True)
class _Ranked:
    """A sentence as sumy's summarizers want it; two of them are never the same, whatever their words."""

    index: int
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Document:
    sentences: tuple[_Ranked, ...]


def lead_systems() -> list[System]:
    """Return the baselines that quote the article's first sentences."""

    def lead(count: int) -> System:
        return System(f"lead-{count}", "baseline", lambda article: quote(article, range(count)))

    return [lead(count) for count in LEADS]


def lexrank_system(length: str | int) -> System | None:
    """Return LexRank (Erkan and Radev, 2004) as sumy computes it, on our sentences and terms; ``None`` without sumy.

    :param length: As for ``Summarizer.summarize``; so many sentences are quoted.
    """
    try:
        from sumy.summarizers.lex_rank import LexRankSummarizer
    except ImportError:
        return None
    count, rank = find_extent(length).most, LexRankSummarizer()

    def summarize(article: Article) -> Output:
        if len(article.sentences) > MOST_RANKED:
            raise InputTooLargeError(f"LexRank is run on articles of up to {MOST_RANKED:,} sentences.")
        terms = (tuple(find_terms(sentence.text)) for sentence in article.sentences)
        document = _Document(tuple(_Ranked(index, words) for index, words in enumerate(terms)))
        # Where no two sentences share a term the ranks are 0/0, and the first sentences are taken.
        with np.errstate(invalid="ignore"):
            chosen: Sequence[_Ranked] = rank(document, count)
        return quote(article, [sentence.index for sentence in chosen])

    return System("lexrank", "baseline", summarize)


def model_system(summarizer: Summarizer, *, style: str, length: str | int) -> System:
    """Return a model in one style and length.

    :raises SummarizerError: If the model cannot serve them.
    """
    summarizer.check(length=length, style=style)

    def summarize(article: Article) -> Output:
        summary = summarizer.summarize(article, length=length, style=style)
        return Output(
            text=summary.text,
            language=summary.language,
            sentences=tuple(sentence.text for sentence in summary.sentences),
            quoted=sum(sentence.quoted for sentence in summary.sentences),
            flags=summary.flags,
            tokens=summary.receipt.tokens_read,
            signature=summary.signature,
        )

    return System(summarizer.model, "model", summarize)


def quote(article: Article, indices: Iterable[int]) -> Output:
    """Return the summary that quotes these sentences of the article, checked like any other; there may be fewer."""
    sentences = tuple(article.sentences[index].text for index in indices if index < len(article.sentences))
    text = get_language(article.language).sentence_joiner.join(sentences)
    flags = find_flags(text, article, language=article.language, sentences=sentences)
    return Output(text, article.language, sentences, len(sentences), flags)
