"""What lets a summary be taken along, and the history that stays in the browser; the scripts do the rest."""

import json
import logging
from typing import Any

from summarizer.summary import Summary
from summarizer.web.context import Context
from summarizer.web.marks import mark_html
from summarizer.web.take import read_entry, render_tools, take
from summarizer.web.view import Result, render_placeholder, render_result
from summarizer.web.wording import Wording

logger = logging.getLogger(__name__)

#: Summaries that a browser keeps.
HISTORY_LENGTH = 20

_OWN: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}


def add_history() -> None:
    """Add the history, which is empty here: `history.js` fills it from what the browser kept."""
    import gradio as gr

    labels = " ".join(f'data-{name}="{mark_html(f"history.{name}")}"' for name in ("open", "delete"))
    gr.HTML(
        f'<details class="ns-history" id="ns-history" data-most="{HISTORY_LENGTH}" {labels}>'
        f"<summary>{mark_html('history.title')}</summary>"
        f'<label><input type="checkbox" id="ns-history-switch"> '
        f"{mark_html('history.switch', count=HISTORY_LENGTH)}</label>"
        f'<p class="ns-note">{mark_html("history.info")}</p>'
        f'<p class="ns-history-empty">{mark_html("history.empty")}</p><ol></ol>'
        f'<button type="button" class="ns-tool" id="ns-history-clear">{mark_html("history.clear")}</button></details>',
        js_on_load=None,
        apply_default_css=False,
    )


def add_taking(context: Context, summary: Any, result: Any) -> dict[str, Any]:
    """Connect the buttons below a summary and those of the history.

    :param summary: Holds the summary that is shown.
    :param result: Shows it.
    :return: The event that offers a summary that is done to the history.
    """
    import gradio as gr

    asked = gr.Textbox(visible="hidden")
    taken = gr.Textbox(visible="hidden")
    give = gr.Button(visible="hidden", elem_id="ns-give")
    reopen = gr.Button(visible="hidden", elem_id="ns-reopen")
    give.click(
        _give,
        [asked, context.language, summary],
        taken,
        js="(asked, ...rest) => [NewsTake.asked, ...rest]",
        **_OWN,
    ).then(None, taken, None, js="(taken) => NewsTake.deliver(taken)", **_OWN)
    reopen.click(
        _reopen,
        [asked, context.language],
        [result, context.article, summary],
        js="(asked, language) => [NewsHistory.reopening, language]",
        scroll_to_output=True,
        **_OWN,
    )
    return {"fn": None, "js": "() => NewsHistory.offer()", **_OWN}


def _give(form: str, page_language: str, summary: Summary | None) -> str:
    return json.dumps(take(summary, form, Wording.get(page_language))) if summary is not None else ""


def _reopen(content: str, page_language: str) -> tuple[str, Any, Any]:
    """Return a summary of the history as markup, its article and itself."""
    import gradio as gr

    wording = Wording.get(page_language)
    try:
        summary = read_entry(content)
        html = render_result(Result(summary.article, summary=summary), wording, render_tools(summary, wording))
    except Exception as error:
        logger.info("An entry of a history could not be read: %s", type(error).__name__)
        return render_placeholder(wording.text("history.broken")), gr.skip(), None
    # The text before cleaning was not kept, so that nothing can be restored.
    return f'<div class="ns-kept">{html}</div>', summary.article, summary
