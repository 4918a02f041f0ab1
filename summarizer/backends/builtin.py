"""The built-in model: Gemma 3 270M reads the article once, and its hidden states help to score the sentences.

Nothing is generated, and the base model is used as it is; ``salience`` says how.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from summarizer.article import Article
from summarizer.backends.base import Reading
from summarizer.backends.gemma_weights import SOURCE_SHA256, prepare_builtin
from summarizer.backends.salience import score_sentences
from summarizer.datamodels import Receipt

if TYPE_CHECKING:
    from summarizer.backends.gemma_layers import GemmaLayers
    from summarizer.backends.gemma_tokenizer import GemmaTokenizer

#: Tokens read at once, headline and overlap included.
WINDOW = 2048
#: Tokens of the text before that a later window reads again, so that its first sentences have a context.
OVERLAP = 128
#: Tokens of the headline that every window begins with.
TITLE = 64
#: Layers that are run; the later ones serve the next token, and cost a third of the time.
LAYERS = 12


@dataclass(frozen=True, slots=True)
class Window:
    """A run of an article's tokens: ``context`` are read again, ``tokens[start:end]`` for the first time."""

    context: tuple[int, ...]
    start: int
    end: int


class BuiltinBackend:
    """Scores sentences with Gemma 3 270M; weights are mapped into memory when the first article comes."""

    digest = f"gemma-3-270m:{SOURCE_SHA256[:8]}:layer-{LAYERS}"

    def __init__(self) -> None:
        self._loading = threading.Lock()
        self._model: GemmaLayers | None = None
        self._tokenizer: GemmaTokenizer | None = None

    def prepare(self, progress: Callable[[int, int, str], None] | None = None, *, force: bool = False) -> Path:
        """Unpack the weights into the user's cache unless they are there, and return their folder.

        :raises ModelError: If the packages are missing or damaged, or the cache cannot be written.
        """
        return prepare_builtin(progress, force=force)

    def score(self, articles: Sequence[Article]) -> list[Reading]:
        """Score every sentence of every article; every token of an article is read."""
        return [self._read(article) for article in articles]

    def _read(self, article: Article) -> Reading:
        tokenizer, model = self._load()
        tokens, owners = tokenize_sentences(tokenizer, article)
        title = tokenizer.encode(article.title or "")[:TITLE]
        head = [tokenizer.bos_id, *title, *(tokenizer.encode("\n\n") if title else [])]
        sums = np.zeros((len(article.sentences), model.width), dtype=np.float32)
        read = 0
        for window in cut_windows(tokens, owners, WINDOW - len(head), OVERLAP):
            states = model([*head, *window.context, *tokens[window.start : window.end]]).float().numpy()
            np.add.at(sums, owners[window.start : window.end], states[len(head) + len(window.context) :])
            read += window.end - window.start
        counts = np.bincount(owners, minlength=len(sums)).clip(1)[:, None]
        return Reading(score_sentences(article, sums / counts), Receipt(len(tokens), read))

    def _load(self) -> "tuple[GemmaTokenizer, GemmaLayers]":
        with self._loading:
            if self._model is None or self._tokenizer is None:
                # torch takes longer to import than all the rest; a model that only got ready must not wait for it.
                from summarizer.backends.gemma_layers import GemmaLayers
                from summarizer.backends.gemma_tokenizer import GemmaTokenizer

                folder = prepare_builtin()
                self._tokenizer = GemmaTokenizer(folder)
                self._model = GemmaLayers(folder, LAYERS)
            return self._tokenizer, self._model


def tokenize_sentences(tokenizer: "GemmaTokenizer", article: Article) -> tuple[list[int], list[int]]:
    """Return the tokens of all sentences in a row, and for each token the index of its sentence."""
    tokens: list[int] = []
    owners: list[int] = []
    for index, sentence in enumerate(article.sentences):
        found = tokenizer.encode(sentence.text if index == 0 else f" {sentence.text}")
        tokens += found
        owners += [index] * len(found)
    return tokens, owners


def cut_windows(tokens: Sequence[int], owners: Sequence[int], size: int, overlap: int) -> Iterator[Window]:
    """Cut a row of tokens into windows that end with a sentence where they can; every token is new in exactly one.

    :param tokens: All tokens of an article.
    :param owners: Index of the sentence of each token.
    :param size: Most tokens of a window, its context included.
    :param overlap: Most tokens of context.
    """
    start = 0
    while start < len(tokens):
        context = tuple(tokens[max(0, start - overlap) : start])
        end = min(len(tokens), start + size - len(context))
        if end < len(tokens):
            cut = end
            while cut > start and owners[cut] == owners[cut - 1]:
                cut -= 1
            # A sentence that is longer than a window is read in pieces.
            end = cut if cut > start else end
        yield Window(context, start, end)
        start = end
