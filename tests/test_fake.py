import pytest

from summarizer import Article
from summarizer.backends.base import SentenceScorer, SentenceTranslator, Writer
from summarizer.backends.fake import FakeBackend


@pytest.fixture
def article():
    return Article.from_text("The ferry stays. The council voted. The mayor left.", language="en", check=False)


def test_the_fake_fits_every_protocol():
    assert isinstance(FakeBackend(), SentenceScorer)
    assert isinstance(FakeBackend(), SentenceTranslator)
    assert isinstance(FakeBackend(), Writer)


def test_drafts_are_handed_out_in_turn_and_then_the_articles_first_sentences(article):
    fake = FakeBackend([["One.", "Two."], ["Three."]])

    drafts = fake.write([article] * 3, language=None, sentences=2)

    assert [draft.sentences for draft in drafts] == [
        ("One.", "Two."),
        ("Three.",),
        ("The ferry stays.", "The council voted."),
    ]


def test_the_fake_remembers_what_it_was_asked(article):
    fake = FakeBackend(translate=lambda sentence, _source, _target: sentence.upper(), pairs=[("en", "xx")])

    assert fake.translate(["a", "b"], "en", "xx") == ["A", "B"]
    assert fake.score([article])[0].scores == (0, -1, -2)
    assert fake.pairs() == {("en", "xx")}
    assert fake.calls == [("translate", 2), ("score", 1)]
