"""Reading articles with the built-in model: one pass over their tokens, long articles in overlapping windows."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from summarizer.article import Article
from summarizer.backends.batching import cut_batches, find_budget
from summarizer.backends.gemma_layers import GemmaLayers
from summarizer.backends.gemma_matrices import choose_dtype
from summarizer.backends.gemma_memory import Memory
from summarizer.backends.gemma_tokenizer import GemmaTokenizer
from summarizer.datamodels import Receipt

#: Tokens read at once, overlap included.
WINDOW = 2048
#: Tokens of the text before that a later window reads again, so that its first sentences have a context.
OVERLAP = 128
#: Tokens that are read in one pass on a CPU.
BATCH_TOKENS = 1024
#: What a token takes on a GPU while it is read: its states in the widest layer, and the keys and values of all layers.
TOKEN_BYTES = 128 * 1024


@dataclass(frozen=True, slots=True)
class Window:
    """A run of an article's tokens: ``context`` are read again, ``tokens`` for the first time."""

    context: tuple[int, ...]
    tokens: tuple[int, ...]


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
    :param device: Where it runs, ``cpu`` or ``cuda``.
    """

    def __init__(self, folder: Path, layers: int, device: str = "cpu") -> None:
        self.tokenizer = GemmaTokenizer(folder)
        self._model = GemmaLayers(folder, choose_dtype(device), device=device)
        self._layers = layers
        self._budget = find_budget(device, BATCH_TOKENS, TOKEN_BYTES)

    def read(self, articles: Sequence[Article], remember: Collection[int] = ()) -> list[Read]:
        """Read all of every article, those of like length in one pass.

        :param articles: The articles.
        :param remember: Places of those after which text is to be written: they are run through all the layers.
        """
        cut = [tokenize_sentences(self.tokenizer, article) for article in articles]
        windows = [(place, window) for place, pieces in enumerate(cut) for window in _cut(pieces)]
        parts = Counter(place for place, _ in windows)
        kept = {place for place in remember if parts[place] == 1}
        read = self._run([window for place, window in windows if place not in kept], remember=False)
        remembered = self._run([window for place, window in windows if place in kept], remember=True)
        states: dict[int, list[Tensor]] = {}
        memories: dict[int, Memory] = {}
        for place, _ in windows:
            found, memory = next(remembered if place in kept else read)
            states.setdefault(place, []).append(found)
            if memory is not None:
                memories[place] = memory
        return [self._average(pieces, states.get(place, []), memories.get(place)) for place, pieces in enumerate(cut)]

    def read_stream(self, article: Article) -> Iterator[Read]:
        """Read an article to write after it; yield it as soon as its sentences can be scored, and when all is read.

        Only the last has a memory, and none that of an article of several windows.
        """
        pieces = tokenize_sentences(self.tokenizer, article)
        if len(_cut(pieces)) != 1:
            yield from self.read([article])
            return
        [states], complete = self._model.begin([[self.tokenizer.bos_id, *chain(*pieces)]], self._layers)
        yield self._average(pieces, [states[1:]], None)
        yield self._average(pieces, [states[1:]], complete()[0])

    def remember(self, tokens: Iterable[int]) -> Memory:
        """Read some tokens through all the layers."""
        return self._model.remember([[self.tokenizer.bos_id, *tokens]], 1)[0][1]

    def _run(self, windows: Sequence[Window], *, remember: bool) -> Iterator[tuple[Tensor, Memory | None]]:
        """Yield the states of the new tokens of each window, in order, and what to write after."""
        rows = [[self.tokenizer.bos_id, *window.context, *window.tokens] for window in windows]
        found: list[tuple[Tensor, Memory | None]] = [(torch.empty(0), None)] * len(rows)
        for group in cut_batches([len(row) for row in rows], self._budget):
            chosen = [rows[place] for place in group]
            done = (
                self._model.remember(chosen, self._layers)
                if remember
                else [(states, None) for states in self._model.read(chosen, self._layers)]
            )
            for place, (states, memory) in zip(group, done, strict=True):
                found[place] = (states[1 + len(windows[place].context) :], memory)
        return iter(found)

    def _average(self, pieces: Sequence[list[int]], states: Sequence[Tensor], memory: Memory | None) -> Read:
        """Return what was read of an article, given the states of all its tokens in parts."""
        joined = torch.cat(list(states)) if states else torch.zeros(0, self._model.width)
        means = average_states(joined, [len(piece) for piece in pieces]).cpu().numpy()
        return Read(means, tuple(map(tuple, pieces)), Receipt(sum(map(len, pieces)), len(joined)), memory)


def tokenize_sentences(tokenizer: GemmaTokenizer, article: Article) -> list[list[int]]:
    """Return the tokens of each sentence; those of all of them in a row are the tokens of the article."""
    return [
        tokenizer.encode(sentence.text if index == 0 else f" {sentence.text}")
        for index, sentence in enumerate(article.sentences)
    ]


def _cut(pieces: Sequence[Sequence[int]]) -> list[Window]:
    """Return the windows of an article, given the tokens of each sentence."""
    owners = [index for index, piece in enumerate(pieces) for _ in piece]
    return list(cut_windows(list(chain(*pieces)), owners, WINDOW - 1, OVERLAP))


def average_states(states: Tensor, lengths: Sequence[int]) -> Tensor:
    """Return the mean state of each sentence, shape (sentences, width); zeros for one without tokens.

    :param states: The state of each token, shape (tokens, width).
    :param lengths: How many tokens each sentence has.
    """
    counts = torch.tensor(lengths, device=states.device)
    if not len(states):
        return states.new_zeros(len(lengths), states.shape[1])
    return torch.segment_reduce(states, "sum", lengths=counts, axis=0) / counts.clamp(min=1)[:, None]


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
        yield Window(context, tuple(tokens[start:end]))
        start = end
