import unicodedata
from importlib import resources

import pytest

from summarizer.cleaning.features import PHRASES
from summarizer.cleaning.phrases import find_phrases
from summarizer.languages import get_language

FILES = sorted(resources.files("summarizer.cleaning").joinpath("phrases").iterdir(), key=lambda file: file.name)


def sections(file):
    found, reason = {}, None
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            reason = found.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            reason.append(line)
    return found


def test_there_are_word_lists_for_many_languages():
    assert len(FILES) >= 45


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_word_list_is_of_a_known_language_and_written_as_it_is_looked_up(file):
    found = sections(file)

    assert get_language(file.name.removesuffix(".txt"))
    assert set(found) <= set(PHRASES)
    for phrases in found.values():
        assert len(phrases) == len(set(phrases))
        assert all(phrase == unicodedata.normalize("NFC", phrase.strip()) and "’" not in phrase for phrase in phrases)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Read also: The bridge", "related"),
        ("Alle Cookies akzeptieren", "cookie"),
        ("コメントを書く", "comments"),
        ("댓글 3", "comments"),
        ("Todos los derechos reservados", "legal"),
        ("Поделиться в Telegram", "share"),
    ],
)
def test_a_label_says_what_it_is_in_its_language(text, reason):
    assert find_phrases(text).match(reason)


def test_a_phrase_is_found_as_whole_words_only():
    assert not find_phrases("The shareholders commented on it.").shares


def test_the_longest_of_overlapping_phrases_counts():
    assert find_phrases("All rights reserved").shares["legal"] == pytest.approx(1)


def test_a_phrase_opens_a_line_behind_a_bullet():
    assert find_phrases("» Read also: The bridge").open("related")
    assert not find_phrases("The bridge; read also").open("related")
