"""The page: its frame of tabs, and its programming interface."""

from pathlib import Path
from typing import TYPE_CHECKING

from summarizer.pipeline import Summarizer
from summarizer.web import tab_batch, tab_compare, tab_models, tab_summarize
from summarizer.web.api import add_api
from summarizer.web.context import Context
from summarizer.web.header import add_header
from summarizer.web.jobs import Jobs
from summarizer.web.marks import LANGUAGE, TAB, mark
from summarizer.web.models import Models
from summarizer.web.settings import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    import gradio as gr

TITLE = "News summarizer"
#: Seconds between two looks for uploaded files that are to be deleted, and the age from which they are.
_UPLOADS_KEPT = (600, 3600)

#: The parts of the page by the name that they have in its address (``?tab=batch``).
_TABS = {"summarize": tab_summarize, "batch": tab_batch, "compare": tab_compare, "models": tab_models}


def build_page(
    summarizer: Summarizer | None = None, limits: Limits = DEFAULT_LIMITS, *, jobs_folder: Path | None = None
) -> "gr.Blocks":
    """Build the page and its programming interface.

    :param summarizer: The only one to offer; by default every model with a card that can summarize.
    :param limits: What one request may ask for.
    :param jobs_folder: Where jobs of many articles are kept, and those that were left unfinished are taken up; by
        default in the user's cache.
    :return: The page, ready for ``launch`` with ``launch_options``.
    """
    import gradio as gr

    models = Models(summarizer)
    jobs = Jobs(models, jobs_folder, allow_fetch=limits.fetch is not None)
    # Switched off here: left on, Gradio asks its maker for its newest version and reports that it was started.
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True, delete_cache=_UPLOADS_KEPT) as page:
        context = Context(models, gr.Textbox(LANGUAGE, visible=False), gr.State(None), jobs, page, limits)
        add_header()
        with gr.Tabs(selected=TAB, elem_id="ns-tabs"):
            for name, part in _TABS.items():
                with gr.Tab(mark(f"page.tab.{name}"), id=name, elem_id=f"ns-tab-{name}") as tab:
                    part.build(context)
                tab.select(None, js=f"() => NewsSummarizer.rememberTab({name!r})", api_visibility="private")
        add_api(models, limits)
    # Closed: no request may pass the queue and so run beside the one that has the model.
    page.queue(max_size=limits.waiting, api_open=False, default_concurrency_limit=4)
    jobs.go_on()
    return page
