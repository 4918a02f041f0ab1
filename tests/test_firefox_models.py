"""Where Firefox models are found: files of the wheel's real models, put where a user would put others."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer.backends.firefox import FirefoxBackend
from summarizer.backends.firefox_models import find_models, list_legs, parse_pair
from summarizer.errors import ModelDamagedError


@pytest.fixture
def usual_places(tmp_path, monkeypatch):
    """Make the places where models are looked for empty ones."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    monkeypatch.setenv("SUMMARIZER_CACHE", str(tmp_path / "caches" / "own"))
    monkeypatch.delenv("SUMMARIZER_FIREFOX_MODELS", raising=False)
    return tmp_path / "caches"


def install(folder: Path, name: str) -> Path:
    """Put the files of a real model where the command that downloads models would put them."""
    model = folder / name
    model.mkdir(parents=True)
    real = find_models(folder / "none")["en", "pt"].model.parent
    for file in (*real.glob("model.*.bin"), *real.glob("vocab.*.spm")):
        (model / file.name).symlink_to(file)
    return model


def test_models_in_the_cache_of_the_command_are_found(tmp_path, usual_places):
    from fxtranslate import Cache

    for name in ("fr-en", "en-zh-Hant", "no-en"):
        install(usual_places / "fxtranslate" / "models", name)
    found = FirefoxBackend().pairs()
    assert {("fr", "en"), ("en", "zh-Hant"), ("nb", "en"), ("en", "pt"), ("pt", "en")} == found
    assert {entry["name"] for entry in Cache().list_cached()} == {"fr-en", "en-zh-Hant", "no-en"}


def test_the_folder_of_the_environment_goes_before_all_other_places(tmp_path, usual_places, monkeypatch):
    install(usual_places / "fxtranslate" / "models", "fr-en")
    own = install(usual_places / "own" / "models", "firefox-fr-en-0123456789ab-1")
    assert find_models()["fr", "en"].model.parent == own

    chosen = install(tmp_path / "chosen", "fr-en")
    monkeypatch.setenv("SUMMARIZER_FIREFOX_MODELS", str(tmp_path / "chosen"))
    assert find_models()["fr", "en"].model.parent == chosen
    assert ("fr", "en") not in find_models(tmp_path / "none")


def test_files_of_many_models_may_lie_side_by_side(tmp_path):
    for name, code in (("x", "fren"), ("y", "enzh")):
        for file in install(tmp_path / "from", name).iterdir():
            file.rename(tmp_path / file.name.replace("enpt", code))
    found = find_models(tmp_path)
    assert {("fr", "en"), ("en", "zh")} <= found.keys()
    assert found["en", "zh"].source_vocabulary.name == "vocab.enzh.spm"


def test_a_download_that_is_not_finished_is_no_model(tmp_path):
    install(tmp_path, ".firefox-fr-en-0123456789ab-1.unfinished")
    assert find_models(tmp_path) == find_models(tmp_path / "none")


@pytest.mark.parametrize(
    ("name", "pair"),
    [
        ("es-en", ("es", "en")),
        ("en-zh-Hant", ("en", "zh-Hant")),
        ("zh-Hant-en", ("zh-Hant", "en")),
        ("sr-Latn-pt-BR", ("sr-Latn", "pt")),
        ("no-en", ("nb", "en")),
        ("Spanish-English", ("es", "en")),
        ("en-en", None),
        ("es", None),
        ("enpt-1693087644", None),
        ("", None),
        ("-", None),
    ],
)
def test_pairs_are_read_from_names(name, pair):
    assert parse_pair(name) == pair


@given(st.text(st.sampled_from("enptzhHa-_ ."), max_size=12))
@settings(deadline=None)
def test_any_name_is_a_pair_of_two_languages_or_none(name):
    pair = parse_pair(name)
    assert pair is None or pair[0] != pair[1]


def test_a_way_through_english_is_only_taken_where_both_halves_are_there():
    pairs = {("es", "en"), ("en", "ru"), ("fr", "ru")}
    assert list_legs(pairs, "es", "ru") == [("es", "en"), ("en", "ru")]
    assert list_legs(pairs, "fr", "ru") == [("fr", "ru")]
    assert list_legs(pairs, "ru", "es") == list_legs(pairs, "fr", "en") == []


def test_a_model_of_the_user_goes_before_that_of_the_wheel(tmp_path):
    folder = install(tmp_path, "en-pt")
    assert find_models(tmp_path)["en", "pt"].model.parent == folder
    assert FirefoxBackend(tmp_path).translate(["Good morning."], "en", "pt") == ["Bom dia."]


def test_separate_vocabularies_are_told_apart(tmp_path):
    folder = install(tmp_path, "en-ja")
    vocabulary = next(folder.glob("vocab.*"))
    vocabulary.rename(folder / "srcvocab.enja.spm")
    (folder / "trgvocab.enja.spm").symlink_to((folder / "srcvocab.enja.spm").resolve())
    files = find_models(tmp_path)["en", "ja"]
    assert files.source_vocabulary.name == "srcvocab.enja.spm"
    assert files.target_vocabulary.name == "trgvocab.enja.spm"


def test_a_folder_without_all_files_is_no_model(tmp_path):
    folder = install(tmp_path, "de-en")
    next(folder.glob("vocab.*")).unlink()
    assert ("de", "en") not in FirefoxBackend(tmp_path).pairs()


def test_a_damaged_model_says_so(tmp_path):
    folder = install(tmp_path, "de-en")
    model = next(folder.glob("model.*"))
    model.unlink()
    model.write_bytes(b"not a model")
    with pytest.raises(ModelDamagedError, match="de-en"):
        FirefoxBackend(tmp_path).translate(["Guten Tag."], "de", "en")


def test_the_digest_tells_sets_of_models_apart(tmp_path):
    install(tmp_path, "fr-en")
    other = FirefoxBackend(tmp_path).digest
    assert re.fullmatch(r"[0-9a-f]{16}", other)
    assert other != FirefoxBackend(tmp_path / "none").digest == FirefoxBackend(tmp_path / "nothing").digest
