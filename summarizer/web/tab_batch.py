"""Many articles at once: upload them, leave, come back, and look through the summaries."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final

from summarizer.errors import SummarizerError
from summarizer.web.batch_table import Table, add_html, add_table, quick
from summarizer.web.context import Context
from summarizer.web.job_folder import TABLES
from summarizer.web.job_look import JobLook, look_at
from summarizer.web.job_results import Filter
from summarizer.web.marks import mark, mark_html
from summarizer.web.options_form import add_options
from summarizer.web.service import ReadOptions, SummaryOptions
from summarizer.web.view import render_error
from summarizer.web.view_batch import render_status
from summarizer.web.wording import Wording

#: Seconds between two looks at a job that goes on.
_PULSE: Final = 2.0
_ARTICLES: Final = (".txt", ".md", ".html", ".htm", ".pdf", ".docx", ".json", ".gz")
#: What can be done to a job, and in which states.
_ACTIONS: Final = {
    "stop": ("waiting", "running"),
    "resume": ("stopped", "failed"),
    "retry": ("done", "stopped"),
    "new": ("waiting", "running", "done", "stopped", "failed"),
    "delete": ("waiting", "running", "done", "stopped", "failed"),
}

Updates = dict[Any, Any]


@dataclass(frozen=True, slots=True)
class _Parts:
    """The components of the tab that events change."""

    job: Any
    notice: Any
    form: Any
    area: Any
    status: Any
    buttons: dict[str, Any]
    table: Table
    timer: Any

    def all(self) -> list[Any]:
        own = [self.job, self.notice, self.form, self.area, self.status, self.timer]
        return [*own, *self.buttons.values(), *self.table.all()]

    def seen(self) -> list[Any]:
        return [self.job, *self.table.seen()]

    def show(self, job_id: str, look: JobLook, days: int, languages: str, wording: Wording) -> Updates:
        """Return what changes when a job is shown."""
        import gradio as gr

        state = look.status.state
        visible = {name: state in states for name, states in _ACTIONS.items()}
        visible["retry"] &= look.status.failed > 0
        return {
            self.job: job_id,
            self.form: gr.Column(visible=False),
            self.area: gr.Column(visible=True),
            self.status: render_status(look.status, days, wording),
            self.timer: gr.Timer(active=look.is_active),
            **{button: gr.Button(visible=visible[name]) for name, button in self.buttons.items()},
            **self.table.show(look, languages, wording),
        }

    def hide(self, notice: str = "") -> Updates:
        """Return what changes when there is no job to show."""
        import gradio as gr

        return {
            self.job: "",
            self.notice: notice,
            self.form: gr.Column(visible=True),
            self.area: gr.Column(visible=False),
            self.timer: gr.Timer(active=False),
        }


def build(context: Context) -> None:
    """Add the content of the tab."""
    import gradio as gr

    add_html(f'<h2 class="ns-heading">{mark_html("batch.title")}</h2>')
    notice = add_html("")
    with gr.Column() as form:
        start, inputs = _add_form(context)
    with gr.Column(visible=False) as area:
        status = add_html("")
        with gr.Row(elem_classes="ns-buttons"):
            buttons = {name: _add_button(name) for name in _ACTIONS}
        table = add_table()
    job, timer = gr.Textbox(visible=False), gr.Timer(_PULSE, active=False)
    parts = _Parts(job, notice, form, area, status, buttons, table, timer)
    _connect_form(context, parts, start, inputs)
    _connect_job(context, parts)


def _add_form(context: Context) -> tuple[Any, list[Any]]:
    import gradio as gr

    add_html(f'<p class="ns-note">{mark_html("batch.intro")}</p>')
    with gr.Row(elem_classes="ns-form"):
        with gr.Column(scale=3, min_width=320):
            files = gr.File(
                label=mark("batch.files"),
                file_count="multiple",
                file_types=[*TABLES, *_ARTICLES],
                height=220,
                elem_id="ns-batch-files",
            )
            start = gr.Button(mark("batch.start"), variant="primary", elem_id="ns-batch-start")
        with gr.Column(scale=2, min_width=300):
            options = add_options(context, "ns-batch")
    return start, [files, *options]


def _add_button(name: str) -> Any:
    import gradio as gr

    kind = "stop" if name == "stop" else "secondary"
    return gr.Button(mark(f"batch.{name}"), variant=kind, size="sm", min_width=100, elem_id=f"ns-batch-{name}")


def _connect_form(context: Context, parts: _Parts, start: Any, inputs: list[Any]) -> None:
    """Let the button begin a job; and begin with the one that the page's address names."""

    def begin(page_language: str, files: list[str] | None, model: str, target: str, length: str, style: str,
              language: str, clean: bool, force: bool) -> tuple[str, str]:  # fmt: skip
        summary, reading = SummaryOptions(model, target, length, style), ReadOptions(language, clean, force)
        try:
            return context.jobs.start([Path(file) for file in files or ()], summary, reading), ""
        except SummarizerError as error:
            return "", render_error(error, Wording.get(page_language))

    own: dict[str, Any] = {"api_visibility": "private"}
    look = _make_look(context, parts)
    begun = start.click(begin, [context.language, *inputs], [parts.job, parts.notice], show_progress="minimal", **own)
    shown = begun.success(look, [context.language, *parts.seen()], parts.all(), **quick())
    shown.then(None, parts.job, None, js="(id) => NewsSummarizer.rememberJob(id)", **own)
    address = "(language, job, ...rest) => [language, NewsSummarizer.jobInAddress(), ...rest]"
    context.page.load(look, [context.language, *parts.seen()], parts.all(), js=address, **quick())


def _connect_job(context: Context, parts: _Parts) -> None:
    """Let the buttons of a job work, and its results be looked through while it goes on."""
    jobs, seen = context.jobs, [context.language, *parts.seen()]
    look = _make_look(context, parts)
    parts.timer.tick(look, seen, parts.all(), **quick())
    for trigger, step in parts.table.turns():
        trigger(_make_look(context, parts, step), seen, parts.all(), **quick())
    changes: dict[str, Callable[[str], None]] = {
        "stop": jobs.stop,
        "resume": jobs.resume,
        "retry": lambda job_id: jobs.resume(job_id, retry=True),
    }
    for name, change in changes.items():
        done = parts.buttons[name].click(_make_change(change), seen[:2], parts.notice, **quick())
        done.then(look, seen, parts.all(), **quick())

    def delete(page_language: str, job_id: str) -> Updates:
        wording = Wording.get(page_language)
        if not job_id:
            return {parts.notice: ""}
        notice = _make_change(jobs.delete)(page_language, job_id)
        return parts.hide(notice or f'<p class="ns-result ns-empty">{escape(wording.text("batch.deleted"))}</p>')

    sure = "(language, job) => [language, NewsSummarizer.confirmDeletion(job)]"
    for left in (
        parts.buttons["delete"].click(delete, seen[:2], parts.all(), js=sure, **quick()),
        parts.buttons["new"].click(parts.hide, None, parts.all(), **quick()),
    ):
        left.then(None, parts.job, None, js="(id) => NewsSummarizer.rememberJob(id)", api_visibility="private")
    parts.table.connect_download(context, parts.job, parts.notice)


def _make_look(context: Context, parts: _Parts, step: int | None = 0) -> Callable[..., Updates]:
    """Return an event that shows the job.

    :param context: What the page shares.
    :param parts: What is changed.
    :param step: Pages to go on in the table; ``None`` goes back to the first.
    """

    def look(page_language: str, job_id: str, language: str, kind: str, words: str, place: int,
             languages: str) -> Updates:  # fmt: skip
        if not job_id:
            return {parts.job: ""}
        wording = Wording.get(page_language)
        place = 0 if step is None else place + step
        try:
            found = look_at(context.jobs, job_id, Filter(language or "", kind, words), place)
        except SummarizerError as error:
            return parts.hide(render_error(error, wording))
        return parts.show(job_id, found, context.jobs.limits.days, languages, wording)

    return look


def _make_change(change: Callable[[str], None]) -> Callable[[str, str], str]:
    """Return an event that does something to a job, and what there is to say about it."""

    def apply(page_language: str, job_id: str) -> str:
        try:
            change(job_id)
        except SummarizerError as error:
            return render_error(error, Wording.get(page_language))
        return ""

    return apply
