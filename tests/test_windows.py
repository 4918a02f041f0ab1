"""Articles longer than a model reads: cut at sentences, read whole, summarized in rounds."""

from hypothesis import given
from hypothesis import strategies as st

from summarizer import Article
from summarizer.backends.windows import MOST_ROUNDS, Written, cut_windows, summarize_together, summarize_windows

SIZES = st.lists(st.integers(0, 60), max_size=40)


def count_words(texts):
    return [len(text.split()) for text in texts]


def make_article(sentences: int) -> Article:
    text = " ".join(f"The council opened bridge number {place} on Monday." for place in range(sentences))
    return Article.from_text(text, language="en", clean=False, check=False)


def keep_first(texts):
    """Summarize each text by its first sentence."""
    return [f"{text.split('.')[0]}." for text in texts]


@given(SIZES, st.integers(1, 50))
def test_every_sentence_is_in_one_window_and_windows_keep_the_limit(sizes, limit):
    windows = cut_windows(sizes, limit)

    assert [place for window in windows for place in window] == list(range(len(sizes)))
    assert all(sum(sizes[place] for place in window) <= limit for window in windows if len(window) > 1)
    assert all(windows)


def test_windows_are_of_about_the_same_size():
    assert [len(window) for window in cut_windows([10] * 11, 100)] == [6, 5]


def test_a_short_article_is_summarized_at_once():
    calls = []

    def write(texts):
        calls.append(list(texts))
        return keep_first(texts)

    article = make_article(3)
    draft = summarize_windows(article, 100, count_words, write, language="en", most=2)

    assert calls == [[article.text]]
    assert draft.sentences == ("The council opened bridge number 0 on Monday.",)
    assert (draft.receipt.tokens, draft.receipt.tokens_read, draft.receipt.sentences_skipped) == (24, 24, ())


def test_a_long_article_is_summarized_in_rounds_and_read_to_its_end():
    calls = []

    def write(texts):
        calls.append(list(texts))
        return keep_first(texts)

    article = make_article(40)
    draft = summarize_windows(article, 80, count_words, write, language="en", most=2)

    assert [len(texts) for texts in calls] == [4, 1]
    assert all(sentence.text in " ".join(calls[0]) for sentence in article.sentences)
    assert draft.receipt.tokens == draft.receipt.tokens_read == 320
    assert draft.sentences == ("The council opened bridge number 0 on Monday.",)


def test_a_sentence_longer_than_a_window_is_told_in_the_receipt():
    article = Article.from_text(f"The mayor spoke. Boats {'word ' * 49}ended.", language="en", clean=False, check=False)

    draft = summarize_windows(article, 10, count_words, keep_first, language="en", most=1)

    assert draft.receipt.sentences_skipped == (1,)
    assert draft.receipt.tokens - draft.receipt.tokens_read == 51 - 10


def test_a_model_that_does_not_shorten_is_stopped():
    calls = []

    def repeat(texts):
        calls.append(list(texts))
        return list(texts)

    draft = summarize_windows(make_article(40), 80, count_words, repeat, language="en", most=3)

    assert len(calls) == MOST_ROUNDS
    assert len(draft.sentences) == 3


def test_a_model_that_writes_nothing_gives_a_draft_without_sentences():
    draft = summarize_windows(make_article(40), 80, count_words, lambda texts: [""] * len(texts), language="en", most=3)

    assert draft.sentences == ()
    assert draft.receipt.tokens_read == 320


def test_articles_of_any_length_share_their_calls():
    calls = []

    def write(texts):
        calls.append(len(texts))
        return [Written(text, -1.0) for text in keep_first(texts)]

    articles = [make_article(40), make_article(2), make_article(20)]
    drafts = summarize_together(articles, 80, count_words, write, language="en", most=2)

    assert calls == [7, 2]
    alone = [summarize_windows(one, 80, count_words, keep_first, language="en", most=2) for one in articles]
    assert [draft.sentences for draft in drafts] == [draft.sentences for draft in alone]
    assert [draft.receipt for draft in drafts] == [draft.receipt for draft in alone]
    assert {draft.likelihood for draft in drafts} == {-1.0}
