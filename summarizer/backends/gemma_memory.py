"""What a decoder remembers of the tokens it has read: keys and values of every layer, for several rows at once.

Rows of different lengths are filled up at the left, so that all of them end, and go on, at the same place.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from typing_extensions import Self

#: Tokens that attend together on a CPU: none of them is multiplied with more places than some of the others look at.
BLOCK_TOKENS = 256


@dataclass(frozen=True, slots=True)
class Block:
    """Some of the next tokens, and what they may look at.

    :param tokens: Which of the next tokens.
    :param places: Which places, these tokens among them, at the end.
    :param mask: Which of these places each of the tokens looks at, shape (rows, 1, tokens, places); ``None`` where
        plain causal attention sees the same.
    """

    tokens: slice
    places: slice
    mask: Tensor | None


class Memory:
    """Keys and values of each layer, shape (rows, 1, places, head); a place is a token or, at the left, nothing.

    :param rows: How many texts are remembered.
    :param layers: How many layers; a memory of none only tells where tokens stand.
    :param device: Where it lies, ``cpu`` or ``cuda``.
    """

    def __init__(self, rows: int, layers: int, device: str = "cpu") -> None:
        self.device = device
        self.keys: list[Tensor | None] = [None] * layers
        self.values: list[Tensor | None] = [None] * layers
        #: How many places at the left of each row hold nothing.
        self.padding = torch.zeros(rows, dtype=torch.long, device=device)
        #: How many places are taken.
        self.length = 0

    @classmethod
    def join(cls, memories: Sequence[Self], room: int) -> Self:
        """Return one memory of several rows.

        :param memories: One for each row; the same may come more than once.
        :param room: For how many tokens more to provide places.
        """
        joined = cls(len(memories), len(memories[0].keys), memories[0].device)
        joined.length = max(memory.length for memory in memories)
        joined.padding = torch.tensor([joined.length - memory.length for memory in memories], device=joined.device)
        for layer in range(len(joined.keys)):
            joined.keys[layer] = joined._gather([memory.keys[layer] for memory in memories], room)
            joined.values[layer] = joined._gather([memory.values[layer] for memory in memories], room)
        return joined

    def split(self, lengths: Sequence[int]) -> list["Memory"]:
        """Return a memory for each row of rows that were read at once, filled up at the right.

        :param lengths: How many tokens of each row are real.
        """
        parts = [Memory(1, len(self.keys), self.device) for _ in lengths]
        for row, (part, length) in enumerate(zip(parts, lengths, strict=True)):
            part.length = length
            # Copies: a view would keep all rows, and the queries that were computed with them.
            part.keys = [None if tensor is None else tensor[row : row + 1, :, :length].clone() for tensor in self.keys]
            part.values = [
                None if tensor is None else tensor[row : row + 1, :, :length].clone() for tensor in self.values
            ]
        return parts

    def copy(self) -> "Memory":
        """Return another memory of the same; what is added to one is not in the other."""
        other = Memory(len(self.padding), len(self.keys), self.device)
        other.padding, other.length = self.padding, self.length
        # Views of what is there, so that nothing is written into room that both of them have.
        other.keys = [None if tensor is None else tensor[:, :, : self.length] for tensor in self.keys]
        other.values = [None if tensor is None else tensor[:, :, : self.length] for tensor in self.values]
        return other

    def choose(self, rows: Sequence[int]) -> None:
        """Keep these rows, in this order; one may come more than once."""
        index = torch.tensor(list(rows), device=self.device)
        self.padding = self.padding[index]
        self.keys = [None if tensor is None else tensor[index] for tensor in self.keys]
        self.values = [None if tensor is None else tensor[index] for tensor in self.values]

    def extend(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Remember keys and values of the next tokens in one layer, and return all there are.

        :param layer: Number of the layer.
        :param keys: Of the next tokens, shape (rows, 1, tokens, head).
        :param values: Likewise.
        """
        if not self.keys:
            return keys, values
        self.keys[layer], all_keys = self._append(self.keys[layer], keys)
        self.values[layer], all_values = self._append(self.values[layer], values)
        return all_keys, all_values

    def advance(self, tokens: int) -> None:
        """Count tokens as read, once every layer has been extended by them."""
        self.length += tokens

    def positions(self, tokens: int) -> Tensor:
        """Return where in its text each of the next tokens stands, shape (rows, tokens)."""
        return self.length + torch.arange(tokens, device=self.device) - self.padding[:, None]

    def blocks(self, tokens: int, span: int | None) -> list[Block]:
        """Return the next tokens in blocks, each with the places that its tokens may look at.

        :param tokens: How many come next.
        :param span: How far back a token may look, itself included; ``None`` for all the way.
        """
        end = self.length + tokens
        size = BLOCK_TOKENS if self.device == "cpu" else tokens
        padded = bool(self.padding.any())
        blocks = []
        for start in range(self.length, end, size):
            stop = min(start + size, end)
            first = 0 if span is None else max(0, start - span + 1)
            taken = slice(start - self.length, stop - self.length)
            alone = stop - start == 1 or (start == 0 and (span is None or stop <= span))
            mask = None if alone and not padded else self._mask(start, stop, first, span)
            blocks.append(Block(taken, slice(first, stop), mask))
        return blocks

    def _mask(self, start: int, stop: int, first: int, span: int | None) -> Tensor:
        """Return which of the places ``first`` to ``stop`` the tokens ``start`` to ``stop`` may look at."""
        places = torch.arange(first, stop, device=self.device)
        back = places[start - first :, None] - places
        seen = back >= 0 if span is None else (back >= 0) & (back < span)
        return seen & (places >= self.padding[:, None, None, None])

    def _append(self, buffer: Tensor | None, new: Tensor) -> tuple[Tensor, Tensor]:
        end = self.length + new.shape[2]
        if buffer is None:
            return new, new
        if buffer.shape[2] < end:
            buffer = torch.cat((buffer[:, :, : self.length], new), dim=2)
        else:
            buffer[:, :, self.length : end] = new
        return buffer, buffer[:, :, :end]

    def _gather(self, tensors: Sequence[Tensor | None], room: int) -> Tensor:
        first = tensors[0]
        if first is None:
            raise ValueError("a memory can only be joined once every layer has read something")
        gathered = first.new_empty(len(tensors), 1, self.length + room, first.shape[3])
        for row, (tensor, padding) in enumerate(zip(tensors, self.padding.tolist(), strict=True)):
            if tensor is not None:
                # Places of nothing are masked, but what is masked has to be a number.
                gathered[row, :, :padding] = 0
                gathered[row, :, padding : self.length] = tensor[0, :, : self.length - padding]
        return gathered
