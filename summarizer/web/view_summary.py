"""The summary, each sentence with how it stands to the article and with its translation beside it."""

from collections.abc import Sequence
from html import escape

from summarizer.datamodels import Receipt, SummarySentence, Translation
from summarizer.summary import Summary
from summarizer.web.markup import (
    Span,
    heading,
    language_attributes,
    language_name,
    render_flag_list,
    render_flagged,
)
from summarizer.web.wording import Wording


def render_summary(summary: Summary, wording: Wording) -> str:
    """Return the panel of a summary, and of its translation where there is one."""
    translation = summary.translation
    spans = _find_translated(translation) if translation else []
    is_aligned = translation is not None and len(spans) == len(summary.sentences)
    rows = ""
    for number in range(1, len(summary.sentences) + 1):
        beside = (
            _render_translated(translation, spans[number - 1], number, wording) if translation and is_aligned else ""
        )
        rows += f"<li>{_render_sentence(summary, number, wording)}{beside}</li>"
    kind = "ns-panel ns-summary ns-aligned" if is_aligned else "ns-panel ns-summary"
    heads = heading(wording.text("check.summary"), summary.language)
    after = ""
    if translation:
        head = heading(wording.text("check.translation"), translation.language)
        heads += head if is_aligned else ""
        after = "" if is_aligned else head + _render_whole(translation, wording)
        after += _render_way(translation, wording)
    return (
        f'<section class="{kind}"><div class="ns-heads">{heads}</div><ol class="ns-text">{rows}</ol>'
        f'<p class="ns-note ns-hint">{escape(wording.text("check.hint"))}</p>'
        f"{render_flag_list(summary.text, summary.flags, wording)}{after}</section>"
    )


def render_growing(sentences: Sequence[str], code: str, wording: Wording) -> str:
    """Return a draft that is being written, in a language."""
    rows = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return (
        f'<section class="ns-panel ns-growing"><h4>{escape(wording.text("check.draft"))}</h4>'
        f'<ol class="ns-text"{language_attributes(code)}>{rows}</ol></section>'
    )


def render_footer(summary: Summary, wording: Wording) -> str:
    """Return one line that says what the summary rests on."""
    quoted = sum(sentence.quoted for sentence in summary.sentences)
    flags = len(summary.flags) + (len(summary.translation.flags) if summary.translation else 0)
    parts = [
        wording.text("check.footer.quoted", quoted=quoted, count=len(summary.sentences)),
        wording.text("check.footer.flags", count=flags),
        summary.model,
        wording.text("check.footer.seconds", seconds=round(summary.seconds, 1)),
    ]
    rest = " · ".join(f"<bdi>{escape(part)}</bdi>" for part in parts)
    return f'<p class="ns-footer" role="status">{_render_receipt(summary.receipt, wording)} · {rest}</p>'


def _render_sentence(summary: Summary, number: int, wording: Wording) -> str:
    start, end = summary.spans[number - 1]
    return (
        f'<div class="ns-source"{language_attributes(summary.language)}>'
        f'<span class="ns-sentence" role="button" tabindex="0" aria-pressed="false" data-ns="{number}">'
        f"{render_flagged(summary.text, start, end, summary.flags, wording)}</span> "
        f"{_render_mark(summary.sentences[number - 1], wording)}</div>"
    )


def _render_mark(sentence: SummarySentence, wording: Wording) -> str:
    """Return how a sentence stands to the article: its own words, written from passages, or without support."""
    key = "check.mark.quoted" if sentence.quoted else "check.mark.supported"
    if not sentence.evidence:
        key = "check.mark.unsupported"
    share = round(100 * max((piece.score for piece in sentence.evidence), default=0))
    icon = "❝ " if sentence.quoted else "" if sentence.evidence else "⚠ "
    kind = "ns-mark" if sentence.evidence else "ns-mark ns-unsupported"
    return (
        f'<span class="{kind}" lang="{wording.language}" dir="{"rtl" if wording.is_rtl else "ltr"}" '
        f'title="{escape(wording.text(f"{key}.why"))}">{icon}{escape(wording.text(key, share=share))}</span>'
    )


def _find_translated(translation: Translation) -> list[Span]:
    """Return where the sentences of a translation stand in its text; nothing where one is not there."""
    spans, position = [], 0
    for sentence in translation.sentences:
        start = translation.text.find(sentence, position)
        if start < 0:
            return []
        position = start + len(sentence)
        spans.append((start, position))
    return spans


def _render_translated(translation: Translation, span: Span, number: int, wording: Wording) -> str:
    return (
        f'<div class="ns-target"{language_attributes(translation.language)}>'
        f'<span class="ns-translated" data-ns="{number}">'
        f"{render_flagged(translation.text, *span, translation.flags, wording)}</span></div>"
    )


def _render_whole(translation: Translation, wording: Wording) -> str:
    text = render_flagged(translation.text, 0, len(translation.text), translation.flags, wording)
    return f'<p class="ns-text"{language_attributes(translation.language)}>{text}</p>'


def _render_way(translation: Translation, wording: Wording) -> str:
    parts = [wording.text("check.translated_by", model=translation.model)] if translation.model else []
    if translation.pivot:
        parts.append(wording.text("check.translated_through", language=language_name(translation.pivot)))
    if translation.draft:
        parts.append(wording.text("check.translated_draft"))
    flags = render_flag_list(translation.text, translation.flags, wording)
    return f'<div class="ns-way"><p class="ns-note">{escape(" · ".join(parts))}</p>{flags}</div>'


def _render_receipt(receipt: Receipt, wording: Wording) -> str:
    skipped = len(receipt.sentences_skipped)
    is_whole = not skipped and receipt.tokens_read >= receipt.tokens
    key = "check.read.all" if is_whole or not skipped else "check.read.part"
    text = wording.text(key, read=receipt.tokens_read, all=receipt.tokens, count=skipped)
    return f"<span>✓ {escape(text)}</span>" if is_whole else f'<span class="ns-partial">⚠ {escape(text)}</span>'
