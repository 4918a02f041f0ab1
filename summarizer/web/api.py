"""The programming interface: four functions, for ``gradio_client``, for plain HTTP and for language models."""

import logging
from collections.abc import Callable
from typing import Any

from summarizer.article import Article
from summarizer.articles import as_article
from summarizer.cards import list_models
from summarizer.errors import BadOptionError, FetchRefusedError, RequestError, SummarizerError
from summarizer.languages import get_language
from summarizer.summary import error_to_dict
from summarizer.web.deadline import Deadline, run_within
from summarizer.web.models import Models
from summarizer.web.settings import Limits

logger = logging.getLogger(__name__)

FAILURE = SummarizerError("Something went wrong in the program itself, not in your text. Its log says what.")
#: Requests that read an article, which takes no model, at the same time.
READERS = 4

Work = Callable[[Deadline], dict[str, Any]]
Explain = Callable[[SummarizerError], dict[str, Any]]


class Endpoints:
    """What the endpoints do. What they return is the JSON of the command line, in which ``error`` is set or ``None``.

    :param models: What summarizes and translates.
    :param limits: What one request may ask for.
    """

    def __init__(self, models: Models, limits: Limits) -> None:
        self._models = models
        self._limits = limits

    def summarize(
        self, text: str = "", url: str = "", target_language: str = "", length: str = "short", style: str = "auto",
        model: str = "", language: str = "", clean: bool = True, force: bool = False,
    ) -> dict[str, Any]:  # fmt: skip
        """Summarize a news article, with evidence for each sentence, and translate the summary if wanted.

        Args:
            text: The article as text or HTML, with whatever came along.
            url: Address of the article, in place of its text.
            target_language: Code or name of the language to translate the summary into; empty for no translation.
            length: headline, short (1-2 sentences), medium (3-4), long (5-7) or a number of sentences.
            style: extractive for the article's own sentences, abstractive for the model's own words, or auto.
            model: Name of one of the models; empty for the default.
            language: Code or name of the article's language; empty to identify it.
            clean: Whether to remove what is not the article.
            force: Whether to accept a text that does not look like an article.
        """
        wanted: dict[str, Any] = {"target_language": target_language or None, "length": length, "style": style}

        def work(deadline: Deadline) -> dict[str, Any]:
            summarizer = self._models.get(model or self._models.default)
            summarizer.check(**wanted)
            article = self._read(text, url, language, clean=clean, check=not force)
            with deadline.turn(self._models.turns):
                summarizer.prepare()
                deadline.left()
                return summarizer.summarize(article, **wanted).to_dict()

        return self._answer(work, error_to_dict)

    def clean(self, text: str = "", url: str = "", language: str = "", force: bool = False) -> dict[str, Any]:
        """Clean a news article: what is left of it, and what was removed for which reason.

        Args:
            text: The article as text or HTML, with whatever came along.
            url: Address of the article, in place of its text.
            language: Code or name of the article's language; empty to identify it.
            force: Whether to accept a text that does not look like an article.
        """

        def work(_: Deadline) -> dict[str, Any]:
            article = self._read(text, url, language, check=not force)
            return {"id": article.id, **article.to_dict(), "original": article.original, "error": None}

        return self._answer(work)

    def translate(self, text: str, target_language: str, language: str = "", model: str = "") -> dict[str, Any]:
        """Translate a text sentence by sentence, as it is, with numbers and names compared.

        Args:
            text: The text; its paragraphs are kept.
            target_language: Code or name of the language to translate into.
            language: Code or name of the text's language; empty to identify it.
            model: Name of a model that translates; empty for the best that is there.
        """

        def work(deadline: Deadline) -> dict[str, Any]:
            target = get_language(target_language).code
            translator = self._models.translator(model)
            article = self._read(text, "", language, clean=False, check=False)
            translator.check_route(article.language, target)
            with deadline.turn(self._models.turns):
                translation = translator.translate_text(article.original, article.language, target)
            return {**translation.to_dict(), "error": None}

        return self._answer(work)

    def models(self) -> list[dict[str, Any]]:
        """List the models that are ready on this server, with languages, abilities and licences."""
        return [card.to_dict() for card in list_models() if self._models.offers(card)]

    def _read(self, text: str, url: str, language: str, **options: Any) -> Article:
        if bool(text) and bool(url):
            raise BadOptionError("Both a text and an address were given; give one of them.")
        self._limits.check_text(text)
        if not url:
            return as_article(text, language=language or None, **options)
        if self._limits.fetch is None:
            raise FetchRefusedError("This server fetches no pages. Open the page and send its text or HTML.")
        return Article.from_url(url, settings=self._limits.fetch, language=language or None, **options)

    def _answer(self, work: Work, explain: Explain = lambda error: {"error": error.to_dict()}) -> dict[str, Any]:
        try:
            return run_within(self._limits.timeout, work)
        except SummarizerError as error:
            if isinstance(error, RequestError):
                logger.warning("A request ended with %s", error.code)
            return explain(error)
        except Exception:
            logger.exception("A request failed")
            return explain(FAILURE)


def add_api(models: Models, limits: Limits) -> None:
    """Add the endpoints ``/summarize``, ``/clean``, ``/translate`` and ``/models`` to the page that is being built."""
    import gradio as gr

    endpoints = Endpoints(models, limits)
    # Whatever takes a model waits in one line; one more than works reads its article meanwhile.
    turn: dict[str, Any] = {"concurrency_limit": 2, "concurrency_id": "api"}
    gr.api(endpoints.summarize, api_name="summarize", **turn)
    gr.api(endpoints.translate, api_name="translate", **turn)
    gr.api(endpoints.clean, api_name="clean", concurrency_limit=READERS)
    gr.api(endpoints.models, api_name="models", concurrency_limit=READERS)
