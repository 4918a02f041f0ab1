"""What the page and its programming interface do with a text; none of it knows the page."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from summarizer.article import Article
from summarizer.articles import as_article
from summarizer.errors import FetchRefusedError
from summarizer.summary import Summary
from summarizer.web.models import Models
from summarizer.web.settings import Limits

_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)

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


def find_address(text: str) -> str | None:
    """Return the web address that a text is, if it is nothing else."""
    stripped = text.strip()
    return stripped if _ADDRESS.fullmatch(stripped) else None


def open_article(text: str, file: str | None, options: ReadOptions, limits: Limits) -> Article:
    """Make an article of what was given: a file, a web address, or else text.

    :param text: What was pasted.
    :param file: Path of a file that was uploaded; only the last part of its name is told to anybody.
    :param options: How to read it.
    :param limits: How long a text may be, and whether and how an address is fetched.
    :raises SummarizerError: If it is no article, or cannot be had.
    """
    reading: dict[str, Any] = {
        "language": options.language or None,
        "clean": options.clean,
        "check": not options.force,
    }
    if file is not None:
        with Path(file).open("rb") as stream:
            return Article.from_stream(stream, Path(file).name, **reading)
    limits.check_text(text)
    address = find_address(text)
    if address is None:
        return as_article(text, **reading)
    if limits.fetch is None:
        raise FetchRefusedError("Addresses are not fetched here: open it, copy the text of the article and paste it.")
    return Article.from_url(address, settings=limits.fetch, **reading)


def restore_passages(article: Article, places: str) -> Article:
    """Return an article with some of its removed passages back.

    :param article: The article.
    :param places: Indices of passages, with spaces between them; those that are not there are passed over.
    """
    wanted = {int(place) for place in places.split() if place.isascii() and place.isdigit()}
    return article.restore(*(passage for index, passage in enumerate(article.removed) if index in wanted))


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
    with models.turns.of_person():
        summarizer.prepare(lambda done, total, what: report(done, total, f"Making the model ready, once: {what}"))
        report(1, 1, "The model is ready and reads the article")
        return summarizer.summarize(article, **options)
