"""What the Batch tab shows of a job: how far it is, and its results as a table. Nothing of theirs becomes markup."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from summarizer.web.job_look import JobLook
from summarizer.web.jobs import JobStatus
from summarizer.web.markup import language_attributes, language_name
from summarizer.web.naming import explain_code, name_flag
from summarizer.web.wording import Wording

_COLUMNS = ("row", "article", "summary", "flags")


def render_status(status: JobStatus, days: int, wording: Wording) -> str:
    """Return how far a job is.

    :param status: The job.
    :param days: How long it is kept.
    :param wording: The language of the page.
    """
    order, say = status.order, wording.text
    share = round(100 * min(1.0, (status.done + status.failed) / max(1, order.total)))
    error = ""
    if order.error is not None:
        message = explain_code(order.error["code"], order.error["message"], wording)
        error = f'<p class="ns-job-error" dir="auto">{escape(message)}</p>'
    return (
        f'<div class="ns-result ns-job" id="ns-job" data-state="{status.state}" dir="{_direction(wording)}" '
        f'data-question="{escape(say("batch.delete.ask"))}"><h3><bdi>{escape(order.name)}</bdi></h3>'
        f'<p class="ns-job-state ns-job-{status.state}" role="status">'
        f"{escape(say(f'batch.state.{status.state}', count=status.before))}</p>"
        f'<div class="ns-bar" role="progressbar" aria-label="{escape(say("batch.progress"))}" aria-valuemin="0" '
        f'aria-valuemax="100" aria-valuenow="{share}"><span style="inline-size: {share}%"></span></div>'
        f'<p class="ns-note">{_join(_count(status, wording))}</p>{error}'
        f'<p class="ns-note">{escape(say("batch.kept", count=days))}</p></div>'
    )


def _count(status: JobStatus, wording: Wording) -> Iterable[str]:
    say = wording.text
    yield say("batch.count", rows=status.done + status.failed, count=status.order.total)
    yield say("batch.done", count=status.done)
    yield say("batch.failed", count=status.failed)
    if status.per_minute:
        yield say("batch.speed", count=round(status.per_minute, 1 if status.per_minute < 10 else None))
    if status.seconds_left is not None:
        yield _describe_time(status.seconds_left, wording)


def _describe_time(seconds: float, wording: Wording) -> str:
    if seconds < 60:
        return wording.text("batch.left.seconds")
    minutes = round(seconds / 60)
    if minutes < 120:
        return wording.text("batch.left.minutes", count=minutes)
    return wording.text("batch.left.hours", count=round(minutes / 60))


def _join(texts: Iterable[str]) -> str:
    return " · ".join(f"<bdi>{escape(text)}</bdi>" for text in texts)


def _direction(wording: Wording) -> str:
    return "rtl" if wording.is_rtl else "ltr"


def render_table(results: Iterable[Mapping[str, Any]], empty: str, wording: Wording) -> str:
    """Return results as a table.

    :param results: As JSON objects, with their rows.
    :param empty: What to say where there are none.
    :param wording: The language of the page.
    """
    rows = "".join(_render_row(result, wording) for result in results)
    if not rows:
        return f'<p class="ns-result ns-empty">{escape(empty)}</p>'
    heads = "".join(
        f'<th scope="col" class="ns-cell-{name}">{escape(wording.text(f"batch.table.{name}"))}</th>'
        for name in _COLUMNS
    )
    return (
        f'<div class="ns-result" dir="{_direction(wording)}"><table class="ns-table">'
        f'<caption class="ns-note">{escape(wording.text("batch.table"))}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def render_pages(look: JobLook, wording: Wording) -> str:
    """Return which results are shown, of how many; nothing where there are none."""
    if not look.count:
        return ""
    last = look.place + len(look.rows)
    shown = wording.text("batch.pages", first=look.place + 1, last=last, count=look.count)
    return f'<p class="ns-note ns-pages" role="status"><bdi>{escape(shown)}</bdi></p>'


def _render_row(result: Mapping[str, Any], wording: Wording) -> str:
    if result["error"] is None:
        body, checks = _render_summary(result), _render_flags(result, wording)
    else:
        message = explain_code(result["error"]["code"], result["error"]["message"], wording)
        body = f'<p class="ns-job-error" dir="auto">{escape(message)}</p>'
        checks = f'<code dir="ltr">{escape(result["error"]["code"])}</code>'
    cells = (str(result["row"] + 1), _render_article(result), body, checks)
    row = (f'<td class="ns-cell-{name}">{cell}</td>' for name, cell in zip(_COLUMNS, cells, strict=True))
    return f"<tr>{''.join(row)}</tr>"


def _render_article(result: Mapping[str, Any]) -> str:
    article = result["article"] or {}
    code, title = article.get("language", ""), article.get("title")
    heading = f"<p{language_attributes(code)}>{escape(title)}</p>" if title else ""
    notes = filter(None, (result["id"], code and language_name(code)))
    return f'{heading}<p class="ns-note">{_join(notes)}</p>'


def _render_summary(result: Mapping[str, Any]) -> str:
    summary = f"<p{language_attributes(result['language'])}>{escape(result['summary'])}</p>"
    translation = result["translation"]
    if translation is None:
        return summary
    attributes = language_attributes(translation["language"])
    return f'{summary}<p class="ns-row-translation"{attributes}>{escape(translation["text"])}</p>'


def _render_flags(result: Mapping[str, Any], wording: Wording) -> str:
    """Return what is to be checked: each kind of flag with the words in question."""
    flags = [*result["flags"], *((result["translation"] or {}).get("flags") or ())]
    rows = (
        f'<li><span class="ns-reason">{escape(name_flag(flag["kind"], wording))}</span> '
        f"<bdi>{escape(flag.get('text') or '')}</bdi></li>"
        for flag in flags
    )
    return f'<ul class="ns-row-flags">{"".join(rows)}</ul>' if flags else ""
