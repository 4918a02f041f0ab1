"""Backends: one file for each kind of model, imported when it is first asked for."""

from importlib import import_module

from summarizer.backends.base import EngineSettings, SentenceScorer, SentenceTranslator, Writer
from summarizer.cards import ModelCard
from summarizer.errors import ModelError

Backend = SentenceScorer | SentenceTranslator | Writer

#: Where each backend's class is found. The names are what model cards state.
BACKENDS = {
    "builtin": "summarizer.backends.builtin:BuiltinBackend",
    "causal": "summarizer.backends.causal:CausalBackend",
    "extractive": "summarizer.backends.extractive:ExtractiveBackend",
    "fake": "summarizer.backends.fake:FakeBackend",
    "firefox": "summarizer.backends.firefox:FirefoxBackend",
    "openai": "summarizer.backends.openai:OpenAIBackend",
    "seq2seq": "summarizer.backends.seq2seq:Seq2SeqBackend",
}

__all__ = ["BACKENDS", "Backend", "EngineSettings", "load_backend"]


def load_backend(card: ModelCard, settings: EngineSettings | None = None) -> Backend:
    """Return the backend that runs a model; weights are loaded when they are first used.

    A backend that runs many models has a class method ``from_card``; the others are made without arguments.

    :param card: The model's card.
    :param settings: Where and how it runs.
    :return: An object that fits at least one of the protocols in ``base``.
    :raises ModelError: If the card names a backend that does not exist.
    """
    if card.backend not in BACKENDS:
        raise ModelError(
            f"Model {card.name!r} asks for the backend {card.backend!r}; there are: {', '.join(sorted(BACKENDS))}."
        )
    module, _, name = BACKENDS[card.backend].partition(":")
    found = getattr(import_module(module), name)
    make = getattr(found, "from_card", None)
    backend: Backend = make(card, settings or EngineSettings()) if make else found()
    return backend
