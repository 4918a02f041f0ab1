"""Translation: ``python -m benchmarks.translation PAIRS.jsonl[.gz] [--model builtin|firefox] [--pairs es>en ...]``.

Rows have ``src_lang``, ``tgt_lang``, ``src`` and ``tgt``. Of the Firefox models, those that are installed are measured.
Printed for each direction: chrF of the whole (Popović, 2015) with that of the untranslated source as the baseline, how
many sentences are in the right language, and seconds.
"""

import argparse
import gzip
import json
import time
from collections import defaultdict
from pathlib import Path

from benchmarks.machine import describe_machine
from summarizer.backends.base import SentenceTranslator
from summarizer.backends.builtin import BuiltinBackend
from summarizer.backends.firefox import FirefoxBackend
from summarizer.backends.shortlist import has_table
from summarizer.evaluation.metrics import corpus_chrf
from summarizer.evidence import flag_language


def main() -> None:
    """Print a line for each direction, the best first, and write them as JSON where asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--model", choices=("builtin", "firefox"), default="builtin")
    parser.add_argument("--pairs", nargs="*", help="directions such as es>en; all of them if not given")
    parser.add_argument("--most", type=int, default=25, help="sentences of each direction")
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    print(describe_machine())
    backend = BuiltinBackend() if arguments.model == "builtin" else FirefoxBackend()
    results = {}
    for pair, sentences in read_pairs(arguments.rows, arguments.pairs, arguments.most).items():
        if not can_translate(backend, pair):
            continue
        results[">".join(pair)] = figures = measure(backend, pair, sentences)
        line = "  ".join(f"{key} {value:6.1f}" for key, value in figures.items())
        print(f"{pair[0]:>4} > {pair[1]:4} {line}", flush=True)
    if arguments.output:
        arguments.output.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def read_pairs(path: Path, wanted: list[str] | None, most: int) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Return the sentences and their translations of each direction."""
    found: defaultdict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            pair = (row["src_lang"], row["tgt_lang"])
            if (not wanted or ">".join(pair) in wanted) and len(found[pair]) < most:
                found[pair].append((row["src"], row["tgt"]))
    return {pair: rows for pair, rows in sorted(found.items()) if rows}


def can_translate(backend: SentenceTranslator, pair: tuple[str, str]) -> bool:
    """Return whether a pair can be measured; the built-in model is, even where it is known not to be good enough."""
    return has_table(pair[1]) if isinstance(backend, BuiltinBackend) else pair in backend.pairs()


def measure(backend: SentenceTranslator, pair: tuple[str, str], rows: list[tuple[str, str]]) -> dict[str, float]:
    """Return the figures of one direction."""
    sources, references = map(list, zip(*rows, strict=True))
    started = time.perf_counter()
    translated = backend.translate(sources, *pair)
    seconds = time.perf_counter() - started
    strayed = sum(any(flag_language(text, pair[1])) for text in translated)
    return {
        "chrF": 100 * corpus_chrf(translated, references),
        "source": 100 * corpus_chrf(sources, references),
        "right language %": 100 * (1 - strayed / len(rows)),
        "empty": float(sum(not text for text in translated)),
        "n": float(len(rows)),
        "seconds each": seconds / len(rows),
    }


if __name__ == "__main__":
    main()
