"""Which rank and which layers an adapter should have: ``python -m training.compare --data DATA``.

Each setting learns from the same few batches and is judged by its loss on others; the order of the settings, and not
the loss itself, is what such a short run tells.
"""

import argparse
import time
from pathlib import Path

import torch

from training.adapter import TARGETS, Trainer, make_batches

ATTENTION = TARGETS[:4]
SETTINGS = {
    "rank 8": (8, TARGETS),
    "rank 32": (32, TARGETS),
    "rank 64": (64, TARGETS),
    "rank 32, attention only": (32, ATTENTION),
}


def main() -> None:
    """Print the loss of each setting on batches that it did not learn from."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=30, help="batches to learn from")
    parser.add_argument("--judged", type=int, default=12, help="batches to be judged by")
    parser.add_argument("--rate", type=float, default=5e-4)
    arguments = parser.parse_args()
    for name, (rank, targets) in SETTINGS.items():
        trainer = Trainer(rank, arguments.rate, arguments.steps, 0, targets)
        batches = make_batches(trainer, arguments.data, ["open"], (0.1, 0.1), 0)
        learned, judged = batches[: arguments.steps], batches[-arguments.judged :]
        started = time.monotonic()
        for batch in learned:
            trainer.step(batch)
        seconds = time.monotonic() - started
        trainer.model.eval()
        with torch.no_grad():
            losses = [trainer.loss(batch).item() for batch in judged]
        size = sum(parameter.numel() for parameter in trainer.model.parameters() if parameter.requires_grad)
        loss, pace = sum(losses) / len(losses), seconds / len(learned)
        print(
            f"{name}: loss {loss:.3f} after {len(learned)} steps of {pace:.1f} s, {2 * size / 1e6:.0f} MB in bfloat16",
            flush=True,
        )


if __name__ == "__main__":
    main()
