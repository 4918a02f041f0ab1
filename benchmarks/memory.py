"""Memory of a batch over time, with a model that costs nothing: ``python -m benchmarks.memory [--output DIR]``.

Each batch runs in a new process, which notes its resident memory and that of the processes below it, which clean and
summarize nothing. What they had before the batch began, when everything was loaded but the input not yet opened, is
the memory of the model; what is more than that is the batch's own. Pages that processes share are counted for each.
One batch goes on with one of which the last tenth is missing.
"""

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.articles import write_short_rows
from benchmarks.fake_batch import Counter, run_fake_batch
from benchmarks.figures import save_figures, save_plot
from benchmarks.machine import describe_machine
from summarizer.batch.progress import measure_memory

KINDS = (".jsonl", ".csv", ".parquet")
TARGET = 300.0
#: Seconds from one sample to the next.
INTERVAL = 0.25
#: Samples of a batch that are written down.
MOST_SAMPLES = 1000
_MEGABYTE = 1e6


@dataclass(frozen=True, slots=True)
class Sample:
    """Resident megabytes of the process and of all below it, at a time in seconds since the batch began.

    ``rows`` are those that have a result by then, earlier runs included.
    """

    seconds: float
    rows: int
    process: float
    below: float


@dataclass(frozen=True, slots=True)
class Trace:
    """The memory of one batch; the first sample is from before it began."""

    name: str
    articles: int
    samples: tuple[Sample, ...]

    @property
    def process_peak(self) -> float:
        """Most megabytes of the process above those at the start."""
        return max(sample.process for sample in self.samples) - self.samples[0].process

    @property
    def peak(self) -> float:
        """Most megabytes of all processes together above those at the start."""
        first = self.samples[0].process + self.samples[0].below
        return max(sample.process + sample.below for sample in self.samples) - first

    def growth(self) -> float:
        """Return by how many megabytes the last tenth of the time is above the second tenth, at the median."""
        size = max(1, len(self.samples) // 10)
        second, last = self.samples[size : 2 * size] or self.samples[:1], self.samples[-size:]
        return _middle(last) - _middle(second)


def _middle(samples: Sequence[Sample]) -> float:
    return sorted(sample.process + sample.below for sample in samples)[len(samples) // 2]


def main() -> None:
    """Print a line for each kind of output, and write figures and a plot where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--words", type=int, default=40, help="words of each article")
    parser.add_argument("--workers", type=int, default=1, help="processes that clean")
    parser.add_argument("--clean", action=argparse.BooleanOptionalAction, default=True, help="--no-clean is faster")
    parser.add_argument("--kinds", nargs="+", default=KINDS, choices=KINDS)
    parser.add_argument("--output", type=Path, help="folder for memory.json and the plot")
    arguments = parser.parse_args()
    print(describe_machine(), flush=True)
    print(f"{'batch':24}{'articles':>10}{'seconds':>9}{'process +MB':>13}{'with workers +MB':>18}{'growth MB':>11}")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "articles.jsonl"
        write_short_rows(source, arguments.articles, arguments.words)
        traces = [
            _show(trace)
            for trace in measure(source, arguments.kinds, arguments.articles, arguments.workers, arguments.clean)
        ]
    worst = max(trace.peak for trace in traces)
    print(f"most: {worst:.0f} MB above the start, of {TARGET:.0f} allowed")
    if arguments.output:
        save_figures(arguments.output, "memory", {"traces": [describe(trace) for trace in traces]})
        draw(arguments.output, traces)


def measure(source: Path, kinds: Sequence[str], articles: int, workers: int, clean: bool) -> Iterator[Trace]:
    """Yield the memory of a batch for each kind of output, and of one that goes on at nine tenths.

    :param source: The rows.
    :param kinds: Suffixes of outputs.
    :param articles: How many rows there are.
    :param workers: Processes that prepare.
    :param clean: Whether they clean, too.
    """
    for kind in kinds:
        output = source.with_name(f"summaries{kind}")
        yield trace_batch(source, output, kind, articles, workers, clean)
        if kind == ".jsonl":
            drop_last(output, articles // 10)
            yield trace_batch(source, output, f"{kind}, going on at 90 %", articles, workers, clean)


def drop_last(journal: Path, count: int) -> None:
    """Cut the last lines off a file, as if the batch had been killed before it came to them."""
    with journal.open("rb") as lines:
        sizes = [len(line) for line in lines]
    with journal.open("rb+") as file:
        file.truncate(sum(sizes[: len(sizes) - count]))


def trace_batch(source: Path, output: Path, name: str, articles: int, workers: int, clean: bool) -> Trace:
    """Run a batch in a new process and return its memory.

    :raises EOFError: If the process ended without a result; it has then said why.
    """
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(sender, source, output, workers, clean))
    process.start()
    sender.close()
    try:
        return Trace(name, articles, tuple(receiver.recv()))
    finally:
        process.join()


def _run(sender: Connection, source: Path, output: Path, workers: int, clean: bool) -> None:
    counter = Counter()
    with sampling(counter) as samples:
        run_fake_batch(source, output, workers, clean=clean, counter=counter)
    sender.send(samples)


@contextmanager
def sampling(counter: Counter) -> Iterator[list[Sample]]:
    """Yield a list to which samples are added, one at once and then several a second."""
    started, ended = time.perf_counter(), threading.Event()
    samples: list[Sample] = [take_sample(0.0, 0)]

    def watch() -> None:
        while not ended.wait(INTERVAL):
            samples.append(take_sample(time.perf_counter() - started, counter.tally.rows))

    thread = threading.Thread(target=watch, name="memory", daemon=True)
    thread.start()
    try:
        yield samples
    finally:
        ended.set()
        thread.join()
        samples.append(take_sample(time.perf_counter() - started, counter.tally.rows))


def take_sample(seconds: float, rows: int) -> Sample:
    """Return the memory of this process and of those below it, now; there has to be a /proc."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    process = pages * os.sysconf("SC_PAGE_SIZE")
    return Sample(seconds, rows, process / _MEGABYTE, max(0, (measure_memory() or 0) - process) / _MEGABYTE)


def describe(trace: Trace) -> dict[str, Any]:
    """Return the figures of a trace and its samples, at most ``MOST_SAMPLES``."""
    step = 1 + len(trace.samples) // MOST_SAMPLES
    return {
        "name": trace.name,
        "articles": trace.articles,
        "seconds": trace.samples[-1].seconds,
        "start": asdict(trace.samples[0]),
        "process_above_start": trace.process_peak,
        "all_above_start": trace.peak,
        "growth": trace.growth(),
        "samples": [asdict(sample) for sample in trace.samples[::step]],
    }


def _show(trace: Trace) -> Trace:
    print(
        f"{trace.name:24}{trace.articles:10,}{trace.samples[-1].seconds:9.0f}{trace.process_peak:13.0f}"
        f"{trace.peak:18.0f}{trace.growth():11.1f}",
        flush=True,
    )
    return trace


def draw(folder: Path, traces: Sequence[Trace]) -> None:
    """Write the plot: memory above that at the start, over time."""
    curves = {}
    for trace in traces:
        first = trace.samples[0]
        curves[trace.name] = [
            (sample.seconds, sample.process + sample.below - first.process - first.below) for sample in trace.samples
        ]
    save_plot(folder, "memory", curves, ("seconds", "MB above the start, all processes"))


if __name__ == "__main__":
    main()
