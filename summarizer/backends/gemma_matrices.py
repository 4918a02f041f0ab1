"""Products of states and weights, in the type that a processor is fastest in.

Measured with ``python -m benchmarks.precision``: without bfloat16 instructions, products of whole matrices take six
times as long in bfloat16 as in float32, and a single row half as long, because it waits for the memory. Weights of 8
bits take half the time of float32 for whole matrices, and a fifth of it for the few rows of a batch that writes.
"""

import warnings
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

Matrix = Callable[[Tensor], Tensor]

#: Kernels for products of 8 bits, the best first; they come with PyTorch's builds for x86.
_KERNELS = ("fbgemm", "x86")
_PRODUCT = "linear_with_input_q_dq_qweight_dq_output_fp32"
#: Largest rounded weight.
_MOST_WEIGHT = 127
#: States are rounded to 7 bits, from 1 to 127: sums of two products overflow at 8 on processors without VNNI.
_MOST_STATE, _MIDDLE = 63, 64


def choose_dtype(device: str = "cpu") -> torch.dtype:
    """Return the type of weights, next to exact, with which a device multiplies whole matrices fastest.

    :param device: ``cpu`` or ``cuda``.
    """
    able = device == "cuda" or getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)()
    return torch.bfloat16 if able else torch.float32


def choose_writing_dtype(device: str = "cpu") -> torch.dtype:
    """Return the type of weights with which a device writes fastest: 8 bits where this build of PyTorch has them."""
    return torch.int8 if device == "cpu" and _find_kernel() else choose_dtype(device)


def make_matrix(weight: Tensor, dtype: torch.dtype) -> Matrix:
    """Return the product with a weight, as a function of float32 states that returns float32.

    :param weight: Shape (out, in).
    :param dtype: Type to multiply in; ``torch.int8`` for 8 bits.
    """
    if dtype is torch.int8:
        return _make_packed(weight)
    converted = weight.to(dtype)

    def multiply(states: Tensor) -> Tensor:
        return functional.linear(states.to(dtype), converted).float()

    return multiply


def _find_kernel() -> str | None:
    """Return the kernels to use; none where they are missing, as they will be from later versions of PyTorch."""
    if not hasattr(torch, "quantize_per_channel") or not hasattr(torch.ops.quantized, _PRODUCT):
        return None
    return next((kernel for kernel in _KERNELS if kernel in torch.backends.quantized.supported_engines), None)


def _make_packed(weight: Tensor) -> Matrix:
    """Return the product in 8 bits: one scale for each row of weights, and one for each row of states.

    Single states are a hundred times larger than others; with one scale for all rows, as PyTorch's own dynamic
    products have it, the others would be rounded to nothing (cf. Dettmers et al., 2022, arXiv:2208.07339). And so the
    product of a row does not depend on which rows come with it.
    """
    scales = weight.abs().amax(1).float().clamp(min=1e-8) / _MOST_WEIGHT
    zeros = torch.zeros(len(scales), dtype=torch.long)
    before = torch.backends.quantized.engine
    torch.backends.quantized.engine = _find_kernel()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "torch.quantize_per_tensor.* are deprecated")
        rounded = torch.quantize_per_channel(weight.float(), scales.double(), zeros, 0, torch.qint8)
        packed = torch.ops.quantized.linear_prepack(rounded, None)
    torch.backends.quantized.engine = before
    product = getattr(torch.ops.quantized, _PRODUCT)

    def multiply(states: Tensor) -> Tensor:
        sizes = states.abs().amax(-1, keepdim=True).clamp(min=1e-8)
        found: Tensor = product(states / sizes, 1 / _MOST_STATE, _MIDDLE, packed)
        return found * sizes

    return multiply
