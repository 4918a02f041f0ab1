"""The models of the page: one summarizer for each name, made at its first use and kept, and whose turn it is."""

from threading import Lock
from typing import Literal

from summarizer.backends.base import SentenceScorer, Writer
from summarizer.backends.hub import has_files, is_here
from summarizer.cards import DEFAULT_MODEL, ModelCard, list_models
from summarizer.errors import ModelNotFoundError
from summarizer.options import Style
from summarizer.pipeline import Summarizer
from summarizer.translation import Translator, make_translator
from summarizer.web.naming import label_model
from summarizer.web.turns import Turns

Readiness = Literal["ready", "get", "server"]


class Models:
    """The summarizers that a page offers.

    :param own: The only one to offer; by default every model with a card that can summarize and is on this machine.
    """

    def __init__(self, own: Summarizer | None = None) -> None:
        self._cards = {card.name: card for card in list_models() if _is_ready(card)} if own is None else {}
        self._made = {} if own is None else {own.model: own}
        self._lock = Lock()
        self.turns = Turns()
        self._translators: dict[str, Translator] = {}
        self.default = DEFAULT_MODEL if own is None else own.model

    def choices(self) -> list[tuple[str, str]]:
        """Return label and name of each model; labels may hold marks."""
        return [(label_model(card), name) for name, card in self._cards.items()] or [(self.default, self.default)]

    def get(self, name: str) -> Summarizer:
        """Return the summarizer with this model; the weights are loaded when they are first needed.

        :raises ModelNotFoundError: If this page does not offer the model.
        """
        with self._lock:
            if name not in self._made:
                if name not in self._cards:
                    offered = ", ".join(known for _, known in self.choices())
                    raise ModelNotFoundError(f"There is no model {name!r} on this page; there are: {offered}.")
                self._made[name] = Summarizer(name)
            return self._made[name]

    def offers(self, card: ModelCard) -> bool:
        """Return whether a model with a card can be named here: to summarize, or to translate."""
        return card.name in self._cards or (find_readiness(card) == "ready" and "translate" in card.abilities)

    def translator(self, name: str = "") -> Translator:
        """Return what translates.

        :param name: A model that is on this machine; by default the best that is there for each pair of languages.
        :raises ModelNotFoundError: If this page does not offer the model.
        :raises BadOptionError: If the model does not translate.
        """
        if not name:
            return self.get(self.default).translator
        with self._lock:
            if name not in self._translators:
                if name not in {
                    card.name for card in list_models(ability="translate") if find_readiness(card) == "ready"
                }:
                    raise ModelNotFoundError(f"There is no model {name!r} on this page that translates.")
                self._translators[name] = make_translator(name)
            return self._translators[name]

    def styles(self, name: str) -> list[Style]:
        """Return the styles of summaries that a model can make."""
        if name in self._cards:
            abilities = self._cards[name].abilities
            extracts, writes = "extract" in abilities, "write" in abilities
        else:
            backend = self.get(name).backend
            extracts, writes = isinstance(backend, SentenceScorer), isinstance(backend, Writer)
        able: dict[Style, bool] = {"auto": True, "extractive": extracts, "abstractive": writes}
        return [style for style in able if able[style]]

    def card(self, name: str) -> ModelCard | None:
        """Return the card of a model, if it has one."""
        return self._cards.get(name)


def find_readiness(card: ModelCard) -> Readiness:
    """Tell whether a model can be used at once, has to be got first, or is run by a server."""
    if card.backend == "openai":
        return "server"
    return "ready" if not has_files(card) or is_here(card) else "get"


def _is_ready(card: ModelCard) -> bool:
    """Whether a model can summarize at once: a page that is opened must not begin with a download."""
    return card.can_summarize and find_readiness(card) == "ready"
