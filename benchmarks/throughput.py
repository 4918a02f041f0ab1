"""Articles a second, against all that could do the same: ``python -m benchmarks.throughput [--output DIR]``.

The same articles (see ``benchmarks.articles``) go in turns through: the layers of the built-in model alone, at several
sizes of batch, the best of which is the ceiling; ``summarize_many`` on cleaned articles; the whole batch from file to
file, which cleans them first; plain ``generate`` of transformers one by one, in float32 and bfloat16; llama.cpp on the
same GGUF with as many threads; LexRank of sumy, and our own sentences without a model. The first token is written by
``generate`` and llama.cpp where ours quotes, for that is how they say they have read. Styles that write are run on the
first few articles. Ratios are of articles a second, medians over rounds with the least and the most.
"""

import argparse
import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from benchmarks.articles import make_articles
from benchmarks.contenders import PlainGenerate, PureModel, batching, completing, ranking, summarizing
from benchmarks.figures import save_figures
from benchmarks.llama import open_llama
from benchmarks.machine import describe_machine
from benchmarks.rounds import Contender, Ratio, Run, compare, find_best, take_turns
from summarizer import Article, Summarizer

#: Tokens that the layers alone are given at once; 1 for one article at a time.
BUDGETS = (1, 512, 1024, 2048, 4096)
TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}
#: Our contender, what it is compared with, and the ratio that is wanted.
TARGETS = (
    ("quote", "pure model, best", 0.9),
    ("quote, whole batch", "pure model, best", 0.9),
    ("quote", "generate fp32, 1 token", None),
    ("quote", "generate bf16, 1 token", 3.0),
    ("quote", "llama.cpp, 1 token", 2.0),
    ("auto", "generate fp32, written", 4.0),
    ("auto", "generate bf16, written", 4.0),
    ("auto", "llama.cpp, written", None),
    ("extractive", "LexRank", None),
)


def main() -> None:
    """Print the rate of each way, and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=16)
    parser.add_argument("--written-articles", type=int, default=8, help="of these, for the styles that write")
    parser.add_argument("--written", type=int, default=64, help="tokens that the others write")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1, help="processes that clean for the whole batch")
    parser.add_argument("--types", nargs="*", default=list(TYPES), choices=TYPES, help="of plain generate")
    parser.add_argument("--only", nargs="*", default=[""], metavar="NAME", help="contenders whose names begin so")
    parser.add_argument("--output", type=Path, help="folder for throughput.json")
    arguments = parser.parse_args()
    articles = make_articles(arguments.articles)
    pure = PureModel()
    tokens = [len(pure.tokenize(article)) for article in articles]
    print(f"{describe_machine()}, {torch.get_num_threads()} threads")
    print(f"{len(articles)} articles, {sum(tokens):,} tokens, median {statistics.median(tokens):.0f}", flush=True)
    with open_contenders(arguments, articles, pure, max(tokens)) as contenders:
        chosen = [contender for contender in contenders if contender.name.startswith(tuple(arguments.only))]
        runs = take_turns(chosen, arguments.rounds, lambda text: print(text, flush=True))
    if ceilings := [name for name in runs if name.startswith("pure model")]:
        runs["pure model, best"] = runs[find_best(runs, ceilings)]
    show_rates(runs, sum(tokens) / len(tokens))
    ratios = compare_all(runs)
    show_ratios(ratios)
    if arguments.output:
        save_figures(arguments.output, "throughput", to_dict(runs, ratios, tokens))


@contextmanager
def open_contenders(
    arguments: argparse.Namespace, articles: Sequence[Article], pure: PureModel, longest: int
) -> Iterator[list[Contender]]:
    """Yield all contenders that can run here.

    :param arguments: How many articles and tokens are written, and in which types.
    :param articles: What they are timed on.
    :param pure: The layers alone.
    :param longest: Tokens of the longest article.
    """
    few, written = articles[: arguments.written_articles], arguments.written
    builtin, extractive = Summarizer(), Summarizer("extractive")
    contenders = [
        Contender(f"pure model, {budget} tokens", pure.reading(articles, budget), articles) for budget in BUDGETS
    ]
    contenders += [
        Contender("quote", summarizing(builtin, "extractive"), articles),
        Contender("quote, whole batch", batching(builtin, "extractive", arguments.workers), articles),
        Contender("auto", summarizing(builtin, "auto"), few),
        Contender("extractive", summarizing(extractive, "extractive"), articles),
    ]
    for kind in arguments.types:
        plain = PlainGenerate(TYPES[kind])
        contenders.append(Contender(f"generate {kind}, 1 token", plain.writing(1), articles))
        contenders.append(Contender(f"generate {kind}, written", plain.writing(written), few))
    rank = ranking()
    if rank is not None:
        contenders.append(Contender("LexRank", rank, articles))
    with open_llama(longest + written + 16, torch.get_num_threads()) as complete:
        if complete is not None:
            contenders.append(Contender("llama.cpp, 1 token", completing(complete, 1), articles))
            contenders.append(Contender("llama.cpp, written", completing(complete, written), few))
        yield contenders


def compare_all(runs: dict[str, list[Run]]) -> list[tuple[str, str, float | None, Ratio]]:
    """Return (ours, theirs, wanted, ratio) for all that were run."""
    return [
        (ours, theirs, wanted, compare(runs[ours], runs[theirs]))
        for ours, theirs, wanted in TARGETS
        if ours in runs and theirs in runs
    ]


def show_rates(runs: dict[str, list[Run]], tokens: float) -> None:
    """Print the median rate of each contender; tokens a second where it ran on all articles."""
    most = max(run.articles for found in runs.values() for run in found)
    print(f"{'':26}{'articles/s':>12}{'tokens/s':>10}{'CPU s/article':>15}")
    for name, found in runs.items():
        rate = statistics.median(run.rate for run in found)
        processor = statistics.median(run.processor / run.articles for run in found)
        read = f"{rate * tokens:,.0f}" if found[0].articles == most else "-"
        print(f"{name:26}{rate:12.3f}{read:>10}{processor:15.3f}")


def show_ratios(ratios: Sequence[tuple[str, str, float | None, Ratio]]) -> None:
    """Print what is how many times as fast as what."""
    for ours, theirs, wanted, ratio in ratios:
        print(f"{ours} / {theirs}: {ratio}" + ("" if wanted is None else f", target {wanted}"))


def to_dict(
    runs: dict[str, list[Run]], ratios: Sequence[tuple[str, str, float | None, Ratio]], tokens: Sequence[int]
) -> dict[str, Any]:
    """Return all figures as a JSON object."""
    return {
        "threads": torch.get_num_threads(),
        "tokens": list(tokens),
        "runs": {name: [asdict(run) for run in found] for name, found in runs.items()},
        "ratios": [
            {"ours": ours, "theirs": theirs, "target": wanted, **ratio.to_dict()}
            for ours, theirs, wanted, ratio in ratios
        ],
    }


if __name__ == "__main__":
    main()
