"""Cleaning of pasted pages against gold bodies: ``python -m benchmarks.cleaning ROWS.jsonl ...``.

Rows have ``pasted`` and ``body``. The measure is that of the Scrapinghub article extraction benchmark: 4-token
shingles, mean precision and recall over pages, F1 of the means. The baseline is the page as it was pasted.
"""

import json
import statistics
import sys
import time
from collections import Counter
from pathlib import Path

from summarizer.cleaning import clean_text
from summarizer.cleaning.guard import find_refusal
from summarizer.decoding import normalize
from summarizer.evaluation.metrics import TOKEN


def main() -> None:
    """Print precision, recall and F1 of cleaning and of no cleaning, for each file."""
    for path in map(Path, sys.argv[1:]):
        with path.open(encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        started = time.perf_counter()
        cleaned = [clean_text(normalize(row["pasted"])).text for row in rows]
        seconds = time.perf_counter() - started
        refused = sum(find_refusal(row["pasted"], text) is not None for row, text in zip(rows, cleaned, strict=True))
        print(f"{path.parent.name}: {len(rows)} pages, {1000 * seconds / len(rows):.0f} ms a page, {refused} refused")
        for name, texts in (("as pasted", [row["pasted"] for row in rows]), ("cleaned", cleaned)):
            precision, recall, f1 = score([(row["body"], text) for row, text in zip(rows, texts, strict=True)])
            print(f"  {name:10} precision {precision:.3f}  recall {recall:.3f}  F1 {f1:.3f}")


def score(pairs: list[tuple[str, str]]) -> tuple[float, float, float]:
    """Return mean precision, mean recall and their F1 over (gold, predicted) pairs."""
    counts = [(_shingles(gold), _shingles(predicted)) for gold, predicted in pairs]
    precision = statistics.mean((gold & found).total() / found.total() for gold, found in counts if found)
    recall = statistics.mean((gold & found).total() / gold.total() for gold, found in counts if gold)
    return precision, recall, 2 * precision * recall / (precision + recall)


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    tokens = TOKEN.findall(text.casefold())
    return Counter(tuple(tokens[i : i + 4]) for i in range(max(1, len(tokens) - 3))) if tokens else Counter()


if __name__ == "__main__":
    main()
