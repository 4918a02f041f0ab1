import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer.backends.gemma_reader import average_states, cut_windows


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


def test_the_state_of_a_sentence_is_the_mean_of_its_tokens():
    states = np.array([[1, 0], [3, 0], [0, 8]], dtype=np.float32)

    means = average_states(states, [0, 0, 2], sentences=3)

    assert means.tolist() == [[2, 0], [0, 0], [0, 8]]
