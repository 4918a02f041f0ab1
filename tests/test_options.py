import pytest

from summarizer.errors import BadOptionError
from summarizer.options import LENGTHS, MOST_SENTENCES, Extent, check_style, find_extent


def test_named_lengths_grow():
    extents = [find_extent(name) for name in ("headline", "short", "medium", "long")]

    assert [(extent.least, extent.most) for extent in extents] == [(1, 1), (1, 2), (3, 4), (5, 7)]
    assert extents == sorted(LENGTHS.values(), key=lambda extent: extent.letters)


@pytest.mark.parametrize(
    ("length", "sentences"), [(3, 3), ("3", 3), (" 5 ", 5), (1, 1), (MOST_SENTENCES, MOST_SENTENCES)]
)
def test_a_number_of_sentences_is_a_length(length, sentences):
    assert find_extent(length) == Extent(sentences, sentences, 100 * sentences)


@pytest.mark.parametrize("length", ["", "tiny", "0", 0, -1, 3.0, True, None, MOST_SENTENCES + 1, "2.5", "٣", "1e9"])
def test_other_lengths_are_refused_with_the_ones_there_are(length):
    with pytest.raises(BadOptionError, match="headline, short, medium, long"):
        find_extent(length)


def test_styles_are_known_by_name():
    assert check_style("auto") == "auto"
    with pytest.raises(BadOptionError, match="auto, extractive, abstractive"):
        check_style("poetic")
