"""The article as it was read: what the summary rests on, what was not read, and what was cleaned away in its place."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from operator import itemgetter

from summarizer.article import Article
from summarizer.datamodels import Removed
from summarizer.summary import Summary
from summarizer.web.markup import cut, heading, language_attributes
from summarizer.web.naming import name_reason
from summarizer.web.wording import Wording

#: Passages in a row from which they are folded up.
_FOLDED = 2


def render_article(article: Article, summary: Summary | None, wording: Wording) -> str:
    """Return the panel of the article.

    :param article: The article.
    :param summary: Its summary, once there is one.
    :param wording: The language of the page.
    """
    blocks: list[tuple[float, str | int]] = [*_place_paragraphs(article, summary, wording)]
    blocks += ((float(passage.start), index) for index, passage in enumerate(article.removed))
    blocks.sort(key=itemgetter(0))
    body = "".join(_join(blocks, article, wording))
    return (
        f'<section class="ns-panel ns-article">{heading(wording.text("check.article"), article.language)}'
        f'<div class="ns-text ns-scroll" tabindex="0" role="region" data-article="{escape(article.id)}" '
        f'aria-label="{escape(wording.text("check.article.label"))}"{language_attributes(article.language)}>'
        f"{body}</div></section>"
    )


def _join(blocks: Sequence[tuple[float, str | int]], article: Article, wording: Wording) -> Iterator[str]:
    for is_removed, group in groupby(blocks, key=lambda block: isinstance(block[1], int)):
        if is_removed:
            yield _render_removed(article.removed, [index for _, index in group if isinstance(index, int)], wording)
        else:
            yield from (block for _, block in group if isinstance(block, str))


def _place_paragraphs(article: Article, summary: Summary | None, wording: Wording) -> Iterator[tuple[float, str]]:
    """Yield each paragraph with its place in the page, or in the order of the text where that is not known."""
    links = _find_links(summary)
    sentences = article.sentences
    spans = [(start, end) for start, end, _ in links]
    if summary is not None:
        spans += [(sentences[index].start, sentences[index].end) for index in summary.receipt.sentences_skipped]
    position = 0
    for number, paragraph in enumerate(article.paragraphs):
        pieces = cut(position, position + len(paragraph), spans)
        position += len(paragraph) + 1
        html = "".join(_render_piece(article.text[a:b], found, links, wording) for a, b, found in pieces)
        yield article.places[number][0] + 0.5 if article.places else float(number), f"<p>{html}</p>"


def _find_links(summary: Summary | None) -> list[tuple[int, int, int]]:
    """Return the pieces of evidence as start, end and number of the summary's sentence."""
    sentences = summary.sentences if summary is not None else ()
    return [
        (piece.start, piece.end, number) for number, sentence in enumerate(sentences, 1) for piece in sentence.evidence
    ]


def _render_piece(text: str, found: tuple[int, ...], links: Sequence[tuple[int, int, int]], wording: Wording) -> str:
    numbers = [str(number) for number in sorted({links[index][2] for index in found if index < len(links)})]
    html = escape(text)
    if any(index >= len(links) for index in found):
        html = f'<span class="ns-unread" title="{escape(wording.text("check.unread.why"))}">{html}</span>'
    if not numbers:
        return html
    return (
        f'<span class="ns-evidence" role="button" tabindex="0" data-ns="{" ".join(numbers)}" '
        f'data-refs="{",".join(numbers)}">{html}</span>'
    )


def _render_removed(removed: Sequence[Removed], indices: Sequence[int], wording: Wording) -> str:
    rows = "".join(_render_passage(removed[index], index, wording) for index in indices)
    if len(indices) < _FOLDED:
        return rows
    reasons = ", ".join(dict.fromkeys(name_reason(removed[index].reason, wording) for index in indices))
    count = wording.text("check.cut", count=len(indices))
    every = " ".join(map(str, indices))
    return (
        f'<details class="ns-cuts"{_page_attributes(wording)}>'
        f"<summary>{escape(count)}: {escape(reasons)}</summary>{rows}"
        f'<button type="button" class="ns-restore" data-restore="{every}">'
        f"{escape(wording.text('check.restore.all'))}</button></details>"
    )


def _render_passage(passage: Removed, index: int, wording: Wording) -> str:
    label = escape(wording.text("check.restore.label"))
    return (
        f'<div class="ns-cut"{_page_attributes(wording)}>'
        f'<span class="ns-reason">{escape(name_reason(passage.reason, wording))}</span> '
        f'<span class="ns-passage" dir="auto">{escape(" ".join(passage.text.split()))}</span> '
        f'<button type="button" class="ns-restore" data-restore="{index}" title="{label}">'
        f"{escape(wording.text('check.restore'))}</button></div>"
    )


def _page_attributes(wording: Wording) -> str:
    return f' lang="{wording.language}" dir="{"rtl" if wording.is_rtl else "ltr"}"'
