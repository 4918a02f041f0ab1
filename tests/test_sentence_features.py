import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from summarizer import Article, SummarizerError
from summarizer.backends.sentence_features import NAMES, describe_sentences


def describe(text, title=None):
    features = describe_sentences(Article.from_text(text, title=title, language="en", clean=False, check=False))
    return [dict(zip(NAMES, row.tolist(), strict=True)) for row in features]


def test_place_and_form_of_each_sentence_are_told():
    first, second, third = describe('The ferry stays in 2024.\nWhy? "It pays," said the mayor of Marlen.')

    assert (first["first"], second["second"], third["third"]) == (1, 1, 1)
    assert first["digits"] == 1 > second["digits"]
    assert second["question"] == 1 > third["question"]
    assert third["quote"] == 1 > first["quote"]
    assert [row["begins_paragraph"] for row in (first, second, third)] == [1, 1, 0]
    assert second["short"] == 1


def test_what_a_sentence_shares_with_title_and_others_is_told():
    first, second, third = describe(
        "The ferry of Marlen stays all winter. It rained on the hills nearby. The ferry stays, the council says.",
        title="Ferry of Marlen stays",
    )

    assert first["title_recall"] > third["title_recall"] > second["title_recall"] == 0
    assert first["shared_after"] > first["shared_next"]
    assert third["shared_first"] > second["shared_first"]
    assert third["new_terms"] < second["new_terms"]
    assert first["has_title"] == 1


@settings(deadline=None)
@given(st.text(max_size=300).filter(str.strip), st.text(max_size=40))
def test_any_text_has_finite_features_of_every_sentence(text, title):
    try:
        article = Article.from_text(text, title=title, language="en", clean=False, check=False)
    except SummarizerError:
        assume(False)
    features = describe_sentences(article)

    assert features.shape == (len(article.sentences), len(NAMES))
    assert np.isfinite(features).all()
    assert np.abs(features).max() < 50
