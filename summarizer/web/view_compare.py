"""One of the summaries that are compared: its figures, then the summary with its evidence."""

from html import escape

from summarizer.summary import Summary
from summarizer.tokens import UNSPACED, count_letters, find_words
from summarizer.web.view import Result, render_result
from summarizer.web.wording import Wording


def render_side(result: Result, name: str, wording: Wording) -> str:
    """Return a result below what is compared: time, length, flags, and how many sentences are quoted.

    :param result: What there is.
    :param name: Which side it is, ``first`` or ``second``.
    :param wording: The language of the page.
    """
    heading = f'<h3 class="ns-tab-title">{escape(wording.text(f"compare.{name}"))}</h3>'
    figures = _render_figures(result.summary, wording) if result.summary and result.state == "done" else ""
    return f'<div class="ns-side">{heading}{figures}{render_result(result, wording)}</div>'


def describe_length(text: str, wording: Wording) -> str:
    """Return the length of a text in words, or in characters where its script has no spaces between words."""
    letters = count_letters(text)
    if 2 * len(UNSPACED.findall(text)) > letters:
        return wording.text("compare.characters", count=letters)
    return wording.text("compare.words", count=len(find_words(text)))


def _render_figures(summary: Summary, wording: Wording) -> str:
    quoted = sum(sentence.quoted for sentence in summary.sentences)
    sentences = wording.text("compare.sentences", count=len(summary.sentences))
    figures = {
        "time": wording.text("check.footer.seconds", seconds=f"{summary.seconds:.1f}"),
        "length": f"{sentences}, {describe_length(summary.text, wording)}",
        "origin": wording.text("compare.origin", quoted=quoted, written=len(summary.sentences) - quoted),
        "flags": wording.text("check.footer.flags", count=len(summary.flags)),
    }
    rows = "".join(
        f"<div><dt>{escape(wording.text(f'compare.figures.{name}'))}</dt><dd><bdi>{escape(value)}</bdi></dd></div>"
        for name, value in figures.items()
    )
    return f'<dl class="ns-figures">{rows}</dl>'
