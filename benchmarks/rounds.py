"""Several ways to do the same, taken in turns: what slows the machine slows them alike, and ratios stay."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from summarizer.article import Article


@dataclass(frozen=True, slots=True)
class Contender:
    """A way to do it.

    :param name: What it is called.
    :param run: Does it for some articles.
    :param articles: The articles it is timed on.
    """

    name: str
    run: Callable[[Sequence[Article]], object]
    articles: Sequence[Article]


@dataclass(frozen=True, slots=True)
class Run:
    """One round of a contender: wall seconds, and seconds of all processors of this process."""

    articles: int
    seconds: float
    processor: float

    @property
    def rate(self) -> float:
        """Articles a second."""
        return self.articles / self.seconds


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio of rates: the median over rounds, the least and the most."""

    median: float
    least: float
    most: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.least:.2f} to {self.most:.2f})"

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object."""
        return asdict(self)


def take_turns(
    contenders: Sequence[Contender], rounds: int, note: Callable[[str], None] = lambda text: None
) -> dict[str, list[Run]]:
    """Run each contender once in every round, each round beginning with another one.

    Before the first round each is run on one article, which does not count.

    :param contenders: What is compared; their names differ.
    :param rounds: How many rounds.
    :param note: Told of every run.
    :return: The runs of each contender, by its name, one for each round.
    """
    for contender in contenders:
        contender.run(contender.articles[:1])
    runs: dict[str, list[Run]] = {contender.name: [] for contender in contenders}
    for number in range(rounds):
        first = number % len(contenders)
        for contender in (*contenders[first:], *contenders[:first]):
            run = _time(contender)
            note(f"round {number + 1}: {contender.name}: {run.seconds:.2f} s")
            runs[contender.name].append(run)
    return runs


def _time(contender: Contender) -> Run:
    started, before = time.perf_counter(), time.process_time()
    contender.run(contender.articles)
    return Run(len(contender.articles), time.perf_counter() - started, time.process_time() - before)


def compare(ours: Sequence[Run], theirs: Sequence[Run]) -> Ratio:
    """Return the ratio of our articles a second to theirs, taken round by round.

    :raises ValueError: If the rounds are not as many.
    """
    ratios = [own.rate / other.rate for own, other in zip(ours, theirs, strict=True)]
    return Ratio(statistics.median(ratios), min(ratios), max(ratios))


def find_best(runs: dict[str, list[Run]], names: Sequence[str]) -> str:
    """Return which of these contenders has the highest median rate."""
    return max(names, key=lambda name: statistics.median(run.rate for run in runs[name]))
