"""Chat models on servers that speak OpenAI's protocol: Ollama, vLLM, llama.cpp, ``transformers serve``, hosted ones."""

import os
from urllib.parse import urlsplit

from summarizer.backends.base import EngineSettings
from summarizer.backends.chat import make_backend
from summarizer.backends.chat_model import ChatBackend
from summarizer.backends.openai_chat import OpenAIChat, ServerLimits
from summarizer.cards import ModelCard
from summarizer.errors import BadOptionError


class OpenAIBackend:
    """Models on a server of the user's choice; one is had by ``from_card``."""

    @classmethod
    def from_card(cls, card: ModelCard, settings: EngineSettings, limits: ServerLimits | None = None) -> ChatBackend:
        """Return the model of a card, with the abilities that the card states.

        :param card: Its source is the model's name on the server; ``generation`` is added to every request, and a
            value of null there takes a parameter out of it.
        :param settings: ``base_url`` is the server's address, up to and with ``/v1``; without it, that of the
            environment variable ``OPENAI_BASE_URL``. There is no other default.
        :param limits: How long to wait, how often to try, and how much to ask at once.
        :raises ModelError: If there is no address.
        :raises BadOptionError: If the address is not one of http or https.
        """
        return make_backend(card, OpenAIChat(card, _find_address(card, settings), limits or ServerLimits()))


def _find_address(card: ModelCard, settings: EngineSettings) -> str:
    address = settings.base_url or os.environ.get("OPENAI_BASE_URL")
    if not address:
        raise BadOptionError(
            f"Model {card.name!r} runs on a server, and none is named: give its address, for example "
            "--base-url http://localhost:11434/v1 (in Python: base_url=...), or set OPENAI_BASE_URL."
        )
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadOptionError("The address of a server begins with http:// or https:// and has a host: https://HOST/v1")
    return address
