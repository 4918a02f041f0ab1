"""One article: paste it, choose, and see its summary beside it."""

import logging
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from summarizer.errors import SummarizerError
from summarizer.languages import get_language, list_languages
from summarizer.options import LENGTHS
from summarizer.web.context import Context
from summarizer.web.marks import mark, mark_html
from summarizer.web.models import Models
from summarizer.web.naming import describe_model, label_length
from summarizer.web.service import ReadOptions, SummaryOptions, summarize
from summarizer.web.view import render_error, render_result
from summarizer.web.wording import Wording

if TYPE_CHECKING:
    pass

logger = logging.getLogger(__name__)

#: Events with this name take turns, whoever asks: one model, one article at a time.
MODEL_TURN = "model"
PLACEHOLDER = f'<p class="ns-result ns-empty">{mark_html("check.placeholder")}</p>'

_FAILURE = SummarizerError("Something went wrong in the program itself, not in your text. Its log says what.")


def build(context: Context) -> None:
    """Add the content of the tab."""
    import gradio as gr

    with gr.Row(elem_classes="ns-form"):
        with gr.Column(scale=3, min_width=320):
            text = _add_text_box()
            with gr.Row():
                clear = gr.Button(mark("read.clear"), scale=1, min_width=80)
                start = gr.Button(mark("read.start"), variant="primary", scale=3, min_width=160, elem_id="ns-start")
            _add_examples(text)
        with gr.Column(scale=2, min_width=300):
            options = _add_options(context)
    result = gr.HTML(PLACEHOLDER, js_on_load=None, apply_default_css=False, min_height=120)
    _connect(context, [text, *options], start, result)
    clear.click(_clear, context.language, [text, result], queue=False, api_visibility="private")


def _add_text_box() -> Any:
    import gradio as gr

    return gr.Textbox(
        label=mark("read.text"),
        placeholder=mark("read.text.placeholder"),
        lines=12,
        max_lines=12,
        autofocus=True,
        autoscroll=False,
        elem_id="ns-input",
    )


def _add_options(context: Context) -> list[Any]:
    """Add what can be chosen, in the order in which ``_connect`` takes it."""
    import gradio as gr

    models = context.models
    languages = sorted((language.name, language.native_name, language.code) for language in list_languages())
    named = [(name if name == native else f"{name} · {native}", code) for name, native, code in languages]
    target = gr.Dropdown(
        [(mark("read.target.none"), ""), *named], value="", label=mark("read.target"), elem_id="ns-target"
    )
    length = gr.Radio([(label_length(length), length) for length in LENGTHS], value="short", label=mark("read.length"))
    style = gr.Radio(_style_choices(models, models.default, mark), value="auto", label=mark("read.style"))
    model = gr.Dropdown(models.choices(), value=models.default, label=mark("read.model"), elem_id="ns-model")
    note = gr.HTML(_note(models, models.default, mark_html), js_on_load=None, apply_default_css=False)
    with gr.Accordion(mark("read.more"), open=False):
        language = gr.Dropdown([(mark("read.language.auto"), ""), *named], value="", label=mark("read.language"))
        clean = gr.Checkbox(True, label=mark("read.clean"), info=mark("read.clean.info"))
        force = gr.Checkbox(False, label=mark("read.force"), info=mark("read.force.info"))

    def show_model(name: str, page_language: str) -> tuple[Any, str]:
        say = Wording.get(page_language).text
        return gr.Radio(choices=_style_choices(models, name, say), value="auto"), _note(models, name, say)

    model.change(
        show_model,
        [model, context.language],
        [style, note],
        queue=False,
        show_progress="hidden",
        api_visibility="private",
    )
    return [model, target, length, style, language, clean, force]


def _style_choices(models: Models, name: str, say: Callable[..., str]) -> list[tuple[str, str]]:
    return [(say(f"read.style.{style}"), style) for style in models.styles(name)]


def _note(models: Models, name: str, say: Callable[..., str]) -> str:
    card = models.card(name)
    return f'<p class="ns-note">{escape(describe_model(card, say) if card else "")}</p>'


def _clear(page_language: str) -> tuple[str, str]:
    return "", f'<p class="ns-result ns-empty">{escape(Wording.get(page_language).text("check.placeholder"))}</p>'


def _add_examples(text: Any) -> None:
    """Add the example articles, which a source checkout has and an installed package has not."""
    import gradio as gr

    files = find_examples()
    if files:
        gr.Examples(
            [[path.read_text(encoding="utf-8")] for path in files],
            inputs=[text],
            example_labels=[get_language(path.stem).name for path in files],
            examples_per_page=len(files),
            cache_examples=False,
            label=mark("read.examples"),
            elem_id="ns-examples",
            api_visibility="private",
        )


def find_examples(root: Path | None = None) -> list[Path]:
    """Return the example articles of a source checkout by the names of their languages; none elsewhere.

    :param root: The checkout; by default the one that this file is in, if it is in one.
    """
    root = root or Path(__file__).resolve().parents[2]
    files = (root / "examples" / "articles").glob("*.txt") if (root / "app.py").is_file() else ()
    return sorted(files, key=lambda path: get_language(path.stem).name)


def _connect(context: Context, inputs: list[Any], start: Any, result: Any) -> None:
    import gradio as gr

    def show(
        page_language: str, text: str, model: str, target: str, length: str, style: str, language: str, clean: bool,
        force: bool,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - how Gradio wants it
    ) -> str:  # fmt: skip
        def report(done: int, total: int, what: str) -> None:
            progress(done / total if total else 0.0, desc=what)

        wording = Wording.get(page_language)
        reading, wanted = ReadOptions(language, clean, force), SummaryOptions(model, target, length, style)
        try:
            return render_result(summarize(context.models, text, reading, wanted, report), wording)
        except SummarizerError as error:
            return render_error(error, wording)
        except Exception:
            logger.exception("A summary for the page failed")
            return render_error(_FAILURE, wording)

    turn = {"concurrency_limit": 1, "concurrency_id": MODEL_TURN}
    start.click(show, [context.language, *inputs], result, scroll_to_output=True, api_visibility="private", **turn)
