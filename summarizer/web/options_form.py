"""What can be chosen for a summary: language, length, style, model, and how the article is read."""

from collections.abc import Callable
from html import escape
from typing import Any

from summarizer.languages import list_languages
from summarizer.options import LENGTHS
from summarizer.web.context import Context
from summarizer.web.marks import mark, mark_html
from summarizer.web.models import Models
from summarizer.web.naming import describe_model, label_length
from summarizer.web.wording import Wording


def add_options(context: Context, prefix: str = "ns") -> list[Any]:
    """Add the form.

    :param context: What the page shares.
    :param prefix: What the ids of its elements begin with; a page can hold more than one form.
    :return: Its inputs: model, target language, length, style, language of the article, whether to clean, to force.
    """
    import gradio as gr

    models = context.models
    languages = sorted((language.name, language.native_name, language.code) for language in list_languages())
    named = [(name if name == native else f"{name} · {native}", code) for name, native, code in languages]
    target = gr.Dropdown(
        [(mark("read.target.none"), ""), *named], value="", label=mark("read.target"), elem_id=f"{prefix}-target"
    )
    length = gr.Radio([(label_length(length), length) for length in LENGTHS], value="short", label=mark("read.length"))
    style = gr.Radio(style_choices(models, models.default, mark), value="auto", label=mark("read.style"))
    model = gr.Dropdown(models.choices(), value=models.default, label=mark("read.model"), elem_id=f"{prefix}-model")
    add_note(context, model, style)
    with gr.Accordion(mark("read.more"), open=False):
        language = gr.Dropdown([(mark("read.language.auto"), ""), *named], value="", label=mark("read.language"))
        clean = gr.Checkbox(True, label=mark("read.clean"), info=mark("read.clean.info"))
        force = gr.Checkbox(False, label=mark("read.force"), info=mark("read.force.info"))
    return [model, target, length, style, language, clean, force]


def add_note(context: Context, model: Any, style: Any) -> None:
    """Add what is to be known of the chosen model, its licence too; only the styles that it can make are offered.

    :param model: The list of models.
    :param style: The choice of styles.
    """
    import gradio as gr

    models = context.models
    note = gr.HTML(_note(models, models.default, mark_html), js_on_load=None, apply_default_css=False)

    def show_model(name: str, chosen: str, page_language: str) -> tuple[Any, str]:
        say = Wording.get(page_language).text
        kept = chosen if chosen in models.styles(name) else "auto"
        return gr.update(choices=style_choices(models, name, say), value=kept), _note(models, name, say)

    model.change(
        show_model,
        [model, style, context.language],
        [style, note],
        queue=False,
        show_progress="hidden",
        api_visibility="private",
    )


def style_choices(models: Models, name: str, say: Callable[..., str]) -> list[tuple[str, str]]:
    """Return label and name of each style that a model can make.

    :param say: ``Wording.text``, or ``mark`` for what is built once for everybody.
    """
    return [(say(f"read.style.{style}"), style) for style in models.styles(name)]


def _note(models: Models, name: str, say: Callable[..., str]) -> str:
    card = models.card(name)
    return f'<p class="ns-note" dir="auto">{escape(describe_model(card, say) if card else "")}</p>'
