"""The salience head: how well each sentence of an article would do as its summary.

A small network over the sentences of one article, each given by what can be counted (``sentence_features``) and by
its mean hidden state; one layer of attention lets every sentence see the others (cf. Liu and Lapata, 2019,
arXiv:1908.08345). It was trained to rank sentences as ROUGE against human summaries ranks them
(``training/head.py``). Its scores are log-probabilities: how likely each sentence is the best one.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from summarizer.article import Article
from summarizer.backends.batching import cut_batches
from summarizer.backends.sentence_features import NAMES, describe_sentences

WIDTH = 48
HEADS = 4
#: Numbers that a hidden state is condensed to.
STATE_WIDTH = 16
DROPOUT = 0.1
#: Sentences that are scored at once.
BATCH_SENTENCES = 4096


class SalienceNetwork(nn.Module):  # type: ignore[misc]
    """Scores the sentences of a batch of articles.

    :param states: Width of the hidden states.
    """

    def __init__(self, states: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(len(NAMES)))
        self.register_buffer("deviation", torch.ones(len(NAMES)))
        self.condense = nn.Linear(states, STATE_WIDTH, bias=False)
        self.enter = nn.Linear(len(NAMES) + STATE_WIDTH, WIDTH)
        self.drop = nn.Dropout(DROPOUT)
        self.attend = nn.TransformerEncoderLayer(
            WIDTH, HEADS, 2 * WIDTH, DROPOUT, "gelu", batch_first=True, norm_first=True
        )
        self.leave = nn.Linear(WIDTH, 1)

    def forward(self, features: Tensor, states: Tensor, real: Tensor) -> Tensor:
        """Return log-probabilities, shape (articles, sentences).

        :param features: Shape (articles, sentences, features).
        :param states: Mean hidden states, shape (articles, sentences, width); zeros where they are not known.
        :param real: Which sentences there are, shape (articles, sentences).
        """
        scaled = (features - self.mean) / self.deviation
        lengths = states.norm(dim=-1, keepdim=True).clamp(min=1e-6)
        condensed = self.drop(self.condense(states / lengths * states.shape[-1] ** 0.5))
        entered = self.drop(nn.functional.gelu(self.enter(torch.cat((scaled, condensed), -1))))
        attended = self.attend(entered, src_key_padding_mask=~real)
        scores: Tensor = self.leave(attended)[..., 0].masked_fill(~real, -1e4).log_softmax(-1)
        return scores


class SalienceHead:
    """Scores the sentences of an article with trained weights: several networks, whose scores are averaged.

    :param path: The weights, as safetensors; names begin with the number of the network.
    """

    def __init__(self, path: Path) -> None:
        members: dict[str, dict[str, Tensor]] = {}
        for name, weight in load_file(path).items():
            number, _, part = name.partition(".")
            members.setdefault(number, {})[part] = weight.float()
        self._networks = [load_network(weights) for weights in members.values()]

    def score(self, articles: Sequence[Article], states: Sequence[NDArray[np.float32]]) -> list[tuple[float, ...]]:
        """Return a score for each sentence of each article; higher says more.

        :param articles: The articles.
        :param states: Mean hidden state of each sentence of each, shape (sentences, width).
        """
        scores: dict[int, tuple[float, ...]] = {}
        with torch.inference_mode():
            for places in cut_batches([len(one) for one in states], BATCH_SENTENCES):
                given = _fill([articles[place] for place in places], [states[place] for place in places])
                found = torch.stack([network(*given) for network in self._networks]).mean(0)
                for place, row in zip(places, found.tolist(), strict=True):
                    scores[place] = tuple(row[: len(states[place])])
        return [scores[place] for place in range(len(articles))]


def _fill(articles: Sequence[Article], states: Sequence[NDArray[np.float32]]) -> tuple[Tensor, Tensor, Tensor]:
    """Return features, states and which sentences are real, filled up to the article with the most sentences."""
    features = [torch.from_numpy(describe_sentences(article)) for article in articles]
    real = [torch.ones(len(one), dtype=torch.bool) for one in states]
    return (
        pad_sequence(features, batch_first=True),
        pad_sequence([torch.from_numpy(one) for one in states], batch_first=True),
        pad_sequence(real, batch_first=True),
    )


def load_network(weights: dict[str, Tensor]) -> SalienceNetwork:
    """Return a network with these weights, ready to score."""
    network = SalienceNetwork(weights["condense.weight"].shape[1])
    network.load_state_dict(weights)
    network.eval()
    return network
