"""Cost per article, by its length and by the number of articles: ``python -m benchmarks.scaling [--output DIR]``.

By length: an English article of 100 to 20,000 words, cleaned, and quoted from with the built-in model, once it is
loaded. By number: a whole batch from a file of JSON lines to another, with a model that costs nothing, cleaning in
processes of their own. Such a batch of one row is what starting costs; it is run in the same way and left out of the
cost per article. Small batches are run several times over, and the median counts.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from benchmarks.articles import make_text, write_short_rows
from benchmarks.fake_batch import run_fake_batch
from benchmarks.figures import save_figures, save_plot
from benchmarks.machine import describe_machine
from summarizer import Article, Summarizer

LENGTHS = (100, 300, 1000, 3000, 10_000, 20_000)
COUNTS = (100, 1000, 10_000, 100_000)
#: Batches of up to so many rows are run ``repeat`` times.
SMALL = 1000


@dataclass(frozen=True, slots=True)
class LengthCost:
    """Seconds for an article of so many words and tokens."""

    words: int
    tokens: int
    cleaning: float
    model: float


@dataclass(frozen=True, slots=True)
class CountCost:
    """Seconds for a batch of so many articles, and for each of them when starting is left out."""

    articles: int
    seconds: float
    per_article: float


def main() -> None:
    """Print both tables, and write figures and plots where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lengths", type=int, nargs="*", default=LENGTHS, help="words; none to leave this out")
    parser.add_argument("--counts", type=int, nargs="*", default=COUNTS, help="articles; none to leave this out")
    parser.add_argument("--words", type=int, default=40, help="words of each article of a batch")
    parser.add_argument("--workers", type=int, default=1, help="processes that clean for a batch")
    parser.add_argument("--clean", action=argparse.BooleanOptionalAction, default=True, help="--no-clean is faster")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--output", type=Path, help="folder for scaling.json and plots")
    arguments = parser.parse_args()
    print(describe_machine(), flush=True)
    lengths = measure_lengths(arguments.lengths, arguments.repeat)
    counts = measure_counts(arguments.counts, arguments.repeat, arguments.words, arguments.workers, arguments.clean)
    if arguments.output:
        figures = {"lengths": [asdict(cost) for cost in lengths], "counts": [asdict(cost) for cost in counts]}
        save_figures(arguments.output, "scaling", {"words": arguments.words, "clean": arguments.clean, **figures})
        draw(arguments.output, lengths, counts)


def measure_lengths(lengths: Sequence[int], repeat: int) -> list[LengthCost]:
    """Return and print what articles of these lengths cost, in words."""
    if not lengths:
        return []
    summarizer = Summarizer()
    summarizer.summarize(make_text("en", min(lengths)), style="extractive", check=False)
    print(f"{'words':>8}{'tokens':>9}{'cleaning s':>12}{'model s':>10}{'ms a 1,000 tokens':>20}")
    costs = [_measure_length(summarizer, words, repeat) for words in lengths]
    model = fit_slope([(cost.tokens, cost.model) for cost in costs])
    print(f"the model's seconds grow with length to the power of {model:.2f} (1 is in proportion)", flush=True)
    return costs


def _measure_length(summarizer: Summarizer, words: int, repeat: int) -> LengthCost:
    text = make_text("en", words)
    article = Article.from_text(text, language="en", clean=False, check=False)
    tokens = summarizer.summarize(article, style="extractive").receipt.tokens
    cleaning = take_median(lambda: Article.from_text(text, check=False), repeat)
    model = take_median(lambda: summarizer.summarize(article, style="extractive"), repeat)
    print(f"{words:8,}{tokens:9,}{cleaning:12.3f}{model:10.3f}{1e6 * model / tokens:20.0f}", flush=True)
    return LengthCost(words, tokens, cleaning, model)


def measure_counts(counts: Sequence[int], repeat: int, words: int, workers: int, clean: bool) -> list[CountCost]:
    """Return and print what batches of so many articles cost."""
    if not counts:
        return []
    start = statistics.median(_run_batch(1, words, workers, clean) for _ in range(repeat))
    print(f"{'articles':>9}{'seconds':>10}{'ms an article, without starting (' + f'{start:.2f} s)':>44}")
    costs = [
        _measure_count(partial(_run_batch, count, words, workers, clean), count, repeat, start) for count in counts
    ]
    ratio = costs[-1].per_article / costs[0].per_article
    print(f"an article among {counts[-1]:,} costs {ratio:.2f} x one among {counts[0]:,} (target 1.0)", flush=True)
    return costs


def _measure_count(run: Callable[[], float], count: int, repeat: int, start: float) -> CountCost:
    times = repeat if count <= SMALL else 1
    seconds = statistics.median(run() for _ in range(times))
    per_article = (seconds - start) / (count - 1)
    print(f"{count:9,}{seconds:10.2f}{1000 * per_article:44.2f}", flush=True)
    return CountCost(count, seconds, per_article)


def _run_batch(count: int, words: int, workers: int, clean: bool) -> float:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "articles.jsonl"
        write_short_rows(source, count, words)
        return run_fake_batch(source, Path(folder) / "summaries.jsonl", workers, clean=clean)


def take_median(run: Callable[[], object], repeat: int) -> float:
    """Return the median seconds of several runs."""
    seconds = []
    for _ in range(repeat):
        started = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def fit_slope(points: Sequence[tuple[float, float]]) -> float:
    """Return the power of x that y grows with: the least-squares slope of the logarithms; 1 for a single point."""
    import numpy as np

    xs, ys = np.log(np.array(points, dtype=float)).T
    return float(np.polyfit(xs, ys, 1)[0]) if len(points) > 1 else 1.0


def draw(folder: Path, lengths: Sequence[LengthCost], counts: Sequence[CountCost]) -> None:
    """Write the plots that there is data for."""
    if lengths:
        curves = {
            "model": [(cost.words, cost.model) for cost in lengths],
            "cleaning": [(cost.words, cost.cleaning) for cost in lengths],
        }
        save_plot(folder, "scaling-length", curves, ("words of the article", "seconds"), log=True)
    if counts:
        points = [(cost.articles, 1000 * cost.per_article) for cost in counts]
        save_plot(folder, "scaling-count", {"a batch": points}, ("articles", "milliseconds an article"), log=True)


if __name__ == "__main__":
    main()
