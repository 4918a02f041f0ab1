"""What the page and its programming interface do with a text; none of it knows the page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from summarizer.article import Article
from summarizer.pipeline import as_article
from summarizer.summary import Summary
from summarizer.web.models import Models

Report = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a text is to be read; the language is identified where it is empty."""

    language: str = ""
    clean: bool = True
    force: bool = False


@dataclass(frozen=True, slots=True)
class SummaryOptions:
    """What kind of summary is wanted; nothing is translated where ``target`` is empty."""

    model: str
    target: str = ""
    length: str = "short"
    style: str = "auto"


def read_article(text: str, options: ReadOptions) -> Article:
    """Make an article of pasted text or HTML.

    :raises SummarizerError: If it is none.
    """
    return as_article(text, language=options.language or None, clean=options.clean, check=not options.force)


def summarize(
    models: Models, text: str, reading: ReadOptions, wanted: SummaryOptions, report: Report = lambda *_: None
) -> Summary:
    """Summarize a text; what can be refused at once is refused before a model is made ready.

    :param models: Where the model comes from.
    :param text: The text as it was pasted.
    :param reading: How to read it.
    :param wanted: What to make of it.
    :param report: Told steps done, steps in all (0 for unknown) and what is being done.
    :return: The summary.
    :raises SummarizerError: If the text is no article, or what is wanted cannot be served.
    """
    summarizer = models.get(wanted.model)
    options: dict[str, Any] = {
        "target_language": wanted.target or None,
        "length": wanted.length,
        "style": wanted.style,
    }
    summarizer.check(**options)
    article = read_article(text, reading)
    with models.turn:
        summarizer.prepare(lambda done, total, what: report(done, total, f"Making the model ready, once: {what}"))
        report(1, 1, "The model is ready and reads the article")
        return summarizer.summarize(article, **options)
