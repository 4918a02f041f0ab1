"""Chat models as backends, wherever the model runs: the abilities that a card states, and no others."""

from summarizer.backends.chat_model import ChatBackend, ChatModel
from summarizer.backends.chat_translator import ChatTranslator
from summarizer.backends.chat_writer import ChatWriter
from summarizer.cards import ModelCard
from summarizer.errors import ModelError


class ChatWriterTranslator(ChatWriter, ChatTranslator):
    """A chat model that writes summaries and translates."""


def make_backend(card: ModelCard, model: ChatModel) -> ChatBackend:
    """Return a chat model with the abilities that its card states.

    :raises ModelError: If the card states neither writing nor translating.
    """
    kinds: dict[tuple[bool, bool], type[ChatBackend]] = {
        (True, True): ChatWriterTranslator,
        (True, False): ChatWriter,
        (False, True): ChatTranslator,
    }
    abilities = ("write" in card.abilities, "translate" in card.abilities)
    if abilities not in kinds:
        raise ModelError(f"Model {card.name!r} is a chat model; its card has to state the ability write or translate.")
    return kinds[abilities](card, model)
