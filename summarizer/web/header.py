"""The head of the page: what it is, and the languages it speaks."""

from summarizer.languages import get_language
from summarizer.web.marks import mark_html
from summarizer.web.wording import list_wordings


def add_header() -> None:
    """Add the head of the page; ``page.js`` makes its switch work."""
    import gradio as gr

    options = "".join(f'<option value="{code}" lang="{code}">{_name(code)}</option>' for code in list_wordings())
    gr.HTML(
        f'<header class="ns-header"><div><h1>{mark_html("page.title")}</h1><p>{mark_html("page.subtitle")}</p></div>'
        f'<select id="ns-language" aria-label="{mark_html("page.language")}">{options}</select></header>',
        js_on_load=None,
        apply_default_css=False,
    )


def _name(code: str) -> str:
    return get_language(code).native_name
