"""The page: what stands on it and what happens when it is used."""

import logging
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from summarizer.errors import SummarizerError
from summarizer.languages import get_language, list_languages
from summarizer.options import LENGTHS
from summarizer.pipeline import Summarizer
from summarizer.web.api import FAILURE, add_api
from summarizer.web.models import Models
from summarizer.web.service import ReadOptions, SummaryOptions, summarize
from summarizer.web.settings import DEFAULT_LIMITS, Limits
from summarizer.web.view import PLACEHOLDER, render_error, render_result
from summarizer.web.wording import CLEAN_LABEL, FORCE_LABEL, LANGUAGE_LABEL, STYLE_LABEL, STYLE_NAMES, name_length

if TYPE_CHECKING:
    import gradio as gr

logger = logging.getLogger(__name__)

TITLE = "News summarizer"
#: Events with this name take turns, whoever asks: one model, one article at a time.
MODEL_TURN = "model"

_HEADER = (
    f'<header class="ns-header"><h1>{TITLE}</h1>'
    "<p>Paste a news article in any language. Every sentence of the summary shows what it rests on.</p></header>"
)


def build_page(summarizer: Summarizer | None = None, limits: Limits = DEFAULT_LIMITS) -> "gr.Blocks":
    """Build the page and its programming interface.

    :param summarizer: The only one to offer; by default every model with a card that can summarize.
    :param limits: What one request may ask for.
    :return: The page, ready for ``launch``.
    """
    import gradio as gr

    models = Models(summarizer)
    # Switched off here: left on, Gradio asks its maker for its newest version and reports that it was started.
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True) as page:
        gr.HTML(_HEADER, js_on_load=None, apply_default_css=False)
        with gr.Row(elem_classes="ns-form"):
            with gr.Column(scale=3, min_width=320):
                text = _add_text_box()
                with gr.Row():
                    clear = gr.Button("Clear", scale=1, min_width=80)
                    start = gr.Button("Summarize", variant="primary", scale=3, min_width=160, elem_id="ns-start")
                _add_examples(text)
            with gr.Column(scale=2, min_width=300):
                options = _add_options(models)
        result = gr.HTML(PLACEHOLDER, js_on_load=None, apply_default_css=False, min_height=120)
        _connect(models, limits, [text, *options], start, result)
        clear.click(lambda: ("", PLACEHOLDER), outputs=[text, result], queue=False, api_visibility="private")
        add_api(models, limits)
    # Closed: no request may pass the queue and so run beside the one that has the model.
    page.queue(max_size=limits.waiting, api_open=False, default_concurrency_limit=4)
    return page


def _add_text_box() -> Any:
    import gradio as gr

    return gr.Textbox(
        label="Article",
        placeholder="Paste the text of an article here, with whatever came along. Ctrl+Enter summarizes.",
        lines=12,
        max_lines=12,
        autofocus=True,
        autoscroll=False,
        elem_id="ns-input",
    )


def _add_options(models: Models) -> list[Any]:
    """Add what can be chosen, in the order in which ``_connect`` takes it."""
    import gradio as gr

    languages = sorted((language.name, language.native_name, language.code) for language in list_languages())
    named = [(name if name == native else f"{name} · {native}", code) for name, native, code in languages]
    target = gr.Dropdown(
        [("No translation", ""), *named], value="", label="Translate the summary into", filterable=True
    )
    length = gr.Radio([(name_length(length), length) for length in LENGTHS], value="short", label="Length")
    style = gr.Radio(_style_choices(models, models.default), value="auto", label=STYLE_LABEL)
    model = gr.Dropdown(models.choices(), value=models.default, label="Model")
    note = gr.HTML(_note(models, models.default), js_on_load=None, apply_default_css=False)
    with gr.Accordion("More options", open=False):
        language = gr.Dropdown([("Tell it from the text", ""), *named], value="", label=LANGUAGE_LABEL)
        clean = gr.Checkbox(True, label=CLEAN_LABEL, info="Takes out menus, captions, notices and what is said twice.")
        force = gr.Checkbox(False, label=FORCE_LABEL, info="Error pages, paywalls and lists of links are refused else.")

    def show_model(name: str) -> tuple[Any, str]:
        return gr.Radio(choices=_style_choices(models, name), value="auto"), _note(models, name)

    model.change(show_model, model, [style, note], queue=False, show_progress="hidden", api_visibility="private")
    return [model, target, length, style, language, clean, force]


def _style_choices(models: Models, name: str) -> list[tuple[str, str]]:
    return [(STYLE_NAMES[style], style) for style in models.styles(name)]


def _note(models: Models, name: str) -> str:
    return f'<p class="ns-note">{escape(models.describe(name))}</p>'


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
            label="Examples",
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


def _connect(models: Models, limits: Limits, inputs: list[Any], start: Any, result: Any) -> None:
    import gradio as gr

    def show(
        text: str, model: str, target: str, length: str, style: str, language: str, clean: bool, force: bool,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - how Gradio wants it
    ) -> str:  # fmt: skip
        def report(done: int, total: int, what: str) -> None:
            progress(done / total if total else 0.0, desc=what)

        reading, wanted = ReadOptions(language, clean, force), SummaryOptions(model, target, length, style)
        try:
            limits.check_text(text)
            return render_result(summarize(models, text, reading, wanted, report))
        except SummarizerError as error:
            return render_error(error)
        except Exception:
            logger.exception("A summary for the page failed")
            return render_error(FAILURE)

    turn = {"concurrency_limit": 1, "concurrency_id": MODEL_TURN}
    start.click(show, inputs, result, scroll_to_output=True, api_visibility="private", **turn)
