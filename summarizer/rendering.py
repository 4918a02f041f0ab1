"""Summaries as text and Markdown for people; JSON is ``Summary.to_dict``."""

import re

from summarizer.article import Article
from summarizer.datamodels import Flag, PassageKind, SummarySentence, Translation
from summarizer.languages import get_language
from summarizer.summary import Summary

#: How Markdown shows each kind of passage.
_FORMS: dict[PassageKind, str] = {
    "standfirst": "**{}**",
    "subheading": "## {}",
    "paragraph": "{}",
    "list": "- {}",
    "quote": "> {}",
    "turn": "{}",
}
_MARK = re.compile(r"^[-–—*•‣▪■◦·・●]\s*")
_MARKDOWN_SPECIAL = str.maketrans({character: f"\\{character}" for character in r"\`*_{}[]<>()#+!|~"})


def render_text(summary: Summary) -> str:
    """Return the summary as plain text: the sentences, the translation, and what to check."""
    parts = [summary.text]
    if summary.translation is not None:
        parts += ["", f"[{_name_translation(summary.translation)}]", summary.translation.text]
    flags = [*render_flags(summary.flags, summary.text)]
    if summary.translation is not None:
        flags += render_flags(summary.translation.flags, summary.translation.text)
    if flags:
        parts += ["", "Please check:", *(f"- {flag}" for flag in flags)]
    return "\n".join(parts)


def render_route(translation: Translation) -> str:
    """Return by what a text was translated, whether that is a draft, and what language it came through."""
    parts = [translation.model or "the text is in this language already"]
    parts += ["draft"] * translation.draft
    parts += [f"through {get_language(translation.pivot).name}"] if translation.pivot else []
    return ", ".join(parts)


def _name_translation(translation: Translation) -> str:
    return f"{get_language(translation.language).native_name}: {render_route(translation)}"


def render_flags(flags: tuple[Flag, ...], text: str) -> list[str]:
    """Return one line for each flag: the words in question and what is the matter with them."""
    return [f'"{_shorten(text[flag.start : flag.end])}" ({flag.kind}): {flag.detail}' for flag in flags]


def _shorten(text: str, most: int = 80) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[:most].rstrip()} …"


def render_footer(summary: Summary) -> str:
    """Return one line that says what the summary rests on."""
    receipt = summary.receipt
    quoted = sum(sentence.quoted for sentence in summary.sentences)
    parts = [
        f"read {receipt.tokens_read:,} of {receipt.tokens:,} tokens",
        f"{quoted} of {_count(len(summary.sentences), 'sentence')} quoted",
        _count(len(summary.flags) + len(summary.translation.flags if summary.translation else ()), "flag"),
        summary.model,
        f"{summary.seconds:.1f} s",
    ]
    if receipt.sentences_skipped:
        parts.insert(1, f"{_count(len(receipt.sentences_skipped), 'sentence')} not read")
    return " · ".join(parts)


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def render_markdown(summary: Summary) -> str:
    """Return the summary as Markdown with its evidence; the article's text never becomes markup."""
    title = summary.article.title
    lines = [f"# {escape(title)}", ""] if title else []
    if summary.article.source:
        lines += [f"Source: {escape(summary.article.source)}", ""]
    for number, sentence in enumerate(summary.sentences, 1):
        lines += [_sentence_line(number, sentence), *_evidence_lines(summary, sentence)]
    if summary.translation is not None:
        lines += [
            "",
            f"## {_name_translation(summary.translation)}",
            "",
            escape(summary.translation.text),
        ]
        lines += [f"- ⚠ {escape(flag)}" for flag in render_flags(summary.translation.flags, summary.translation.text)]
    if summary.flags:
        lines += ["", "## Please check", ""]
        lines += [f"- ⚠ {escape(flag)}" for flag in render_flags(summary.flags, summary.text)]
    return "\n".join([*lines, "", f"*{render_footer(summary)}*"])


def _sentence_line(number: int, sentence: SummarySentence) -> str:
    return f"{number}. {escape(sentence.text)}{' *(quoted)*' if sentence.quoted else ''}"


def _evidence_lines(summary: Summary, sentence: SummarySentence) -> list[str]:
    if sentence.quoted:
        return []
    texts = [(summary.article.text[piece.start : piece.end], piece.score) for piece in sentence.evidence]
    return [f"   > {escape(text)} ({score:.0%})" for text, score in texts] or [
        "   > no sentence of the article supports this"
    ]


def render_article(article: Article) -> str:
    """Return a cleaned article as Markdown: title, subheadings, lists and quotations as they are on the page."""
    lines = [f"# {escape(article.title)}"] if article.title else []
    for passage in article.passages:
        text = escape(_MARK.sub("", article.text[passage.start : passage.end]) if passage.kind == "list" else "")
        text = text or escape(article.text[passage.start : passage.end])
        lines.append(_FORMS[passage.kind].format(text))
    return "\n\n".join(lines)


def escape(text: str) -> str:
    """Return text of an article so that Markdown shows it letter for letter, on one line."""
    return " ".join(text.translate(_MARKDOWN_SPECIAL).split())
