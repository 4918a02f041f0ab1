import pytest

from summarizer import Article, Summarizer
from summarizer.backends.builtin import BuiltinBackend
from summarizer.backends.gemma_reader import OVERLAP, WINDOW
from summarizer.errors import UnsupportedStyleError
from summarizer.evidence import find_flags

LANGUAGES = [
    "en",
    "pt",
    "es",
    "de",
    "ru",
    "uk",
    "ar",
    "fa",
    "hi",
    "bn",
    "zh",
    "zh-Hant",
    "ja",
    "ko",
    "th",
    "am",
    "ka",
    "el",
    "he",
    "ta",
    "sw",
    "tr",
    "vi",
]


@pytest.fixture(scope="module")
def summarizer(builtin_folder):
    return Summarizer()


@pytest.mark.model
@pytest.mark.parametrize("code", LANGUAGES)
def test_the_summary_of_an_article_says_what_happened(code, example_articles, summarizer):
    text, expected = example_articles[code]

    summary = summarizer.summarize(text, style="extractive")

    assert summary.language == expected["language"]
    assert summary.article.title == expected["title"]
    assert 1 <= len(summary.sentences) <= 2
    assert summary.flags == ()
    assert summary.receipt.tokens == summary.receipt.tokens_read > 50
    for group in expected["must_mention_any"][:1]:
        assert any(mention in summary.text for mention in group), summary.text


@pytest.mark.model
def test_the_sample_is_summarized_with_who_where_and_what(sample_page, summarizer):
    summary = summarizer.summarize(sample_page, target_language="pt")

    assert "Kremlin" in summary.text
    assert "Venezuela" in summary.text
    assert "military equipment" in summary.text
    assert len(summary.sentences) <= 2
    assert summary.flags == ()
    assert summary.translation is not None
    assert "Venezuela" in summary.translation.text
    assert "militar" in summary.translation.text


@pytest.mark.model
def test_a_long_article_is_read_whole_in_windows(example_articles, summarizer):
    paragraph = "In district {} the council counted {} boats, {} bridges and {} mills before the spring flood came."
    text = "\n".join(paragraph.format(n, n * 7, n % 5, n * 3) for n in range(1, 201))
    article = Article.from_text(text, language="en", clean=False)

    summary = summarizer.summarize(article, length="long", style="extractive")

    assert summary.receipt.tokens > 2 * WINDOW
    assert summary.receipt.tokens_read == summary.receipt.tokens
    assert summary.receipt.sentences_skipped == ()
    assert OVERLAP < WINDOW


@pytest.mark.model
def test_a_sentence_longer_than_a_window_is_read_too(summarizer):
    words = " ".join(f"boat{n}" for n in range(1500))
    article = Article.from_text(
        f"The council met on Tuesday. The boats are {words}. The mayor left.", language="en", check=False
    )

    [reading] = summarizer.backend.score([article])

    assert reading.receipt.tokens > WINDOW
    assert reading.receipt.tokens_read == reading.receipt.tokens
    assert len(reading.scores) == 3


@pytest.mark.model
def test_the_same_article_gets_the_same_scores(example_articles, summarizer):
    article = Article.from_text(example_articles["en"][0])

    assert summarizer.backend.score([article]) == BuiltinBackend().score([article])


@pytest.mark.model
@pytest.mark.parametrize("code", ["en", "es", "de", "fr", "pt", "ru", "ja", "ar"])
def test_what_is_written_rests_on_the_article(code, example_articles, summarizer):
    text, expected = example_articles[code]

    summary = summarizer.summarize(text)

    assert summary.flags == ()
    assert 1 <= len(summary.sentences) <= 2
    assert all(sentence.evidence for sentence in summary.sentences)
    assert summary.language == expected["language"]


@pytest.mark.model
def test_a_written_headline_is_one_line_with_the_numbers_of_the_article(example_articles, summarizer):
    article = Article.from_text(example_articles["en"][0])

    [draft] = summarizer.backend.write([article], language=None, sentences=1)

    [headline] = draft.sentences
    assert "\n" not in headline
    assert not [
        flag for flag in find_flags(headline, article, language="en", sentences=[headline]) if flag.kind == "number"
    ]
    assert draft.likelihood < 0
    assert len(draft.scores) == len(article.sentences)


@pytest.mark.model
def test_several_articles_are_written_together(example_articles, summarizer):
    articles = [Article.from_text(example_articles[code][0]) for code in ("en", "es", "de")]

    summaries = list(summarizer.summarize_many(articles))

    assert [summary.language for summary in summaries] == ["en", "es", "de"]
    assert all(summary.sentences and not summary.flags for summary in summaries)


@pytest.mark.model
def test_scores_come_before_the_first_word_and_the_streamed_draft_is_the_same(example_articles, summarizer):
    article = Article.from_text(example_articles["en"][0])

    first, *_, last = summarizer.backend.write_stream(article, language=None, sentences=2)

    [scored] = summarizer.backend.score([article])
    [written] = summarizer.backend.write([article], language=None, sentences=2)
    assert first.sentences == ()
    assert first.scores == scored.scores
    assert first.receipt == scored.receipt
    assert last == written


@pytest.mark.model
def test_an_article_longer_than_a_window_is_written_from_its_most_telling_sentences(example_articles, summarizer):
    filler = " ".join(f"In district {n} the council counted {n * 7} boats and {n * 3} mills." for n in range(1, 160))
    article = Article.from_text(f"{example_articles['en'][0]}\n{filler}", language="en", clean=False)

    [draft] = summarizer.backend.write([article], language=None, sentences=2)

    assert draft.receipt.tokens > WINDOW
    assert draft.receipt.tokens_read == draft.receipt.tokens
    assert draft.sentences


@pytest.mark.model
def test_more_sentences_than_it_writes_are_quoted_or_refused(example_articles, summarizer):
    text = example_articles["en"][0]

    assert all(sentence.quoted for sentence in summarizer.summarize(text, length=6).sentences)
    with pytest.raises(UnsupportedStyleError, match="--style auto"):
        summarizer.summarize(text, length=6, style="abstractive")


@pytest.mark.model
def test_sentences_are_translated_one_by_one_with_their_numbers(summarizer):
    sentences = ["El puente costó 340 millones de euros.", "El alcalde no quiso hablar con los periodistas."]

    translated = summarizer.backend.translate(sentences, "es", "en")

    assert len(translated) == 2
    assert "340" in translated[0]
    assert all(text and text.endswith(".") for text in translated)
    assert ("es", "en") in summarizer.backend.pairs()
