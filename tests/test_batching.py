import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from summarizer.backends.batching import choose_device, cut_batches, find_budget
from summarizer.errors import BadOptionError


@given(st.lists(st.integers(1, 600), max_size=40), st.integers(1, 4096))
def test_batches_hold_everything_once_and_fit(sizes, budget):
    batches = list(cut_batches(sizes, budget))

    assert sorted(place for batch in batches for place in batch) == list(range(len(sizes)))
    for batch in batches:
        assert sizes[batch[0]] == max(sizes[place] for place in batch)
        assert len(batch) == 1 or len(batch) * sizes[batch[0]] <= budget


def test_rows_of_like_length_are_together_so_that_little_is_filling():
    assert list(cut_batches([10, 500, 12, 480, 11], 1000)) == [[1, 3], [2, 4, 0]]


@pytest.mark.parametrize(("setting", "advice"), [("tpu", "auto, cpu or cuda"), ("cuda", "no GPU")])
def test_a_device_that_is_not_there_is_refused(setting, advice, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto") == choose_device("cpu") == "cpu"
    with pytest.raises(BadOptionError, match=advice):
        choose_device(setting)


def test_a_batch_on_a_gpu_fills_half_of_what_is_free(monkeypatch):
    assert find_budget("cpu", 1024, 1000) == 1024
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (10_000_000, 80_000_000))
    assert find_budget("cuda", 1024, 1000) == 5000
    assert find_budget("cuda", 8192, 1000) == 8192
