import errno

import numpy as np
import pytest
import torch

from summarizer import Article, Summarizer
from summarizer.backends.fake import FakeBackend
from summarizer.errors import (
    BadOptionError,
    EmptyInputError,
    ModelNotFoundError,
    OutOfMemoryError,
    SummarizerError,
    UnknownLanguageError,
    UnsupportedLanguageError,
    UnsupportedStyleError,
)
from summarizer.translation import Translator

TEXT = """Ferry to Osk stays through the winter

The council of Marlen voted on Tuesday to keep the ferry to Osk running through the winter.
About 900 people use the ferry each day, most of them on their way to work or to school.
The operator had warned that the line loses 40,000 crowns a month between November and March.
"We could not let the island down," said the mayor, Ingrid Vaal, after the vote.
A new timetable with two fewer evening crossings begins on the first of December."""


@pytest.fixture
def article():
    return Article.from_text(TEXT)


def with_drafts(*drafts):
    return Summarizer(FakeBackend(drafts, pairs=[("en", "pt")]), translator=Translator([FakeBackend()]))


def test_an_extractive_summary_is_made_of_the_articles_own_sentences(article):
    summary = Summarizer("extractive").summarize(article)

    assert len(summary.sentences) == 2
    assert all(sentence.quoted for sentence in summary.sentences)
    for sentence in summary.sentences:
        [evidence] = sentence.evidence
        assert article.text[evidence.start : evidence.end] == sentence.text
        assert evidence.score == 1
    assert summary.flags == ()
    assert summary.text == " ".join(sentence.text for sentence in summary.sentences)


def test_an_abstractive_summary_keeps_what_was_written_and_flags_what_is_not_in_the_article(article):
    summary = with_drafts(["The ferry to Osk stays, though it loses 70,000 crowns a month."]).summarize(
        article, style="abstractive"
    )

    assert [sentence.quoted for sentence in summary.sentences] == [False]
    [flag] = summary.flags
    assert flag.kind == "number"
    assert "70,000" in summary.text[flag.start : flag.end]


def test_auto_puts_the_nearest_sentence_in_place_of_one_that_fails(article):
    draft = ["The council of Marlen voted to keep the ferry to Osk.", "The line loses 70,000 crowns a month in winter."]

    summary = with_drafts(draft).summarize(article, style="auto")

    assert [sentence.quoted for sentence in summary.sentences] == [False, True]
    assert "40,000 crowns" in summary.sentences[1].text
    assert summary.flags == ()


def test_auto_never_says_the_same_sentence_twice(article):
    summary = with_drafts(["The line loses 70,000 crowns a month.", "A loss of 80,000 crowns a month."]).summarize(
        article
    )

    assert len(summary.sentences) == 1


def test_a_draft_that_has_nothing_to_do_with_the_article_becomes_a_quotation(article):
    summary = with_drafts(["Bananas ripen quickly on warm kitchen shelves."]).summarize(article)

    assert summary.sentences[0].quoted
    assert summary.sentences[0].text in article.text


def test_a_translation_is_aligned_with_the_summary(article):
    summary = Summarizer("extractive", translator=Translator([FakeBackend()])).summarize(
        article, target_language="Portuguese"
    )

    assert summary.translation is not None
    assert summary.translation.language == "pt"
    assert summary.translation.sentences == tuple(f"[pt: {sentence.text}]" for sentence in summary.sentences)
    assert summary.language == "en"


def test_the_articles_own_language_needs_no_translation(article):
    assert Summarizer("extractive").summarize(article, target_language="en").translation is None


def test_a_pair_without_a_route_is_refused_before_any_work(article):
    backend = FakeBackend()

    with pytest.raises(UnsupportedLanguageError, match="summarizer models get firefox:"):
        Summarizer(backend, translator=Translator([FakeBackend()])).summarize(article, target_language="sw")

    assert backend.calls == []


def test_one_signature_gives_one_result(article):
    one, other = (Summarizer("extractive").summarize(article, length="medium") for _ in range(2))

    assert one.signature == other.signature
    assert one.text == other.text
    assert Summarizer("extractive").summarize(article, length="short").signature != one.signature


def test_many_articles_are_summarized_lazily_in_batches_and_in_order():
    backend = FakeBackend()
    taken = []

    def sources():
        for number in range(10):
            taken.append(number)
            yield TEXT.replace("900", str(900 + number))

    summaries = Summarizer(backend).summarize_many(sources(), batch_size=4, length=5, style="extractive")

    assert taken == []
    first = next(summaries)
    assert "900 people" in first.article.text
    assert taken == [0, 1, 2, 3]
    rest = list(summaries)
    assert [f"{901 + number} people" in summary.article.text for number, summary in enumerate(rest)] == [True] * 9
    assert backend.calls == [("score", 4), ("score", 4), ("score", 2)]


def test_an_article_that_fails_is_raised_in_its_turn_or_yielded_in_its_place():
    sources = [TEXT, "", TEXT]
    summarizer = Summarizer("extractive")

    results = list(summarizer.summarize_many(sources, errors="yield"))
    assert [isinstance(result, SummarizerError) for result in results] == [False, True, False]
    assert results[1].code == "empty_input"

    raising = summarizer.summarize_many(sources)
    assert next(raising).text == results[0].text
    with pytest.raises(EmptyInputError):
        next(raising)


def test_one_article_without_a_route_does_not_fail_its_batch():
    german = Article.from_text(
        "Der Stadtrat von Marlen hat beschlossen, dass die Fähre im Winter fährt. Täglich nutzen sie 900 Menschen auf "
        "dem Weg zur Arbeit. Der Betreiber hatte vor Verlusten gewarnt, die Bürgerin dankte dem Rat am Abend."
    )
    summarizer = Summarizer(FakeBackend(), translator=Translator([FakeBackend()]))

    results = list(summarizer.summarize_many([TEXT, german], target_language="pt", errors="yield", style="extractive"))

    assert results[0].translation is not None
    assert isinstance(results[1], UnsupportedLanguageError)


class SmallMemory(FakeBackend):
    """Holds so many words at once, and says it the way a library does."""

    def __init__(self, most, say):
        super().__init__()
        self.most, self.say = most, say

    def score(self, articles):
        readings = super().score(articles)
        if sum(reading.receipt.tokens for reading in readings) > self.most:
            self.say()
        return readings


def of_torch():
    return torch.empty(1 << 60)


def of_numpy():
    return np.empty(1 << 50)


def of_a_gpu():
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")


def of_ctranslate():
    raise RuntimeError("CUDA failed with error out of memory")


def of_the_system():
    raise OSError(errno.ENOMEM, "Cannot allocate memory")


@pytest.mark.parametrize("say", [of_torch, of_numpy, of_a_gpu, of_ctranslate, of_the_system])
def test_a_batch_that_memory_has_no_room_for_is_halved_and_an_article_without_room_is_an_error(say):
    articles = [Article.from_text(f"{number} words. " * 10, language="en", check=False) for number in range(7)]
    articles.insert(5, Article.from_text("A long article. " * 100, language="en", check=False))
    backend = SmallMemory(70, say)

    results = list(Summarizer(backend).summarize_many(articles, errors="yield", style="extractive"))

    assert [isinstance(result, SummarizerError) for result in results] == [place == 5 for place in range(8)]
    assert results[5].code == "out_of_memory"
    assert f"{len(articles[5].text):,} characters" in results[5].message
    assert [size for _, size in backend.calls] == [8, 4, 2, 2, 4, 2, 1, 1, 2]


def test_one_article_without_room_in_memory_is_an_error_in_words(article):
    with pytest.raises(OutOfMemoryError, match="smaller model"):
        Summarizer(SmallMemory(10, of_torch)).summarize(article, style="extractive")


def test_an_error_that_is_not_of_memory_is_not_hidden(article):
    def fail():
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes"):
        list(Summarizer(SmallMemory(10, fail)).summarize_many([article], errors="yield", style="extractive"))


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"length": "huge"}, BadOptionError),
        ({"style": "poetic"}, BadOptionError),
        ({"target_language": "Klingon"}, UnknownLanguageError),
        ({"style": "abstractive"}, UnsupportedStyleError),
    ],
)
def test_wrong_options_are_told_at_once(options, error):
    with pytest.raises(error):
        Summarizer("extractive").summarize("", **options)


def test_a_model_that_only_translates_says_so(article):
    with pytest.raises(UnsupportedStyleError, match="does not summarize"):
        Summarizer("firefox").summarize(article)


def test_an_unknown_model_is_named(article):
    with pytest.raises(ModelNotFoundError, match="gpt-9"):
        Summarizer("gpt-9")


def test_html_rows_and_text_are_all_sources():
    body = "".join(f"<p>{line}</p>" for line in TEXT.split("\n")[2:])
    head = "<html><head><title>Ferry</title></head>"
    page = f"{head}<body><article><h1>Ferry to Osk stays</h1>{body}</article></body></html>"
    summarizer = Summarizer("extractive")

    texts = {summarizer.summarize(source).text for source in (page, {"html": page}, TEXT, {"text": TEXT})}

    assert len(texts) == 1


def test_text_is_translated_as_it_is():
    translation = Summarizer(FakeBackend(), translator=Translator([FakeBackend()])).translate("One.\nTwo.", "pt", "en")

    assert translation.text == "[pt: One.]\n[pt: Two.]"
