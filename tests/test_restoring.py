from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer import Article
from summarizer.cleaning.blocks import collapse
from summarizer.errors import BadOptionError

PAGE = """Home
News
Share this article

Marlen Bridge reopens after 14-month closure

OSTREY, March 3 (Reuters) – The bridge over the Marlen reopened on Monday, and the first buses crossed it before dawn.

Bakers on the east bank gave away rolls, because the detour had cost them a third of their customers.

Subscribe to our newsletter

The repair cost 38 million, which is six million more than the council had set aside in spring last year.

Bakers on the east bank gave away rolls, because the detour had cost them a third of their customers.
"""


@pytest.fixture(scope="module")
def article() -> Article:
    return Article.from_text(PAGE, language="en", check=False)


def find(article: Article, words: str):
    return next(passage for passage in article.removed if words in passage.text)


def test_a_passage_that_was_removed_comes_back_where_it_stood(article):
    passage = find(article, "newsletter")

    restored = article.restore(passage)

    place = restored.paragraphs.index(collapse(passage.text))
    assert "Bakers" in restored.paragraphs[place - 1]
    assert "38 million" in restored.paragraphs[place + 1]
    assert restored.removed == tuple(other for other in article.removed if other != passage)
    assert collapse(passage.text) in [sentence.text for sentence in restored.sentences]
    assert restored.id != article.id


def test_a_dateline_goes_back_into_its_paragraph(article):
    restored = article.restore(find(article, "OSTREY"))

    assert restored.paragraphs[0].startswith("OSTREY, March 3 (Reuters) – The bridge over the Marlen")
    assert len(restored.paragraphs) == len(article.paragraphs)


def test_what_is_restored_in_two_steps_or_in_one_is_the_same(article):
    first, second = find(article, "newsletter"), find(article, "OSTREY")

    assert article.restore(first).restore(second) == article.restore(second, first)


def test_every_paragraph_knows_where_it_stood(article):
    for paragraph, (start, end) in zip(article.paragraphs, article.places, strict=True):
        assert collapse(article.original[start:end]).endswith(paragraph)


@given(st.lists(st.sampled_from([*PAGE.split("\n"), "Advertisement", "It rained."]), max_size=25))
@settings(deadline=None, max_examples=40)
def test_nothing_is_lost_when_all_is_restored(lines):
    page = "\n".join(["It was said on Monday that the bridge is open again to all buses.", *lines])
    article = Article.from_text(page, language="en", check=False)

    restored = article.restore(*article.removed)

    assert restored.removed == ()
    words = f"{article.title or ''} {restored.text}".split()
    assert sorted(words) == sorted(article.original.split())


def test_what_was_not_removed_here_cannot_be_restored(article):
    with pytest.raises(BadOptionError, match=r"Article\.removed"):
        article.restore(replace(article.removed[0], start=1))
    with pytest.raises(BadOptionError, match="as it was read"):
        Article.from_dict(article.to_dict()).restore(article.removed[0])


def test_an_article_that_was_not_cleaned_has_nothing_to_restore():
    article = Article.from_text(PAGE, language="en", clean=False, check=False)

    assert article.restore() == article
