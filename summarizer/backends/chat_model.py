"""Chat models: what they answer, and what all backends made of them share."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from summarizer.cards import ModelCard
from summarizer.errors import ModelError

#: Tokens read at once where neither the card nor the model says, and at most where only the model does.
DEFAULT_CONTEXT = 8192
#: Tokens that a chat template puts around a request, at most.
TEMPLATE_TOKENS = 64
#: Fewer tokens of text at a time give no summary.
LEAST_WINDOW = 64


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model answered.

    :param text: The answer as it came.
    :param finished: Whether the model came to its end, rather than to the limit of tokens.
    :param likelihood: Mean log-probability of its tokens in nats; 0 from a model that does not tell.
    """

    text: str
    finished: bool = True
    likelihood: float = 0.0


class ChatModel(Protocol):
    """Answers requests, each on its own and always alike."""

    @property
    def digest(self) -> str:
        """Identifies the weights."""
        ...

    @property
    def context(self) -> int:
        """Tokens of a request and its answer together, at most."""
        ...

    def count(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text, special tokens left out."""
        ...

    def answer(self, requests: Sequence[str], most_tokens: int) -> list[Answer]:
        """Answer each request with up to this many tokens, in order."""
        ...

    def stream(self, request: str, most_tokens: int) -> Iterator[Answer]:
        """Answer a request piece by piece; only the last one can be finished."""
        ...


class ChatBackend:
    """A chat model with its card; what it can do is in the classes made from this one."""

    def __init__(self, card: ModelCard, model: ChatModel) -> None:
        self.name = card.name
        self._card = card
        self._model = model

    @cached_property
    def digest(self) -> str:
        """The beginning of a SHA-256 that identifies the weights."""
        return self._model.digest

    def _window(self, request: str, answer_tokens: int) -> int:
        """Return the tokens of text that fit beside an empty request and its answer.

        :raises ModelError: If there is no room for any.
        """
        room = self._model.context - self._model.count([request])[0] - TEMPLATE_TOKENS - answer_tokens
        if room < LEAST_WINDOW:
            raise ModelError(
                f"Model {self.name!r} reads {self._model.context} tokens at once, too few for a request and its "
                "answer; state a larger context in its card, or use another model."
            )
        return room


def cut_text(text: str, limit: int, count: Callable[[Sequence[str]], list[int]]) -> str:
    """Return the longest beginning of a text that has no more tokens than a limit."""
    if count([text])[0] <= limit:
        return text
    fits, over = 0, len(text)
    while over - fits > 1:
        middle = (fits + over) // 2
        fits, over = (middle, over) if count([text[:middle]])[0] <= limit else (fits, middle)
    return text[:fits]


def digest_files(paths: Sequence[Path]) -> str:
    """Return the beginning of the SHA-256 of files one after the other, read a piece at a time."""
    digest = sha256()
    for path in paths:
        with path.open("rb") as file:
            while piece := file.read(1 << 22):
                digest.update(piece)
    return digest.hexdigest()[:16]
