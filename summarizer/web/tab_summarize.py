"""One article: paste it, choose, and see its summary beside it."""

import logging
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from threading import Event
from typing import Any

from summarizer.article import Article
from summarizer.errors import SummarizerError
from summarizer.languages import get_language
from summarizer.web.context import Context
from summarizer.web.marks import mark, mark_html
from summarizer.web.options_form import add_options
from summarizer.web.service import ReadOptions, SummaryOptions, open_article, restore_passages
from summarizer.web.sharing_form import add_sharing
from summarizer.web.take import render_tools
from summarizer.web.take_form import add_history, add_taking
from summarizer.web.view import render_error, render_failure, render_placeholder, render_result
from summarizer.web.wording import Wording
from summarizer.web.work import MODEL_TURN, Stops, run

logger = logging.getLogger(__name__)

#: The result as markup, its article and its summary.
_Shown = tuple[str, Any, Any]

#: What can be uploaded; what a file really is, its bytes say.
FILE_TYPES = [".txt", ".md", ".html", ".htm", ".pdf", ".docx", ".json", ".gz"]

#: Puts what is to be restored, which `check.js` knows, in the place of the hidden text.
_TAKE_PLACES = "(language, article, places, ...rest) => [language, article, NewsSummarizer.restoring, ...rest]"


def build(context: Context) -> None:
    """Add the content of the tab."""
    import gradio as gr

    with gr.Row(elem_classes="ns-form"):
        with gr.Column(scale=3, min_width=320):
            text = _add_text_box(context)
            file = gr.File(label=mark("read.file"), file_types=FILE_TYPES, height=88, elem_id="ns-file")
            with gr.Row(elem_classes="ns-buttons"):
                start = gr.Button(mark("read.start"), variant="primary", scale=3, min_width=160, elem_id="ns-start")
                stop = gr.Button(
                    mark("read.stop"), variant="stop", scale=1, min_width=80, elem_id="ns-stop", visible=False
                )
                clear = gr.Button(mark("read.clear"), scale=1, min_width=80)
            _add_examples(text, file)
        with gr.Column(scale=2, min_width=300):
            options = add_options(context)
            add_sharing(context, *options[:4])
    result = gr.HTML(
        render_placeholder(mark_html("check.placeholder")), js_on_load=None, apply_default_css=False, min_height=120
    )
    # What was typed last counts.
    text.input(None, None, file, js="() => null", api_visibility="private")
    file.upload(None, None, text, js="() => ''", api_visibility="private")
    clear.click(_clear, context.language, [text, file, result], queue=False, api_visibility="private")
    summary = gr.State(None)
    add_history()
    keep = add_taking(context, summary, result)
    _connect(context, [text, file, *options], start, stop, [result, context.article, summary], keep)


def _add_text_box(context: Context) -> Any:
    import gradio as gr

    return gr.Textbox(
        label=mark("read.text"),
        placeholder=mark("read.text.address" if context.allow_fetch else "read.text.placeholder"),
        lines=10,
        max_lines=10,
        autofocus=True,
        autoscroll=False,
        elem_id="ns-input",
    )


def _clear(page_language: str) -> tuple[str, None, str]:
    return "", None, render_placeholder(escape(Wording.get(page_language).text("check.placeholder")))


def _add_examples(text: Any, file: Any) -> None:
    """Add the example articles, which a source checkout has and an installed package has not."""
    import gradio as gr

    paths = find_examples()
    if not paths:
        return
    texts = [path.read_text(encoding="utf-8") for path in paths]
    # gr.Examples would send the marks of the text box along, when the page is there already.
    examples = gr.Dataset(
        components=[gr.Textbox(visible=False)],
        samples=[[example] for example in texts],
        sample_labels=[get_language(path.stem).name for path in paths],
        samples_per_page=len(paths),
        type="index",
        label=mark("read.examples"),
        elem_id="ns-examples",
    )
    examples.click(
        lambda index: (texts[index], None),
        examples,
        [text, file],
        queue=False,
        show_progress="hidden",
        api_visibility="private",
    )


def find_examples(root: Path | None = None) -> list[Path]:
    """Return the example articles of a source checkout by the names of their languages; none elsewhere.

    :param root: The checkout; by default the one that this file is in, if it is in one.
    """
    root = root or Path(__file__).resolve().parents[2]
    files = (root / "examples" / "articles").glob("*.txt") if (root / "app.py").is_file() else ()
    return sorted(files, key=lambda path: get_language(path.stem).name)


def _connect(
    context: Context, inputs: list[Any], start: Any, stop: Any, outputs: list[Any], keep: dict[str, Any]
) -> None:
    """Let the buttons work: Summarize and Stop, and those that restore a passage of the article.

    :param outputs: The result; the article as it was read last, in which passages are restored without anything being
        fetched twice; the summary.
    :param keep: What happens when a summary is done.
    """
    import gradio as gr

    stops = Stops()
    restore = gr.Button(visible="hidden", elem_id="ns-restore")
    places = gr.Textbox(visible="hidden")

    def begin(request: gr.Request) -> Any:
        stops.renew(request.session_hash or "")
        return gr.Button(visible=True), None

    def halt(request: gr.Request) -> None:
        stops.stop(request.session_hash or "")

    def leave(request: gr.Request) -> None:
        stops.forget(request.session_hash or "")

    def read(page_language: str, text: str, file: str | None, model: str, target: str, length: str, style: str,
             language: str, clean: bool, force: bool, request: gr.Request) -> Iterator[_Shown]:  # fmt: skip
        def open_it() -> Article:
            return open_article(text, file, ReadOptions(language, clean, force), context.limits)

        wanted = SummaryOptions(model, target, length, style)
        yield from _show(context, open_it, wanted, stops.find(request.session_hash or ""), page_language)

    def read_again(page_language: str, article: Article | None, places: str, model: str, target: str, length: str,
                   style: str, request: gr.Request) -> Iterator[_Shown]:  # fmt: skip
        if article is not None:
            wanted = SummaryOptions(model, target, length, style)
            restored = restore_passages(article, places)
            yield from _show(context, lambda: restored, wanted, stops.find(request.session_hash or ""), page_language)

    own: dict[str, Any] = {"api_visibility": "private", "show_progress": "minimal"}
    turn = {**own, "concurrency_limit": 1, "concurrency_id": MODEL_TURN}
    started = start.click(begin, None, [stop, outputs[2]], queue=False, **own)
    ran = started.then(read, [context.language, *inputs], outputs, scroll_to_output=True, **turn)
    restarted = restore.click(begin, None, [stop, outputs[2]], queue=False, **own)
    options = [context.language, context.article, places, *inputs[2:6]]
    reran = restarted.then(read_again, options, outputs, js=_TAKE_PLACES, **turn)
    for done in (ran, reran):
        done.then(lambda: gr.Button(visible=False), None, stop, queue=False, **own).then(**keep)
    stop.click(halt, queue=False, **own)
    context.page.unload(leave)


def _show(
    context: Context, open_it: Callable[[], Article], wanted: SummaryOptions, stopped: Event, page_language: str
) -> Iterator[_Shown]:
    """Yield the result as markup, its article and its summary, as far as they are there."""
    import gradio as gr

    wording = Wording.get(page_language)
    try:
        summarizer = context.models.get(wanted.model)
        # What can be refused at once is refused before anything is fetched or read.
        summarizer.check(wanted.target or None, wanted.length, wanted.style)
        article = open_it()
        with context.models.turns.of_person():
            for number, found in enumerate(run(summarizer, article, wanted, stopped)):
                summary = found.summary if found.state == "done" else None
                tools = render_tools(summary, wording) if summary else ""
                yield render_result(found, wording, tools), gr.skip() if number else article, summary
    except SummarizerError as error:
        yield render_error(error, wording), gr.skip(), None
    except Exception:
        logger.exception("A summary for the page failed")
        yield render_failure(wording), gr.skip(), None
