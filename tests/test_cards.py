import pytest
from conftest import ROOT

from summarizer.backends import BACKENDS, load_backend
from summarizer.backends.base import SentenceScorer, SentenceTranslator, Writer
from summarizer.cards import get_card, list_models, parse_card
from summarizer.errors import ModelError, ModelNotFoundError
from summarizer.languages import get_language

CARD = """---
license: mit
summarizer:
  summary: A model
  backend: fake
  abilities: [write]
---
Prose.
"""


def test_every_file_in_the_folder_is_a_model_and_the_default_comes_first():
    names = [card.name for card in list_models()]

    assert sorted(names) == sorted(path.stem for path in (ROOT / "model_cards").glob("*.md"))
    assert names[0] == "builtin"


@pytest.mark.parametrize("card", list_models(), ids=lambda card: card.name)
def test_every_card_says_what_a_person_needs(card):
    assert card.backend in BACKENDS
    assert all(get_language(code) for code in card.languages)
    assert card.summary and card.license_name
    for heading in ("## Strengths", "## Weaknesses", "## Licence in plain words"):
        assert heading in card.prose


@pytest.mark.parametrize("card", list_models(), ids=lambda card: card.name)
def test_a_backend_can_do_what_its_card_says(card):
    backend = load_backend(card)

    assert isinstance(backend, SentenceScorer) == ("extract" in card.abilities)
    assert isinstance(backend, Writer) == ("write" in card.abilities)
    assert isinstance(backend, SentenceTranslator) == ("translate" in card.abilities)


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(ModelNotFoundError, match="Did you mean builtin"):
        get_card("bultin")
    with pytest.raises(ModelNotFoundError, match="Known models: builtin, "):
        get_card("qqq")


def test_a_card_is_front_matter_and_prose():
    card = parse_card(CARD, "mine")

    assert (card.name, card.license_name, card.abilities, card.prose) == ("mine", "mit", ("write",), "Prose.")
    assert card.to_dict()["abilities"] == ["write"]


@pytest.mark.parametrize(
    "text", ["", "Prose only.", CARD.replace("license: mit\n", ""), CARD.replace("[write]", "[fly]"), "---\n[\n---\n"]
)
def test_a_broken_card_is_named_in_the_error(text):
    with pytest.raises(ModelError, match="'mine'"):
        parse_card(text, "mine")


def test_languages_that_a_model_writes_and_translates_are_known_ones():
    card = get_card("builtin")

    assert len(card.writes) > 40
    assert ("es", "en") in card.pairs
    for code in {*card.writes, *(code for pair in card.pairs for code in pair)}:
        assert get_language(code).code == code


@pytest.mark.parametrize("pairs", ["[es-en]", "[es>en>pt]", "[1]"])
def test_a_pair_has_a_source_and_a_target(pairs):
    with pytest.raises(ModelError, match="cannot be read"):
        parse_card(CARD.replace("  abilities", f"  pairs: {pairs}\n  abilities"), "toy")
