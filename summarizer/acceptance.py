"""From a draft to the sentences that are shown: what the article supports stays, for the rest the article speaks."""

from collections.abc import Iterable, Sequence

from summarizer.article import Article
from summarizer.backends.base import Draft
from summarizer.datamodels import Evidence, SummarySentence
from summarizer.decoding import strip_controls
from summarizer.evidence import find_evidence, find_flags
from summarizer.options import Extent, Style
from summarizer.selection import select_sentences

#: Evidence below which a written sentence does not count as supported.
LEAST_SUPPORT = 0.3
#: Mean log-probability of a token, in nats, below which a draft does not stand in ``auto``.
LEAST_LIKELIHOOD = -0.5


def quote_sentences(article: Article, scores: Sequence[float], extent: Extent) -> tuple[SummarySentence, ...]:
    """Return the best sentences of an article as a summary; each is its own evidence.

    :param article: The article.
    :param scores: A score for each of its sentences.
    :param extent: How long the summary is.
    """
    return _quote(article, select_sentences(article, scores, extent))


def accept_draft(article: Article, draft: Draft, style: Style, extent: Extent) -> tuple[SummarySentence, ...]:
    """Return the sentences of a draft that can be shown, each with its evidence.

    In ``auto``, a draft of a backend that scores sentences too stands whole or not at all: where one of its sentences
    fails, or the model was too unsure, the article's own best sentences take its place. From any other backend, each
    sentence that fails is replaced by the nearest of the article's; where nothing was written, its first sentences are
    quoted.

    :param article: The article.
    :param draft: What was written of it.
    :param style: ``abstractive`` to take the draft as it is.
    :param extent: How long the summary is.
    """
    texts = filter(None, map(strip_controls, draft.sentences))
    sentences = [SummarySentence(text, find_evidence(text, article)) for text in texts]
    if style == "abstractive":
        return tuple(sentences)
    failed = [not _is_supported(sentence, article) for sentence in sentences]
    if draft.scores:
        stands = sentences and not any(failed) and draft.likelihood >= LEAST_LIKELIHOOD
        return tuple(sentences) if stands else quote_sentences(article, draft.scores, extent)
    if not sentences:
        return quote_sentences(article, [-float(place) for place in range(len(article.sentences))], extent)
    shown = (_nearest(sentence, article) if bad else sentence for sentence, bad in zip(sentences, failed, strict=True))
    return tuple({sentence.text: sentence for sentence in shown}.values())


def _quote(article: Article, indices: Iterable[int]) -> tuple[SummarySentence, ...]:
    chosen = [article.sentences[index] for index in indices]
    return tuple(SummarySentence(s.text, (Evidence(s.start, s.end, 1.0),), quoted=True) for s in chosen)


def _is_supported(sentence: SummarySentence, article: Article) -> bool:
    best = max((piece.score for piece in sentence.evidence), default=0.0)
    return best >= LEAST_SUPPORT and not find_flags(
        sentence.text, article, language=article.language, sentences=[sentence.text]
    )


def _nearest(sentence: SummarySentence, article: Article) -> SummarySentence:
    """Return the article's sentence that comes nearest; its first one where nothing comes near."""
    best = max(sentence.evidence, key=lambda piece: piece.score, default=None)
    starts = [candidate.start for candidate in article.sentences]
    index = starts.index(best.start) if best is not None else 0
    return _quote(article, [index])[0]
