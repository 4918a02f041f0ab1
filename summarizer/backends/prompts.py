"""The words the built-in model was trained to answer to; changing one means training the adapter again."""

from typing import Literal

from summarizer.languages import get_language

Form = Literal["headline", "short", "medium"]

#: Most sentences of each form of summary.
SENTENCES: dict[Form, int] = {"headline": 1, "short": 2, "medium": 4}
_NAMES: dict[Form, str] = {"headline": "Headline", "short": "Short summary", "medium": "Summary"}


def choose_form(sentences: int) -> Form | None:
    """Return the form of summary that has up to this many sentences, or ``None`` if none has so many."""
    return next((form for form, most in SENTENCES.items() if sentences <= most), None)


def ask_summary(form: Form, language: str) -> str:
    """Return what follows an article for a summary in this language (BCP-47 code) to come next."""
    return f"\n\n{_NAMES[form]} in {get_language(language).name}:\n"


def ask_translation(sentence: str, source: str, target: str) -> str:
    """Return a sentence with what makes its translation come next; languages are BCP-47 codes."""
    return f"{get_language(source).name}: {sentence}\n{get_language(target).name}:\n"
