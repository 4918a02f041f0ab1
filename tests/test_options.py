import pytest

from summarizer.errors import BadOptionError
from summarizer.options import LENGTHS, MOST_SENTENCES, check_style, count_sentences


def test_named_lengths_grow():
    assert [count_sentences(name) for name in ("headline", "short", "medium", "long")] == [1, 2, 4, 7]
    assert list(LENGTHS.values()) == sorted(LENGTHS.values())


@pytest.mark.parametrize(
    ("length", "sentences"), [(3, 3), ("3", 3), (" Short ", 2), ("LONG", 7), (1, 1), (MOST_SENTENCES, MOST_SENTENCES)]
)
def test_a_number_of_sentences_is_a_length(length, sentences):
    assert count_sentences(length) == sentences


@pytest.mark.parametrize("length", ["", "tiny", "0", 0, -1, 3.0, True, None, MOST_SENTENCES + 1, "2.5", "٣", "1e9"])
def test_other_lengths_are_refused_with_the_ones_there_are(length):
    with pytest.raises(BadOptionError, match="headline, short, medium, long"):
        count_sentences(length)


def test_styles_are_known_by_name():
    assert check_style("auto") == "auto"
    with pytest.raises(BadOptionError, match="auto, extractive, abstractive"):
        check_style("poetic")
