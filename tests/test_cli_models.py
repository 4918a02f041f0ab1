"""``summarizer models``: what the list leaves out, and what is said of licences."""

import json
from dataclasses import replace

import pytest
from test_cli import OK, WRONG_USAGE, assert_refused, run

from summarizer import cards as registry
from summarizer import cli_models
from summarizer.cards import get_card, list_models
from summarizer.cli_models import get_model
from summarizer.errors import ModelError


@pytest.fixture
def cards(monkeypatch):
    """Put some made-up models in place of the real ones."""
    extractive = get_card("extractive")
    made = {
        "any": extractive,
        "german": replace(extractive, languages=("de",), abilities=("write",)),
        "chinese": replace(extractive, languages=("zh",), abilities=("translate",)),
        "paid": replace(extractive, languages=("de", "zh"), commercial=False, license_name="CC BY-NC 4.0"),
    }
    named = {name: replace(card, name=name) for name, card in made.items()}
    monkeypatch.setattr(registry, "_read_cards", lambda: tuple(named.values()))
    monkeypatch.setattr(cli_models, "find_card", named.__getitem__)
    return named


@pytest.mark.parametrize(
    ("language", "ability", "commercial_only", "names"),
    [
        (None, None, False, ["any", "german", "chinese", "paid"]),
        (None, None, True, ["any", "german", "chinese"]),
        ("German", None, False, ["any", "german", "paid"]),
        ("zh-Hant", None, True, ["any", "chinese"]),
        (None, "translate", False, ["chinese"]),
        ("de", "write", True, ["german"]),
    ],
)
def test_the_list_has_what_was_asked_for(cards, language, ability, commercial_only, names):
    found = list_models(language, ability=ability, commercial_only=commercial_only)
    assert [card.name for card in found] == names


def test_the_command_takes_the_filters():
    status, stdout, _ = run("models", "--can", "translate", "--language", "en", "--commercial-only", "-f", "json")
    names = [card["name"] for card in json.loads(stdout)]

    assert (status, "firefox" in names, "extractive" in names) == (OK, True, False)
    assert_refused(run("models", "--can", "sing"), WRONG_USAGE, "bad_option", "extract")


def test_a_licence_that_forbids_commercial_use_is_said_once_when_a_model_is_got(cards, capsys, tmp_path, monkeypatch):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"")
    monkeypatch.setitem(cards, "paid", replace(cards["paid"], source=str(tmp_path)))

    get_model("paid")

    said = capsys.readouterr().err
    assert said.count("CC BY-NC 4.0: commercial use is not allowed") == 1
    assert f"paid is ready in {tmp_path}." in said


def test_a_model_whose_weights_are_missing_is_not_got(cards, tmp_path, monkeypatch):
    monkeypatch.setitem(cards, "german", replace(cards["german"], source=str(tmp_path / "none")))
    with pytest.raises(ModelError, match="there is no folder"):
        get_model("german")


def test_a_model_of_the_hub_is_asked_for_by_its_name(cards, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setitem(cards, "german", replace(cards["german"], source="org/name"))
    with pytest.raises(ModelError, match="summarizer models get german"):
        get_model("german")
