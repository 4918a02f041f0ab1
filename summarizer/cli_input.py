"""What is named on the command line, as an article."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from summarizer.errors import BadOptionError, InputNotFoundError

if TYPE_CHECKING:
    from summarizer.article import Article

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_BARE_ADDRESS = re.compile(r"(?:www\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|info|[a-z]{2})(?:/\S*)?")


def read_article(source: str | None, **options: Any) -> "Article":
    """Make the article of what was named on the command line."""
    from summarizer.article import Article

    if source is None and (sys.stdin is None or sys.stdin.isatty()):
        raise BadOptionError("Name a file or a web address, or - to paste the text and end it with Ctrl-D.")
    if source == "-" and sys.stdin is None:
        raise BadOptionError("Standard input is closed; name a file or a web address.")
    if source is None or source == "-":
        return Article.from_stream(sys.stdin.buffer, **options)
    if _ADDRESS.match(source):
        return Article.from_url(source, **options)
    if _BARE_ADDRESS.fullmatch(source) and not Path(source).exists():
        raise InputNotFoundError(f"There is no file {source}. A web address begins with https://, as https://{source}")
    return Article.from_file(source, **options)


def check_reasons(keep: list[str] | None) -> frozenset[str]:
    """Return the reasons for which nothing is to be removed.

    :raises BadOptionError: If one of them does not exist.
    """
    from summarizer.cleaning import REASONS

    unknown = sorted(set(keep or ()) - set(REASONS))
    if unknown:
        raise BadOptionError(f"There is no reason {unknown[0]!r} for removals; there are: {', '.join(REASONS)}.")
    return frozenset(keep or ())
