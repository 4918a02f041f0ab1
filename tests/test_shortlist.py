import numpy as np
import pytest

from summarizer.backends.gemma_tokenizer import GemmaTokenizer
from summarizer.backends.shortlist import has_table, list_languages, make_shortlist, pack_table


def test_a_table_is_stored_as_steps():
    assert np.cumsum(pack_table([9, 4, 260])).tolist() == [4, 9, 260]


def test_the_common_tokens_of_many_languages_are_known():
    known = list_languages()

    assert len(known) >= 40
    assert {"en", "es", "de", "ru", "ar", "hi", "zh", "ja", "ko", "th", "am", "he", "el", "sw"} <= set(known)
    assert has_table("zh-Hant")
    assert not has_table("tlh")


def test_tokens_of_the_source_and_of_the_language_make_the_shortlist():
    shortlist = make_shortlist([5, 262_000, 5], "en")

    assert {5, 262_000} <= set(shortlist.tolist())
    assert np.all(np.diff(shortlist) > 0)
    assert 5_000 < len(shortlist) < 20_000


@pytest.mark.model
@pytest.mark.parametrize("language", ["en", "de", "ru", "ar", "hi", "ja", "ko", "th", "am"])
def test_ordinary_words_of_a_language_can_be_written(language, builtin_folder, example_articles):
    tokenizer = GemmaTokenizer(builtin_folder)
    tokens = tokenizer.encode(example_articles[language][0])

    known = set(make_shortlist((), language).tolist())

    assert sum(token in known for token in tokens) > 0.85 * len(tokens)
    assert tokenizer.eos_id in known
