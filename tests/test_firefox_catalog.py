"""The list of Firefox models that a server offers: what is chosen from it, and what is never let in."""

import json

import pytest
from firefox_service import record
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer.backends.firefox_catalog import MAJOR, read_catalog
from summarizer.errors import ModelDownloadError


def choose(*records):
    return read_catalog(json.dumps({"data": records}).encode())


def variant(size=10, source="es", **changes):
    return [record(kind, b"x" * size, source, **changes) for kind in ("model", "vocab")]


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        (variant(version="3.1a2"), variant(version="3.0")),
        (variant(version="3.2"), variant(version="3.10")),
        (variant(version="3.1", filter_expression="env.channel == 'nightly'"), variant(version="3.0")),
        (variant(size=10, architecture="tiny"), variant(size=20, architecture="base")),
    ],
)
def test_the_best_variant_of_a_pair_is_chosen(worse, better):
    expected = choose(*better)["es", "en"]
    assert choose(*worse, *better)["es", "en"] == choose(*better, *worse)["es", "en"] == expected
    assert choose(*worse).keys() == {("es", "en")}


def test_nynorsk_does_not_stand_in_for_bokmal():
    assert choose(*variant(20, "nn"), *variant(10, "nb"))["nb", "en"].files[0].name == "model.nben.intgemm.alphas.bin"


def test_versions_are_those_that_the_engine_reads():
    from fxtranslate import discovery

    for version in ("1.0", "2.1", "3.0", "3.1", "3.0a1", "4.0"):
        body = json.dumps({"data": variant(version=version)})
        assert bool(read_catalog(body.encode())) == bool(discovery.model_pairs(body)), version
    assert MAJOR == 3


def test_separate_vocabularies_make_a_model_and_one_of_two_does_not():
    parts = [record(kind, b"x") for kind in ("model", "srcvocab", "trgvocab")]
    assert [file.name.split(".")[0] for file in choose(*parts)["es", "en"].files] == ["model", "srcvocab", "trgvocab"]
    assert choose(*parts[:2]) == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "../../model.esen.bin"},
        {"name": "model.esen.sh"},
        {"name": "model.esen.bin\n"},
        {"decompressedHash": None},
        {"sourceLanguage": "tlh"},
        {"fileType": "lex"},
        {"version": "3." + "1" * 5000},
        {"attachment": {"location": "https://example.org/x", "hash": "0" * 64, "size": 1}},
        {"attachment": {"location": "../x", "hash": "0" * 64, "size": 1}},
        {"attachment": {"location": "a//x?y#z", "hash": "0" * 64, "size": 1}},
        {"attachment": None},
    ],
)
def test_a_record_that_could_lead_elsewhere_is_left_out(changes):
    assert ("es", "en") in choose(*variant())
    assert choose(record("model", b"x", **changes), record("vocab", b"x")) == {}


KEYS = st.sampled_from(["data", "name", "fileType", "version", "attachment", "sourceLanguage"])
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=8)


@given(JSON | st.fixed_dictionaries({"data": st.lists(JSON, max_size=3)}))
@settings(max_examples=50, deadline=None)
def test_any_answer_is_a_list_or_an_error(answer):
    try:
        assert read_catalog(json.dumps(answer).encode()) == {}
    except ModelDownloadError as error:
        assert "no list" in error.message


@given(st.binary(max_size=50))
def test_any_bytes_are_an_error(body):
    with pytest.raises(ModelDownloadError):
        read_catalog(body)


def test_a_list_nested_too_deep_is_an_error():
    with pytest.raises(ModelDownloadError, match="no list"):
        read_catalog(b'{"data": ' + b"[" * 100_000)
