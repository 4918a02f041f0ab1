"""What the page says in plain words: names for keywords, and messages made for a command line put in its own terms."""

import re

from summarizer.cards import ModelCard
from summarizer.errors import NotAnArticleError, SummarizerError
from summarizer.options import LENGTHS

#: What a flag of each kind says about the words it marks.
FLAG_NAMES = {
    "number": "number to check",
    "date": "date to check",
    "name": "name to check",
    "language": "wrong language",
    "repetition": "said twice",
    "untranslated": "not translated",
}

#: What a removed passage was, for each of ``summarizer.cleaning.REASONS``.
REASON_NAMES = {
    "banner": "site banner",
    "navigation": "menu",
    "cookie": "cookie notice",
    "share": "sharing buttons",
    "subscribe": "call to subscribe",
    "advertisement": "advertisement",
    "related": "links to other stories",
    "caption": "picture caption",
    "credit": "picture or agency credit",
    "byline": "byline or place line",
    "date": "date line",
    "comments": "comments",
    "legal": "legal notice",
    "duplicate": "said before",
    "paywall": "paywall notice",
    "login": "login notice",
    "video": "video player",
    "other-language": "passage in another language",
}

STYLE_LABEL = "Style"
STYLE_NAMES = {
    "auto": "Automatic",
    "extractive": "The article's own sentences",
    "abstractive": "The model's own words",
}

LANGUAGE_LABEL = "Language of the article"
CLEAN_LABEL = "Clean the text first"
FORCE_LABEL = "Accept any text, article or not"

#: Options of the command line that messages name, with or without a value, and what they are called here.
_OPTIONS = {
    r"--language(?: [\w-]+)?": f"“{LANGUAGE_LABEL}” under “More options”",
    r"--no-clean": f"“{CLEAN_LABEL}” under “More options”",
    r"--force": f"“{FORCE_LABEL}” under “More options”",
    r"--style": f"“{STYLE_LABEL}”",
}
_ADDRESS = "This is a web address, not an article. Open it, copy the text of the article and paste it here."


def name_flag(kind: str) -> str:
    """Return what a flag says, in plain words."""
    return FLAG_NAMES.get(kind, kind)


def name_reason(reason: str) -> str:
    """Return what a removed passage was, in plain words."""
    return REASON_NAMES.get(reason, reason)


def name_length(length: str) -> str:
    """Return a label for a named length."""
    count = LENGTHS[length].most
    return f"{length.capitalize()}: {'1 sentence' if count == 1 else f'up to {count}'}"


def name_model(card: ModelCard) -> str:
    """Return a label for a model; a licence that forbids commercial use is part of it."""
    return card.name if card.commercial else f"{card.name} (non-commercial use only)"


def describe_model(card: ModelCard) -> str:
    """Return a line on what a model is, what it takes and on which terms it can be used."""
    size = f"{card.size / 1e6:,.0f} MB on disk" if card.size else ""
    terms = card.license_name + ("" if card.commercial else ", non-commercial use only")
    return " · ".join(filter(None, (card.summary, size, f"licence: {terms}")))


def explain_error(error: SummarizerError) -> str:
    """Return the message of an error, with the page's names for what it calls by options of the command line."""
    if isinstance(error, NotAnArticleError) and error.reason == "address":
        return _ADDRESS
    message = error.message
    for option, label in _OPTIONS.items():
        message = re.sub(option, label, message)
    return message
