"""What a batch did: counted row by row, shown on the terminal, written as JSON and as a page."""

import io
import json
import os
import subprocess
import sys
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from summarizer import Summarizer, errors
from summarizer.backends.fake import FakeBackend
from summarizer.batch.displays import UNPRINTABLE
from summarizer.batch.report import ADVICE, NO_ADVICE, RunInfo, make_report, print_report, write_report
from summarizer.batch.report_page import render_page
from summarizer.batch.tally import Histogram, Tally
from summarizer.errors import BadOptionError, BadRowError, NotAnArticleError, SummarizerError
from summarizer.summary import error_to_dict
from summarizer.translation import Translator

TEXT = """The council of Marlen voted on Tuesday to keep the ferry to Osk running through the winter.
About 900 people use the ferry each day, most of them on their way to work or to school.
The operator had warned that the line loses 40,000 crowns a month between November and March."""
HOSTILE = "</dd><script>alert(1)</script><img src=http://evil.example/x>\x1b[2J\x9b31m\u202egnp\ud800\r[bold red]$x^2$"
INFO = RunInfo("news.jsonl", "out.jsonl", {"style": "auto"}, seconds=10.0)


@pytest.fixture(scope="module")
def real():
    """A result as the pipeline makes it: a number to check, one sentence written, translated."""
    drafts = [["The ferry to Osk stays, though it loses 70,000 crowns a month."]]
    summarizer = Summarizer(FakeBackend(drafts), translator=Translator([FakeBackend()]))
    summary = summarizer.summarize(TEXT, style="abstractive", target_language="pt")
    return {**summary.to_dict(), "row": 0}


def summary(row, *, seconds=1.0, tokens=100, language="en", quoted=1, written=0, flags=(), name=None):
    sentences = [{"quoted": True}] * quoted + [{"quoted": False}] * written
    return {
        "row": row,
        "id": name or f"id-{row}",
        "language": language,
        "sentences": sentences,
        "flags": [{"kind": kind} for kind in flags],
        "translation": None,
        "article": {"language": language},
        "receipt": {"tokens": tokens, "tokens_read": tokens},
        "seconds": seconds,
        "error": None,
    }


def failure(row, error=None, name=None):
    return {**error_to_dict(error or BadRowError(f"Row {row} has no text."), name or f"id-{row}"), "row": row}


def tally_of(*results):
    tally = Tally()
    tally.add_all(results)
    return tally


@pytest.fixture
def hostile_report():
    results = [
        summary(0, name=HOSTILE),
        failure(1, NotAnArticleError(HOSTILE, "paywall"), name=HOSTILE),
    ]
    return make_report(tally_of(*results), info=RunInfo(HOSTILE, HOSTILE, {"model": HOSTILE}))


# --- counting


def test_a_result_of_the_pipeline_is_counted_whole(real):
    counts = tally_of(real).to_dict()

    assert (counts["rows"], counts["done"], counts["failed"]) == (1, 1, 0)
    assert counts["tokens_read"] == real["receipt"]["tokens_read"] > 0
    assert list(counts["languages"]) == ["en"]
    assert counts["languages"]["en"] | {"seconds": 0} == {
        "articles": 1,
        "flagged": 1,
        "quoted": 0,
        "written": 1,
        "tokens_read": counts["tokens_read"],
        "seconds": 0,
    }
    assert counts["flags"] == {"number": 1}
    assert counts["translations"] == {"pt": 1}
    assert counts["translation_flags"] == {flag["kind"]: 1 for flag in real["translation"]["flags"]}
    assert counts["slowest"][0]["id"] == real["id"]


def test_a_flag_of_the_translation_alone_makes_a_summary_one_to_check():
    translated = {**summary(0), "translation": {"language": "pt", "flags": [{"kind": "untranslated"}] * 2}}

    counts = tally_of(translated, summary(1)).to_dict()

    assert counts["languages"]["en"]["flagged"] == 1
    assert (counts["flags"], counts["translation_flags"]) == ({}, {"untranslated": 2})


def test_languages_and_errors_stand_in_the_order_of_their_numbers():
    rows = [summary(n, language=code, quoted=2, written=1) for n, code in enumerate(["pt", "en", "en", "de"])]
    walls = [failure(n, NotAnArticleError("A wall.", reason)) for n, reason in enumerate("ab" + "b" * 4, 4)]

    counts = tally_of(failure(99), *rows, *walls).to_dict()

    assert list(counts["languages"]) == ["en", "de", "pt"]
    assert (counts["languages"]["en"]["quoted"], counts["languages"]["en"]["written"]) == (4, 2)
    assert {code: error["count"] for code, error in counts["errors"].items()} == {"not_an_article": 6, "bad_row": 1}
    assert counts["errors"]["not_an_article"]["reasons"] == {"b": 5, "a": 1}
    assert [example["row"] for example in counts["errors"]["not_an_article"]["examples"]] == [4, 5, 6]
    assert counts["errors"]["bad_row"]["examples"] == [{"id": "id-99", "row": 99, "message": "Row 99 has no text."}]


@given(st.lists(st.integers(0, 50), max_size=40), st.randoms())
def test_the_slowest_are_the_same_in_whatever_order_results_come(seconds, random):
    results = [summary(row, seconds=value / 10, tokens=row) for row, value in enumerate(seconds)]
    expected = sorted(results, key=lambda result: (-result["seconds"], result["row"]))[:10]
    random.shuffle(results)

    slowest = tally_of(*results).to_dict()["slowest"]

    assert [(timing["row"], timing["seconds"], timing["tokens"]) for timing in slowest] == [
        (result["row"], result["seconds"], result["receipt"]["tokens"]) for result in expected
    ]


@given(st.lists(st.floats(0.001, 1e5), min_size=1, max_size=200))
def test_a_histogram_keeps_every_number_and_comes_near_the_quantiles(values):
    histogram = Histogram(least=0.001)
    for value in values:
        histogram.add(value)

    drawn = histogram.to_dict()

    assert sum(part["count"] for part in drawn["bins"]) == len(values)
    for this, following in zip(drawn["bins"], drawn["bins"][1:], strict=False):
        assert this["to"] == following["from"]
    assert drawn["bins"][0]["from"] <= min(values) * 1.001
    assert drawn["bins"][-1]["to"] >= max(values) * 0.999
    exact = sorted(values)[(len(values) + 1) // 2 - 1]
    assert drawn["median"] == pytest.approx(exact, rel=0.13)


def test_an_empty_histogram_has_no_median():
    assert Histogram(least=1).to_dict() == {"median": None, "p95": None, "bins": []}


def test_memory_does_not_grow_with_the_rows():
    def results(rows):
        for row in range(rows):
            yield summary(row, seconds=row % 1000 / 100, tokens=row % 5000, name="x" * 10_000)
            yield failure(row, BadRowError("m" * 10_000), name="y" * 10_000)

    tally = Tally()
    tally.add_all(results(1000))
    before = len(json.dumps(tally.to_dict()))
    tracemalloc.start()
    tally.add_all(results(10_000))
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert kept < 50_000
    assert len(json.dumps(tally.to_dict())) < before + 500


# --- the report


def test_every_error_of_the_package_has_advice():
    codes = {
        kind.code for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, SummarizerError)
    }
    assert set(ADVICE) == codes - {SummarizerError.code}


def test_the_report_says_what_to_do_about_each_error():
    class StrangeError(SummarizerError):
        code = "strange"

    report = make_report(tally_of(failure(0), failure(1, StrangeError("Odd."))), info=INFO)

    assert report["errors"]["bad_row"]["advice"] == ADVICE["bad_row"]
    assert report["errors"]["strange"]["advice"] == NO_ADVICE


def test_speed_is_that_of_this_run_alone():
    results = [*(summary(row) for row in range(30)), failure(30), failure(31)]
    info = RunInfo("in", "out", seconds=5.0, earlier_done=20, earlier_failed=1, earlier_tokens=2000)

    report = make_report(tally_of(*results), info=info)

    assert report["speed"] == {"articles_per_second": 2.0, "tokens_per_second": 200.0}
    assert (report["run"]["done"], report["run"]["failed"]) == (10, 1)
    assert (report["rows"], report["done"], report["failed"]) == (32, 30, 2)


def test_a_report_tells_versions_machine_and_options():
    report = make_report(Tally(), info=INFO)

    assert report["options"] == {"style": "auto"}
    assert {"summarizer", "python", "torch"} <= set(report["versions"])
    assert report["machine"]["cores"] == os.cpu_count()
    assert report["speed"]["articles_per_second"] == 0


def test_the_report_lies_beside_the_results(tmp_path, real):
    report = make_report(tally_of(real, failure(1)), info=RunInfo("in", "out", {"folder": tmp_path}))

    paths = write_report(report, tmp_path / "out.jsonl")

    assert [path.name for path in paths] == ["out.jsonl.report.json", "out.jsonl.report.html"]
    written = json.loads(paths[0].read_text(encoding="utf-8"))
    assert written == {**report, "options": {"folder": str(tmp_path)}}
    assert html.fromstring(paths[1].read_bytes()).findtext(".//h1") == "Batch of in"
    assert sorted(tmp_path.iterdir()) == sorted(paths)


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from summarizer.batch.report import RunInfo, make_report, write_report
from summarizer.batch.tally import Tally
from summarizer.errors import BadOptionError

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    write_report(make_report(Tally(), info=RunInfo("in", "out")), Path(sys.argv[1]))
except BadOptionError as error:
    print(error)
"""


def test_a_full_disk_leaves_the_report_that_was_there(tmp_path):
    before = tmp_path / "out.jsonl.report.json"
    before.write_text("the report of an earlier run")

    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, tmp_path / "out.jsonl"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"},
    )

    assert done.stdout.startswith("The report"), done.stderr
    assert "cannot be written: File too large" in done.stdout
    assert list(tmp_path.iterdir()) == [before]
    assert before.read_text() == "the report of an earlier run"


def test_a_folder_that_is_not_there_is_a_clear_error(tmp_path):
    with pytest.raises(BadOptionError, match=r"cannot be written: No such file.*results are not touched"):
        write_report(make_report(Tally(), info=INFO), tmp_path / "gone" / "out.jsonl")


# --- the page


def test_the_page_has_tables_examples_and_plots(real):
    report = make_report(tally_of(real, summary(1, language="pt"), failure(2)), info=INFO)

    page = html.fromstring(render_page(report))

    titles = [heading.text for heading in page.iter("h2")]
    assert titles == [
        *("Batch", "By language", "To check", "Rows that failed", "Slowest articles"),
        *("Seconds of an article", "Tokens of an article", "Articles by language"),
        *("Run", "Options", "Versions", "Machine"),
    ]
    assert len(page.findall(".//svg")) == 3
    assert page.xpath("//details/summary/text()") == ["The first of bad_row"]
    assert page.xpath("//dd/text()") == ["Row 2 has no text."]
    assert ADVICE["bad_row"] in page.text_content()


def test_an_empty_batch_has_a_page_too():
    page = html.fromstring(render_page(make_report(Tally(), info=INFO)))

    assert [heading.text for heading in page.iter("h2")] == ["Batch", "Run", "Options", "Versions", "Machine"]


def test_without_matplotlib_there_are_tables_and_a_word_about_plots(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)

    page = html.fromstring(render_page(make_report(tally_of(summary(0)), info=INFO)))

    assert page.findall(".//svg") == []
    assert "matplotlib is not installed" in page.text_content()


def test_text_of_the_input_is_neither_markup_nor_control_on_the_page(hostile_report):
    page = html.fromstring(render_page(hostile_report))

    assert not page.xpath("//script | //img | //link | //iframe | //object")
    # Addresses of vocabularies and references inside of the plots are not fetched.
    assert all(value.startswith("#") for value in page.xpath("//@src | //@href | //@*[name()='xlink:href']"))
    assert "default-src 'none'" in page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert "</dd><script>alert(1)</script>" in page.xpath("//dd/text()")[0]
    assert "\\x1b[2J\\x9b31m\\u202egnp\\ud800\\r" in page.xpath("//dt/text()")[0]
    assert not set(page.text_content()) & set("\x1b\x9b\u202e\r\ud800")


def test_the_json_holds_hostile_text_as_it_was_without_a_raw_control(hostile_report, tmp_path):
    path, _ = write_report(hostile_report, tmp_path / "out.jsonl")

    text = path.read_text(encoding="utf-8")

    assert json.loads(text) == hostile_report
    assert not set(text) & set("\x1b\x9b\u202e\r\ud800")


# --- the terminal


def printed(report):
    stream = io.StringIO()
    print_report(report, stream)
    return stream.getvalue()


def test_the_terminal_shows_the_same_tables(monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    results = [*(summary(row, language="pt", flags=["name"]) for row in range(1234)), failure(1234)]

    lines = printed(make_report(tally_of(*results), info=INFO)).splitlines()

    assert [line for line in lines if line.isupper()] == [
        *("BATCH", "BY LANGUAGE", "TO CHECK", "ROWS THAT FAILED", "SLOWEST ARTICLES")
    ]
    assert "pt           1,234    1,234   1,234        0      123,400         1.000" in lines
    assert [line.split() for line in lines if line.startswith(("name", "bad_row "))] == [
        ["name", "1,234", "0"],
        ["bad_row", "1", "-"],
    ]


def test_a_long_table_is_cut_on_the_terminal_and_says_so():
    codes = [f"{a}{b}" for a in "abcdef" for b in "ghijkl"]
    report = make_report(tally_of(*(summary(row, language=code) for row, code in enumerate(codes))), info=INFO)

    text = " ".join(printed(report).split())

    assert "16 more are in the report." in text
    assert len(html.fromstring(render_page(report)).xpath("//table[2]/tbody/tr")) == 36


def test_the_report_goes_to_stderr(capfd):
    print_report(make_report(tally_of(summary(0)), info=INFO))

    shown = capfd.readouterr()
    assert (shown.out, "SLOWEST ARTICLES" in shown.err) == ("", True)


def test_a_report_that_nobody_reads_does_not_end_the_program():
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w", encoding="utf-8") as stream:  # noqa: PTH123
        print_report(make_report(tally_of(summary(0)), info=INFO), stream)
        with pytest.raises(BrokenPipeError):
            stream.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), writer)


def test_text_of_the_input_is_neither_markup_nor_control_on_the_terminal(hostile_report, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")

    shown = printed(hostile_report)

    assert "\\x1b[2J\\x9b31m\\u202egnp\\ud800\\r[bold red]$x^2$" in shown
    assert not set(shown) & set("\x1b\x9b\u202e\r\ud800")


@settings(deadline=None)
@given(st.text(st.characters(codec=None), max_size=30) | st.text("<>&\"'\x1b\x9b\u202e\r\ud800[/]a", max_size=20))
def test_any_text_can_be_reported(text):
    results = summary(0, name=text), failure(1, BadRowError(text), name=text)
    report = make_report(tally_of(*results), info=RunInfo(text, text, {text: text}))
    plain = make_report(tally_of(summary(0, name="a"), failure(1)), info=RunInfo("a", "a", {"a": "a"}))

    with pytest.MonkeyPatch.context() as patch:
        # The plots hold none of the text, and take long.
        patch.setitem(sys.modules, "matplotlib", None)
        page, expected = (html.fromstring(render_page(made)) for made in (report, plain))

    assert [element.tag for element in page.iter()] == [element.tag for element in expected.iter()]
    for shown in (page.text_content(), printed(report)):
        assert not UNPRINTABLE.search(shown.replace("\n", ""))
