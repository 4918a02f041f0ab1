"""The first layers of Gemma 3, forward only, straight on torch.

Importing Gemma from ``transformers`` takes longer than importing torch, mapping the weights and reading an article
together, and one article is what most runs read. The arithmetic is that of ``Gemma3TextModel`` in bfloat16 (Gemma 3
Technical Report, arXiv:2503.19786); a test holds the two together.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional


class GemmaLayers:
    """Maps the embedding and the first layers into memory and runs them over a row of tokens.

    :param folder: A folder with ``config.json`` and ``model.safetensors``, as ``prepare_builtin`` returns it.
    :param layers: How many layers to run.
    :param dtype: What to compute in; anything but bfloat16, which the file holds, copies the weights.
    """

    def __init__(self, folder: Path, layers: int, dtype: torch.dtype = torch.bfloat16) -> None:
        config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        self.width: int = config["hidden_size"]
        self._kinds: list[str] = config["layer_types"][:layers]
        self._window: int = config["sliding_window"]
        self._head: int = config["head_dim"]
        self._epsilon: float = config["rms_norm_eps"]
        self._scale: float = config["query_pre_attn_scalar"] ** -0.5
        self._bases: dict[str, float] = {kind: entry["rope_theta"] for kind, entry in config["rope_parameters"].items()}
        weights = load_file(folder / "model.safetensors")
        self._weights: dict[str, Tensor] = {name: weight.to(dtype) for name, weight in weights.items()}

    def __call__(self, tokens: Sequence[int]) -> Tensor:
        """Return the state of every token after the last of the layers, shape (tokens, width)."""
        with torch.inference_mode():
            return self._run(tokens)

    def _run(self, tokens: Sequence[int]) -> Tensor:
        embeddings = self._weights["model.embed_tokens.weight"]
        states = functional.embedding(torch.tensor(tokens), embeddings)
        states = states * torch.tensor(self.width**0.5, dtype=states.dtype)
        rotations = {kind: self._rotations(len(tokens), base, states.dtype) for kind, base in self._bases.items()}
        masks = {kind: self._mask(len(tokens), kind) for kind in set(self._kinds)}
        for number, kind in enumerate(self._kinds):
            attended = self._attend(self._norm(states, number, "input_layernorm"), number, rotations[kind], masks[kind])
            states = states + self._norm(attended, number, "post_attention_layernorm")
            fed = self._feed(self._norm(states, number, "pre_feedforward_layernorm"), number)
            states = states + self._norm(fed, number, "post_feedforward_layernorm")
        return states

    def _weight(self, layer: int, name: str) -> Tensor:
        return self._weights[f"model.layers.{layer}.{name}.weight"]

    def _project(self, states: Tensor, layer: int, name: str) -> Tensor:
        return functional.linear(states, self._weight(layer, name))

    def _norm(self, states: Tensor, layer: int, name: str) -> Tensor:
        """Root-mean-square normalization in float32, with weights that are stored less one."""
        exact = states.float()
        exact = exact * torch.rsqrt(exact.square().mean(-1, keepdim=True) + self._epsilon)
        return (exact * (1.0 + self._weight(layer, name).float())).to(states.dtype)

    def _attend(self, states: Tensor, layer: int, rotation: tuple[Tensor, Tensor], mask: Tensor) -> Tensor:
        """Causal attention; several heads of queries share one of keys and values."""
        queries, keys, values = (
            self._project(states, layer, f"self_attn.{name}_proj").unflatten(-1, (-1, self._head)).transpose(0, 1)
            for name in "qkv"
        )
        queries = _rotate(self._norm(queries, layer, "self_attn.q_norm"), rotation)
        keys = _rotate(self._norm(keys, layer, "self_attn.k_norm"), rotation)
        attended = functional.scaled_dot_product_attention(
            queries[None], keys[None], values[None], attn_mask=mask, scale=self._scale, enable_gqa=True
        )
        return self._project(attended[0].transpose(0, 1).flatten(1), layer, "self_attn.o_proj")

    def _feed(self, states: Tensor, layer: int) -> Tensor:
        gate = functional.gelu(self._project(states, layer, "mlp.gate_proj"), approximate="tanh")
        return self._project(gate * self._project(states, layer, "mlp.up_proj"), layer, "mlp.down_proj")

    def _rotations(self, length: int, base: float, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        """Return cosines and sines of rotary position embedding (Su et al., 2021), shape (length, head)."""
        frequencies = base ** -(torch.arange(0, self._head, 2, dtype=torch.float32) / self._head)
        angles = torch.arange(length, dtype=torch.float32)[:, None] * frequencies
        angles = torch.cat((angles, angles), dim=-1)
        return angles.cos().to(dtype), angles.sin().to(dtype)

    def _mask(self, length: int, kind: str) -> Tensor:
        """Return what each token may look at: what came before, in some layers only the nearest of it."""
        mask = torch.ones(length, length, dtype=torch.bool).tril()
        return mask.triu(1 - self._window) if kind == "sliding_attention" else mask


def _rotate(heads: Tensor, rotation: tuple[Tensor, Tensor]) -> Tensor:
    cosines, sines = rotation
    first, second = heads.chunk(2, dim=-1)
    return heads * cosines + torch.cat((-second, first), dim=-1) * sines
