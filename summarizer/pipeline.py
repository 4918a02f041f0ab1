"""The whole way of an article: text in, checked summary out."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Literal, cast, overload

from summarizer.acceptance import accept_draft, quote_sentences
from summarizer.article import Article
from summarizer.articles import Source, as_article, try_article
from summarizer.backends import Backend, EngineSettings, load_backend
from summarizer.backends.base import (
    Draft,
    Identified,
    Preparable,
    SentenceScorer,
    SentenceTranslator,
    Writer,
    name_backend,
    preferred_batch,
)
from summarizer.backends.hub import find_files, has_files
from summarizer.backends.memory import free_memory, is_out_of_memory
from summarizer.cards import DEFAULT_MODEL, ModelCard
from summarizer.datamodels import Receipt, SummarySentence, Translation
from summarizer.errors import BadOptionError, OutOfMemoryError, SummarizerError, UnsupportedStyleError
from summarizer.evidence import find_flags
from summarizer.languages import get_language, is_same_language
from summarizer.model_names import find_card
from summarizer.options import Extent, Style, check_style, find_extent
from summarizer.summary import Summary
from summarizer.translation import Translator, make_translator
from summarizer.version import __version__


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for, checked once."""

    target: str | None
    extent: Extent
    style: Style


class Summarizer:
    """Summarizes articles with one model; cheap to make, the weights are loaded when they are first needed.

    :param model: Name of a model (see ``list_models``), a hub id, a folder, a card (see ``find_card``), or a backend
        object of your own.
    :param translator: A model that translates, by name, or a ``Translator``. Without one, a Firefox model of the pair
        is used where there is one, else the model itself if it translates, else the built-in one.
    :param engine: What runs the model: ``torch``, ``ctranslate2``, or ``auto``.
    :param device: Where: ``cpu``, ``cuda``, or ``auto`` for a GPU where there is one.
    :param base_url: Address of the server, for models that one runs.
    :raises ModelNotFoundError: If no model has this name.
    :raises BadOptionError: If engine or device mean nothing.
    """

    def __init__(
        self,
        model: str | ModelCard | Backend = DEFAULT_MODEL,
        *,
        translator: str | Translator | None = None,
        engine: str = "auto",
        device: str = "auto",
        base_url: str | None = None,
    ) -> None:
        self._settings = EngineSettings(engine, device, base_url)
        card = find_card(model) if isinstance(model, str) else model if isinstance(model, ModelCard) else None
        self._card = card
        self.backend = cast(Backend, model) if card is None else load_backend(card, self._settings)
        self.model = name_backend(self.backend) if card is None else card.name
        self._translator = make_translator(translator, self._settings) if isinstance(translator, str) else translator
        #: The model that was asked for to translate; ``None`` for whichever is there.
        self.translator_name = translator.name if isinstance(translator, Translator) else translator
        self._recipe = (card or model, translator, engine, device, base_url)

    def __reduce__(self) -> tuple[Callable[..., "Summarizer"], tuple[object, ...]]:
        """Be made anew in another process, which loads the weights for itself; objects of your own are pickled."""
        return _make_summarizer, self._recipe

    @property
    def translator(self) -> Translator:
        """What translates, made when it is first needed."""
        if self._translator is None:
            names = ["firefox"] if self.model == DEFAULT_MODEL else ["firefox", DEFAULT_MODEL]
            firefox, *builtin = (load_backend(find_card(name)) for name in names)
            backends = (firefox, self.backend, *builtin)
            self._translator = Translator([backend for backend in backends if isinstance(backend, SentenceTranslator)])
        return self._translator

    def prepare(self, progress: Callable[[int, int, str], None] | None = None) -> None:
        """Make the model ready now rather than at its first use.

        :param progress: Told the bytes done, the bytes in all (0 for unknown) and what is being done.
        :raises ModelError: If the model cannot be made ready.
        """
        if self._card is not None and has_files(self._card):
            find_files(self._card, progress)
        if isinstance(self.backend, Preparable):
            self.backend.prepare(progress)

    def summarize(
        self,
        source: Source,
        /,
        *,
        target_language: str | None = None,
        length: str | int = "short",
        style: str = "auto",
        **options: Any,
    ) -> Summary:
        """Summarize one article.

        :param source: Text, HTML, a row (see ``Article.from_row``) or an ``Article``.
        :param target_language: Language to translate the summary into, by code or name; ``None`` for no translation.
        :param length: ``headline``, ``short``, ``medium``, ``long`` or a number of sentences.
        :param style: ``extractive`` for the article's own sentences, ``abstractive`` for the model's, ``auto`` for
            the model's where they pass the checks.
        :param options: For text, HTML and rows: as for ``Article.from_text``.
        :return: The summary, with evidence, flags and receipt.
        :raises SummarizerError: If the source is no article, or language, length or style cannot be served.
        """
        request = self.check(target_language, length, style)
        [answer] = self._summarize_all([as_article(source, **options)], request)
        if isinstance(answer, SummarizerError):
            raise answer
        return answer

    @overload
    def summarize_many(
        self, sources: Iterable[Source], *, errors: Literal["raise"] = ..., batch_size: int | None = ..., **options: Any
    ) -> Iterator[Summary]: ...

    @overload
    def summarize_many(
        self, sources: Iterable[Source], *, errors: Literal["yield"], batch_size: int | None = ..., **options: Any
    ) -> Iterator[Summary | SummarizerError]: ...

    def summarize_many(
        self,
        sources: Iterable[Source],
        *,
        target_language: str | None = None,
        length: str | int = "short",
        style: str = "auto",
        errors: Literal["raise", "yield"] = "raise",
        batch_size: int | None = None,
        **options: Any,
    ) -> Iterator[Summary | SummarizerError]:
        """Summarize articles lazily, in order; at most ``batch_size`` are held at a time.

        Inside a batch, articles of like length go through the model together, as many as its device has room for.

        :param sources: Any iterable of what ``summarize`` takes.
        :param target_language: As for ``summarize``, like the other parameters.
        :param length: As for ``summarize``.
        :param style: As for ``summarize``.
        :param errors: ``raise`` to stop at the first article that fails, ``yield`` to get its error in its place.
        :param batch_size: Articles given to the model at once; by default what suits it.
        :param options: As for ``summarize``.
        :return: One summary (or error) for each source.
        """
        if isinstance(sources, str):
            raise BadOptionError("This is one text: give a list of articles, or use summarize.")
        if errors not in ("raise", "yield"):
            raise BadOptionError(f"errors={errors!r} means nothing: use raise or yield.")
        request = self.check(target_language, length, style)
        iterator = iter(sources)
        while batch := list(islice(iterator, batch_size or preferred_batch(self.backend))):
            prepared = [try_article(source, options) for source in batch]
            yield from self._answer(prepared, request, errors)

    def translate(self, text: str, target_language: str, source_language: str | None = None) -> Translation:
        """Translate a text sentence by sentence; nothing is dropped.

        :param text: Any text; its paragraphs are kept.
        :param target_language: Code or name of the language to translate into.
        :param source_language: Code or name of the text's language; identified if not given.
        :return: The translation with its flags.
        :raises UnsupportedLanguageError: If no installed model serves the pair, directly or through English.
        """
        if source_language is None:
            source_language = Article.from_text(text, clean=False, check=False).language
        return self.translator.translate_text(
            text, get_language(source_language).code, get_language(target_language).code
        )

    def translate_summary(self, summary: Summary, target_language: str) -> Summary:
        """Return a summary with its translation, which takes the place of the one that it has.

        :param summary: A summary.
        :param target_language: Code or name of the language to translate into.
        :raises UnsupportedLanguageError: If no installed model serves the pair, directly or through English.
        """
        texts, target = [sentence.text for sentence in summary.sentences], get_language(target_language).code
        translation = self.translator.translate_summary(texts, summary.language, target, summary.article.title)
        return replace(summary, translation=translation)

    def check(self, target_language: str | None = None, length: str | int = "short", style: str = "auto") -> Request:
        """Check what is asked for before any work is done.

        :raises SummarizerError: If the language is unknown, or this model cannot serve length or style.
        """
        target = get_language(target_language).code if target_language is not None else None
        checked = check_style(style)
        able = isinstance(self.backend, Writer if checked == "abstractive" else SentenceScorer | Writer)
        if not able:
            raise UnsupportedStyleError(
                f"The model {self.model!r} does not make {style} summaries; use --style extractive or another model."
                if isinstance(self.backend, SentenceScorer)
                else f"The model {self.model!r} does not summarize; `summarizer models` lists the ones that do."
            )
        return Request(target, find_extent(length), checked)

    def sign(self, target_language: str | None = None, length: str | int = "short", style: str = "auto") -> str:
        """Return what the results of such requests depend on: two runs with one signature on one machine are alike.

        :raises SummarizerError: As ``check``.
        """
        return self._sign(self.check(target_language, length, style))

    def _answer(
        self, prepared: Sequence[Article | SummarizerError], request: Request, errors: str
    ) -> Iterator[Summary | SummarizerError]:
        articles = [article for article in prepared if isinstance(article, Article)]
        if errors == "raise" and len(articles) < len(prepared):
            articles = articles[: next(i for i, item in enumerate(prepared) if not isinstance(item, Article))]
        summaries = iter(self._summarize_all(articles, request))
        for item in prepared:
            answer = next(summaries) if isinstance(item, Article) else item
            if errors == "raise" and isinstance(answer, SummarizerError):
                raise answer
            yield answer

    def _summarize_all(self, articles: list[Article], request: Request) -> list[Summary | SummarizerError]:
        """Summarize a batch; where that fails, parts of it, so that one article's error is that article's only."""
        failure: SummarizerError
        try:
            return list(self._summarize_batch(articles, request))
        except SummarizerError as error:
            failure, size = error, 1
        except (MemoryError, OSError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            failure, size = _out_of_memory(articles[0]), -(-len(articles) // 2)
        if len(articles) == 1:
            return [failure]
        # By now nothing refers to what was computed when memory ran out.
        free_memory()
        parts = [articles[start : start + size] for start in range(0, len(articles), size)]
        return [answer for part in parts for answer in self._summarize_all(part, request)]

    def _summarize_batch(self, articles: list[Article], request: Request) -> list[Summary]:
        if not articles:
            return []
        started = time.perf_counter()
        for article in articles:
            if request.target and not is_same_language(article.language, request.target):
                self.translator.check_route(article.language, request.target)
        written = self._write(articles, request) if self._writes(request) else self._quote(articles, request)
        seconds = (time.perf_counter() - started) / len(articles)
        return [
            self._finish(article, sentences, receipt, request, seconds)
            for article, (sentences, receipt) in zip(articles, written, strict=True)
        ]

    def _writes(self, request: Request) -> bool:
        return request.style != "extractive" and isinstance(self.backend, Writer)

    def _write(self, articles: list[Article], request: Request) -> list[tuple[tuple[SummarySentence, ...], Receipt]]:
        if not isinstance(self.backend, Writer):
            raise UnsupportedStyleError(f"The model {self.model!r} does not write; use --style extractive.")
        drafts = self.backend.write(articles, language=None, sentences=request.extent.most)
        return [
            (self._accept(article, draft, request), draft.receipt)
            for article, draft in zip(articles, drafts, strict=True)
        ]

    def _accept(self, article: Article, draft: Draft, request: Request) -> tuple[SummarySentence, ...]:
        if request.style == "abstractive" and not draft.sentences:
            raise UnsupportedStyleError(
                f"The model {self.model!r} wrote no summary of up to {request.extent.most} sentences in "
                f"{get_language(article.language).name}; use --style auto, which quotes the article in such a case."
            )
        return accept_draft(article, draft, request.style, request.extent)

    def _quote(self, articles: list[Article], request: Request) -> list[tuple[tuple[SummarySentence, ...], Receipt]]:
        if not isinstance(self.backend, SentenceScorer):
            raise UnsupportedStyleError(f"The model {self.model!r} writes summaries only; use --style abstractive.")
        return [
            (quote_sentences(article, reading.scores, request.extent), reading.receipt)
            for article, reading in zip(articles, self.backend.score(articles), strict=True)
        ]

    def _finish(
        self,
        article: Article,
        sentences: tuple[SummarySentence, ...],
        receipt: Receipt,
        request: Request,
        seconds: float,
    ) -> Summary:
        started = time.perf_counter()
        text = get_language(article.language).sentence_joiner.join(sentence.text for sentence in sentences)
        flags = find_flags(
            text, article, language=article.language, sentences=[sentence.text for sentence in sentences]
        )
        summary = Summary(
            text=text,
            language=article.language,
            sentences=sentences,
            flags=flags,
            receipt=receipt,
            article=article,
            model=self.model,
            signature=self._sign(request),
            seconds=0.0,
        )
        if request.target and not is_same_language(article.language, request.target):
            summary = self.translate_summary(summary, request.target)
        return replace(summary, seconds=seconds + time.perf_counter() - started)

    def _sign(self, request: Request) -> str:
        digest = cast(Identified, self.backend).digest
        parts = [__version__, self.model, digest, request.style, str(request.extent.most), "greedy"]
        return "|".join(parts)


def _make_summarizer(
    model: ModelCard | Backend, translator: str | Translator | None, engine: str, device: str, base_url: str | None
) -> Summarizer:
    return Summarizer(model, translator=translator, engine=engine, device=device, base_url=base_url)


def _out_of_memory(article: Article) -> OutOfMemoryError:
    return OutOfMemoryError(
        f"The model ran out of memory over this article of {len(article.text):,} characters. Use a machine with more "
        "memory or a smaller model, or cut the article."
    )
