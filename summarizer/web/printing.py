"""A summary as a page of its own, to be printed or kept: nothing in it is loaded from elsewhere, and nothing runs."""

from collections.abc import Iterator
from html import escape

from summarizer.datamodels import Flag, Translation
from summarizer.summary import Summary
from summarizer.web.markup import language_attributes
from summarizer.web.naming import explain_flag, name_flag
from summarizer.web.view_summary import render_footer
from summarizer.web.wording import Wording

_STYLE = """
:root { color-scheme: light; }
body { color: #111; background: #fff; font: 12pt/1.55 Charter, Georgia, "Noto Serif", serif; margin: 2rem auto;
  max-width: 42rem; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5em; line-height: 1.25; }
h2 { font-size: 1em; margin: 1.5em 0 0.4em; }
ol, ul { padding-inline-start: 1.4em; }
li { break-inside: avoid; margin-bottom: 0.35em; }
sup a { color: inherit; text-decoration: none; }
.note { color: #444; font-size: 0.85em; }
@media print { body { margin: 0; max-width: none; padding: 0; } h2 { break-after: avoid; } @page { margin: 2cm; } }
"""


def render_page(summary: Summary, wording: Wording) -> str:
    """Return a whole HTML document: the summary with its evidence as footnotes, translation, flags and receipt.

    :param summary: The summary.
    :param wording: The language of what the page says itself; the document is in that of the summary.
    """
    title = summary.article.title or wording.text("check.summary")
    parts = [
        f"<h1{language_attributes(summary.article.language)}>{escape(title)}</h1>",
        _render_origin(summary),
        *_render_sentences(summary, wording),
        *(_render_translation(summary.translation, wording) if summary.translation else ()),
        *_render_flags(summary, wording),
        _render_footnotes(summary, wording),
        f'<div class="note"{_own(wording)}>{render_footer(summary, wording)}</div>',
    ]
    body = "\n".join(filter(None, parts))
    return (
        f"<!DOCTYPE html>\n<html{language_attributes(summary.language)}>\n<head>\n"
        '<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _own(wording: Wording) -> str:
    return language_attributes(wording.language)


def _heading(key: str, wording: Wording) -> str:
    return f"<h2{_own(wording)}>{escape(wording.text(key))}</h2>"


def _render_origin(summary: Summary) -> str:
    article = summary.article
    known = [value for value in (article.site, article.author, article.date, article.source) if value]
    return f'<p class="note">{" · ".join(f"<bdi>{escape(value)}</bdi>" for value in known)}</p>' if known else ""


def _render_sentences(summary: Summary, wording: Wording) -> Iterator[str]:
    """Yield the sentences; each number leads to the footnotes, and the footnotes lead back."""
    yield f"<ol{language_attributes(summary.language)}>"
    for number, sentence in enumerate(summary.sentences, 1):
        mark = f" ({escape(wording.text('check.mark.quoted'))})" if sentence.quoted else ""
        yield (
            f'<li id="s{number}">{escape(sentence.text)}<sup><a href="#e{number}">[{number}]</a></sup>'
            f'<span class="note"{_own(wording)}>{mark}</span></li>'
        )
    yield "</ol>"


def _render_translation(translation: Translation, wording: Wording) -> Iterator[str]:
    yield _heading("check.translation", wording)
    yield f"<p{language_attributes(translation.language)}>{escape(translation.text)}</p>"
    if translation.model:
        parts = [wording.text("check.translated_by", model=translation.model)]
        parts += [wording.text("check.translated_draft")] if translation.draft else []
        yield f'<p class="note"{_own(wording)}>{escape(" · ".join(parts))}</p>'


def _render_flags(summary: Summary, wording: Wording) -> Iterator[str]:
    found = [(flag, summary.text) for flag in summary.flags]
    if summary.translation is not None:
        found += [(flag, summary.translation.text) for flag in summary.translation.flags]
    if not found:
        return
    yield _heading("check.flags.title", wording)
    yield f"<ul{_own(wording)}>{''.join(_render_flag(flag, text, wording) for flag, text in found)}</ul>"


def _render_flag(flag: Flag, text: str, wording: Wording) -> str:
    words = text[flag.start : flag.end]
    return f"<li>⚠ {escape(name_flag(flag.kind, wording))}: {escape(explain_flag(flag, words, wording))}</li>"


def _render_footnotes(summary: Summary, wording: Wording) -> str:
    rows = ""
    for number, sentence in enumerate(summary.sentences, 1):
        quotes = [f"“{summary.article.text[piece.start : piece.end]}”" for piece in sentence.evidence]
        quote = f"<span{language_attributes(summary.article.language)}>{escape(' … '.join(quotes))}</span>"
        missing = f"⚠ <span{_own(wording)}>{escape(wording.text('check.mark.unsupported.why'))}</span>"
        rows += (
            f'<li id="e{number}">{quote if quotes else missing} <a href="#s{number}" aria-label="{number}">↩</a></li>'
        )
    return f'{_heading("take.evidence", wording)}<ol class="note">{rows}</ol>'
