"""Train the salience head: ``python -m training.head --cases FILE ... --dev FILE ... --output FILE``.

The loss is the listwise cross-entropy (ListNet, Cao et al., 2007) between the head's distribution over the sentences
of an article and the one that their ROUGE against the human summary gives. Articles that the model did not read take
part with their features alone; the head learns to do without hidden states as well.
"""

import argparse
import pickle
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from summarizer.backends.salience import SalienceNetwork
from training.features import Case

#: How sharply the target prefers better sentences: the difference of ROUGE that makes one e times as likely.
TEMPERATURE = 0.06
#: An article none of whose sentences reaches this ROUGE teaches nothing.
LEAST_GAIN = 0.1
#: Part of the articles whose hidden states are withheld in a pass.
WITHHELD = 0.15
BATCH, EPOCHS, RATE, DECAY = 32, 8, 2e-3, 0.02
WIDTH = 640


class Batch:
    """Cases of similar length, filled up at the end."""

    def __init__(self, cases: Sequence[Case], depth: int | None) -> None:
        size = max(len(case.sentences) for case in cases)
        self.features = torch.zeros(len(cases), size, cases[0].features.shape[1])
        self.states = torch.zeros(len(cases), size, WIDTH)
        self.gains = torch.full((len(cases), size), -torch.inf)
        self.real = torch.zeros(len(cases), size, dtype=torch.bool)
        for row, case in enumerate(cases):
            count = len(case.sentences)
            self.features[row, :count] = torch.from_numpy(case.features)
            self.gains[row, :count] = torch.from_numpy(case.gains.mean(1))
            self.real[row, :count] = True
            if case.states is not None and depth is not None:
                self.states[row, :count] = torch.from_numpy(case.states[depth].astype(np.float32))

    def loss(self, network: SalienceNetwork, withheld: float = 0.0) -> Tensor:
        """Return the mean cross-entropy, in nats."""
        known = (torch.rand(len(self.states)) >= withheld).float()[:, None, None]
        chances = network(self.features, self.states * known, self.real)
        wanted = (self.gains / TEMPERATURE).softmax(-1)
        return -(wanted * chances).sum(-1).mean()


def train(cases: Sequence[Case], depth: int | None, seed: int, repeat: int = 2) -> SalienceNetwork:
    """Return a trained network.

    :param cases: What to learn from.
    :param depth: Which of the stored states to use, or ``None`` for none.
    :param seed: Of weights and order.
    :param repeat: How often a case with states comes for one without.
    """
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    useful = [case for case in cases if case.gains.mean(1).max() > LEAST_GAIN]
    network = SalienceNetwork(WIDTH)
    features = np.concatenate([case.features for case in useful])
    network.mean.copy_(torch.from_numpy(features.mean(0)))
    network.deviation.copy_(torch.from_numpy(features.std(0) + 1e-6))
    useful += [case for case in useful if case.states is not None and depth is not None] * (repeat - 1)
    useful.sort(key=lambda case: len(case.sentences))
    batches = [Batch(useful[start : start + BATCH], depth) for start in range(0, len(useful), BATCH)]
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=EPOCHS * len(batches))
    for _ in range(EPOCHS):
        for number in generator.permutation(len(batches)):
            batches[number].loss(network, WITHHELD).backward()
            optimizer.step()
            optimizer.zero_grad()
            schedule.step()
    return network.eval()


def read_cases(paths: Sequence[Path]) -> list[Case]:
    """Return the cases of several files; one that comes twice is taken from the last, which read it with the model."""
    cases = {(case.sentences[:2], case.reference): case for path in paths for case in pickle.loads(path.read_bytes())}
    return list(cases.values())


def main() -> None:
    """Train several networks and write them into one file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, nargs="+", required=True)
    parser.add_argument("--classes", nargs="*", default=["open"])
    parser.add_argument("--depth", type=int, default=2, help="which of the stored states")
    parser.add_argument("--members", type=int, default=4, help="networks whose scores are averaged")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    cases = [case for case in read_cases(arguments.cases) if case.licence in arguments.classes]
    weights = {}
    for seed in range(arguments.members):
        network = train(cases, arguments.depth, seed)
        weights |= {f"{seed}.{name}": weight.half() for name, weight in network.state_dict().items()}
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    save_file(weights, arguments.output)
    print(f"trained on {len(cases)} articles, {sum(case.states is not None for case in cases)} of them with states")


if __name__ == "__main__":
    main()
