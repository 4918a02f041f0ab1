"""Articles from whatever people give: text, HTML, rows, or articles."""

from collections.abc import Mapping
from typing import Any

from summarizer.article import Article
from summarizer.errors import BadRowError, SummarizerError
from summarizer.extraction import looks_like_html

Source = str | Article | Mapping[str, object]


def as_article(source: Source, /, **options: Any) -> Article:
    """Return the article of whatever ``Summarizer.summarize`` takes.

    :raises SummarizerError: If it is none.
    """
    if isinstance(source, Article):
        return source
    if isinstance(source, Mapping):
        return Article.from_row(source, **options)
    if not isinstance(source, str):
        raise BadRowError(f"An article is a text, a row (a dict) or an Article, and this is {type(source).__name__}.")
    return Article.from_html(source, **options) if looks_like_html(source) else Article.from_text(source, **options)


def try_article(source: Source, options: dict[str, Any]) -> Article | SummarizerError:
    """Return the article of a source, or why there is none."""
    try:
        return as_article(source, **options)
    except SummarizerError as error:
        return error
