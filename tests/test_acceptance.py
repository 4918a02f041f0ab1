import pytest

from summarizer import Article
from summarizer.acceptance import LEAST_LIKELIHOOD, accept_draft, quote_sentences
from summarizer.backends.base import Draft
from summarizer.datamodels import Receipt
from summarizer.options import find_extent

TEXT = (
    "The council of Marlen voted on Tuesday to keep the night ferry until spring. "
    "The service costs 340,000 euros a year and carries 1,200 people every week. "
    "Mayor Ida Brandt said the town would look for a sponsor."
)
SCORES = (3.0, 2.0, 1.0)
RECEIPT = Receipt(60, 60)
ONE, TWO = find_extent(1), find_extent(2)
GOOD = "Marlen keeps its night ferry until spring, the council voted on Tuesday."


@pytest.fixture(scope="module")
def article():
    return Article.from_text(TEXT, language="en", check=False)


def draft(*sentences, scores=SCORES, likelihood=LEAST_LIKELIHOOD / 2):
    return Draft(sentences, RECEIPT, scores, likelihood)


def test_a_draft_that_the_article_supports_stands(article):
    [sentence] = accept_draft(article, draft(GOOD), "auto", ONE)

    assert sentence.text == GOOD
    assert not sentence.quoted
    assert article.text[sentence.evidence[0].start :].startswith("The council of Marlen")


@pytest.mark.parametrize(
    "sentence",
    [
        "Marlen keeps its night ferry until spring, which costs 350,000 euros.",
        "Marlen keeps its night ferry until spring, Karl Oberst said.",
        "A storm destroyed several houses in the mountains yesterday.",
        "El ayuntamiento mantiene el transbordador nocturno hasta la primavera, según se votó el martes en la ciudad.",
        "The ferry stays. The ferry stays. The ferry stays. The ferry stays. The ferry stays.",
    ],
    ids=["number", "name", "support", "language", "loop"],
)
def test_where_one_sentence_fails_the_article_speaks_for_itself(article, sentence):
    shown = accept_draft(article, draft(GOOD, sentence), "auto", ONE)

    assert shown == quote_sentences(article, SCORES, ONE)
    assert all(piece.quoted for piece in shown)


def test_a_draft_the_model_was_unsure_of_does_not_stand(article):
    [sentence] = accept_draft(article, draft(GOOD, likelihood=LEAST_LIKELIHOOD - 0.1), "auto", ONE)

    assert sentence.quoted


def test_nothing_written_is_a_quotation(article):
    [sentence] = accept_draft(article, draft(), "auto", ONE)

    assert sentence.quoted


def test_without_scores_only_the_failing_sentence_is_replaced_by_the_nearest(article):
    wrong = "The service costs 350,000 euros a year."

    kept, replaced = accept_draft(article, draft(GOOD, wrong, scores=()), "auto", TWO)

    assert (kept.text, kept.quoted) == (GOOD, False)
    assert replaced.quoted
    assert "340,000 euros" in replaced.text


def test_what_was_asked_for_in_the_models_words_is_shown_as_it_is(article):
    wrong = "The service costs 350,000 euros a year."

    [sentence] = accept_draft(article, draft(wrong), "abstractive", ONE)

    assert sentence.text == wrong
