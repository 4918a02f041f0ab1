"""Types of the layers' products on this processor: ``python -m benchmarks.precision [--output DIR]``.

The four products of one layer of the built-in model are run in float32, the baseline, in bfloat16, and in int8 with
weights by row and states quantized on the way (``torch.ao.quantization.quantize_dynamic``). Printed are microseconds of
one processor for all four, which others on the machine do not change much, the median of several runs taken in turns;
how many times as fast as float32 that is; and how far the product is from that of float32, relative to its norm, on
random numbers. That says nothing of the quality of summaries.
"""

import argparse
import statistics
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from benchmarks.figures import save_figures
from benchmarks.machine import describe_machine

#: Inputs and outputs of the products of a layer: into and out of attention, into and out of the feed-forward part.
SHAPES = ((640, 1536), (1024, 640), (640, 4096), (2048, 640))
ROWS = (1, 64, 512, 2048)
KINDS = ("fp32", "bf16", "int8")
#: From this on int8 is worth a look at the quality.
WORTH = 1.3
JUDGED_ROWS = 512
Product = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of the products of a layer in one type, how many times as fast as float32, and the relative error."""

    kind: str
    rows: int
    seconds: float
    speedup: float
    error: float


def main() -> None:
    """Print the table, and whether int8 is worth it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=ROWS, help="tokens at once")
    parser.add_argument("--repeat", type=int, default=15)
    parser.add_argument("--output", type=Path, help="folder for precision.json")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print(f"{describe_machine()}, one thread, {torch.backends.cpu.get_cpu_capability()}")
    print(f"{'rows':>6}{'type':>6}{'microseconds':>14}{'x fp32':>8}{'error':>9}")
    costs = [_show(cost) for rows in arguments.rows for cost in measure(rows, arguments.repeat)]
    for cost in costs:
        if cost.kind == "int8" and cost.rows == JUDGED_ROWS:
            print(f"int8 at {cost.rows} rows: {cost.speedup:.2f} x fp32; worth a look from {WORTH}")
    if arguments.output:
        save_figures(arguments.output, "precision", {"costs": [asdict(cost) for cost in costs]})


def _show(cost: Cost) -> Cost:
    figures = f"{1e6 * cost.seconds:14.0f}{cost.speedup:8.2f}{cost.error:9.1e}"
    print(f"{cost.rows:6,}{cost.kind:>6}{figures}", flush=True)
    return cost


def measure(rows: int, repeat: int) -> list[Cost]:
    """Return what the products cost in each type.

    :param rows: Rows of states, which are tokens.
    :param repeat: Runs of each type, taken in turns.
    """
    torch.manual_seed(0)
    states = [torch.randn(rows, inputs) for inputs, _ in SHAPES]
    products = {kind: [make_product(kind, *shape) for shape in SHAPES] for kind in KINDS}
    seconds: dict[str, list[float]] = {kind: [] for kind in KINDS}
    with torch.inference_mode():
        exact = _multiply(products["fp32"], states)
        errors = {kind: _compare(_multiply(products[kind], states), exact) for kind in KINDS}
        for _ in range(repeat):
            for kind in KINDS:
                started = time.process_time()
                _multiply(products[kind], states)
                seconds[kind].append(time.process_time() - started)
    return summarize(rows, seconds, errors)


def summarize(rows: int, seconds: Mapping[str, Sequence[float]], errors: Mapping[str, float]) -> list[Cost]:
    """Return the medians; the speedup is the median of the ratios of runs that followed one another."""
    return [
        Cost(
            kind,
            rows,
            statistics.median(found),
            statistics.median(base / own for base, own in zip(seconds["fp32"], found, strict=True)),
            errors[kind],
        )
        for kind, found in seconds.items()
    ]


def make_product(kind: str, inputs: int, outputs: int) -> Product:
    """Return what multiplies float32 states with a matrix in this type, and gives float32.

    :param kind: ``fp32``, ``bf16`` or ``int8``.
    """
    numbers = torch.Generator().manual_seed(inputs * outputs)
    linear = nn.Linear(inputs, outputs, bias=False)
    linear.weight = nn.Parameter(0.05 * torch.randn(outputs, inputs, generator=numbers), requires_grad=False)
    if kind == "int8":
        with warnings.catch_warnings():
            # It is to go from torch; what is measured are its kernels.
            warnings.simplefilter("ignore")
            quantized: Product = torch.ao.quantization.quantize_dynamic(nn.Sequential(linear), {nn.Linear})
        return quantized
    if kind == "bf16":
        linear = linear.bfloat16()
        return lambda states: linear(states.bfloat16()).float()
    return linear


def _multiply(products: Sequence[Product], states: Sequence[Tensor]) -> list[Tensor]:
    return [product(state) for product, state in zip(products, states, strict=True)]


def _compare(found: Sequence[Tensor], exact: Sequence[Tensor]) -> float:
    """Return the largest distance from what is exact, relative to that."""
    pairs = zip(found, exact, strict=True)
    return max(float((one - other).norm() / other.norm()) for one, other in pairs)


if __name__ == "__main__":
    main()
