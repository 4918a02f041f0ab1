import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.tokens import find_terms, find_words, is_unspaced, measure_letters


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The ferry's 900 riders", ["The", "ferry", "s", "900", "riders"]),
        ("टीकाकरण अभियान शुरू", ["टीकाकरण", "अभियान", "शुरू"]),
        ("می‌خواهم بروم", ["می‌خواهم", "بروم"]),
        ("渡船继续运行。", ["渡船继续运行"]),
    ],
)
def test_vowel_signs_and_joiners_are_part_of_a_word(text, words):
    assert find_words(text) == words


def test_terms_meet_across_inflections():
    assert set(find_terms("Fähre, Fähren")) == {"fähre"}
    assert find_terms("паромом")[0] == find_terms("паромы")[0]
    assert set(find_terms("책나루에")) & set(find_terms("책나루는")) == {"책나"}


def test_scripts_without_spaces_count_by_pairs():
    assert find_terms("渡船继续") == ["渡船", "船继", "继续"]


def test_short_words_are_no_terms_but_numbers_are():
    assert find_terms("In of 7 and 12") == ["7", "and", "12"]


def test_a_character_of_chinese_weighs_more_than_a_letter():
    assert measure_letters("ferry") == 5
    assert measure_letters("渡船") == 5
    assert measure_letters("12, 34!") == 0


def test_the_script_of_most_letters_decides():
    assert is_unspaced("渡船继续运行 OK")
    assert not is_unspaced("The ferry 渡船 stays")
    assert not is_unspaced("")


@given(st.text(max_size=200))
def test_terms_come_from_the_text_and_none_is_empty(text):
    folded = text.casefold()
    assert all(term and term in folded for term in find_terms(text))
