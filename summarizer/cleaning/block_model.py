"""The block model: how likely each block of a page belongs to its story, given the blocks around it.

Two convolutions over the row of blocks, averaged over a few networks; ``training/cleaning.py`` makes them.
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
#: Features are cut at so many standard deviations, so that no strange page is far from all that was learned.
CLIP = 4.0


@dataclass(frozen=True, slots=True)
class Network:
    """Weights of one network: ``first`` and ``second`` are (width, inputs, hidden), the others vectors."""

    mean: Floats
    scale: Floats
    first: Floats
    first_bias: Floats
    second: Floats
    second_bias: Floats
    output: Floats
    direct: Floats
    bias: Floats

    def score(self, features: Floats) -> Floats:
        """Return the log-odds of each row (block) of the features to be of the story."""
        inputs = np.clip((features - self.mean) * self.scale, -CLIP, CLIP)
        hidden = np.maximum(0, _convolve(inputs, self.first) + self.first_bias)
        hidden += np.maximum(0, _convolve(hidden, self.second) + self.second_bias)
        scores: Floats = hidden @ self.output + inputs @ self.direct + self.bias
        return scores


def _convolve(rows: Floats, kernel: Floats) -> Floats:
    """Return the convolution over rows, of the same length, with zeros beyond both ends."""
    reach = len(kernel) // 2
    padded = np.pad(rows, ((reach, reach), (0, 0)))
    found: Floats = sum((padded[i : i + len(rows)] @ kernel[i] for i in range(len(kernel))), np.float32(0))
    return found


@cache
def load_networks() -> tuple[Network, ...]:
    """Load the networks that come with the package."""
    with resources.files("summarizer.cleaning").joinpath("blocks.npz").open("rb") as source:
        arrays = {name: array.astype(np.float32) for name, array in np.load(source).items()}
    names = list(Network.__dataclass_fields__)
    return tuple(Network(*parts) for parts in zip(*(arrays[name] for name in names), strict=True))


def score_features(features: Floats) -> Floats:
    """Return the mean log-odds over the networks, one for each row."""
    scores: Floats = np.mean([network.score(features) for network in load_networks()], axis=0)
    return scores
