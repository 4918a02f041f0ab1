"""The page: its frame of tabs, and its programming interface."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from summarizer.pipeline import Summarizer
from summarizer.web import tab_batch, tab_compare, tab_models, tab_summarize
from summarizer.web.context import Context
from summarizer.web.header import add_header
from summarizer.web.jobs import Jobs
from summarizer.web.marks import LANGUAGE, TAB, mark
from summarizer.web.models import Models
from summarizer.web.service import ReadOptions, SummaryOptions, clean_to_dict, summarize_to_dict
from summarizer.web.work import MODEL_TURN

if TYPE_CHECKING:
    import gradio as gr

TITLE = "News summarizer"
#: Requests that wait at most; the next ones are told to come back later.
QUEUE_SIZE = 16
#: Seconds between two looks for uploaded files that are to be deleted, and the age from which they are.
_UPLOADS_KEPT = (600, 3600)

#: The parts of the page by the name that they have in its address (``?tab=batch``).
_TABS = {"summarize": tab_summarize, "batch": tab_batch, "compare": tab_compare, "models": tab_models}


def build_page(
    summarizer: Summarizer | None = None, *, allow_fetch: bool = True, jobs_folder: Path | None = None
) -> "gr.Blocks":
    """Build the page and its programming interface (``/summarize`` and ``/clean``).

    :param summarizer: The only one to offer; by default every model with a card that can summarize.
    :param allow_fetch: Whether the page may fetch articles by their addresses.
    :param jobs_folder: Where jobs of many articles are kept, and those that were left unfinished are taken up; by
        default in the user's cache.
    :return: The page, ready for ``launch`` with ``launch_options``.
    """
    import gradio as gr

    models = Models(summarizer)
    jobs = Jobs(models, jobs_folder, allow_fetch=allow_fetch)
    # Switched off here: left on, Gradio asks its maker for its newest version and reports that it was started.
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True, delete_cache=_UPLOADS_KEPT) as page:
        context = Context(models, gr.Textbox(LANGUAGE, visible=False), jobs, page, allow_fetch)
        add_header()
        with gr.Tabs(selected=TAB, elem_id="ns-tabs"):
            for name, part in _TABS.items():
                with gr.Tab(mark(f"page.tab.{name}"), id=name, elem_id=f"ns-tab-{name}") as tab:
                    part.build(context)
                tab.select(None, js=f"() => NewsSummarizer.rememberTab({name!r})", api_visibility="private")
        _add_api(models)
    # Closed: no request may pass the queue and so run beside the one that has the model.
    page.queue(max_size=QUEUE_SIZE, api_open=False, default_concurrency_limit=4)
    jobs.go_on()
    return page


def _add_api(models: Models) -> None:
    """Add the endpoints; their parameters are typed, and what they return is the JSON of the command line."""
    import gradio as gr

    default = models.default

    def summarize_text(
        text: str, target_language: str = "", length: str = "short", style: str = "auto", model: str = default,
        language: str = "", clean: bool = True, force: bool = False,
    ) -> dict[str, Any]:  # fmt: skip
        """Summarize an article given as text or HTML; `error` is set in the result where that fails."""
        wanted = SummaryOptions(model, target_language, length, style)
        return summarize_to_dict(models, text, ReadOptions(language, clean, force), wanted)

    def clean_text(text: str, language: str = "", force: bool = False) -> dict[str, Any]:
        """Clean a text or page; the result has what is left and what was removed for which reason."""
        return clean_to_dict(text, ReadOptions(language, force=force))

    gr.api(summarize_text, api_name="summarize", concurrency_limit=1, concurrency_id=MODEL_TURN)
    gr.api(clean_text, api_name="clean")
