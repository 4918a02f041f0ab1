"""The button that makes a link of the settings, and the form that such a link sets when it is opened."""

from typing import Any

from summarizer.web.context import Context
from summarizer.web.marks import mark
from summarizer.web.options_form import style_choices
from summarizer.web.sharing import Settings, make_link, read_link
from summarizer.web.wording import Wording

_OWN: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}


def add_sharing(context: Context, model: Any, target: Any, length: Any, style: Any) -> None:
    """Add the button, and set the form when the page is opened by a link.

    :param model: The list of models; the others are the choices of the same names.
    """
    import gradio as gr

    button = gr.Button(mark("take.share"), size="sm", elem_id="ns-share")
    link = gr.Textbox(
        label=mark("take.share.link"), info=mark("take.share.info"), visible=False, interactive=False, elem_id="ns-link"
    )
    address = gr.Textbox(visible="hidden")

    def share(home: str, page_language: str, model: str, target: str, length: str, style: str) -> Any:
        return gr.Textbox(make_link(home, Settings(model, target, length, style), page_language), visible=True)

    def open_link(query: str, page_language: str) -> tuple[Any, ...]:
        found = read_link(query, context.models)
        styles: dict[str, Any] = {}
        if found.model is not None:
            say = Wording.get(page_language).text
            styles = {"choices": style_choices(context.models, found.model, say), "value": "auto"}
        if found.style is not None:
            styles["value"] = found.style
        values = (found.model, found.target, found.length)
        simple = [gr.skip() if value is None else gr.update(value=value) for value in values]
        return *simple, gr.update(**styles) if styles else gr.skip()

    settings = [model, target, length, style]
    shared = button.click(
        share,
        [address, context.language, *settings],
        link,
        js="(address, ...rest) => [location.origin + location.pathname, ...rest]",
        **_OWN,
    )
    shared.then(None, link, None, js="(link) => NewsTake.copy(link)", **_OWN)
    context.page.load(
        open_link,
        [address, context.language],
        settings,
        js="(address, language) => [location.search, language]",
        **_OWN,
    )
