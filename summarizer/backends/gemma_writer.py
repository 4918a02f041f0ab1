"""Writing with the built-in model: a greedy choice among few tokens, checked at every step, several rows at once."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from summarizer.backends.batching import cut_batches, find_budget
from summarizer.backends.constraints import Constraint
from summarizer.backends.gemma_layers import GemmaLayers
from summarizer.backends.gemma_matrices import choose_writing_dtype
from summarizer.backends.gemma_memory import Memory

#: Tokens of the texts that are written at once on a CPU, with those of what each is written after.
BATCH_TOKENS = 16_384
#: What a token of them takes on a GPU: keys and values of every layer, twice while rows are dropped.
TOKEN_BYTES = 128 * 1024


@dataclass(frozen=True, slots=True)
class Order:
    """What to write: after which memory and prompt, with which tokens, under which constraints.

    :param memory: What was read before the prompt; it is not changed.
    :param prompt: Tokens that ask for the text.
    :param choices: Ids of the tokens that may come at all, in rising order; the end token among them.
    :param constraints: What forbids some of them as the text grows.
    :param most: Most tokens to write.
    """

    memory: Memory
    prompt: tuple[int, ...]
    choices: NDArray[np.int64]
    constraints: tuple[Constraint, ...]
    most: int


@dataclass(slots=True)
class Written:
    """The tokens of a text, without the end token, and the sum of their log-probabilities in nats."""

    tokens: list[int] = field(default_factory=list)
    likelihood: float = 0.0
    ended: bool = False

    @property
    def mean_likelihood(self) -> float:
        """Mean log-probability of a token; the end token counts as one."""
        return self.likelihood / max(1, len(self.tokens) + self.ended)


class GemmaWriter:
    """Writes with the adapter on; the weights are made at the first text.

    :param folder: The folder of the base model.
    :param adapter: The folder of the adapter.
    :param end: Id of the token that ends a text.
    :param device: Where it runs, ``cpu`` or ``cuda``.
    """

    def __init__(self, folder: Path, adapter: Path, end: int, device: str = "cpu") -> None:
        self._folder, self._adapter, self._end, self._device = folder, adapter, end, device
        self._budget = find_budget(device, BATCH_TOKENS, TOKEN_BYTES)
        self._model: GemmaLayers | None = None
        self._loading = threading.Lock()

    def write(self, orders: Sequence[Order]) -> list[Written]:
        """Write one text for each order."""
        written: dict[int, Written] = {}
        for places in cut_batches([order.memory.length + order.most for order in orders], self._budget):
            *_, texts = self.stream([orders[place] for place in places])
            written.update(zip(places, texts, strict=True))
        return [written[place] for place in range(len(orders))]

    @torch.inference_mode()  # type: ignore[untyped-decorator]
    def stream(self, orders: Sequence[Order]) -> Iterator[list[Written]]:
        """Write one text for each order at once; yield the texts, which go on growing, after each token of theirs."""
        model = self._load()
        asked = [self._ask(order) for order in orders]
        states = torch.cat([state for state, _ in asked])
        memory = Memory.join([memory for _, memory in asked], max(order.most for order in orders))
        tables = [self._table(order) for order in orders]
        written = [Written() for _ in orders]
        active = list(range(len(orders)))
        while True:
            for state, row in zip(states, active, strict=True):
                self._choose(state, tables[row], orders[row], written[row])
            yield written
            kept = [place for place, row in enumerate(active) if not self._is_done(written[row], orders[row])]
            if not kept:
                return
            if len(kept) < len(active):
                memory.choose(kept)
                active = [active[place] for place in kept]
            tokens = torch.tensor([[written[row].tokens[-1]] for row in active])
            states = model.write(tokens, memory)

    def _ask(self, order: Order) -> tuple[Tensor, Memory]:
        memory = order.memory.copy()
        return self._load().write(torch.tensor([order.prompt]), memory), memory

    def _table(self, order: Order) -> Tensor:
        return self._load().embeddings[torch.from_numpy(order.choices).to(self._device)]

    def _choose(self, state: Tensor, table: Tensor, order: Order, written: Written) -> None:
        """Add the likeliest token that no constraint forbids; the end, where all of them are forbidden."""
        logits = functional.linear(state.to(table.dtype)[None], table)[0].float()
        chances = logits.log_softmax(-1).cpu()
        for constraint in order.constraints:
            # An array comes back as it is: there can be a quarter of a million of them.
            banned = np.asarray(constraint.banned(written.tokens), dtype=np.int64)
            places = np.searchsorted(order.choices, banned).clip(max=len(order.choices) - 1)
            chances[torch.from_numpy(places[order.choices[places] == banned])] = -torch.inf
        best = int(chances.argmax())
        token = int(order.choices[best]) if chances[best] > -torch.inf else self._end
        written.likelihood += max(float(chances[best]), -20.0)
        if token == self._end:
            written.ended = True
        else:
            written.tokens.append(token)

    @staticmethod
    def _is_done(written: Written, order: Order) -> bool:
        return written.ended or len(written.tokens) >= order.most

    def _load(self) -> GemmaLayers:
        with self._loading:
            if self._model is None:
                dtype = choose_writing_dtype(self._device)
                self._model = GemmaLayers(self._folder, dtype, self._adapter, self._device)
            return self._model
