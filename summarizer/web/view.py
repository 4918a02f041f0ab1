"""A result as HTML: pure functions from a summary to markup; nothing an article or a model wrote becomes markup."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise

from summarizer.article import Article
from summarizer.datamodels import Flag, Receipt, Removed, SummarySentence, Translation
from summarizer.errors import SummarizerError, UnknownLanguageError
from summarizer.languages import get_language
from summarizer.summary import Summary
from summarizer.web.naming import explain_error, explain_flag, name_flag, name_reason
from summarizer.web.wording import Wording

Span = tuple[int, int]


def render_result(summary: Summary, wording: Wording) -> str:
    """Return a whole result: title, summary, translation, what to check, the article, what was cleaned away."""
    article = summary.article
    title = (
        f'<h2 class="ns-title"{_language_attributes(summary.language)}>{escape(article.title)}</h2>'
        if article.title
        else ""
    )
    left = _render_summary(summary, wording) + (
        _render_translation(summary.translation, wording) if summary.translation else ""
    )
    return (
        f'<div class="ns-result">{title}{_render_origin(article)}<div class="ns-columns"><div>{left}</div>'
        f"{_render_article(summary, wording)}</div>{_render_footer(summary, wording)}{_render_removed(article.removed, wording)}</div>"
    )


def render_error(error: SummarizerError, wording: Wording) -> str:
    """Return an error as a message that says what to do."""
    return (
        '<div class="ns-result ns-error" role="alert"><h2>{escape(wording.text("errors.title"))}</h2>'
        f'<p dir="auto">{escape(explain_error(error, wording))}</p><p class="ns-note">{escape(error.code)}</p></div>'
    )


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


def _language_attributes(code: str) -> str:
    try:
        language = get_language(code)
    except UnknownLanguageError:
        return ' dir="auto"'
    return f' lang="{escape(language.code)}" dir="{"rtl" if language.is_rtl else "ltr"}"'


def _language_name(code: str) -> str:
    try:
        language = get_language(code)
    except UnknownLanguageError:
        return code
    same = language.name == language.native_name
    return language.name if same else f"{language.name} · {language.native_name}"


def _heading(text: str, code: str) -> str:
    return f'<h3>{text} <span class="ns-note"><bdi>{escape(_language_name(code))}</bdi></span></h3>'


def _render_origin(article: Article) -> str:
    known = [value for value in (article.site, article.author, article.date, article.source) if value]
    return f'<p class="ns-note">{" · ".join(f"<bdi>{escape(value)}</bdi>" for value in known)}</p>' if known else ""


def _render_flagged(text: str, start: int, end: int, flags: Sequence[Flag], wording: Wording) -> str:
    """Return a stretch of a summary or translation with its flagged words marked."""
    parts = []
    for a, b, found in cut(start, end, [(flag.start, flag.end) for flag in flags]):
        piece = escape(text[a:b])
        reason = "; ".join(
            f"{name_flag(flags[i].kind, wording)}: {explain_flag(flags[i], text[flags[i].start : flags[i].end], wording)}"
            for i in found
        )
        parts.append(f'<span class="ns-flag" title="{escape(reason)}">{piece}</span>' if found else piece)
    return "".join(parts)


def _render_flag_list(text: str, flags: Sequence[Flag], wording: Wording) -> str:
    if not flags:
        return ""
    rows = (
        f'<li><span class="ns-reason">{escape(name_flag(flag.kind, wording))}</span> '
        f"<bdi>{escape(explain_flag(flag, text[flag.start : flag.end], wording))}</bdi></li>"
        for flag in flags
    )
    return f'<div class="ns-check"><h4>⚠ {escape(wording.text("check.flags.title"))}</h4><ul>{"".join(rows)}</ul></div>'


def _render_summary(summary: Summary, wording: Wording) -> str:
    rows = (
        f'<li><span class="ns-sentence" role="button" tabindex="0" aria-pressed="false" data-ns="{number}">'
        f"{_render_flagged(summary.text, start, end, summary.flags, wording)}</span> {_render_mark(sentence, wording)}</li>"
        for number, (sentence, (start, end)) in enumerate(zip(summary.sentences, summary.spans, strict=True), 1)
    )
    return (
        f'<section class="ns-panel ns-summary">{_heading(wording.text("check.summary"), summary.language)}'
        f'<ol class="ns-text"{_language_attributes(summary.language)}>{"".join(rows)}</ol>'
        f'<p class="ns-note">{escape(wording.text("check.hint"))}</p>'
        f"{_render_flag_list(summary.text, summary.flags, wording)}</section>"
    )


def _render_mark(sentence: SummarySentence, wording: Wording) -> str:
    """Return how a sentence stands to the article: its own words, written from passages, or without support."""
    if sentence.quoted:
        mark, explanation = "quoted", "The article's own sentence, word for word"
    elif sentence.evidence:
        best = max(piece.score for piece in sentence.evidence)
        mark, explanation = f"support {best:.0%}", "Written by the model; so much of it is found in the marked passage"
    else:
        mark, explanation = "⚠ no support", "No passage of the article supports this sentence"
    kind = "ns-mark" if sentence.evidence else "ns-mark ns-unsupported"
    return f'<span class="{kind}" lang="en" dir="ltr" title="{explanation}">{mark}</span>'


def _render_translation(translation: Translation, wording: Wording) -> str:
    way = f"translated by {translation.model}"
    if translation.pivot:
        way += f" through {_language_name(translation.pivot)}"
    body = "".join(_render_translated(translation, wording))
    return (
        f'<section class="ns-panel ns-translation">{_heading(wording.text("check.translation"), translation.language)}'
        f'<p class="ns-text"{_language_attributes(translation.language)}>{body}</p>'
        f'<p class="ns-note">{escape(way)}</p>{_render_flag_list(translation.text, translation.flags, wording)}</section>'
    )


def _render_translated(translation: Translation, wording: Wording) -> Iterator[str]:
    """Yield the pieces of a translation, its sentences linked to those of the summary."""
    text, flags, position = translation.text, translation.flags, 0
    for number, sentence in enumerate(translation.sentences, 1):
        start = text.find(sentence, position)
        if start < 0:
            break
        yield _render_flagged(text, position, start, flags, wording)
        position = start + len(sentence)
        yield f'<span class="ns-translated" data-ns="{number}">{_render_flagged(text, start, position, flags, wording)}</span>'
    yield _render_flagged(text, position, len(text), flags, wording)


def _render_article(summary: Summary, wording: Wording) -> str:
    article = summary.article
    return (
        f'<section class="ns-panel ns-article">{_heading(wording.text("check.article"), article.language)}'
        f'<div class="ns-text ns-scroll" tabindex="0" role="region" aria-label="{escape(wording.text("check.article.label"))}"'
        f"{_language_attributes(article.language)}>{''.join(_render_paragraphs(summary, wording))}</div></section>"
    )


def _render_paragraphs(summary: Summary, wording: Wording) -> Iterator[str]:
    """Yield the article's paragraphs, with evidence linked to the summary and unread sentences marked."""
    article, sentences = summary.article, summary.article.sentences
    links = [
        (piece.start, piece.end, number)
        for number, sentence in enumerate(summary.sentences, 1)
        for piece in sentence.evidence
    ]
    spans = [(start, end) for start, end, _ in links]
    spans += [(sentences[index].start, sentences[index].end) for index in summary.receipt.sentences_skipped]
    position = 0
    for paragraph in article.paragraphs:
        pieces = cut(position, position + len(paragraph), spans)
        position += len(paragraph) + 1
        yield f"<p>{''.join(_render_piece(article.text[a:b], found, links, wording) for a, b, found in pieces)}</p>"


def _render_piece(text: str, found: tuple[int, ...], links: Sequence[tuple[int, int, int]], wording: Wording) -> str:
    numbers = [str(number) for number in sorted({links[index][2] for index in found if index < len(links)})]
    html = escape(text)
    if any(index >= len(links) for index in found):
        html = f'<span class="ns-unread" title="The model did not read this sentence">{html}</span>'
    if not numbers:
        return html
    refs = ",".join(numbers)
    return f'<span class="ns-evidence" data-ns="{" ".join(numbers)}" data-refs="{refs}">{html}</span>'


def _render_footer(summary: Summary, wording: Wording) -> str:
    quoted = sum(sentence.quoted for sentence in summary.sentences)
    flags = len(summary.flags) + (len(summary.translation.flags) if summary.translation else 0)
    parts = [
        f"{quoted} of {len(summary.sentences)} sentences quoted",
        f"{flags} to check" if flags else "nothing to check",
        summary.model,
        f"{summary.seconds:.1f} s",
    ]
    return f'<p class="ns-footer" role="status">{_render_receipt(summary.receipt, wording)} · {escape(" · ".join(parts))}</p>'


def _render_receipt(receipt: Receipt, wording: Wording) -> str:
    read = f"read {receipt.tokens_read:,} of {receipt.tokens:,} tokens"
    skipped = len(receipt.sentences_skipped)
    if not skipped and receipt.tokens_read >= receipt.tokens:
        return f"<span>✓ {read}</span>"
    rest = f"; sentences not read: {skipped}, crossed out in the article" if skipped else ""
    return f'<span class="ns-partial">⚠ {read}{rest}</span>'


def _render_removed(removed: Sequence[Removed], wording: Wording) -> str:
    if not removed:
        return f'<p class="ns-note">{escape(wording.text("check.nothing_removed"))}</p>'
    rows = (
        f'<li><span class="ns-reason">{escape(name_reason(passage.reason, wording))}</span> '
        f'<span class="ns-passage" dir="auto">{escape(" ".join(passage.text.split()))}</span></li>'
        for passage in removed
    )
    count = "1 passage" if len(removed) == 1 else f"{len(removed)} passages"
    return f'<details class="ns-removed"><summary>Cleaned away: {count}</summary><ul>{"".join(rows)}</ul></details>'
