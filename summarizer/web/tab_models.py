"""The models: what they are, what they can and on which terms."""

from summarizer.web.context import Context
from summarizer.web.marks import mark_html


def build(context: Context) -> None:
    """Add the content of the tab."""
    import gradio as gr

    gr.HTML(f"<h2>{mark_html('models.title')}</h2>", js_on_load=None, apply_default_css=False)
