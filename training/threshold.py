"""Find how sure the model has to be for a draft to stand: ``python -m training.threshold ROWS.jsonl[.gz]``.

Each article is summarized both ways. Of the drafts that pass all other checks, the table shows, for several least
likelihoods, how many stand, and the ROUGE of drafts and of quotations on the same articles.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from summarizer import acceptance
from summarizer.article import Article
from summarizer.backends.base import Draft
from summarizer.backends.builtin import BuiltinBackend
from summarizer.evaluation.data import read_dataset
from summarizer.evaluation.metrics import rouge, tokenize
from summarizer.languages import get_language
from summarizer.options import find_extent

LIKELIHOODS = (-2.0, -1.5, -1.2, -1.0, -0.8, -0.7, -0.6, -0.5, -0.4, -0.3)
BATCH = 8


@dataclass(frozen=True, slots=True)
class Trial:
    """One article, summarized both ways."""

    language: str
    reference: str
    written: str
    quoted: str
    likelihood: float
    passes: bool


def try_articles(backend: BuiltinBackend, articles: Sequence[tuple[Article, str]], length: str) -> list[Trial]:
    """Return what comes of each article."""
    extent = find_extent(length)
    drafts = backend.write([article for article, _ in articles], language=None, sentences=extent.most)
    return [
        _judge(article, reference, draft, length) for (article, reference), draft in zip(articles, drafts, strict=True)
    ]


def _judge(article: Article, reference: str, draft: Draft, length: str) -> Trial:
    extent = find_extent(length)
    joiner = get_language(article.language).sentence_joiner
    sure = replace(draft, likelihood=0.0)
    shown = acceptance.accept_draft(article, sure, "auto", extent)
    quoted = acceptance.quote_sentences(article, draft.scores, extent)
    return Trial(
        article.language,
        reference,
        joiner.join(draft.sentences),
        joiner.join(sentence.text for sentence in quoted),
        draft.likelihood,
        bool(draft.sentences) and not any(sentence.quoted for sentence in shown),
    )


def main() -> None:
    """Print the table, and the languages in which drafts pass."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--most", type=int, default=160)
    parser.add_argument("--length", default="short")
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    examples = read_dataset(arguments.rows, arguments.most).examples
    articles = [(example.to_article(), example.reference) for example in examples]
    backend = BuiltinBackend()
    trials: list[Trial] = []
    for start in range(0, len(articles), BATCH):
        trials += try_articles(backend, articles[start : start + BATCH], arguments.length)
        print(f"{len(trials)} of {len(articles)}", end="\r", flush=True)
    if arguments.output:
        rows = ({name: getattr(trial, name) for name in Trial.__slots__} for trial in trials)
        arguments.output.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    print_table(trials)


def print_table(trials: Sequence[Trial]) -> None:
    """Print what each least likelihood would let through."""
    print(f"{len(trials)} articles, {sum(bool(trial.written) for trial in trials)} drafts")
    scores = {
        id(trial): [np.array(rouge(text, trial.reference)) for text in (trial.written, trial.quoted)]
        for trial in trials
    }
    for least in LIKELIHOODS:
        stand = [trial for trial in trials if trial.passes and trial.likelihood >= least]
        if not stand:
            continue
        written, quoted = (np.mean([scores[id(trial)][way] for trial in stand], axis=0) * 100 for way in (0, 1))
        overall = np.mean([scores[id(t)][0 if t in stand else 1] for t in trials], axis=0) * 100
        words = np.mean([len(tokenize(trial.written)) for trial in stand])
        print(
            f"at least {least:5.2f}: {len(stand):4} stand, {words:4.1f} words, "
            f"written {written.round(1)} quoted {quoted.round(1)}, all {overall.round(2)}"
        )
    everywhere = np.mean([scores[id(trial)][1] for trial in trials], axis=0) * 100
    print(f"all quoted: {everywhere.round(2)}")
    print("pass by language:", dict(Counter(trial.language for trial in trials if trial.passes)))


if __name__ == "__main__":
    main()
