"""What the throughput is compared with: the model alone, plain ``generate``, llama.cpp, LexRank; and our own ways."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

import torch

from benchmarks.articles import write_rows
from benchmarks.llama import Complete
from summarizer import Article, Summarizer
from summarizer.backends.builtin import LAYERS
from summarizer.backends.gemma_layers import GemmaLayers, choose_dtype
from summarizer.backends.gemma_reader import WINDOW, tokenize_sentences
from summarizer.backends.gemma_tokenizer import GemmaTokenizer
from summarizer.backends.gemma_weights import prepare_builtin
from summarizer.batch.runner import Job, run_batch
from summarizer.batch.sources import open_source
from summarizer.evaluation.systems import lexrank_system

Work = Callable[[Sequence[Article]], object]


class PureModel:
    """The layers that reading runs through, given nothing but tokens: what no program around them can exceed."""

    def __init__(self) -> None:
        folder = prepare_builtin()
        self._tokenizer = GemmaTokenizer(folder)
        self._layers = GemmaLayers(folder, choose_dtype())

    def tokenize(self, article: Article) -> list[int]:
        """Return the tokens that the reader makes of an article."""
        return list(chain.from_iterable(tokenize_sentences(self._tokenizer, article)))

    def reading(self, articles: Sequence[Article], size: int | None) -> Work:
        """Return what runs the tokens of these articles through the layers; they are cut into tokens beforehand.

        :param articles: All that it will be asked for.
        :param size: Tokens at once, whichever articles they are of; ``None`` for those of one article, or of a window
            of it.
        """
        tokens = {article.id: self.tokenize(article) for article in articles}

        def run(asked: Sequence[Article]) -> None:
            rows = [tokens[article.id] for article in asked]
            for batch in self._cut(rows, size):
                self._read(batch)

        return run

    def _cut(self, rows: Iterable[list[int]], size: int | None) -> Iterator[list[int]]:
        for row in rows if size is None else [chain.from_iterable(rows)]:
            iterator = iter(row)
            while batch := list(islice(iterator, size or WINDOW)):
                yield batch

    def _read(self, tokens: list[int]) -> None:
        """Read one batch: the one place to change when the layers take several rows at once."""
        self._layers.read(tokens, LAYERS)


def summarizing(summarizer: Summarizer, style: str) -> Work:
    """Return what summarizes articles that are cleaned already."""
    return lambda articles: list(summarizer.summarize_many(articles, style=style))


class _Silent:
    """Watches a batch and says nothing."""

    def resume(self, result: Mapping[str, Any]) -> None:
        """Take a result of an earlier run."""

    def add(self, results: list[dict[str, Any]]) -> None:
        """Take results of this run."""


def batching(summarizer: Summarizer, style: str, workers: int) -> Work:
    """Return what runs the whole batch: a file of JSON lines in, cleaned and identified by processes, a file out."""

    def run(articles: Sequence[Article]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "articles.jsonl"
            write_rows(source, articles)
            job = Job(summarizer, {"style": style}, {"check": False}, workers)
            run_batch(open_source(str(source)), Path(folder) / "summaries.jsonl", job, watcher=_Silent())

    return run


class PlainGenerate:
    """``generate`` of transformers, greedy, one article at a time.

    :param dtype: Type of weights and states.
    """

    def __init__(self, dtype: torch.dtype) -> None:
        from transformers import AutoModelForCausalLM, AutoTokenizer

        folder = prepare_builtin()
        self._tokenizer = AutoTokenizer.from_pretrained(folder)
        self._model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype)

    def writing(self, count: int) -> Work:
        """Return what writes so many tokens after each article."""

        def run(articles: Sequence[Article]) -> None:
            for article in articles:
                inputs = self._tokenizer(article.text, return_tensors="pt")
                self._model.generate(**inputs, max_new_tokens=count, min_new_tokens=count, do_sample=False)

        return run


def completing(complete: Complete, count: int) -> Work:
    """Return what has llama.cpp write so many tokens after each article, one article at a time."""
    return lambda articles: [complete(article.text, count) for article in articles]


def ranking() -> Work | None:
    """Return what summarizes with LexRank as sumy computes it, on our sentences; ``None`` without sumy."""
    system = lexrank_system("short")
    return system and (lambda articles: [system.summarize(article) for article in articles])
