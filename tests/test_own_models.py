"""Models of the user's own: a folder named on the command line, without a card, does the whole way."""

import json

import pytest
from test_cli import OK, WRONG_USAGE, assert_refused, run

from summarizer import Summarizer
from summarizer.model_names import find_card

TEXT = b"The council closed the old harbour on Monday. Two ships were moved to another port. Nobody was hurt."


@pytest.mark.parametrize(("family", "engine"), [("nllb", "torch"), ("nllb", "ctranslate2"), ("marian", "torch")])
def test_a_folder_translates_sentence_by_sentence(tiny, family, engine):
    options = ("--model", str(tiny(family)), "--engine", engine, "--from", "en", "--to", "fr", "--format", "json")
    status, stdout, _ = run("translate", "-", *options, stdin=TEXT)

    translation = json.loads(stdout)
    assert (status, len(translation["sentences"]), translation["draft"]) == (OK, 3, False)
    assert translation["model"] == str(tiny(family))


@pytest.mark.parametrize("family", ["mt5", "pegasus"])
def test_a_folder_writes_summaries(tiny, family):
    """What random weights write is no summary, so the article is quoted; the receipt counts the model's tokens."""
    options = ("--model", str(tiny(family)), "--format", "json", "--language", "en", "--force", "--no-clean")
    status, stdout, _ = run("summarize", "-", *options, stdin=TEXT)

    result = json.loads(stdout)
    assert status == OK
    assert result["model"] == str(tiny(family))
    assert result["receipt"]["tokens"] == result["receipt"]["tokens_read"] > 20
    assert result["summary"]
    assert all(sentence["evidence"] for sentence in result["sentences"])


def test_a_model_is_named_for_the_summary_and_another_for_its_translation(tiny):
    options = ("--model", "extractive", "--translator", str(tiny("nllb")), "--to", "fr", "--format", "json")
    status, stdout, _ = run("summarize", "-", *options, "--language", "en", "--force", stdin=TEXT)

    result = json.loads(stdout)
    assert (status, result["model"], result["translation"]["model"]) == (OK, "extractive", str(tiny("nllb")))


def test_a_card_says_what_the_files_do_not(tiny):
    card = find_card(str(tiny("marian")), languages=("en", "fi"))

    summarizer = Summarizer("extractive", translator=None)
    assert Summarizer(card, device="cpu").translator.can_translate("en", "fi")
    assert not summarizer.translator.can_translate("en", "fi")


def test_what_cannot_work_says_why(tiny, tmp_path):
    nowhere = str(tmp_path / "none")
    assert_refused(run("summarize", "-", "--model", nowhere, stdin=TEXT), WRONG_USAGE, "model_not_found", nowhere)
    assert_refused(run("translate", "-", "--model", "extractive", "--to", "fr", stdin=TEXT), WRONG_USAGE, "bad_option")
    answer = run("summarize", "-", "--model", str(tiny("m2m100")), "--force", stdin=TEXT)
    assert_refused(answer, WRONG_USAGE, "unsupported_style", "does not summarize")
    answer = run("summarize", "-", "--model", str(tiny("mt5")), "--engine", "warp", stdin=TEXT)
    assert_refused(answer, WRONG_USAGE, "bad_option", "ctranslate2")
    answer = run("summarize", "-", "--model", "openai:some-model", "--force", stdin=TEXT)
    assert_refused(answer, WRONG_USAGE, "bad_option", "OPENAI_BASE_URL")
    answer = run("summarize", "-", "--model", "nllb-600m", stdin=TEXT)
    assert_refused(answer, WRONG_USAGE, "unsupported_style", "does not summarize")
