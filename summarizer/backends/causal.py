"""Chat models that run here: Gemma, Qwen, Llama, Mistral, SmolLM and their kind, from safetensors or GGUF."""

from summarizer.backends.base import EngineSettings
from summarizer.backends.chat import make_backend
from summarizer.backends.chat_model import ChatBackend
from summarizer.cards import ModelCard
from summarizer.errors import ModelError


class CausalBackend:
    """Decoder models on this machine; one is had by ``from_card``."""

    @classmethod
    def from_card(cls, card: ModelCard, settings: EngineSettings) -> ChatBackend:
        """Return the model of a card, with the abilities that the card states.

        :param card: Its source is a GGUF file, or what ``hub.find_files`` takes; with a ``file``, that GGUF file there.
        :param settings: ``device`` decides where models of safetensors run; GGUF files run as llama.cpp was built.
        :raises ModelError: If the settings ask for an engine that does not run such models.
        """
        if settings.engine not in ("auto", "torch"):
            raise ModelError(f"Model {card.name!r} does not run on {settings.engine}; leave the engine to auto.")
        if f"{card.source}/{card.file}".rstrip("/").lower().endswith(".gguf"):
            from summarizer.backends.gguf_chat import GGUFChat

            return make_backend(card, GGUFChat(card))
        from summarizer.backends.transformers_chat import TransformersChat

        return make_backend(card, TransformersChat(card, settings.device))
