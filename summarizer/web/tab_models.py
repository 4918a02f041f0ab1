"""The tab that shows which models there are, what they can do and on which terms."""

from typing import Any

from summarizer.cards import ABILITIES
from summarizer.languages import list_languages
from summarizer.web.context import Context
from summarizer.web.marks import mark
from summarizer.web.view_models import ModelFilter, find_models, render_models
from summarizer.web.wording import Wording

#: Sizes on disk that can be chosen, in megabytes.
SIZES = (100, 500, 1000, 3000, 10_000)


def build(context: Context) -> None:
    """Add the content of the tab."""
    import gradio as gr

    with gr.Row(elem_classes="ns-filters"):
        words = gr.Textbox(
            "",
            max_lines=1,
            label=mark("models.search"),
            placeholder=mark("models.search.placeholder"),
            elem_id="ns-models-search",
        )
        languages = sorted((language.name, language.code) for language in list_languages())
        language = _add_choice("language", languages)
        task = _add_choice("task", [(mark(f"models.task.{ability}"), ability) for ability in ABILITIES])
        size = _add_choice(
            "size_limit", [(mark("models.size_limit.most", megabytes=size), str(size)) for size in SIZES]
        )
    with gr.Row(elem_classes="ns-filters"):
        commercial = gr.Checkbox(label=mark("models.commercial_only"), elem_id="ns-models-commercial", container=False)
        ready = gr.Checkbox(label=mark("models.ready_only"), elem_id="ns-models-ready", container=False)
    models = gr.HTML(js_on_load=None, apply_default_css=False, elem_id="ns-models")
    filters = [words, language, task, size, commercial, ready]
    # When the page is opened, too: the list is in the visitor's language, and too long to come with every page.
    gr.on(
        [context.page.load, *(part.change for part in filters)],
        _show,
        [context.language, *filters],
        models,
        queue=False,
        show_progress="hidden",
        trigger_mode="always_last",
        api_visibility="private",
    )


def _add_choice(name: str, choices: list[tuple[str, str]]) -> Any:
    import gradio as gr

    return gr.Dropdown(
        [(mark(f"models.{name}.any"), ""), *choices],
        value="",
        label=mark(f"models.{name}"),
        elem_id=f"ns-models-{name}",
    )


def _show(page_language: str, words: str, language: str, task: str, size: str, commercial: bool, ready: bool) -> str:
    wanted = ModelFilter(words, language, task, int(size or 0), commercial, ready)
    return render_models(find_models(wanted), Wording.get(page_language))
