"""What the parts of the page share."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from summarizer.web.jobs import Jobs
from summarizer.web.models import Models
from summarizer.web.settings import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    import gradio as gr


@dataclass(frozen=True, slots=True)
class Context:
    """What a tab is built with.

    :param models: The models that the page offers.
    :param language: Holds the code of the page's language; an event that makes text takes it as an input and gives it
        to ``Wording.get``.
    :param article: Holds the article that the visitor had summarized last.
    :param jobs: The jobs of many articles.
    :param page: The page; for what happens when it is opened or left.
    :param limits: What one request may ask for.
    """

    models: Models
    language: "gr.Textbox"
    article: "gr.State"
    jobs: Jobs
    page: "gr.Blocks"
    limits: Limits = DEFAULT_LIMITS

    @property
    def allow_fetch(self) -> bool:
        """Whether pages may be fetched from the web."""
        return self.limits.fetch is not None
