from collections import Counter

import pytest

from summarizer.article import Article
from summarizer.backends.extractive import ExtractiveBackend, score_centrality, score_position
from summarizer.options import Extent, find_extent
from summarizer.selection import select_sentences
from summarizer.tokens import measure_letters

TEXT = """The council of Marlen voted on Tuesday to keep the ferry to Osk running through the winter.
About 900 people use the ferry each day, most of them on their way to work or to school.
The council of Marlen voted on Tuesday to keep the ferry to Osk running all through the winter.
Why did it take three hours?
The operator had warned that the line loses 40,000 crowns a month between November and March.
She agreed.
A new timetable with two fewer evening crossings begins on the first of December."""


@pytest.fixture(scope="module")
def article():
    return Article.from_text(TEXT, language="en", clean=False)


def test_the_best_sentences_come_out_in_the_order_of_the_article(article):
    assert select_sentences(article, [0.1, 0.5, 0, 0, 0.9, 0, 0.7], find_extent(3)) == [1, 4, 6]


def test_nothing_is_said_twice(article):
    assert select_sentences(article, [0.9, 0.1, 0.8, 0, 0.2, 0, 0], find_extent(2)) == [0, 4]


def test_questions_and_fragments_come_last(article):
    assert select_sentences(article, [0.1, 0.2, 0, 0.9, 0.3, 0.95, 0], find_extent(2)) == [1, 4]


def test_a_further_sentence_comes_only_where_it_keeps_within_the_length(article):
    scores = [0.9, 0.5, 0, 0, 0.7, 0, 0.3]
    letters = [measure_letters(sentence.text) for sentence in article.sentences]

    assert letters[1] < letters[4]
    assert select_sentences(article, scores, Extent(1, 2, 1000)) == [0, 4]
    assert select_sentences(article, scores, Extent(1, 2, int(letters[0] + letters[1]))) == [0, 1]
    assert select_sentences(article, scores, Extent(1, 2, 100)) == [0]
    assert select_sentences(article, scores, Extent(2, 2, 100)) == [0, 4]


def test_a_summary_is_at_most_half_of_the_article_and_never_empty(article):
    assert len(select_sentences(article, [1.0] * 7, find_extent(50))) == 3
    single = Article.from_text("Yes!", language="en", check=False)
    assert select_sentences(single, [0.0], find_extent(2)) == [0]


def test_position_halves_and_never_ends():
    scores = [score_position(index) for index in range(100)]
    assert scores[0] == 1
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] > 0


def test_central_sentences_share_the_vocabulary_of_the_rest():
    bags = [Counter("ab"), Counter("abc"), Counter("xyz"), Counter()]

    scores = score_centrality(bags, Counter())

    assert scores[1] > scores[2]
    assert scores[2] == scores[3] == 0


def test_the_headline_counts_for_centrality():
    bags = [Counter("ab"), Counter("xy"), Counter("q")]

    plain = score_centrality(bags, Counter())
    titled = score_centrality(bags, Counter("xy"))

    assert plain[0] == plain[1]
    assert titled[1] > titled[0]


def test_the_extractive_model_reads_everything(article):
    [reading] = ExtractiveBackend().score([article])

    assert len(reading.scores) == len(article.sentences)
    assert reading.receipt.tokens == reading.receipt.tokens_read > 40
    assert reading.receipt.sentences_skipped == ()
