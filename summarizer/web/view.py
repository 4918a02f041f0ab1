"""A result as HTML, as far as it is there: pure functions from a summary to markup."""

from dataclasses import dataclass
from html import escape
from typing import Literal

from summarizer.article import Article
from summarizer.errors import SummarizerError
from summarizer.summary import Summary
from summarizer.web.markup import language_attributes
from summarizer.web.naming import explain_error
from summarizer.web.view_article import render_article
from summarizer.web.view_summary import render_footer, render_growing, render_summary
from summarizer.web.wording import FALLBACK, Wording

_FAILURE = "Something went wrong in the program itself, not in your text. Its log says what."

State = Literal["reading", "writing", "translating", "stopped", "done"]


@dataclass(frozen=True, slots=True)
class Result:
    """What there is of a result so far.

    :param article: The article.
    :param state: What is being done.
    :param summary: The best summary that there is.
    :param growing: Sentences that are being written.
    """

    article: Article
    state: State = "done"
    summary: Summary | None = None
    growing: tuple[str, ...] = ()


def render_result(result: Result, wording: Wording, tools: str = "") -> str:
    """Return title, summary, translation, what to check, and the article with what was cleaned away.

    :param result: What there is.
    :param wording: The language of the page.
    :param tools: Markup that stands below the summary.
    """
    article, summary = result.article, result.summary
    panels = render_summary(summary, wording) if summary else ""
    panels += render_growing(result.growing, article.language, wording) if result.growing else ""
    panels += render_footer(summary, wording) if summary else ""
    panels += tools
    is_busy = "false" if result.state in ("done", "stopped") else "true"
    direction = "rtl" if wording.is_rtl else "ltr"
    return (
        f'<div class="ns-result" dir="{direction}" aria-busy="{is_busy}">'
        f"{_render_titles(article, summary)}{_render_origin(article)}"
        f'{_render_state(result.state, wording)}<div class="ns-columns"><div>{panels}</div>'
        f"{render_article(article, summary, wording)}</div></div>"
    )


def render_error(error: SummarizerError, wording: Wording) -> str:
    """Return an error as a message that says what to do, with the details that only exist in English."""
    message = explain_error(error, wording)
    details = "" if wording.language == FALLBACK else f' · <bdi lang="en" dir="auto">{escape(error.message)}</bdi>'
    return (
        f'<div class="ns-result ns-error" role="alert"><h2>{escape(wording.text("errors.title"))}</h2>'
        f'<p dir="auto">{escape(message)}</p><p class="ns-note">{escape(error.code)}{details}</p></div>'
    )


def render_failure(wording: Wording) -> str:
    """Return what is said when the program itself is at fault; nothing of the fault is told."""
    return render_error(SummarizerError(_FAILURE), wording)


def render_placeholder(text: str) -> str:
    """Return what stands in the place of a result before there is one.

    :param text: Markup.
    """
    return f'<p class="ns-result ns-empty">{text}</p>'


def _render_titles(article: Article, summary: Summary | None) -> str:
    if not article.title:
        return ""
    titles = f'<h2 class="ns-title"{language_attributes(article.language)}>{escape(article.title)}</h2>'
    translation = summary.translation if summary else None
    if translation is not None and translation.title:
        attributes = language_attributes(translation.language)
        titles += f'<p class="ns-title ns-title-translated"{attributes}>{escape(translation.title)}</p>'
    return titles


def _render_origin(article: Article) -> str:
    known = [value for value in (article.site, article.author, article.date, article.source) if value]
    return f'<p class="ns-note">{" · ".join(f"<bdi>{escape(value)}</bdi>" for value in known)}</p>' if known else ""


def _render_state(state: State, wording: Wording) -> str:
    if state == "done":
        return ""
    return f'<p class="ns-state ns-{state}" role="status">{escape(wording.text(f"check.state.{state}"))}</p>'
