"""Checkable, offline, multilingual news summaries."""

from typing import TYPE_CHECKING, Any

from summarizer.errors import SummarizerError
from summarizer.version import __version__

if TYPE_CHECKING:
    from summarizer.article import Article
    from summarizer.cards import list_models
    from summarizer.pipeline import Summarizer
    from summarizer.streaming import stream_summary
    from summarizer.summary import Summary

__all__ = ["Article", "Summarizer", "SummarizerError", "Summary", "__version__", "list_models", "stream_summary"]

#: Loaded when they are first used, so that ``import summarizer`` stays instant.
_HOMES = {
    "Article": "summarizer.article",
    "Summarizer": "summarizer.pipeline",
    "Summary": "summarizer.summary",
    "list_models": "summarizer.cards",
    "stream_summary": "summarizer.streaming",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
