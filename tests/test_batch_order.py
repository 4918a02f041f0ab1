"""The order in which rows are summarized, how many in one durable step, and the order that is left."""

import json
import random
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer import Summarizer
from summarizer.backends.fake import FakeBackend
from summarizer.batch.runner import Job, run_batch
from summarizer.batch.sources import open_source
from summarizer.batch.steps import bring_together, cut_steps

TOGETHER, AHEAD = 4, 12


class Clock:
    """Stands still until it is set."""

    now = 0.0

    def __call__(self):
        return self.now


class Silent:
    def resume(self, result): ...

    def add(self, results): ...


class Padding(FakeBackend):
    """Counts the words that a model would read if all texts of a batch were as long as the longest."""

    padded = 0

    def score(self, articles):
        readings = super().score(articles)
        self.padded += len(articles) * max(reading.receipt.tokens for reading in readings)
        return readings


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """Articles of very different lengths, one row in twenty broken."""
    generator, path = random.Random(5), tmp_path_factory.mktemp("rows") / "rows.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number in range(400):
            sentences = min(60, int(generator.lognormvariate(2, 1)) + 1)
            text = " ".join(f"Ward {number} voted on item {item}." for item in range(sentences))
            row = {"id": f"id-{number}", "text": text, "lang": "en"}
            file.write("broken\n" if number % 20 == 7 else json.dumps(row) + "\n")
    return path


def run(source, output, *, ordered, backend=None, watcher=None):
    job = Job(
        Summarizer(backend or FakeBackend()), {"style": "extractive"}, {"clean": False, "check": False}, ordered=ordered
    )
    return run_batch(open_source(str(source)), output, job, watcher=watcher or Silent())


def read(output):
    return [{**json.loads(line), "seconds": None} for line in output.read_text(encoding="utf-8").splitlines()]


def by_row(results):
    return sorted(results, key=lambda result: result["row"])


# --- steps


def cut(count, seconds_of):
    """Return the sizes of the steps of rows, of which each takes so many seconds."""
    clock, sizes = Clock(), []
    for step in cut_steps(range(count), 8, clock=clock):
        sizes.append(len(step))
        clock.now += sum(map(seconds_of, step))
    assert sum(sizes) == count
    return sizes


@pytest.mark.parametrize(
    ("seconds", "sizes"),
    [(0, [8, 32, 32, 28]), (0.01, [8, 32, 32, 28]), (1, [8] + [10] * 9 + [2]), (60, [8] * 12 + [4])],
)
def test_a_step_has_32_rows_or_those_of_ten_seconds_or_one_batch(seconds, sizes):
    assert cut(100, lambda row: seconds) == sizes


def test_steps_become_larger_again_when_rows_are_done_faster():
    assert cut(100, lambda row: 5 if row < 16 else 0.5) == [8, 8, 8, 20, 20, 20, 16]


@given(st.lists(st.integers(0, 30), max_size=80))
def test_rows_brought_together_are_all_there_and_the_oldest_comes_with_its_likes(lengths):
    taken = 0

    def rows():
        nonlocal taken
        for row in enumerate(lengths):
            taken += 1
            yield row

    arranged = bring_together(rows(), lambda row: row[1], TOGETHER, AHEAD)
    found = []
    while group := list(islice(arranged, TOGETHER)):
        assert taken <= len(found) + AHEAD
        left = set(range(len(lengths))) - {number for number, _ in found}
        assert min(left) in {number for number, _ in group}
        found += group
    assert sorted(found) == list(enumerate(lengths))


# --- runs


def test_unordered_rows_are_all_there_once_with_the_results_of_an_ordered_run(rows, tmp_path):
    run(rows, tmp_path / "ordered.jsonl", ordered=True)
    run(rows, tmp_path / "unordered.jsonl", ordered=False)
    ordered, unordered = read(tmp_path / "ordered.jsonl"), read(tmp_path / "unordered.jsonl")

    assert [result["row"] for result in ordered] == list(range(400))
    assert unordered != ordered
    assert by_row(unordered) == ordered


def test_batches_of_an_unordered_run_are_even(rows, tmp_path):
    ordered, unordered = Padding(), Padding()
    run(rows, tmp_path / "ordered.jsonl", ordered=True, backend=ordered)
    run(rows, tmp_path / "unordered.jsonl", ordered=False, backend=unordered)
    assert unordered.padded < 0.7 * ordered.padded


@pytest.mark.parametrize("later", [True, False])
@pytest.mark.parametrize("first", [True, False])
def test_the_order_may_change_from_run_to_run_and_the_last_one_decides(rows, tmp_path, first, later):
    class Stopping(Silent):
        def add(self, results):
            raise KeyboardInterrupt

    whole, output = tmp_path / "whole.jsonl", tmp_path / "out.jsonl"
    run(rows, whole, ordered=True)
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            run(rows, output, ordered=first, watcher=Stopping())
    assert 0 < len(read(output)) < 400

    outcome = run(rows, output, ordered=later)

    assert (outcome.done, outcome.failed, outcome.finished) == (400, 20, True)
    assert by_row(read(output)) == read(whole)
    assert (read(output) == read(whole)) is later
    run(rows, output, ordered=True)
    assert read(output) == read(whole)
