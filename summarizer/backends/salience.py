"""The salience head: how well each sentence of an article would do as its summary.

A small network over the sentences of one article, each given by what can be counted (``sentence_features``) and by
its mean hidden state; one layer of attention lets every sentence see the others (cf. Liu and Lapata, 2019,
arXiv:1908.08345). It was trained to rank sentences as ROUGE against human summaries ranks them
(``training/head.py``). Its scores are log-probabilities: how likely each sentence is the best one.
"""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor, nn

from summarizer.article import Article
from summarizer.backends.sentence_features import NAMES, describe_sentences

WIDTH = 48
HEADS = 4
#: Numbers that a hidden state is condensed to.
STATE_WIDTH = 16
DROPOUT = 0.1


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

    def score(self, article: Article, states: NDArray[np.float32]) -> tuple[float, ...]:
        """Return a score for each sentence; higher says more.

        :param article: The article.
        :param states: Mean hidden state of each sentence, shape (sentences, width).
        """
        features = torch.from_numpy(describe_sentences(article))[None]
        given = (features, torch.from_numpy(states)[None], torch.ones(1, len(states)).bool())
        with torch.inference_mode():
            scores = torch.stack([network(*given)[0] for network in self._networks]).mean(0)
        return tuple(scores.tolist())


def load_network(weights: dict[str, Tensor]) -> SalienceNetwork:
    """Return a network with these weights, ready to score."""
    network = SalienceNetwork(weights["condense.weight"].shape[1])
    network.load_state_dict(weights)
    network.eval()
    return network
