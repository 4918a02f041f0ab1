"""What people take along of a summary: text, Markdown, JSON, a page to print, an entry of their history."""

import json
import re
from collections.abc import Callable
from html import escape
from typing import Final

from summarizer.decoding import MAX_BYTES
from summarizer.rendering import render_markdown, render_text
from summarizer.summary import Summary
from summarizer.web.printing import render_page
from summarizer.web.wording import Wording

#: How each kind of file is made, with the end of its name and its media type.
_Maker = Callable[[Summary, Wording], str]
_FILES: Final[dict[str, tuple[_Maker, str, str]]] = {
    "text": (lambda summary, _: render_text(summary) + "\n", "txt", "text/plain"),
    "markdown": (lambda summary, _: render_markdown(summary) + "\n", "md", "text/markdown"),
    "json": (
        lambda summary, _: json.dumps(summary.to_dict(), ensure_ascii=False, indent=2) + "\n",
        "json",
        "application/json",
    ),
    "page": (render_page, "html", "text/html"),
}
#: Letters of a title that a file is named by.
_NAME_LENGTH = 60


def take(summary: Summary, form: str, wording: Wording) -> dict[str, str]:
    """Return what the browser needs to save, open or keep a summary.

    :param summary: The summary.
    :param form: ``text``, ``markdown``, ``json``, ``page``, or ``history`` for an entry of the history.
    :param wording: The language of the page.
    :return: The form with ``name``, ``type`` and ``content`` of a file, or with ``id``, ``title``, ``summary`` and
        ``content`` of an entry.
    :raises KeyError: If there is no such form.
    """
    if form == "history":
        content = json.dumps(summary.to_dict(), ensure_ascii=False)
        title = summary.article.title or summary.text
        return {"form": form, "id": summary.article.id, "title": title, "summary": summary.text, "content": content}
    make, ending, media_type = _FILES[form]
    return {
        "form": form,
        "name": f"{name_file(summary)}.{ending}",
        "type": f"{media_type};charset=utf-8",
        "content": make(summary, wording),
    }


def name_file(summary: Summary) -> str:
    """Return a name for files that holds letters, digits and hyphens only; it comes from the title."""
    words = re.sub(r"[\W_]+", "-", summary.article.title or "")[:_NAME_LENGTH].strip("-")
    return f"summary-{words}" if words else "summary"


def render_tools(summary: Summary, wording: Wording) -> str:
    """Return the buttons that stand below a summary; ``take.js`` makes them work."""
    buttons = "".join(
        f'<button type="button" class="ns-tool" data-take="{form}">{escape(wording.text(f"take.{form}"))}</button>'
        for form in _FILES
    )
    # What is copied is there already: browsers let a page copy in the moment of the click only.
    return (
        f'<div class="ns-take" role="group" aria-label="{escape(wording.text("take.title"))}" '
        f'lang="{wording.language}" dir="{"rtl" if wording.is_rtl else "ltr"}">'
        f'<button type="button" class="ns-tool" data-copy="{escape(render_text(summary))}" '
        f'data-copied="{escape(wording.text("take.copied"))}" data-failed="{escape(wording.text("take.copy.failed"))}">'
        f'{escape(wording.text("take.copy"))}</button>{buttons}<span class="ns-note" role="status"></span></div>'
    )


def read_entry(content: str) -> Summary:
    """Return the summary of an entry of the history; what a browser kept can be anything, and so can the error.

    :param content: The entry's ``content``.
    """
    if len(content) > MAX_BYTES:
        raise ValueError("This is too long for a summary.")
    return Summary.from_dict(json.loads(content))
