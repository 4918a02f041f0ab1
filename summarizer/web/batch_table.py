"""The results of a job on the page: a table with filters, its pages, and what can be downloaded."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from summarizer.errors import SummarizerError
from summarizer.web.context import Context
from summarizer.web.job_look import PAGE, JobLook
from summarizer.web.job_results import FORMATS, KINDS, Filter, write_results
from summarizer.web.marks import mark
from summarizer.web.markup import language_name
from summarizer.web.view import render_error
from summarizer.web.view_batch import render_pages, render_table
from summarizer.web.wording import Wording

#: Presses the hidden button that gives a file to the browser, once Gradio has given it its file.
_GIVE = "() => setTimeout(() => document.getElementById('ns-batch-file').click(), 100)"


def add_html(markup: str) -> Any:
    """Add markup as it is."""
    import gradio as gr

    return gr.HTML(markup, js_on_load=None, apply_default_css=False)


def quick() -> dict[str, Any]:
    """Return what an event is given that waits for nobody."""
    return {"api_visibility": "private", "show_progress": "hidden", "queue": False}


@dataclass(frozen=True, slots=True)
class Table:
    """The components of the table.

    :param language: Filter by the article's language.
    :param kind: Filter by flags and errors.
    :param words: Filter by words.
    :param body: The rows.
    :param pages: Says which of them are shown.
    :param previous: Button.
    :param next: Button.
    :param form: In which format to download.
    :param download: Button.
    :param file: Gives the file to the browser.
    :param place: Number of results on the pages before.
    :param known: Which languages the filter offers.
    """

    language: Any
    kind: Any
    words: Any
    body: Any
    pages: Any
    previous: Any
    next: Any
    form: Any
    download: Any
    file: Any
    place: Any
    known: Any

    def all(self) -> list[Any]:
        """Return the components that a look at a job can change."""
        return [self.language, self.body, self.pages, self.previous, self.next, self.place, self.known]

    def seen(self) -> list[Any]:
        """Return the components that say what to look at."""
        return [self.language, self.kind, self.words, self.place, self.known]

    def turns(self) -> list[tuple[Callable[..., Any], int | None]]:
        """Return the events that show other results, each with how many to go on; ``None`` is for the first page."""
        return [
            (self.previous.click, -PAGE),
            (self.next.click, PAGE),
            (self.language.input, None),
            (self.kind.input, None),
            (self.words.submit, None),
            (self.words.blur, None),
        ]

    def show(self, look: JobLook, known: str, wording: Wording) -> dict[Any, Any]:
        """Return what changes when a job is shown."""
        import gradio as gr

        empty = wording.text("batch.table.empty" if look.is_empty else "batch.table.none")
        return {
            **self._offer(look, known, wording),
            self.body: render_table(look.rows, empty, wording),
            self.pages: render_pages(look, wording),
            self.previous: gr.Button(visible=look.place > 0),
            self.next: gr.Button(visible=look.place + PAGE < look.count),
            self.place: look.place,
        }

    def _offer(self, look: JobLook, known: str, wording: Wording) -> dict[Any, Any]:
        """Offer the languages that there are; not again, for that would close the list under somebody's hand."""
        import gradio as gr

        now = " ".join(code for code, _ in look.languages)
        if now == known:
            return {}
        named = [(language_name(code), code) for code, _ in look.languages]
        choices = [(wording.text("batch.filter.language.all"), ""), *sorted(named)]
        return {self.known: now, self.language: gr.Dropdown(choices=choices)}

    def connect_download(self, context: Context, job: Any, notice: Any) -> None:
        """Let the results that are shown be downloaded.

        :param context: What the page shares.
        :param job: Holds the id of the job.
        :param notice: Where errors are said.
        """
        folder = Path(self.file.GRADIO_CACHE)

        def make(page_language: str, job_id: str, form: str, *wanted: str) -> tuple[str | None, str]:
            try:
                results = context.jobs.results(job_id)
                # Where Gradio keeps uploads, and deletes them after a time.
                path = folder / secrets.token_hex(16) / f"summaries.{form if form in FORMATS else FORMATS[0]}"
                path.parent.mkdir(parents=True, mode=0o700)
                write_results(results.read(results.find(Filter(*wanted))), path)
            except SummarizerError as error:
                return None, render_error(error, Wording.get(page_language))
            return str(path), ""

        inputs = [context.language, job, self.form, self.language, self.kind, self.words]
        own: dict[str, Any] = {"api_visibility": "private", "show_progress": "minimal"}
        made = self.download.click(make, inputs, [self.file, notice], **own)
        made.then(None, self.file, None, js=_GIVE, api_visibility="private")


def add_table() -> Table:
    """Add the table with all that belongs to it."""
    import gradio as gr

    with gr.Row(elem_classes="ns-filters"):
        every = [(mark("batch.filter.language.all"), "")]
        language = gr.Dropdown(
            every, value="", label=mark("batch.filter.language"), min_width=150, elem_id="ns-batch-language"
        )
        kinds = [(mark(f"batch.filter.kind.{kind}"), kind) for kind in KINDS]
        kind = gr.Dropdown(kinds, value="all", label=mark("batch.filter.kind"), min_width=150, elem_id="ns-batch-kind")
        words = gr.Textbox(
            "",
            label=mark("batch.filter.words"),
            placeholder=mark("batch.filter.words.placeholder"),
            scale=2,
            min_width=200,
            elem_id="ns-batch-words",
        )
    body, pages = add_html(""), add_html("")
    with gr.Row(elem_classes="ns-buttons"):
        previous, after = (
            gr.Button(mark(f"batch.{name}"), size="sm", min_width=100, visible=False, elem_id=f"ns-batch-{name}")
            for name in ("previous", "next")
        )
    with gr.Row(elem_classes="ns-filters"):
        formats = [(mark(f"batch.format.{name}"), name) for name in FORMATS]
        form = gr.Dropdown(formats, value="csv", label=mark("batch.format"), min_width=260, elem_id="ns-batch-format")
        download = gr.Button(mark("batch.download"), min_width=260, elem_id="ns-batch-download")
    file = gr.DownloadButton("", elem_id="ns-batch-file")
    return Table(language, kind, words, body, pages, previous, after, form, download, file, gr.State(0), gr.State(""))
