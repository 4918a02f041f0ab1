"""Scores of summaries and the intervals of their means."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer.evaluation.metrics import (
    chrf,
    copy_rate,
    difference_interval,
    mean_interval,
    ratio_interval,
    rouge,
    tokenize,
)

TEXTS = st.text(st.sampled_from("ab cd.ЖжÜß東京กำ한국ー２٣①हिं\n"), max_size=30)
FIGURES = st.lists(st.floats(0, 1), min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Straße & STRASSE", ["strasse", "strasse"]),
        ("भारी बारिश", ["भारी", "बारिश"]),
        ("2024年10月、3名", ["2024", "年", "10", "月", "3", "名"]),
        ("サーバーとAI技術", ["サ", "ー", "バ", "ー", "と", "ai", "技", "術"]),
        ("ครู ๑๒", ["ค", "รู", "๑", "๒"]),
        ("བོད་ཡིག", ["བོ", "ད", "ཡི", "ག"]),
        ("한국은 ２０", ["한국은", "20"]),
        ("—!?", []),
    ],
)
def test_words_count_and_in_scripts_without_spaces_characters(text, tokens):
    assert tokenize(text) == tokens


@pytest.mark.parametrize(
    ("summary", "reference", "scores"),
    [
        ("The cat sat on the mat.", "The cat is sitting on the mat.", (10 / 13, 6 / 11, 10 / 13)),
        ("Москва закрыла три моста", "В Москве закрыли три моста на ночь", (4 / 11, 2 / 9, 4 / 11)),
        ("कल बारिश होगी", "कल भारी बारिश होगी", (6 / 7, 2 / 5, 6 / 7)),
        ("東京で3人が負傷した。", "東京都内で3人が軽いけがをした。", (16 / 25, 10 / 23, 16 / 25)),
        ("the mat the", "the the mat", (1, 1 / 2, 2 / 3)),
        ("STRASSE", "Straße", (1, 0, 1)),
        ("", "x", (0, 0, 0)),
    ],
)
def test_rouge_is_the_f1_of_shared_words_pairs_and_the_longest_common_sequence(summary, reference, scores):
    assert rouge(summary, reference) == pytest.approx(scores)


@pytest.mark.parametrize(
    ("summary", "reference", "score"),
    [
        # What sacreBLEU 2.6.0 gives: CHRF(char_order=6, word_order=0, beta=2).sentence_score(summary, [reference]).
        ("The cat sat on the mat.", "The cat is sitting on the mat.", 49.6485170311433),
        ("ab", "abcdefg", 26.76056338028169),
        ("aaaa", "aa", 78.12499999999999),
        ("The  Cat", "the cat", 17.77777777777778),
        ("a\u00a0b\tc\nd", "abcd", 100.0),
        ("Москва закрыла три моста", "В Москве закрыли три моста на ночь", 47.069578264419484),
        ("東京で3人が負傷した。", "東京都内で3人が軽いけがをした。", 22.380759846490154),
        ("कल बारिश होगी", "कल भारी बारिश होगी", 58.21411734599143),
        ("abc", "xyz", 0.0),
        ("", "abc", 0.0),
        ("abc", "", 0.0),
    ],
)
def test_chrf_is_that_of_sacrebleu(summary, reference, score):
    assert 100 * chrf(summary, reference) == pytest.approx(score, abs=1e-9)


@given(TEXTS, TEXTS)
@settings(deadline=None)
def test_scores_stay_in_range_and_rouge_does_not_care_which_text_is_which(one, other):
    assert rouge(one, other) == pytest.approx(rouge(other, one))
    assert all(0 <= score <= 1 + 1e-9 for score in (*rouge(one, other), chrf(one, other)))


@given(TEXTS)
@settings(deadline=None)
def test_a_text_is_most_like_itself(text):
    tokens = len(tokenize(text))

    assert rouge(text, text) == pytest.approx((min(tokens, 1), min(max(tokens - 1, 0), 1), min(tokens, 1)))
    assert chrf(text, text) == pytest.approx(1 if text.strip() else 0)
    assert copy_rate([text], text) in (None, 1.0)


def test_the_copy_rate_counts_pairs_within_sentences():
    source = "The ferry stays. The council voted on Tuesday."

    assert copy_rate(["The council voted on Tuesday.", "The ferry stays."], source) == 1
    assert copy_rate(["The council stays on Tuesday."], source) == 2 / 4
    assert copy_rate(["Ferry!"], source) is None


def test_intervals_are_the_same_every_time():
    assert mean_interval([0.1, 0.4, 0.35, 0.8]).to_dict() == pytest.approx(
        {"value": 0.4125, "low": 0.175, "high": 0.6875, "n": 4}
    )
    assert difference_interval([0.2, 0.3, 0.5], [0.1, 0.3, 0.2]).to_dict() == pytest.approx(
        {"value": 0.4 / 3, "low": 0.0, "high": 0.3, "n": 3}
    )
    assert ratio_interval([0.2, 0.3, 0.5], [0.1, 0.3, 0.2]).to_dict() == pytest.approx(
        {"value": 5 / 3, "low": 1.0, "high": 2.5, "n": 3}
    )


def test_more_articles_make_an_interval_narrower_without_moving_it():
    few, many = mean_interval([0.0, 1.0] * 10), mean_interval([0.0, 1.0] * 2000)

    assert (few.value, many.value) == (0.5, 0.5)
    assert many.high - many.low == pytest.approx(2 * 1.96 * 0.5 / 4000**0.5, rel=0.1)
    assert few.high - few.low > 10 * (many.high - many.low)


@given(FIGURES)
@settings(deadline=None, max_examples=25)
def test_an_interval_lies_within_the_figures(figures):
    interval = mean_interval(figures)

    assert min(figures) - 1e-9 <= interval.low <= interval.high <= max(figures) + 1e-9


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=20))
@settings(deadline=None, max_examples=25)
def test_a_difference_turned_round_has_the_opposite_interval(pairs):
    one, other = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    there, back = difference_interval(one, other), difference_interval(other, one)

    assert (there.value, there.low, there.high) == pytest.approx((-back.value, -back.high, -back.low), abs=1e-9)


def test_pairing_finds_a_small_difference_that_holds_for_every_article():
    one, other = [0.1, 0.9, 0.5, 0.3], [0.05, 0.85, 0.45, 0.25]

    assert difference_interval(one, other).low == pytest.approx(0.05)
    assert mean_interval(one).low < mean_interval(other).high


def test_there_is_no_ratio_to_nothing():
    assert ratio_interval([0.1, 0.2], [0.0, 0.0]) is None


def test_systems_with_different_articles_are_not_paired():
    with pytest.raises(ValueError, match="zip"):
        difference_interval([0.1, 0.2], [0.1])
