"""What things are called on the page: keywords, models and messages that were made for a command line."""

import re
from collections.abc import Callable

from summarizer.cards import ModelCard
from summarizer.datamodels import Flag
from summarizer.errors import NotAnArticleError, SummarizerError
from summarizer.options import LENGTHS
from summarizer.web.marks import mark
from summarizer.web.wording import FALLBACK, Wording

#: Options of the command line that messages name, with or without a value, and the keys of what they are called here.
_OPTIONS = {
    r"--language(?: [\w-]+)?": "read.language",
    r"--no-clean": "read.clean",
    r"--force": "read.force",
    r"--style": "read.style",
}


def name_flag(kind: str, wording: Wording) -> str:
    """Return what a flag says, in plain words."""
    return _name("flags", kind, wording)


def name_reason(reason: str, wording: Wording) -> str:
    """Return what a removed passage was, in plain words."""
    return _name("reasons", reason, wording)


def _name(part: str, keyword: str, wording: Wording) -> str:
    key = f"{part}.{keyword}"
    return wording.text(key) if wording.has(key) else keyword


def explain_flag(flag: Flag, words: str, wording: Wording) -> str:
    """Return what is the matter with flagged words; in English with all that is known.

    :param flag: The flag.
    :param words: The words it marks.
    :param wording: The language of the page.
    """
    if wording.language == FALLBACK:
        return flag.detail if words in flag.detail else f"“{words}”: {flag.detail}"
    key = f"flags.{flag.kind}.why" if words in flag.detail else f"flags.{flag.kind}.sentence"
    return wording.text(key, words=words) if wording.has(key) else flag.detail


def explain_error(error: SummarizerError, wording: Wording) -> str:
    """Return what happened and what to do about it, with the names that the page has for things."""
    if isinstance(error, NotAnArticleError) and error.reason == "address":
        return wording.text("errors.address")
    return explain_code(error.code, error.message, wording)


def explain_code(code: str, message: str, wording: Wording) -> str:
    """Return what happened and what to do about it, for an error that was written down.

    :param code: Its code.
    :param message: Its message, which is English.
    :param wording: The language of the page.
    """
    key = f"errors.{code}"
    if wording.language != FALLBACK and wording.has(key):
        return wording.text(key)
    for option, name in _OPTIONS.items():
        message = re.sub(option, lambda _, key=name: f"“{wording.text(key)}”", message)  # type: ignore[misc]
    return message


def label_length(length: str) -> str:
    """Return a label for a named length."""
    return mark(f"read.length.{length}", count=LENGTHS[length].most)


def label_model(card: ModelCard) -> str:
    """Return a label for a model; a licence that forbids commercial use is part of it."""
    return card.name if card.commercial else mark("models.commercial", name=card.name)


def describe_model(card: ModelCard, say: Callable[..., str]) -> str:
    """Return a line on what a model is, what it takes and on which terms it can be used.

    :param card: The model.
    :param say: ``Wording.text``, or ``mark_html`` for what is built once for everybody.
    """
    size = say("models.size", megabytes=round(card.size / 1e6)) if card.size else ""
    terms = say("models.licence" if card.commercial else "models.licence.non_commercial", name=card.license_name)
    return " · ".join(filter(None, (card.summary, size, terms)))
