import gc
import warnings
from collections.abc import Iterator

import pytest
from serving import GRADIO_WARNINGS

from benchmarks.load import SlowBackend, measure
from summarizer import Summarizer
from summarizer.web.settings import Limits

pytestmark = [*GRADIO_WARNINGS, pytest.mark.slow]


@pytest.fixture(autouse=True)
def leave_nothing_behind() -> Iterator[None]:
    """Collect what Gradio left here, rather than in the middle of a test that knows nothing of it."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def test_many_users_all_get_their_own_answers_and_memory_stays():
    first, second = measure(Summarizer(SlowBackend(0.01)), 12, 48, Limits())

    assert first["answered"] == second["answered"] == 48
    before, after = second["memory_mb"]
    assert after - before < 40


def test_whoever_finds_no_place_is_told_to_wait_and_nobody_is_lost():
    for figures in measure(Summarizer(SlowBackend(0.05)), 12, 24, Limits(waiting=3)):
        assert figures["answered"] + figures["told to wait"] == 24
        assert figures["told to wait"] > 0
