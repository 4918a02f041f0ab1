"""The tab that sets two summaries of one article beside each other."""

import logging
from collections.abc import Iterator
from threading import Event
from typing import Any

from summarizer.article import Article
from summarizer.errors import SummarizerError
from summarizer.options import LENGTHS
from summarizer.web.context import Context
from summarizer.web.marks import mark, mark_html
from summarizer.web.naming import label_length
from summarizer.web.options_form import add_note, style_choices
from summarizer.web.service import ReadOptions, SummaryOptions, open_article
from summarizer.web.view import render_error, render_failure, render_placeholder
from summarizer.web.view_compare import render_side
from summarizer.web.wording import Wording
from summarizer.web.work import MODEL_TURN, Stops, run

logger = logging.getLogger(__name__)

#: Puts what stands in the other tab, which no event of this one knows, in the place of the own text.
_TAKE_TEXT = '(text, article) => [document.querySelector("#ns-input textarea")?.value ?? "", article]'
_OWN: dict[str, Any] = {"api_visibility": "private", "show_progress": "minimal"}


def build(context: Context) -> None:
    """Add the content of the tab."""
    import gradio as gr

    _add_heading("h2", "compare.title")
    text = gr.Textbox(
        label=mark("read.text"),
        placeholder=mark("read.text.address" if context.allow_fetch else "read.text.placeholder"),
        lines=6,
        max_lines=6,
        autoscroll=False,
        elem_id="ns-compare-input",
    )
    styles = context.models.styles(context.models.default)
    with gr.Row(elem_classes="ns-form"):
        first = _add_side(context, "first", "auto")
        second = _add_side(context, "second", "extractive" if "extractive" in styles else "auto")
    with gr.Row(elem_classes="ns-buttons"):
        start = gr.Button(mark("compare.start"), variant="primary", scale=3, min_width=160, elem_id="ns-compare-start")
        stop = gr.Button(
            mark("read.stop"), variant="stop", scale=1, min_width=80, elem_id="ns-compare-stop", visible=False
        )
        take_over = gr.Button(mark("compare.take_over"), scale=2, min_width=160, elem_id="ns-take-over")
    with gr.Row(elem_classes="ns-sides"):
        sides = [_add_place(render_placeholder(mark_html("compare.placeholder")), "first"), _add_place("", "second")]
    take_over.click(_take_over, [text, context.article], text, js=_TAKE_TEXT, queue=False, **_OWN)
    _connect(context, [text, *first, *second], start, stop, sides)


def _add_side(context: Context, name: str, style: str) -> list[Any]:
    """Add the choices for one summary, and return them: model, length, style."""
    import gradio as gr

    models = context.models
    with gr.Column(min_width=300, elem_id=f"ns-{name}"):
        _add_heading("h3", f"compare.{name}")
        model = gr.Dropdown(
            models.choices(), value=models.default, label=mark("read.model"), elem_id=f"ns-{name}-model"
        )
        lengths = [(label_length(length), length) for length in LENGTHS]
        length = gr.Dropdown(lengths, value="short", label=mark("read.length"), elem_id=f"ns-{name}-length")
        choices = style_choices(models, models.default, mark)
        chosen = gr.Dropdown(choices, value=style, label=mark("read.style"), elem_id=f"ns-{name}-style")
        add_note(context, model, chosen)
    return [model, length, chosen]


def _add_heading(level: str, key: str) -> None:
    import gradio as gr

    heading = f'<{level} class="ns-tab-title">{mark_html(key)}</{level}>'
    gr.HTML(heading, js_on_load=None, apply_default_css=False)


def _add_place(content: str, name: str) -> Any:
    import gradio as gr

    with gr.Column(min_width=300):
        return gr.HTML(content, js_on_load=None, apply_default_css=False, elem_id=f"ns-{name}-result")


def _take_over(pasted: str, article: Article | None) -> str:
    """Return the text of the first tab, or of the article that was read there where it came from a file."""
    if pasted.strip() or article is None:
        return pasted
    return f"{article.title}\n\n{article.text}" if article.title else article.text


def _connect(context: Context, inputs: list[Any], start: Any, stop: Any, sides: list[Any]) -> None:
    """Let the buttons Compare and Stop work."""
    import gradio as gr

    stops = Stops()

    def begin(request: gr.Request) -> Any:
        stops.renew(request.session_hash or "")
        return gr.Button(visible=True)

    def halt(request: gr.Request) -> None:
        stops.stop(request.session_hash or "")

    def leave(request: gr.Request) -> None:
        stops.forget(request.session_hash or "")

    def compare(page_language: str, text: str, model: str, length: str, style: str,
                other_model: str, other_length: str, other_style: str,
                request: gr.Request) -> Iterator[tuple[Any, Any]]:  # fmt: skip
        wanted = [SummaryOptions(model, "", length, style), SummaryOptions(other_model, "", other_length, other_style)]
        yield from _show(context, text, wanted, stops.find(request.session_hash or ""), Wording.get(page_language))

    started = start.click(begin, None, stop, queue=False, **_OWN)
    turn = {**_OWN, "concurrency_limit": 1, "concurrency_id": MODEL_TURN}
    ran = started.then(compare, [context.language, *inputs], sides, **turn)
    ran.then(lambda: gr.Button(visible=False), None, stop, queue=False, **_OWN)
    stop.click(halt, queue=False, **_OWN)
    context.page.unload(leave)


def _show(
    context: Context, text: str, wanted: list[SummaryOptions], stopped: Event, wording: Wording
) -> Iterator[tuple[Any, Any]]:
    """Yield both sides as markup, as far as they are there; the second one waits for the first."""
    import gradio as gr

    try:
        article = open_article(text, None, ReadOptions(), context.limits)
    except SummarizerError as error:
        yield render_error(error, wording), ""
        return
    except Exception:
        logger.exception("An article for the comparison could not be opened")
        yield render_failure(wording), ""
        return
    yield gr.skip(), render_placeholder(wording.text("compare.waiting"))
    for html in _show_side(context, article, "first", wanted[0], stopped, wording):
        yield html, gr.skip()
    for html in _show_side(context, article, "second", wanted[1], stopped, wording):
        yield gr.skip(), html


def _show_side(
    context: Context, article: Article, name: str, wanted: SummaryOptions, stopped: Event, wording: Wording
) -> Iterator[str]:
    """Yield one side as markup, as far as it is there; what is wrong with it does not touch the other."""
    try:
        summarizer = context.models.get(wanted.model)
        summarizer.check(None, wanted.length, wanted.style)
        with context.models.turns.of_person():
            for found in run(summarizer, article, wanted, stopped):
                yield render_side(found, name, wording)
    except SummarizerError as error:
        yield render_error(error, wording)
    except Exception:
        logger.exception("A summary for the comparison failed")
        yield render_failure(wording)
