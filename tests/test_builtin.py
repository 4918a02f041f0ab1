import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer import Article, Summarizer
from summarizer.backends.builtin import LAYERS, OVERLAP, WINDOW, BuiltinBackend, cut_windows
from summarizer.backends.gemma_tokenizer import GemmaTokenizer
from summarizer.backends.salience import score_sentences, standardize

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


@given(st.lists(st.integers(1, 40), max_size=30), st.integers(12, 60), st.integers(0, 10))
@settings(deadline=None)
def test_windows_read_every_token_once_and_fit(lengths, size, overlap):
    owners = [index for index, length in enumerate(lengths) for _ in range(length)]
    tokens = list(range(len(owners)))

    windows = list(cut_windows(tokens, owners, size, overlap))

    assert [token for window in windows for token in range(window.start, window.end)] == tokens
    for window in windows:
        assert len(window.context) + window.end - window.start <= size
        assert list(window.context) == tokens[window.start - len(window.context) : window.start]
        whole = window.end == len(tokens) or owners[window.end] != owners[window.end - 1]
        assert whole or len(set(owners[window.start : window.end])) == 1


def test_scores_rise_with_place_words_and_a_short_mean_state():
    article = Article.from_text(
        "The ferry stays. The ferry of Marlen stays all winter. It rained. It rained on.",
        title="Ferry of Marlen stays",
        language="en",
        check=False,
    )
    states = np.ones((4, 8), dtype=np.float32)
    even = score_sentences(article, states)
    states[3] *= 0.1

    assert even[1] > even[2]
    assert score_sentences(article, states)[3] > even[3]


def test_values_that_do_not_differ_say_nothing():
    assert standardize(np.full(5, 3.0)).tolist() == [0] * 5
    assert standardize(np.array([])).tolist() == []


@pytest.mark.model
@pytest.mark.parametrize("length", [1, 60, 900])
def test_the_layers_compute_what_transformers_computes(length, builtin_folder, example_articles):
    import torch
    from transformers import Gemma3TextModel

    from summarizer.backends.gemma_layers import GemmaLayers

    text = " ".join(example_articles[code][0] for code in ("de", "zh", "ar", "hi"))
    tokens = GemmaTokenizer(builtin_folder).encode(text, bos=True)[:length]
    reference = Gemma3TextModel.from_pretrained(builtin_folder, dtype=torch.float32)
    with torch.inference_mode():
        expected = reference(torch.tensor([tokens]), output_hidden_states=True).hidden_states[LAYERS][0]

    states = GemmaLayers(builtin_folder, LAYERS, torch.float32)(tokens)

    assert len(tokens) == length
    assert (states - expected).abs().mean() < 0.005
    assert torch.nn.functional.cosine_similarity(states, expected).min() > 0.9999


@pytest.mark.model
@pytest.mark.parametrize("code", LANGUAGES)
def test_the_summary_of_an_article_says_what_happened(code, example_articles, summarizer):
    text, expected = example_articles[code]

    summary = summarizer.summarize(text)

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

    summary = summarizer.summarize(article, length="long")

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
