"""Gemma 3, forward only, straight on torch: reads a row of tokens, and writes after several such rows at once.

Importing Gemma from ``transformers`` takes longer than importing torch, mapping the weights and reading an article
together, and one article is what most runs read. The arithmetic is that of ``Gemma3TextModel`` (Gemma 3 Technical
Report, arXiv:2503.19786); a test holds the two together. States are float32, and products are taken in the type of
the weights: that is what each processor does fastest, see ``gemma_matrices``.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional

from summarizer.backends.gemma_matrices import Matrix, make_matrix
from summarizer.backends.gemma_memory import Block, Memory


@dataclass(frozen=True, slots=True)
class _Layer:
    """Weights of one layer, those that multiply the same states joined into one matrix."""

    kind: str
    norms: dict[str, Tensor]
    attention_in: Matrix
    attention_out: Matrix
    feed_in: Matrix
    feed_out: Matrix


class GemmaLayers:
    """The embedding and the layers of a Gemma 3 text model; each layer is loaded when it first runs.

    :param folder: A folder with ``config.json`` and ``model.safetensors``, as ``prepare_builtin`` returns it.
    :param dtype: Type of the weights that states are multiplied with.
    :param adapter: A LoRA adapter in the files of PEFT that is added to the weights, or ``None``.
    :param device: Where it runs, ``cpu`` or ``cuda``.
    """

    def __init__(self, folder: Path, dtype: torch.dtype, adapter: Path | None = None, device: str = "cpu") -> None:
        config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        self.width: int = config["hidden_size"]
        self.count: int = config["num_hidden_layers"]
        self.head: int = config["head_dim"]
        self.window: int = config["sliding_window"]
        self._kinds: list[str] = config["layer_types"]
        self._epsilon: float = config["rms_norm_eps"]
        self._scale: float = config["query_pre_attn_scalar"] ** -0.5
        self._bases: dict[str, float] = {kind: entry["rope_theta"] for kind, entry in config["rope_parameters"].items()}
        self.device = device
        self._weights: dict[str, Tensor] = load_file(folder / "model.safetensors", device=device)
        self._adapter = _Adapter(adapter, device) if adapter else None
        self._dtype = dtype
        self._layers: dict[int, _Layer] = {}

    @property
    def embeddings(self) -> Tensor:
        """One row for each token, shape (vocabulary, width); the output layer has the same ones."""
        return self._weights["model.embed_tokens.weight"]

    def read(self, rows: Sequence[Sequence[int]], layers: int) -> list[Tensor]:
        """Return the state of every token of every row after the first ``layers`` layers, each (tokens, width)."""
        with torch.inference_mode():
            states = self._run(self._pad(rows), Memory(len(rows), 0, self.device), layers)
        return [states[place, : len(row)] for place, row in enumerate(rows)]

    def trace(self, tokens: Sequence[int], depths: Sequence[int]) -> list[Tensor]:
        """Return the state of every token of one row after each of several numbers of layers, in rising order."""
        memory = Memory(1, 0, self.device)
        with torch.inference_mode():
            states = [self._run(self._pad([tokens]), memory, depths[0])]
            for first, end in pairwise(depths):
                states.append(self._run_from(states[-1], first, end, memory))
            return [found[0] for found in states]

    def remember(self, rows: Sequence[Sequence[int]], layers: int) -> list[tuple[Tensor, Memory]]:
        """Read rows of tokens through all the layers, so that text can be written after each.

        :param rows: Token ids of each text.
        :param layers: After how many layers the states are wanted.
        :return: For each row the state of every token after these layers, shape (tokens, width), and what to continue
            from.
        """
        states, complete = self.begin(rows, layers)
        return list(zip(states, complete(), strict=True))

    def begin(self, rows: Sequence[Sequence[int]], layers: int) -> tuple[list[Tensor], Callable[[], list[Memory]]]:
        """Read rows of tokens through some layers, to go on with the others later.

        :param rows: Token ids of each text.
        :param layers: How many layers come first.
        :return: The states after these, as ``read`` returns them, and what runs the other layers, once, and returns
            what to continue each row from.
        """
        memory = Memory(len(rows), self.count, self.device)
        lengths = [len(row) for row in rows]
        with torch.inference_mode():
            states = self._run(self._pad(rows), memory, layers)

        def complete() -> list[Memory]:
            with torch.inference_mode():
                self._run_from(states, layers, self.count, memory, last_states=False)
                return memory.split(lengths)

        return [states[place, :length] for place, length in enumerate(lengths)], complete

    def write(self, tokens: Tensor, memory: Memory) -> Tensor:
        """Run tokens after what is remembered, remember them too, and return the normalized state of the last.

        :param tokens: Token ids, shape (rows, tokens); as many of each row, on any device.
        :param memory: What comes before them.
        :return: The states that the output layer multiplies, shape (rows, width).
        """
        with torch.inference_mode():
            states = self._run(tokens.to(self.device), memory, self.count)
            memory.advance(tokens.shape[1])
            return self._norm(states[:, -1], self._weights["model.norm.weight"].float() + 1)

    def _pad(self, rows: Sequence[Sequence[int]]) -> Tensor:
        """Return rows as one tensor, filled up at the right, where no token of a row ever looks."""
        width = max(map(len, rows))
        tokens = torch.tensor([[*row, *[0] * (width - len(row))] for row in rows])
        return tokens.pin_memory().to(self.device, non_blocking=True) if self.device == "cuda" else tokens

    def _run(self, tokens: Tensor, memory: Memory, layers: int) -> Tensor:
        states = functional.embedding(tokens, self.embeddings).float()
        # The reference rounds this factor to the type of its weights, and was trained with that.
        states = states * float(torch.tensor(self.width**0.5, dtype=torch.bfloat16))
        return self._run_from(states, 0, layers, memory)

    def _run_from(self, states: Tensor, first: int, end: int, memory: Memory, last_states: bool = True) -> Tensor:
        """Run layers ``first`` to ``end``; what the last of them makes of the states may not be wanted."""
        count = states.shape[1]
        positions = memory.positions(count)
        rotations = {kind: self._rotations(positions, base) for kind, base in self._bases.items()}
        blocks = {kind: memory.blocks(count, self._span(kind)) for kind in self._bases}
        for number in range(first, end):
            layer = self._layer(number)
            queries, keys, values = self._project(states, layer, rotations[layer.kind])
            keys, values = memory.extend(number, keys, values)
            if number == end - 1 and not last_states:
                break
            parts = [self._attend(queries, keys, values, block) for block in blocks[layer.kind]]
            attended = layer.attention_out(torch.cat(parts, dim=1) if len(parts) > 1 else parts[0])
            states = states + self._norm(attended, layer.norms["post_attention_layernorm"])
            fed = self._feed(self._norm(states, layer.norms["pre_feedforward_layernorm"]), layer)
            states = states + self._norm(fed, layer.norms["post_feedforward_layernorm"])
        return states

    def _span(self, kind: str) -> int | None:
        """Return how far back a token of such a layer sees, or ``None`` for all the way."""
        return self.window if kind == "sliding_attention" else None

    def _norm(self, states: Tensor, weight: Tensor) -> Tensor:
        return functional.rms_norm(states, weight.shape, weight, self._epsilon)

    def _project(self, states: Tensor, layer: _Layer, rotation: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Return queries, shape (rows, heads, tokens, head), and the one head of keys and of values."""
        product = layer.attention_in(self._norm(states, layer.norms["input_layernorm"]))
        heads = product.unflatten(-1, (-1, self.head)).transpose(1, 2)
        queries = _rotate(self._norm(heads[:, :-2], layer.norms["self_attn.q_norm"]), rotation)
        keys = _rotate(self._norm(heads[:, -2:-1], layer.norms["self_attn.k_norm"]), rotation)
        return queries, keys, heads[:, -1:]

    def _attend(self, queries: Tensor, keys: Tensor, values: Tensor, block: Block) -> Tensor:
        """Attention of a block of tokens; all heads of queries share one of keys and values.

        :return: What the heads gathered, side by side, shape (rows, tokens, heads x head).
        """
        queries = queries[:, :, block.tokens]
        keys, values = keys[:, :, block.places], values[:, :, block.places]
        attend = functional.scaled_dot_product_attention
        if queries.shape[2] == 1:
            # The heads of a single token are so many queries of one head, which takes half the time.
            return attend(queries.transpose(1, 2), keys, values, block.mask, scale=self._scale).flatten(2)
        shape = (-1, queries.shape[1], -1, -1)
        causal = block.mask is None
        attended = attend(
            queries, keys.expand(shape), values.expand(shape), block.mask, is_causal=causal, scale=self._scale
        )
        return attended.transpose(1, 2).flatten(2)

    def _feed(self, states: Tensor, layer: _Layer) -> Tensor:
        gate, up = layer.feed_in(states).chunk(2, dim=-1)
        return layer.feed_out(functional.gelu(gate, approximate="tanh") * up)

    def _rotations(self, positions: Tensor, base: float) -> tuple[Tensor, Tensor]:
        """Return cosines and sines of rotary positions (RoFormer, arXiv:2104.09864), shape (rows, 1, tokens, head)."""
        frequencies = base ** -(torch.arange(0, self.head, 2, device=positions.device).float() / self.head)
        angles = positions[:, None, :, None].float() * frequencies
        return torch.cat((angles.cos(), angles.cos()), -1), torch.cat((angles.sin(), angles.sin()), -1)

    def _layer(self, number: int) -> _Layer:
        if number not in self._layers:
            prefix = f"model.layers.{number}."
            found = {
                name.removeprefix(prefix).removesuffix(".weight"): self._adapted(name)
                for name in self._weights
                if name.startswith(prefix)
            }
            self._layers[number] = _Layer(
                self._kinds[number],
                {name: weight.float() + 1 for name, weight in found.items() if name.endswith("norm")},
                make_matrix(torch.cat([found[f"self_attn.{name}_proj"] for name in "qkv"]), self._dtype),
                make_matrix(found["self_attn.o_proj"], self._dtype),
                make_matrix(torch.cat([found["mlp.gate_proj"], found["mlp.up_proj"]]), self._dtype),
                make_matrix(found["mlp.down_proj"], self._dtype),
            )
        return self._layers[number]

    def _adapted(self, name: str) -> Tensor:
        weight = self._weights[name]
        return self._adapter.add(name, weight) if self._adapter else weight


class _Adapter:
    """A LoRA adapter (arXiv:2106.09685) as PEFT saves it: two thin matrices for each weight it changes."""

    def __init__(self, folder: Path, device: str) -> None:
        config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
        self._scale: float = config["lora_alpha"] / config["r"]
        self._weights = load_file(folder / "adapter_model.safetensors", device=device)

    def add(self, name: str, weight: Tensor) -> Tensor:
        """Return the weight with what the adapter adds to it, in float32; weights without a part come back as is."""
        prefix = f"base_model.model.{name.removesuffix('.weight')}"
        down = self._weights.get(f"{prefix}.lora_A.weight")
        if down is None:
            return weight
        return weight.float() + self._scale * (self._weights[f"{prefix}.lora_B.weight"].float() @ down.float())


def _rotate(heads: Tensor, rotation: tuple[Tensor, Tensor]) -> Tensor:
    cosines, sines = rotation
    first, second = heads.chunk(2, dim=-1)
    return heads * cosines + torch.cat((-second, first), dim=-1) * sines
