"""Count the common tokens of each language: ``python -m training.vocabulary --data FOLDER``."""

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from summarizer.backends.gemma_tokenizer import GemmaTokenizer
from summarizer.backends.gemma_weights import prepare_builtin
from summarizer.backends.shortlist import FILE, pack_table
from training.data import read_rows

#: Most tokens of one language.
MOST = 16_000
#: A language with fewer tokens of text than this has no table.
LEAST_TEXT = 20_000
#: Tokens of a single byte spell what has no token of its own; they are common in every language.
BYTES = [f"<0x{value:02X}>" for value in range(256)]


def main() -> None:
    """Write the tables into the package."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--classes", nargs="*", default=["open"])
    parser.add_argument("--output", type=Path, default=Path("summarizer/data") / FILE)
    arguments = parser.parse_args()
    tokenizer = GemmaTokenizer(prepare_builtin())
    shared = {tokenizer.token_id(piece) for piece in BYTES} | {tokenizer.eos_id}
    counts: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for language, text in _texts(arguments.data, arguments.classes):
        counts[language].update(tokenizer.encode(text))
    common = {
        language: shared | {token for token, _ in count.most_common(MOST)}
        for language, count in sorted(counts.items())
        if count.total() >= LEAST_TEXT
    }
    np.savez_compressed(arguments.output, **{language: pack_table(tokens) for language, tokens in common.items()})
    for language, tokens in common.items():
        count = counts[language]
        covered = sum(count[token] for token in tokens) / count.total()
        print(f"{language:8} {len(tokens):6} tokens of {len(count):6}, {100 * covered:.2f} % of {count.total():,}")


def _texts(folder: Path, classes: list[str]) -> Iterator[tuple[str, str]]:
    for row in read_rows(folder, "train", "summarize", classes):
        yield row["lang"], row["text"]
        yield row.get("summary_lang") or row["lang"], "\n" + row["summary"]
    for row in read_rows(folder, "train", "translate", classes):
        yield row["src_lang"], row["src"]
        yield row["tgt_lang"], row["tgt"]


if __name__ == "__main__":
    main()
