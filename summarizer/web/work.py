"""The work on one article for the page: what there is to show after each step, and how it is stopped."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from threading import Event, Lock

from summarizer.article import Article
from summarizer.languages import is_same_language
from summarizer.pipeline import Summarizer
from summarizer.streaming import (
    ArticleRead,
    Step,
    SummaryChecked,
    SummaryGrowing,
    SummaryQuoted,
    SummaryTranslated,
    stream_summary,
)
from summarizer.web.service import SummaryOptions
from summarizer.web.view import Result

#: Events with this name take turns, whoever asks: one model, one article at a time.
MODEL_TURN = "model"


class Stops:
    """What stops the work of each visitor; a visitor has one piece of work at a time."""

    def __init__(self) -> None:
        self._events: dict[str, Event] = {}
        self._lock = Lock()

    def renew(self, visitor: str) -> None:
        """Stop the visitor's work, if there is any, and let the next piece run."""
        with self._lock:
            if visitor in self._events:
                self._events[visitor].set()
            self._events[visitor] = Event()

    def find(self, visitor: str) -> Event:
        """Return what is set when the visitor's work is to stop; for who has left, it is."""
        with self._lock:
            event = self._events.get(visitor)
        if event is None:
            event = Event()
            event.set()
        return event

    def stop(self, visitor: str) -> None:
        """Stop the visitor's work, whether it has begun or still waits."""
        self.find(visitor).set()

    def forget(self, visitor: str) -> None:
        """Stop the work of a visitor who has left."""
        with self._lock:
            event = self._events.pop(visitor, None)
        if event is not None:
            event.set()


def run(summarizer: Summarizer, article: Article, wanted: SummaryOptions, stopped: Event) -> Iterator[Result]:
    """Summarize an article; yield what there is to show whenever there is more of it.

    :param summarizer: What summarizes.
    :param article: The article.
    :param wanted: What kind of summary.
    :param stopped: Set from another thread to stop the work at the model's next token.
    :raises SummarizerError: If what is wanted cannot be served.
    """
    target = wanted.target or None
    is_foreign = target is not None and not is_same_language(article.language, target)
    result = Result(article, "reading")
    steps = stream_summary(summarizer, article, target_language=target, length=wanted.length, style=wanted.style)
    with closing(steps):
        for step in steps:
            before, result = result, _show(result, step, is_foreign=is_foreign)
            if stopped.is_set() and result.state != "done":
                yield replace(result, state="stopped", growing=())
                return
            if result != before or isinstance(step, ArticleRead):
                yield result


def _show(result: Result, step: Step, *, is_foreign: bool) -> Result:
    """Return the result with what a step adds to it."""
    match step:
        case ArticleRead():
            return result
        case SummaryQuoted(summary):
            return replace(result, state="writing", summary=summary)
        case SummaryGrowing(sentences):
            return replace(result, state="writing", growing=sentences)
        case SummaryChecked(summary):
            return replace(result, state="translating" if is_foreign else "done", summary=summary, growing=())
        case SummaryTranslated(summary):
            return replace(result, state="done", summary=summary)
