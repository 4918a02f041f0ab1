"""The parts of the benchmarks that compute: inputs, ratios, and a small run of each that needs no model."""

import json
import os
from pathlib import Path

import pytest

from benchmarks import memory, scaling
from benchmarks.articles import EXAMPLE_WORDS, draw_lengths, list_languages, make_articles, make_text, write_short_rows
from benchmarks.figures import save_figures, save_plot
from benchmarks.memory import Sample, Trace
from benchmarks.rounds import Contender, Run, compare, find_best, take_turns
from summarizer import Article
from summarizer.batch.journal import read_results


def test_articles_are_the_same_every_time_and_no_two_are_alike():
    first, second = make_articles(30), make_articles(30)
    assert [article.text for article in first] == [article.text for article in second]
    assert len({article.text for article in first}) == 30
    assert {article.language for article in first} == set(list_languages())


def test_lengths_are_spread_as_they_are_said_to_be():
    lengths = sorted(draw_lengths(4000))
    assert lengths[2000] == pytest.approx(500, rel=0.05)
    assert lengths[640] == pytest.approx(270, rel=0.07)
    assert lengths[3360] == pytest.approx(910, rel=0.07)
    assert draw_lengths(5, seed=1) != draw_lengths(5, seed=2)


@pytest.mark.parametrize("words", [50, 300, 3000])
def test_an_english_article_is_as_long_as_it_was_asked_for(words):
    assert len(make_text("en", words).split()) == pytest.approx(words, rel=0.15, abs=30)


@pytest.mark.parametrize("language", ["ar", "de", "hi", "th", "zh"])
def test_other_languages_get_the_same_share_of_their_example(language):
    once, twice = (make_text(language, share * EXAMPLE_WORDS) for share in (1, 2))
    assert len(twice) == pytest.approx(2 * len(once), rel=0.1)


@pytest.mark.parametrize("language", ["de", "en", "hi", "zh"])
def test_cleaning_takes_no_sentence_of_a_long_article_for_a_repetition(language):
    text = make_text(language, 700)
    assert len(Article.from_text(text, check=False).text) > 0.97 * len(text)


def test_rows_of_a_batch_have_their_own_id_and_text(tmp_path):
    write_short_rows(tmp_path / "rows.jsonl", 40, 40)
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len({row["id"] for row in rows}) == len({row["text"] for row in rows}) == 40


def test_contenders_take_turns_and_the_first_run_of_each_does_not_count():
    seen: list[tuple[str, int]] = []
    articles = make_articles(3)
    contenders = [
        Contender(name, lambda asked, name=name: seen.append((name, len(asked))), articles) for name in ("a", "b")
    ]
    runs = take_turns(contenders, 2)
    assert seen == [("a", 1), ("b", 1), ("a", 3), ("b", 3), ("b", 3), ("a", 3)]
    assert {name: len(found) for name, found in runs.items()} == {"a": 2, "b": 2}


def test_ratios_are_taken_round_by_round():
    # The machine was three times as slow in the second round: the ratio is the same.
    ours = [Run(10, 1.0, 1.0), Run(10, 3.0, 1.0), Run(10, 1.0, 1.0)]
    theirs = [Run(5, 1.0, 1.0), Run(5, 3.0, 1.0), Run(5, 2.0, 1.0)]
    ratio = compare(ours, theirs)
    assert (ratio.median, ratio.least, ratio.most) == (2.0, 2.0, 4.0)
    with pytest.raises(ValueError, match="shorter"):
        compare(ours, theirs[:2])


def test_the_best_batch_size_is_the_one_with_the_highest_median_rate():
    runs = {"small": [Run(1, 2.0, 0), Run(1, 0.1, 0), Run(1, 2.0, 0)], "large": [Run(1, 1.0, 0)] * 3}
    assert find_best(runs, ["small", "large"]) == "large"


def test_costs_in_proportion_to_length_have_slope_one():
    assert scaling.fit_slope([(100, 2.0), (1000, 20.0), (10_000, 200.0)]) == pytest.approx(1)
    assert scaling.fit_slope([(100, 1.0), (1000, 100.0)]) == pytest.approx(2)


def test_the_peak_counts_all_processes_at_one_time_above_the_start():
    samples = (Sample(0, 0, 50, 10), Sample(1, 5, 90, 100), Sample(2, 9, 120, 20))
    trace = Trace("batch", 9, samples)
    assert (trace.process_peak, trace.peak) == (70, 130)


def test_growth_compares_the_end_with_the_beginning_but_not_with_the_start():
    flat = tuple(Sample(second, second, 0 if second < 10 else 100, 0) for second in range(100))
    rising = tuple(Sample(second, second, second, 0) for second in range(100))
    assert (Trace("flat", 100, flat).growth(), Trace("rising", 100, rising).growth()) == (0, 80)


def test_dropped_lines_are_the_last_ones(tmp_path):
    (tmp_path / "journal").write_text("1\n2\n3\n")
    memory.drop_last(tmp_path / "journal", 2)
    assert (tmp_path / "journal").read_text() == "1\n"


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_memory_is_measured_over_a_batch_and_over_one_that_goes_on(tmp_path):
    write_short_rows(tmp_path / "rows.jsonl", 50, 40)
    whole, rest = memory.measure(tmp_path / "rows.jsonl", [".jsonl"], 50, workers=0, clean=True)
    assert [result["row"] for result in read_results(tmp_path / "summaries.jsonl")] == list(range(50))
    assert whole.samples[-1].rows == rest.samples[-1].rows == 50
    assert whole.samples[0].rows == 0
    assert 0 < whole.process_peak <= whole.peak < memory.TARGET
    memory.draw(tmp_path, [whole, rest])
    assert (tmp_path / "memory.svg").stat().st_size > 1000
    assert memory.describe(rest)["all_above_start"] == rest.peak


def test_a_batch_costs_the_time_that_is_left_when_starting_is_left_out(tmp_path, capsys):
    one, many = scaling.measure_counts([20, 50], 1, words=40, workers=0, clean=True)
    start = one.seconds - one.per_article * 19
    assert many.seconds == pytest.approx(start + 49 * many.per_article)
    assert "an article among 50 costs" in capsys.readouterr().out
    scaling.draw(tmp_path, [], [one, many])
    assert (tmp_path / "scaling-count.png").read_bytes().startswith(b"\x89PNG")


def test_figures_say_which_machine_they_are_of(tmp_path):
    save_figures(tmp_path / "new", "speed", {"seconds": 1.5})
    figures = json.loads((tmp_path / "new" / "speed.json").read_text(encoding="utf-8"))
    assert figures["seconds"] == 1.5
    assert f"{len(os.sched_getaffinity(0))} cores" in figures["machine"]


def test_a_plot_is_a_picture_of_all_its_curves(tmp_path):
    save_plot(tmp_path, "plot", {"ours": [(1, 2), (10, 3)], "theirs": [(1, 5), (10, 9)]}, ("x", "y"), log=True)
    svg = (tmp_path / "plot.svg").read_text(encoding="utf-8")
    assert "ours" in svg
    assert "theirs" in svg


def test_precision_compares_runs_that_followed_one_another():
    from benchmarks.precision import summarize

    costs = summarize(64, {"fp32": [2.0, 6.0, 2.0], "int8": [1.0, 3.0, 1.0]}, {"fp32": 0.0, "int8": 0.01})
    assert [(cost.kind, cost.speedup) for cost in costs] == [("fp32", 1.0), ("int8", 2.0)]


def test_products_in_other_types_come_near_those_of_float32():
    from benchmarks.precision import measure

    errors = {cost.kind: cost.error for cost in measure(4, 1)}
    assert errors["fp32"] == 0
    assert 0 < errors["bf16"] < 0.01
    assert 0 < errors["int8"] < 0.05
