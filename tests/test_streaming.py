from dataclasses import replace

import pytest

from summarizer import Summarizer, stream_summary
from summarizer.backends.base import Draft, Reading
from summarizer.backends.fake import FakeBackend
from summarizer.datamodels import Receipt
from summarizer.errors import UnsupportedLanguageError, UnsupportedStyleError
from summarizer.streaming import ArticleRead, SummaryChecked, SummaryGrowing, SummaryQuoted, SummaryTranslated
from summarizer.translation import Translator

TEXT = (
    "The bridge over the Marlen reopened on Monday, and the first buses crossed it before dawn. "
    "The repair cost 38 million, six million more than the council had planned. "
    "Bakers on the east bank gave away rolls to everybody who came by.\n"
    "The mayor thanked the workers and said that the next bridge would be cheaper."
)


class Novelist:
    """Reads, scores and writes word by word, and tells whether it was stopped."""

    name, digest = "novelist", "1"

    def __init__(self, sentences: tuple[str, ...]) -> None:
        self.sentences, self.steps, self.ended = sentences, 0, False

    def score(self, articles):
        return [Reading(self._scores(article), Receipt(9, 9)) for article in articles]

    def write(self, articles, *, language, sentences):
        return [Draft(self.sentences, Receipt(9, 9), self._scores(article)) for article in articles]

    def write_stream(self, article, *, language, sentences):
        try:
            for number in range(len(self.sentences) + 1):
                self.steps += 1
                yield Draft(self.sentences[:number], Receipt(9, 9), self._scores(article))
        finally:
            self.ended = True

    def _scores(self, article):
        return tuple(-float(index) for index in range(len(article.sentences)))


def stream(backend, **options):
    summarizer = Summarizer(backend, translator=Translator([FakeBackend()]))
    return list(stream_summary(summarizer, TEXT, language="en", **options))


def kinds(steps):
    return list(dict.fromkeys(type(step) for step in steps))


def test_a_summary_comes_read_quoted_growing_checked_and_translated():
    steps = stream(Novelist(("The bridge reopened on Monday.", "The repair cost 38 million.")), target_language="pt")

    assert kinds(steps) == [ArticleRead, SummaryQuoted, SummaryGrowing, SummaryChecked, SummaryTranslated]
    quoted = next(step.summary for step in steps if isinstance(step, SummaryQuoted))
    assert all(sentence.quoted for sentence in quoted.sentences)
    assert [len(step.sentences) for step in steps if isinstance(step, SummaryGrowing)] == [0, 1, 2]
    assert steps[-2].summary.translation is None
    assert steps[-1].summary.translation.text.startswith("[pt: The bridge reopened")


@pytest.mark.parametrize("style", ["auto", "extractive", "abstractive"])
@pytest.mark.parametrize("target", [None, "pt", "en"])
def test_the_last_step_has_the_summary_that_comes_at_once(style, target):
    backend = Novelist(("The bridge reopened on Monday.", "The repair cost 99 million."))
    summarizer = Summarizer(backend, translator=Translator([FakeBackend()]))
    options = {"style": style, "target_language": target, "language": "en"}

    *_, last = stream_summary(summarizer, TEXT, **options)

    at_once = summarizer.summarize(TEXT, **options)
    assert replace(last.summary, seconds=0) == replace(at_once, seconds=0)


def test_a_model_that_only_writes_at_once_is_checked_at_once():
    class Blurter(FakeBackend):
        write_stream = None

    assert kinds(stream(Blurter())) == [ArticleRead, SummaryChecked]


def test_who_leaves_stops_the_writer():
    backend = Novelist(("The bridge reopened on Monday.",) * 9)
    steps = stream_summary(Summarizer(backend), TEXT, language="en", length=9)
    for step in steps:
        if isinstance(step, SummaryGrowing):
            break
    steps.close()

    assert (backend.steps, backend.ended) == (1, True)


def test_what_cannot_be_served_is_refused_before_any_work():
    backend = Novelist(("One.",))
    with pytest.raises(UnsupportedLanguageError):
        stream(backend, target_language="sw")
    with pytest.raises(UnsupportedStyleError):
        stream(Novelist(()), style="abstractive")
    assert backend.steps == 0


@pytest.mark.model
@pytest.mark.parametrize("code", ["en", "ru"])
def test_the_built_in_model_streams_what_it_writes_at_once(code, builtin_folder, example_articles):
    summarizer = Summarizer()
    text, _ = example_articles[code]

    steps = list(stream_summary(summarizer, text))

    assert kinds(steps) == [ArticleRead, SummaryQuoted, SummaryGrowing, SummaryChecked]
    assert replace(steps[-1].summary, seconds=0) == replace(summarizer.summarize(text), seconds=0)
