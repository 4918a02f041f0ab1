"""Reading an article with the built-in model: one pass over its tokens, long articles in overlapping windows."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from summarizer.article import Article
from summarizer.backends.gemma_layers import GemmaLayers, choose_dtype
from summarizer.backends.gemma_memory import Memory
from summarizer.backends.gemma_tokenizer import GemmaTokenizer
from summarizer.datamodels import Receipt

#: Tokens read at once, overlap included.
WINDOW = 2048
#: Tokens of the text before that a later window reads again, so that its first sentences have a context.
OVERLAP = 128


@dataclass(frozen=True, slots=True)
class Window:
    """A run of an article's tokens: ``context`` are read again, ``tokens[start:end]`` for the first time."""

    context: tuple[int, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Read:
    """What reading an article gives.

    :param states: Mean hidden state of each sentence, shape (sentences, width).
    :param tokens: Tokens of each sentence.
    :param receipt: How much was read.
    :param memory: What to write after; ``None`` unless it was asked for and the article fits into one window.
    """

    states: NDArray[np.float32]
    tokens: tuple[tuple[int, ...], ...]
    receipt: Receipt
    memory: Memory | None


class GemmaReader:
    """Reads with the base model as it is; the weights are mapped into memory at once, and used layer by layer.

    :param folder: The folder of the prepared model.
    :param layers: After how many layers the states of sentences are taken.
    """

    def __init__(self, folder: Path, layers: int) -> None:
        self.tokenizer = GemmaTokenizer(folder)
        self._model = GemmaLayers(folder, choose_dtype())
        self._layers = layers

    def read(self, article: Article, *, remember: bool = False) -> Read:
        """Read all of an article.

        :param article: The article.
        :param remember: Run all the layers, so that text can be written after it.
        """
        pieces = tokenize_sentences(self.tokenizer, article)
        tokens = [token for piece in pieces for token in piece]
        owners = [index for index, piece in enumerate(pieces) for _ in piece]
        memory = None
        if remember and len(tokens) < WINDOW:
            states, memory = self._model.remember([self.tokenizer.bos_id, *tokens], self._layers)
            found = states[1:].numpy()
        else:
            found = self._read_windows(tokens, owners)
        means = average_states(found, owners, len(pieces))
        return Read(means, tuple(map(tuple, pieces)), Receipt(len(tokens), len(found)), memory)

    def remember(self, tokens: Iterable[int]) -> Memory:
        """Read some tokens through all the layers."""
        return self._model.remember([self.tokenizer.bos_id, *tokens], 1)[1]

    def _read_windows(self, tokens: Sequence[int], owners: Sequence[int]) -> NDArray[np.float32]:
        found = [np.zeros((0, self._model.width), dtype=np.float32)]
        for window in cut_windows(tokens, owners, WINDOW - 1, OVERLAP):
            row = [self.tokenizer.bos_id, *window.context, *tokens[window.start : window.end]]
            found.append(self._model.read(row, self._layers)[1 + len(window.context) :].numpy())
        return np.concatenate(found)


def tokenize_sentences(tokenizer: GemmaTokenizer, article: Article) -> list[list[int]]:
    """Return the tokens of each sentence; those of all of them in a row are the tokens of the article."""
    return [
        tokenizer.encode(sentence.text if index == 0 else f" {sentence.text}")
        for index, sentence in enumerate(article.sentences)
    ]


def average_states(states: NDArray[np.float32], owners: Sequence[int], sentences: int) -> NDArray[np.float32]:
    """Return the mean state of each sentence, shape (sentences, width).

    :param states: The state of each token, shape (tokens, width).
    :param owners: Index of the sentence of each token.
    :param sentences: How many sentences there are.
    """
    sums = np.zeros((sentences, states.shape[1]), dtype=np.float32)
    np.add.at(sums, owners, states)
    sums /= np.bincount(owners, minlength=sentences).clip(1)[:, None]
    return sums


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
