"""A GGUF file in memory: its metadata, and its tensors as float32, a few rows at a time.

``gguf.GGUFReader`` makes numpy arrays of every string in the file; for a vocabulary of 262,144 pieces that takes
longer than everything else together. The header is simple enough to read directly; dequantizing is left to ``gguf``.
"""

import struct
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, dequantize
from numpy.typing import NDArray

_STRING: Final = 8
_ARRAY: Final = 9
_SCALARS: Final = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}


@dataclass(frozen=True, slots=True)
class GGUFTensor:
    """Where one tensor lies; ``shape`` has the rows first, as numpy and torch have it."""

    shape: tuple[int, ...]
    kind: GGMLQuantizationType
    start: int


class GGUFFile:
    """A whole GGUF file that is held in memory.

    :param data: The bytes of the file; they are not copied.
    :raises ValueError: if the bytes are not GGUF of a known version.
    """

    def __init__(self, data: bytearray) -> None:
        cursor = _Cursor(data)
        magic, version, tensor_count, value_count = cursor.unpack("4sIQQ")
        if magic != b"GGUF" or version not in (2, 3):
            raise ValueError(f"not a GGUF file of version 2 or 3: it starts with {magic!r}, version {version}")
        self._data = data
        self.metadata: dict[str, Any] = {}
        for _ in range(value_count):
            key = cursor.string()
            self.metadata[key] = cursor.value(*cursor.unpack("I"))
        entries = [cursor.tensor() for _ in range(tensor_count)]
        alignment = self.metadata.get("general.alignment", 32)
        base = -(-cursor.position // alignment) * alignment
        self.tensors = {name: GGUFTensor(shape, kind, base + offset) for name, shape, kind, offset in entries}

    def rows(self, tensor: GGUFTensor, start: int, stop: int) -> NDArray[np.float32]:
        """Return rows ``start`` to ``stop`` as float32; a vector counts as one row."""
        block, block_bytes = GGML_QUANT_SIZES[tensor.kind]
        row_bytes = tensor.shape[-1] // block * block_bytes
        packed = np.frombuffer(self._data, np.uint8, (stop - start) * row_bytes, tensor.start + start * row_bytes)
        values: NDArray[np.float32] = dequantize(packed.reshape(stop - start, row_bytes), tensor.kind)
        return values


class _Cursor:
    """Reads little-endian values one after the other."""

    def __init__(self, data: bytearray) -> None:
        self.data = data
        self.position = 0

    def unpack(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{layout}", self.data, self.position)
        self.position += struct.calcsize(f"<{layout}")
        return values

    def string(self) -> str:
        (length,) = self.unpack("Q")
        start = self.position
        self.position += length
        return self.data[start : self.position].decode()

    def value(self, kind: int) -> Any:
        if kind == _STRING:
            return self.string()
        if kind != _ARRAY:
            return self.unpack(_SCALARS[kind])[0]
        item_kind, count = self.unpack("IQ")
        if item_kind in _SCALARS:
            return self.unpack(f"{count}{_SCALARS[item_kind]}")
        return tuple(self.value(item_kind) for _ in range(count))

    def tensor(self) -> tuple[str, tuple[int, ...], GGMLQuantizationType, int]:
        name = self.string()
        (dimensions,) = self.unpack("I")
        shape = self.unpack(f"{dimensions}Q")[::-1]
        kind, offset = self.unpack("IQ")
        return name, shape, GGMLQuantizationType(kind), offset
