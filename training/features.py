"""Read articles once and keep what the salience head learns from: ``python -m training.features --data FOLDER ...``.

For each article: the features of its sentences, their mean hidden states after a few layers, and how well each would
do as a summary by itself.
"""

import argparse
import gzip
import json
import pickle
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from summarizer.article import Article
from summarizer.backends.gemma_reader import average_states, tokenize_sentences
from summarizer.backends.sentence_features import describe_sentences
from summarizer.errors import SummarizerError
from summarizer.evaluation.metrics import rouge
from training.data import find_class

#: Sentences of an article that are looked at.
MOST_SENTENCES = 60


@dataclass(frozen=True, slots=True)
class Case:
    """An article as the head sees it.

    :param features: Of its sentences, shape (sentences, features).
    :param states: Mean hidden states, shape (layers, sentences, width); without layers where the model did not read.
    :param gains: ROUGE-1, -2 and -L of each sentence by itself, shape (sentences, 3).
    """

    language: str
    source: str
    kind: str
    licence: str
    reference: str
    sentences: tuple[str, ...]
    features: NDArray[np.float32]
    gains: NDArray[np.float32]
    states: NDArray[np.float16] | None = None


def make_case(row: dict[str, Any], licence: str) -> tuple[Case, Article] | None:
    """Return the case of a row, or ``None`` where there is nothing to choose from."""
    reference = row.get("summary") or row["reference"]
    title = row.get("title") if row.get("kind") != "headline" else None
    try:
        article = Article.from_text(row["text"], title=title or None, language=row["lang"], clean=False, check=False)
    except SummarizerError:
        return None
    if len(article.sentences) < 3:
        return None
    texts = tuple(sentence.text for sentence in article.sentences[:MOST_SENTENCES])
    gains = np.array([rouge(text, reference) for text in texts], dtype=np.float32)
    features = describe_sentences(article)[:MOST_SENTENCES]
    kind = row.get("kind", "human_summary")
    return Case(row["lang"], row.get("source", ""), kind, licence, reference, texts, features, gains), article


class Reader:
    """Adds hidden states to cases.

    :param depths: After how many layers they are taken.
    :param most: Most tokens of an article that are read; sentences beyond it are cut off.
    """

    def __init__(self, depths: tuple[int, ...], most: int) -> None:
        import torch

        from summarizer.backends.gemma_layers import GemmaLayers
        from summarizer.backends.gemma_matrices import choose_dtype
        from summarizer.backends.gemma_tokenizer import GemmaTokenizer
        from summarizer.backends.gemma_weights import prepare_builtin

        folder = prepare_builtin()
        torch.set_grad_enabled(False)
        self._tokenizer = GemmaTokenizer(folder)
        self._model = GemmaLayers(folder, choose_dtype())
        self._depths, self._most = depths, most

    def read(self, case: Case, article: Article) -> Case:
        """Return the case with states, cut to the sentences that were read."""
        pieces = tokenize_sentences(self._tokenizer, article)[: len(case.sentences)]
        ends = np.cumsum([len(piece) for piece in pieces])
        count = max(1, int((ends <= self._most).sum()))
        tokens = [token for piece in pieces[:count] for token in piece]
        traced = self._model.trace([self._tokenizer.bos_id, *tokens], self._depths)
        states = [average_states(found[1:], [len(piece) for piece in pieces[:count]]).numpy() for found in traced]
        return replace(
            case,
            sentences=case.sentences[:count],
            features=case.features[:count],
            gains=case.gains[:count],
            states=np.stack(states).astype(np.float16),
        )


def read_cases(arguments: argparse.Namespace) -> Iterator[Case]:
    """Yield the cases of a file, at most so many of a language, at random."""
    reader = Reader(tuple(arguments.depths), arguments.tokens) if arguments.depths else None
    licences = json.loads(arguments.licences.read_text(encoding="utf-8")) if arguments.licences else {}
    with gzip.open(arguments.rows, "rt") if arguments.rows.suffix == ".gz" else arguments.rows.open() as lines:
        rows = [row for row in map(json.loads, lines) if row.get("summary_lang", row["lang"]) == row["lang"]]
    taken: Counter[str] = Counter()
    for row in random.Random(arguments.seed).sample(rows, len(rows)):
        licence = find_class(row.get("source", ""), licences)
        if taken[row["lang"]] >= arguments.most or (arguments.classes and licence not in arguments.classes):
            continue
        found = make_case(row, licence)
        if found is not None:
            taken[row["lang"]] += 1
            yield reader.read(*found) if reader else found[0]


def main() -> None:
    """Write the cases of one file of rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--licences", type=Path)
    parser.add_argument("--classes", nargs="*")
    parser.add_argument("--most", type=int, default=300, help="articles of one language")
    parser.add_argument("--depths", type=int, nargs="*", default=[], help="numbers of layers, in rising order")
    parser.add_argument("--tokens", type=int, default=600, help="tokens of one article")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    cases = list(read_cases(arguments))
    arguments.output.write_bytes(pickle.dumps(cases))
    print(f"{len(cases)} articles, {sum(len(case.sentences) for case in cases)} sentences")


if __name__ == "__main__":
    main()
