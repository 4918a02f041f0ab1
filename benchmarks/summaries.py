"""Quality of extractive summaries against references: ``python -m benchmarks.summaries ROWS.jsonl[.gz]``.

Rows have ``text``, ``lang`` and ``summary`` or ``reference``, and maybe ``title``. The baseline is the article's first
two sentences (lead-2), cut and scored in the same run. ROUGE is counted over words, or over single characters in
scripts without spaces, and without stemming, so the figures compare with nothing computed otherwise.
"""

import argparse
import gzip
import json
import random
import statistics
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import regex

from summarizer.article import Article
from summarizer.errors import SummarizerError
from summarizer.pipeline import Summarizer

TOKEN = regex.compile(r"[\p{Thai}\p{Lao}\p{Myanmar}\p{Khmer}\p{Hiragana}\p{Katakana}\p{Han}]\p{M}*|[\p{L}\p{M}\p{N}]+")
RESAMPLES = 1000


def main() -> None:
    """Print ROUGE-1/2/L of each model and of lead-2, with the ratio to lead-2 and a bootstrap interval for it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--models", nargs="*", default=["extractive", "builtin"])
    parser.add_argument("--length", default="short")
    parser.add_argument("--most", type=int, default=300, help="rows to use, sampled with a fixed seed")
    arguments = parser.parse_args()
    rows = list(read_rows(arguments.rows))
    rows = random.Random(0).sample(rows, min(len(rows), arguments.most))
    articles = [(article, reference) for article, reference in map(_prepare, rows) if article is not None]
    lead = score("lead-2", articles, lambda article: " ".join(s.text for s in article.sentences[:2]), None)
    for model in arguments.models:
        summarizer = Summarizer(model)
        score(
            model,
            articles,
            lambda article, use=summarizer: use.summarize(article, length=arguments.length, style="extractive").text,
            lead,
        )


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Read JSON lines, compressed or not; rows whose summary is in another language are left out."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        rows = (json.loads(line) for line in lines)
        yield from (row for row in rows if row.get("summary_lang", row["lang"]) == row["lang"])


def _prepare(row: dict[str, Any]) -> tuple[Article | None, str]:
    title = row.get("title") if row.get("kind") != "headline" else None
    reference = row.get("reference") or row["summary"]
    try:
        return Article.from_text(row["text"], title=title or None, clean=False, check=False), reference
    except SummarizerError:
        return None, reference


def score(
    name: str, articles: list[tuple[Article, str]], summarize: Callable[[Article], str], baseline: list[float] | None
) -> list[float]:
    """Print the mean scores of one way to summarize, and return ROUGE-2 of each article."""
    scores = [rouge(summarize(article), reference) for article, reference in articles]
    means = [100 * statistics.mean(column) for column in zip(*scores, strict=True)]
    second = [row[1] for row in scores]
    line = f"{name:12} n={len(scores)}  R1 {means[0]:5.1f}  R2 {means[1]:5.1f}  RL {means[2]:5.1f}"
    if baseline:
        low, high = bootstrap_ratio(second, baseline)
        line += (
            f"   R2 is {statistics.mean(second) / statistics.mean(baseline):.2f} x lead-2 (95% {low:.2f} to {high:.2f})"
        )
    print(line, flush=True)
    return second


def bootstrap_ratio(one: list[float], other: list[float]) -> tuple[float, float]:
    """Return the 95 % interval of the ratio of two paired means."""
    generator = random.Random(0)
    ratios = []
    for _ in range(RESAMPLES):
        sample = generator.choices(range(len(one)), k=len(one))
        ratios.append(sum(one[i] for i in sample) / max(1e-9, sum(other[i] for i in sample)))
    ratios.sort()
    return ratios[int(0.025 * RESAMPLES)], ratios[int(0.975 * RESAMPLES)]


def rouge(summary: str, reference: str) -> tuple[float, float, float]:
    """Return ROUGE-1, ROUGE-2 and ROUGE-L F1 (Lin, 2004) over Unicode tokens."""
    one, other = TOKEN.findall(summary.casefold()), TOKEN.findall(reference.casefold())
    unigrams = _f1(_overlap(one, other, 1), len(one), len(other))
    bigrams = _f1(_overlap(one, other, 2), len(one) - 1, len(other) - 1)
    return unigrams, bigrams, _f1(_longest_common(one, other), len(one), len(other))


def _overlap(one: list[str], other: list[str], size: int) -> int:
    from collections import Counter

    grams = [Counter(zip(*(tokens[i:] for i in range(size)), strict=False)) for tokens in (one, other)]
    return (grams[0] & grams[1]).total()


def _longest_common(one: list[str], other: list[str]) -> int:
    row = [0] * (len(other) + 1)
    for token in one:
        previous = 0
        for index, candidate in enumerate(other, 1):
            previous, row[index] = row[index], previous + 1 if token == candidate else max(row[index], row[index - 1])
    return row[-1]


def _f1(match: int, one: int, other: int) -> float:
    return 2 * match / (one + other) if match else 0.0


if __name__ == "__main__":
    main()
