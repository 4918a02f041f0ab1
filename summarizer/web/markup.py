"""Pieces of markup that all views are made of. Nothing that an article or a model wrote becomes markup."""

from collections.abc import Sequence
from html import escape
from itertools import pairwise

from summarizer.datamodels import Flag
from summarizer.errors import UnknownLanguageError
from summarizer.languages import get_language
from summarizer.web.naming import explain_flag, name_flag
from summarizer.web.wording import Wording

Span = tuple[int, int]


def cut(start: int, end: int, spans: Sequence[Span]) -> list[tuple[int, int, tuple[int, ...]]]:
    """Cut a stretch of text wherever a span begins or ends.

    :param start: Where the stretch begins.
    :param end: Where it ends.
    :param spans: Spans that may overlap each other and the ends of the stretch.
    :return: The pieces without gaps, as start, end and the indices of the spans that cover them.
    """
    near = [(index, span) for index, span in enumerate(spans) if span[0] < end and start < span[1]]
    points = sorted({start, end, *(point for _, span in near for point in span if start < point < end)})
    return [(a, b, tuple(index for index, span in near if span[0] <= a and b <= span[1])) for a, b in pairwise(points)]


def language_attributes(code: str) -> str:
    """Return the attributes of an element whose text is in a language: ``lang`` and ``dir``."""
    try:
        language = get_language(code)
    except UnknownLanguageError:
        return ' dir="auto"'
    return f' lang="{escape(language.code)}" dir="{"rtl" if language.is_rtl else "ltr"}"'


def language_name(code: str) -> str:
    """Return the English name of a language and its own."""
    try:
        language = get_language(code)
    except UnknownLanguageError:
        return code
    same = language.name == language.native_name
    return language.name if same else f"{language.name} · {language.native_name}"


def heading(text: str, code: str) -> str:
    """Return the heading of a panel whose text is in a language."""
    return f'<h3>{escape(text)} <span class="ns-note"><bdi>{escape(language_name(code))}</bdi></span></h3>'


def render_flagged(text: str, start: int, end: int, flags: Sequence[Flag], wording: Wording) -> str:
    """Return a stretch of a summary or translation with its flagged words marked."""
    parts = []
    for a, b, found in cut(start, end, [(flag.start, flag.end) for flag in flags]):
        piece = escape(text[a:b])
        reason = "; ".join(_explain(flags[index], text, wording) for index in found)
        parts.append(f'<span class="ns-flag" title="{escape(reason)}">{piece}</span>' if found else piece)
    return "".join(parts)


def _explain(flag: Flag, text: str, wording: Wording) -> str:
    return f"{name_flag(flag.kind, wording)}: {explain_flag(flag, text[flag.start : flag.end], wording)}"


def render_flag_list(text: str, flags: Sequence[Flag], wording: Wording) -> str:
    """Return what is to be checked in a summary or translation, in words; nothing where there is nothing."""
    if not flags:
        return ""
    rows = (
        f'<li><span class="ns-reason">{escape(name_flag(flag.kind, wording))}</span> '
        f"<bdi>{escape(explain_flag(flag, text[flag.start : flag.end], wording))}</bdi></li>"
        for flag in flags
    )
    title = escape(wording.text("check.flags.title"))
    return f'<div class="ns-check"><h4>⚠ {title}</h4><ul>{"".join(rows)}</ul></div>'
