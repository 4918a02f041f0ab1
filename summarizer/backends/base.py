"""What a backend can do, as three small protocols; a backend is any class that fits one or more of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from summarizer.article import Article
from summarizer.datamodels import Receipt
from summarizer.errors import BadOptionError

#: Articles that a backend is given at once, unless it says otherwise.
BATCH_SIZE = 8
ENGINES = ("auto", "torch", "ctranslate2")
DEVICES = ("auto", "cpu", "cuda")


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Where and how a model runs.

    :param engine: ``torch``, ``ctranslate2``, or ``auto`` for the fastest that is installed and can run the model.
    :param device: ``cpu``, ``cuda``, or ``auto`` for a GPU where there is one.
    :param base_url: Address of the server, for models that one runs.
    """

    engine: str = "auto"
    device: str = "auto"
    base_url: str | None = None

    def __post_init__(self) -> None:
        """Refuse what means nothing.

        :raises BadOptionError: If the engine or the device is none of those.
        """
        if self.engine not in ENGINES:
            raise BadOptionError(f"Engine {self.engine!r} means nothing: use {', '.join(ENGINES)}.")
        if self.device not in DEVICES:
            raise BadOptionError(f"Device {self.device!r} means nothing: use {', '.join(DEVICES)}.")


@dataclass(frozen=True, slots=True)
class Reading:
    """One article as read by a scorer: a score for each sentence (higher says more) and what was read."""

    scores: tuple[float, ...]
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Draft:
    """A summary as a writer wrote it, before any check; without sentences where it could not write one.

    :param sentences: Its sentences, in order.
    :param receipt: What was read for it.
    :param scores: A score for each sentence of the article, from a writer that scores too.
    :param likelihood: Mean log-probability of its tokens in nats; 0 from a writer that does not tell.
    """

    sentences: tuple[str, ...]
    receipt: Receipt
    scores: tuple[float, ...] = ()
    likelihood: float = 0.0


class Identified(Protocol):
    """Says what its results depend on: every backend does.

    It is apart from the protocols that ``isinstance`` looks at, which would work the digest out, and for that maybe
    have to find the weights.
    """

    digest: str


@runtime_checkable
class SentenceScorer(Protocol):
    """Scores the sentences of articles; never generates text."""

    def score(self, articles: Sequence[Article]) -> list[Reading]:
        """Score every sentence of every article, in order."""
        ...


@runtime_checkable
class Writer(Protocol):
    """Writes summaries in its own words."""

    def write(self, articles: Sequence[Article], *, language: str | None, sentences: int) -> list[Draft]:
        """Write one draft for each article.

        :param articles: The articles, already cleaned.
        :param language: BCP-47 code of the summaries, or ``None`` for each article's own language.
        :param sentences: The most sentences a draft may have.
        """
        ...


@runtime_checkable
class StreamingWriter(Protocol):
    """Shows a draft while it is written."""

    def write_stream(self, article: Article, *, language: str | None, sentences: int) -> Iterator[Draft]:
        """Write one draft and yield it as it grows, after every few tokens; who closes the iterator stops the work.

        Each draft has the sentences that are whole so far, and the scores as soon as they are known; the last one is
        what ``write`` returns.

        :param article: The article, already cleaned.
        :param language: As for ``Writer.write``, like ``sentences``.
        """
        ...


@runtime_checkable
class SentenceTranslator(Protocol):
    """Translates single sentences."""

    def pairs(self) -> frozenset[tuple[str, str]]:
        """Return the (source, target) pairs of base language codes that are installed, without any pivot."""
        ...

    def translate(self, sentences: Sequence[str], source: str, target: str) -> list[str]:
        """Translate each sentence; as many come back as went in, in the same order."""
        ...


def preferred_batch(backend: object) -> int:
    """Return how many articles to give a backend at once: its ``batch_size`` if it has one."""
    size: int = getattr(backend, "batch_size", BATCH_SIZE)
    return size


def name_backend(backend: object) -> str:
    """Return what a backend's model is called: the name of its card, where it runs many, else its own."""
    return getattr(backend, "name", None) or type(backend).__name__.removesuffix("Backend").lower()


@runtime_checkable
class Preparable(Protocol):
    """Has weights to be made ready once, before it can be used without delay."""

    def prepare(self, progress: Callable[[int, int, str], None] | None = None, *, force: bool = False) -> Path:
        """Make the weights ready, unless they are, and return the folder they lie in.

        :param progress: Told the bytes done, the bytes in all (0 for unknown) and what is being done.
        :param force: Make them ready again from scratch.
        """
        ...
