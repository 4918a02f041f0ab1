"""Tokens a second in reading and writing, against llama.cpp and plain ``generate``: ``python -m benchmarks.decode``.

All of them run the same weights on the same article in the same run, one after the other, several times over; the
best of each counts. llama.cpp comes as ``pip install xllamacpp`` and reads the GGUF of the installed package; without
it, it is left out. Plain ``generate`` is that of transformers, greedy, in the type that this processor is fastest in.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from benchmarks.llama import open_llama
from benchmarks.machine import describe_machine
from summarizer.article import Article
from summarizer.backends.builtin import ADAPTER, LAYERS
from summarizer.backends.drafting import Drafter, Task
from summarizer.backends.gemma_matrices import choose_dtype
from summarizer.backends.gemma_reader import GemmaReader
from summarizer.backends.gemma_weights import prepare_builtin
from summarizer.backends.gemma_writer import GemmaWriter

ARTICLE = Path("examples/articles/en.txt")
BATCH = 8


class Forbid:
    """Forbids the end, so that every run writes equally much."""

    def __init__(self, token: int) -> None:
        self._token = token

    def banned(self, written: object) -> tuple[int]:
        """Return the end token."""
        return (self._token,)


def main() -> None:
    """Print the tokens a second of each way, and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=int, default=500, help="words of the article")
    parser.add_argument("--written", type=int, default=48, help="tokens to write")
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    print(describe_machine())
    text = make_text(arguments.words)
    own = measure_own(text, arguments.written, arguments.repeat)
    plain = measure_generate(text, arguments.written, arguments.repeat)
    llama = measure_llama(text, arguments.written, arguments.repeat)
    for name, figures in (("ours", own), ("plain generate", plain), ("llama.cpp", llama)):
        if figures:
            print(f"{name:16}" + "  ".join(f"{key} {value:7.2f}" for key, value in figures.items()))
    print(f"writing: {own['write'] / plain['write']:.2f} x plain generate", end="")
    print(f", {own['write'] / llama['write']:.2f} x llama.cpp" if llama else "; xllamacpp is not installed")
    print(f"articles a second, {BATCH} together: {own['batch'] / plain['alone']:.2f} x one by one with plain generate")


def make_text(words: int) -> str:
    """Return an article of this many words."""
    paragraphs = ARTICLE.read_text(encoding="utf-8").split()
    return " ".join((paragraphs * (1 + words // len(paragraphs)))[:words])


def best(run: Callable[[], object], repeat: int) -> float:
    """Return the seconds of the fastest of several runs, after one that does not count."""
    run()
    seconds = []
    for _ in range(repeat):
        started = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def measure_own(text: str, written: int, repeat: int) -> dict[str, float]:
    """Return tokens a second of our own code, and articles a second alone and together."""
    folder = prepare_builtin()
    reader = GemmaReader(folder, LAYERS)
    writer = GemmaWriter(folder, ADAPTER, reader.tokenizer.eos_id)
    article = Article.from_text(text, language="en", clean=False, check=False)
    read = reader.read([article], remember=[0])[0]
    order = Drafter(reader, writer).order_summary(Task(article, read, (), "en"), "short")
    endless = Forbid(reader.tokenizer.eos_id)
    forbidding = replace(order, constraints=(*order.constraints, endless), most=written)
    reading = best(lambda: reader.read([article], remember=[0]), repeat)
    one = best(lambda: writer.write([forbidding]), repeat)
    many = best(lambda: writer.write([forbidding] * BATCH), repeat)
    return {
        "read": read.receipt.tokens / reading,
        "write": written / one,
        "alone": 1 / (reading + one),
        "batch": BATCH / (BATCH * reading + many),
    }


def measure_generate(text: str, written: int, repeat: int) -> dict[str, float]:
    """Return the same of plain ``generate`` on the base model, one article at a time."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = prepare_builtin()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=choose_dtype())
    inputs = tokenizer(f"{text}\n\nShort summary in English:\n", return_tensors="pt")

    def generate(count: int) -> Any:
        return model.generate(**inputs, max_new_tokens=count, min_new_tokens=count, do_sample=False)

    first = best(lambda: generate(1), repeat)
    whole = best(lambda: generate(written), repeat)
    size = inputs["input_ids"].shape[1]
    return {"read": size / first, "write": (written - 1) / (whole - first), "alone": 1 / whole}


def measure_llama(text: str, written: int, repeat: int) -> dict[str, float]:
    """Return the same of llama.cpp, or nothing where it is not installed."""
    with open_llama(2048, torch.get_num_threads()) as complete:
        if complete is None:
            return {}
        timings = [complete(text, written) for _ in range(1 + repeat)][1:]
    read = max(timing["prompt_per_second"] for timing in timings)
    write = max(timing["predicted_per_second"] for timing in timings)
    return {"read": read, "write": write, "alone": 1 / (timings[0]["prompt_n"] / read + written / write)}


if __name__ == "__main__":
    main()
