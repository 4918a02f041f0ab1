"""What the trained parts are made with: which rows are learned from, and that the losses are what they claim to be."""

import gzip
import json
import random
from dataclasses import replace

import numpy as np
import pytest
import torch

from summarizer import Article
from training.adapter import Item, Trainer, _bucket, _rate
from training.data import find_class, is_supported, make_article, make_summaries, make_translations, read_rows
from training.features import make_case
from training.head import Batch, train

LICENCES = {"_about": "x", "news": {"class": "nc"}, "news/open": {"class": "open"}}
TEXT = (
    "The council of Marlen voted on Tuesday to keep the night ferry until spring. "
    "The service costs 340,000 euros a year and carries 1,200 people every week. "
    "Mayor Ida Brandt said the town would look for a sponsor."
)


def make_row(summary, **more):
    return {"lang": "en", "text": TEXT, "summary": summary, "source": "news/open/1", "kind": "human_summary", **more}


def test_the_longest_prefix_of_a_source_names_its_licence():
    assert find_class("news/open/17", LICENCES) == "open"
    assert find_class("news/other", LICENCES) == "nc"
    assert find_class("elsewhere", LICENCES) == "unstated"


def test_only_rows_of_the_asked_classes_are_read(tmp_path):
    (tmp_path / "train").mkdir()
    (tmp_path / "licences.json").write_text(json.dumps(LICENCES))
    rows = [make_row("a"), make_row("b", source="news/x")]
    with gzip.open(tmp_path / "train" / "summarize.jsonl.gz", "wt") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)

    assert [row["summary"] for row in read_rows(tmp_path, "train", "summarize", ["open"])] == ["a"]


@pytest.mark.parametrize(
    ("target", "kept"),
    [
        ("Marlen keeps its night ferry until spring.", True),
        ("Marlen keeps its night ferry, which costs 340,000 euros a year.", True),
        ("Marlen keeps its night ferry, which costs 540,000 euros a year.", False),
        ("Marlen keeps its night ferry, says Karl Oberst.", False),
        ("Heavy storms destroyed bridges across several northern provinces.", False),
    ],
)
def test_targets_that_the_article_does_not_support_teach_invention(target, kept):
    article = Article.from_text(TEXT, language="en", check=False)

    assert is_supported(target, article, "en") is kept


def test_an_article_teaches_its_summary_and_its_headline_without_seeing_the_latter():
    [examples] = make_summaries([make_row("Marlen keeps the night ferry.", title="Night ferry stays")], {"*": 5}, 0)

    assert [example.prompt for example in examples] == [
        "\n\nShort summary in English:\n",
        "\n\nHeadline in English:\n",
    ]
    assert examples[0].article.title is None
    assert make_article({"lang": "en", "text": " "}) is None


def test_quotas_hold_for_each_language():
    rows = [make_row("Marlen keeps the night ferry.") for _ in range(9)]

    assert len(list(make_summaries(rows, {"*": 4}, 0))) == 4
    assert len(list(make_summaries(rows, {"*": 4, "en": 2}, 0))) == 2


def test_sentence_pairs_with_other_numbers_are_left_out():
    pair = {"src_lang": "de", "tgt_lang": "en", "source": "news/open"}
    rows = [
        {**pair, "src": "Die Fähre kostet 340 Euro im Jahr.", "tgt": "The ferry costs 340 euros a year."},
        {**pair, "src": "Die Fähre kostet 340 Euro im Jahr.", "tgt": "The ferry costs 430 euros a year."},
        {**pair, "src": "Ja.", "tgt": "Yes."},
    ]

    [example] = make_translations(rows, {"*": 10}, 0)

    assert example.target == "The ferry costs 340 euros a year."
    assert example.article is None


def test_the_head_learns_which_sentence_a_summary_resembles():
    generator = np.random.default_rng(0)
    cases = []
    for _ in range(120):
        case, _ = make_case(make_row("The service costs 340,000 euros a year."), "open")
        states = generator.normal(size=(1, 3, 640)).astype(np.float16)
        states[0, 1] += 2
        cases.append(replace(case, states=states))

    network = train(cases, depth=0, seed=0)

    batch = Batch(cases[:4], 0)
    assert cases[0].gains.argmax(axis=0).tolist() == [1, 1, 1]
    assert network(batch.features, batch.states, batch.real).argmax(-1).tolist() == [1] * 4
    assert batch.loss(network).item() < np.log(3)


def test_the_rate_rises_and_falls():
    rates = [_rate(step, 200) for step in range(200)]

    assert rates[0] < rates[19]
    assert max(rates) == pytest.approx(1.0)
    assert rates[20:] == sorted(rates[20:], reverse=True)
    assert rates[-1] == pytest.approx(0.05, abs=0.01)


def test_batches_hold_everything_once_and_what_is_together_has_one_length():
    groups = [[Item("en", tuple(range(length)), (1,), (2,))] for length in range(1, 50)]

    batches = _bucket(list(groups), 6, random.Random(0))

    assert sorted(len(item.article) for batch in batches for item in batch) == list(range(1, 50))
    assert max(len(batch[-1].article) - len(batch[0].article) for batch in batches) <= 6


@pytest.mark.slow
@pytest.mark.model
def test_the_adapters_loss_is_that_of_the_whole_text_and_falls(builtin_folder, tmp_path):
    trainer = Trainer(4, 1e-3, 10, 0)
    article = Article.from_text(TEXT, language="en", check=False)
    [examples] = make_summaries([make_row("Marlen keeps the night ferry.", title="Night ferry stays")], {"*": 5}, 0)
    items = trainer.encode(examples)
    # Before any step the adapter adds nothing: the base model on the whole text has the same loss.
    item = items[0]
    tokens = torch.tensor([[trainer.tokenizer.bos_id, *item.article, *item.prompt, *item.target]])
    with torch.no_grad():
        logits = trainer.model(input_ids=tokens).logits[0, -len(item.target) - 1 : -1]
        choices = trainer._choices([item])
        wanted = torch.searchsorted(choices, torch.tensor(item.target))
        expected = torch.nn.functional.cross_entropy(logits[:, choices], wanted)

    assert trainer.loss([item]).item() == pytest.approx(expected.item(), rel=0.02)
    assert len(article.sentences) == 3

    losses = [trainer.step(items) for _ in range(4)]
    trainer.save(tmp_path, 4)

    assert losses[-1] < losses[0]
    other = Trainer(4, 1e-3, 10, 1)
    assert other.resume(tmp_path) == 4
    assert other.loss(items).item() == pytest.approx(trainer.loss(items).item(), rel=0.02)
