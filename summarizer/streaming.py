"""A summary step by step, for those who do not want to wait for its end."""

import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any

from summarizer.acceptance import quote_sentences
from summarizer.article import Article
from summarizer.articles import Source, as_article
from summarizer.backends.base import Draft, StreamingWriter
from summarizer.datamodels import Receipt
from summarizer.languages import is_same_language
from summarizer.pipeline import Request, Summarizer
from summarizer.summary import Summary


@dataclass(frozen=True, slots=True)
class ArticleRead:
    """The article is cleaned; the model has not seen it yet."""

    article: Article


@dataclass(frozen=True, slots=True)
class SummaryQuoted:
    """A summary of the article's own sentences, until there is a written one."""

    summary: Summary


@dataclass(frozen=True, slots=True)
class SummaryGrowing:
    """What is written so far: whole sentences, not checked yet. They can be the same as before, and may not stay."""

    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SummaryChecked:
    """The summary as it stays, without a translation."""

    summary: Summary


@dataclass(frozen=True, slots=True)
class SummaryTranslated:
    """The summary with the translation that was asked for."""

    summary: Summary


Step = ArticleRead | SummaryQuoted | SummaryGrowing | SummaryChecked | SummaryTranslated


def stream_summary(
    summarizer: Summarizer,
    source: Source,
    /,
    *,
    target_language: str | None = None,
    length: str | int = "short",
    style: str = "auto",
    **options: Any,
) -> Generator[Step, None, None]:
    """Summarize one article and yield every step of it.

    The last step has the summary that ``Summarizer.summarize`` returns. Who closes the iterator (``close``, or leaving
    the loop) stops the work, between two tokens where the model can be stopped there.

    :param summarizer: What summarizes.
    :param source: As for ``Summarizer.summarize``, like the other parameters.
    :param target_language: Language to translate the summary into; ``None`` for no translation.
    :param length: How long the summary is.
    :param style: How it is made.
    :param options: As for ``Article.from_text``.
    :raises SummarizerError: As ``Summarizer.summarize``.
    """
    request = summarizer.check(target_language, length, style)
    article = as_article(source, **options)
    target = request.target
    if target and not is_same_language(article.language, target):
        summarizer.translator.check_route(article.language, target)
    yield ArticleRead(article)
    started = time.perf_counter()
    checked = yield from _summarize(summarizer, article, replace(request, target=None))
    if target and not is_same_language(article.language, target):
        translated = summarizer.translate_summary(checked, target)
        yield SummaryTranslated(replace(translated, seconds=time.perf_counter() - started))


def _summarize(summarizer: Summarizer, article: Article, request: Request) -> Generator[Step, None, Summary]:
    backend = summarizer.backend
    if request.style != "extractive" and isinstance(backend, StreamingWriter):
        checked = yield from _write(summarizer, backend, article, request)
    else:
        [checked] = summarizer._summarize_batch([article], request)
    yield SummaryChecked(checked)
    return checked


def _write(
    summarizer: Summarizer, backend: StreamingWriter, article: Article, request: Request
) -> Generator[Step, None, Summary]:
    started = time.perf_counter()
    draft = Draft((), Receipt(0, 0))
    is_quoted = request.style == "abstractive"
    for draft in backend.write_stream(article, language=None, sentences=request.extent.most):
        if draft.scores and not is_quoted:
            is_quoted = True
            sentences = quote_sentences(article, draft.scores, request.extent)
            seconds = time.perf_counter() - started
            yield SummaryQuoted(summarizer._finish(article, sentences, draft.receipt, request, seconds))
        yield SummaryGrowing(draft.sentences)
    sentences = summarizer._accept(article, draft, request)
    return summarizer._finish(article, sentences, draft.receipt, request, time.perf_counter() - started)
