import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer.backends.gemma_reader import average_states, cut_windows


@given(st.lists(st.integers(1, 40), max_size=30), st.integers(12, 60), st.integers(0, 10))
@settings(deadline=None)
def test_windows_read_every_token_once_and_fit(lengths, size, overlap):
    owners = [index for index, length in enumerate(lengths) for _ in range(length)]
    tokens = list(range(len(owners)))

    windows = list(cut_windows(tokens, owners, size, overlap))

    assert [token for window in windows for token in window.tokens] == tokens
    for window in windows:
        start, end = window.tokens[0], window.tokens[-1] + 1
        assert len(window.context) + end - start <= size
        assert list(window.context) == tokens[start - len(window.context) : start]
        whole = end == len(tokens) or owners[end] != owners[end - 1]
        assert whole or len(set(owners[start:end])) == 1


def test_the_state_of_a_sentence_is_the_mean_of_its_tokens():
    states = torch.tensor([[1.0, 0.0], [3.0, 0.0], [0.0, 8.0]])

    assert average_states(states, [2, 0, 1]).tolist() == [[2, 0], [0, 0], [0, 8]]
    assert average_states(states[:0], [0, 0]).tolist() == [[0, 0], [0, 0]]
