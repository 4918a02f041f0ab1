"""Backends: one file for each kind of model, imported when it is first asked for."""

from importlib import import_module

from summarizer.backends.base import SentenceScorer, SentenceTranslator, Writer
from summarizer.cards import ModelCard
from summarizer.errors import ModelError

Backend = SentenceScorer | SentenceTranslator | Writer

#: Where each backend's class is found. The names are what model cards state.
BACKENDS = {
    "builtin": "summarizer.backends.builtin:BuiltinBackend",
    "extractive": "summarizer.backends.extractive:ExtractiveBackend",
    "fake": "summarizer.backends.fake:FakeBackend",
    "firefox": "summarizer.backends.firefox:FirefoxBackend",
}

__all__ = ["BACKENDS", "Backend", "load_backend"]


def load_backend(card: ModelCard) -> Backend:
    """Return the backend that runs a model; weights are loaded when they are first used.

    :param card: The model's card.
    :return: An object that fits at least one of the protocols in ``base``.
    :raises ModelError: If the card names a backend that does not exist.
    """
    if card.backend not in BACKENDS:
        raise ModelError(
            f"Model {card.name!r} asks for the backend {card.backend!r}; there are: {', '.join(sorted(BACKENDS))}."
        )
    module, _, name = BACKENDS[card.backend].partition(":")
    backend: Backend = getattr(import_module(module), name)()
    return backend
