"""Measuring models on rows with references: reading, running, reporting, the command."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from summarizer import Article, Summarizer, errors
from summarizer.backends.fake import FakeBackend
from summarizer.cli import main
from summarizer.evaluation import plots
from summarizer.evaluation.data import Example, read_dataset
from summarizer.evaluation.page import render_page
from summarizer.evaluation.report import build_report, find_system
from summarizer.evaluation.runner import match_language, peak_megabytes, run
from summarizer.evaluation.systems import lead_systems, lexrank_system, model_system
from summarizer.evaluation.tables import make_tables

FERRY = (
    "The council of Osk voted on Tuesday to keep the ferry running. About 900 people use it each day. "
    "The mayor, Anna Berg, called it a good day for the island. Tickets stay at 4 euros."
)
ROW = {"text": FERRY, "lang": "en", "summary": "Osk keeps its ferry, which 900 people use each day."}
HOSTILE = "<script>alert('x')</script> & <b onload=\"y\">$\\frac{1}{2}$"


def write_rows(path, *rows):
    data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.fixture
def example_rows(example_articles):
    """The example articles with their headlines as references."""
    return [
        {"id": code, "text": text.partition("\n")[2], "lang": code, "summary": row["title"], "kind": "headline"}
        for code, (text, row) in example_articles.items()
        if code in ("de", "en", "hi", "ja", "ru", "zh")
    ]


def measure(path, *systems):
    """Run systems beside lead-2 and return the report and the results."""
    dataset = read_dataset(path)
    every = [lead_systems()[1], *systems]
    results = list(run(every, dataset.examples))
    return build_report(every, results, dataset, style="auto", length="short"), results


def fake_system(*drafts, style="abstractive"):
    return model_system(Summarizer(FakeBackend(drafts)), style=style, length="short")


# --- reading


def test_rows_are_read_from_json_lines_and_tables_alike(tmp_path):
    table = tmp_path / "rows.csv"
    table.write_text(
        '\ufefftext,lang,reference,title\n"One, two.\nThree.",en,A reference,\nKurz.,de,Noch eine,Titel\n',
        encoding="utf-8",
    )
    rows = [
        {"text": "One, two.\nThree.", "lang": "en", "reference": "A reference", "summary": "not this", "title": None},
        {"text": "Kurz.", "lang": "de", "summary": "Noch eine", "title": "Titel"},
    ]
    plain, packed = write_rows(tmp_path / "rows.jsonl", *rows), write_rows(tmp_path / "rows.jsonl.gz", *rows)

    for path in (table, plain, packed):
        examples = read_dataset(path).examples
        assert [(e.language, e.reference, e.to_article().title) for e in examples] == [
            ("en", "A reference", None),
            ("de", "Noch eine", "Titel"),
        ]
        assert examples[0].to_article().text == "One, two.\nThree."


def test_a_headline_that_is_the_answer_is_hidden_from_the_model(tmp_path):
    row = {**ROW, "title": "Osk keeps its ferry", "summary": "Osk keeps its ferry"}
    path = write_rows(tmp_path / "rows.jsonl", {**row, "kind": "headline"}, {**row, "kind": "lead"})

    assert [e.to_article().title for e in read_dataset(path).examples] == [None, "Osk keeps its ferry"]
    assert all(not {"summary", "reference"} & set(e.row) for e in read_dataset(path).examples)


def test_summaries_in_another_language_are_passed_over_and_counted(tmp_path):
    rows = [
        ROW,
        {**ROW, "summary_lang": "en"},
        {**ROW, "summary_lang": "pt"},
        {**ROW, "lang": "", "summary_lang": "pt"},
    ]

    dataset = read_dataset(write_rows(tmp_path / "rows.jsonl", *rows))

    assert ([e.line for e in dataset.examples], dataset.across) == ([1, 2], 2)


def test_a_sample_is_always_the_same_and_in_the_order_of_the_file(tmp_path):
    path = write_rows(tmp_path / "rows.jsonl", *[ROW] * 100)

    assert [e.line for e in read_dataset(path, most=5).examples] == [6, 34, 50, 54, 98]
    assert read_dataset(path, most=5).usable == 100
    assert len(read_dataset(path, most=500).examples) == 100


@pytest.mark.parametrize(
    ("name", "data", "error", "words"),
    [
        ("r.jsonl", b'{"text": "a", "summary": "b"}\n\n{"text": ', errors.BadRowError, "line 3: not valid JSON"),
        ("r.jsonl", b"[1]", errors.BadRowError, "line 1: a JSON object is needed"),
        ("r.jsonl", b'{"text": "a"}', errors.BadRowError, "line 1: there is no text under 'summary'"),
        ("r.jsonl", b'{"text": "a", "summary": NaN}', errors.BadRowError, "line 1"),
        ("r.jsonl", b'{"body": "a", "summary": "b"}', errors.BadRowError, "line 1: The row has neither 'text'"),
        ("r.jsonl", b'{"text": 5, "summary": "b"}', errors.BadRowError, "has to be a string"),
        ("r.csv", b"text,summary\na\n", errors.BadRowError, "line 2"),
        ("r.csv", b'text,summary\n"a"b,c\n', errors.BadRowError, "line 2: not a valid table"),
        ("r.jsonl", b"", errors.EmptyInputError, "no rows"),
        ("r.jsonl", b'{"text": "\xff"}', errors.UnreadableInputError, "not in UTF-8"),
        ("r.jsonl.gz", b"plain", errors.UnreadableInputError, "damaged"),
        ("r.jsonl.gz", gzip.compress(b"{}" * 999, mtime=0)[:-9], errors.UnreadableInputError, "damaged"),
        ("r.parquet", b"PAR1", errors.BadOptionError, "has to end in .jsonl"),
    ],
)
def test_a_bad_file_is_refused_with_the_line_and_what_is_wrong(tmp_path, name, data, error, words):
    (tmp_path / name).write_bytes(data)

    with pytest.raises(error, match=words):
        read_dataset(tmp_path / name)


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path):
    with pytest.raises(errors.InputNotFoundError):
        read_dataset(tmp_path / "none.jsonl")
    (tmp_path / "folder.jsonl").mkdir()
    with pytest.raises(errors.InputNotFoundError, match="directory"):
        read_dataset(tmp_path / "folder.jsonl")


# --- systems


def test_leads_are_the_first_sentences_joined_as_the_language_joins_them():
    english = Article.from_text("One is here. Two is here. Three is here.", language="en", check=False)
    chinese = Article.from_text("渡船继续运行。议会投票了。", language="zh", check=False)

    assert [system.name for system in lead_systems()] == ["lead-1", "lead-2", "lead-3"]
    assert lead_systems()[1].summarize(english).text == "One is here. Two is here."
    assert lead_systems()[2].summarize(chinese).text == "渡船继续运行。议会投票了。"


def test_lexrank_quotes_the_sentences_that_are_most_like_the_others():
    text = (
        "The mayor left early. Cats chase mice. Cats chase mice in wooden barns. Wooden barns burn. Prices rose again."
    )
    article = Article.from_text(text, language="en", check=False)
    unlike = Article.from_text("Alpha beta. Gamma delta. Epsilon zeta.", language="en", check=False)

    assert lexrank_system(1).summarize(article).text == "Cats chase mice in wooden barns."
    assert lexrank_system(1).summarize(unlike).sentences == ("Alpha beta.",)


def test_lexrank_is_left_out_where_sumy_is_not_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "sumy.summarizers.lex_rank", None)

    assert lexrank_system("short") is None


def test_a_style_that_a_model_does_not_have_is_refused_before_any_work():
    with pytest.raises(errors.UnsupportedStyleError):
        model_system(Summarizer("extractive"), style="abstractive", length="short")


# --- running


def test_what_a_model_makes_up_is_counted(tmp_path):
    path = write_rows(tmp_path / "rows.jsonl", ROW)
    system = fake_system(["The council of Osk kept the ferry.", "Peter Holm said that 700 of the 900 riders cheered."])

    _, results = measure(path, system)
    lead, made = (result.scores for result in results)

    assert (made["number_flags"], made["unsupported_numbers"]) == (1, 1 / 2)
    assert made["name_flags"] >= 1
    assert 0 < made["unsupported_names"] <= 1
    assert (made["quoted"], made["copy_rate"] < 1) == (0, True)
    assert (lead["number_flags"], lead["name_flags"], lead["unsupported_numbers"]) == (0, 0, 0)
    assert (lead["quoted"], lead["copy_rate"], lead["words"]) == (1, 1, 19)


def test_loops_and_the_wrong_language_are_counted(tmp_path):
    path = write_rows(tmp_path / "rows.jsonl", ROW, ROW)
    stuck = "The ferry stays " * 8
    foreign = "Der Rat der Insel hat am Dienstag beschlossen, dass die Fähre weiterhin jeden Tag fährt."

    report, results = measure(path, fake_system([stuck.strip() + "."], [foreign]))
    scores = find_system(report, "fake")["scores"]

    assert [result.scores["loops"] for result in results] == [0, 0, 1, 0]
    assert [result.scores["language_match"] for result in results] == [1, 1, 1, 0]
    assert scores["loops"]["value"] == scores["language_match"]["value"] == 0.5


def test_a_text_too_short_to_tell_is_no_mismatch():
    assert match_language("42.", "en") is None
    assert match_language("The council voted on Tuesday to keep the ferry.", "en") is True
    assert match_language("The council voted on Tuesday to keep the ferry.", "pt") is False


def test_articles_that_fail_are_recorded_and_never_end_the_run(tmp_path, caplog):
    class Moody(FakeBackend):
        def write(self, articles, *, language, sentences):
            if "storm" in articles[0].text:
                raise ZeroDivisionError("no idea")
            if "fog" in articles[0].text:
                raise errors.ModelError("The model gave up.")
            return super().write(articles, language=language, sentences=sentences)

    rows = [
        ROW,
        {**ROW, "text": "A storm came. It left."},
        {**ROW, "text": "A fog came. It left."},
        {**ROW, "text": " "},
        {**ROW, "lang": "xx-none"},
        ROW,
    ]
    system = model_system(Summarizer(Moody()), style="abstractive", length="short")

    report, results = measure(write_rows(tmp_path / "rows.jsonl", *rows), system)
    moody, lead = find_system(report, "moody"), find_system(report, "lead-2")

    assert moody["errors"] == {"defect": 1, "error": 1, "empty_input": 1, "unknown_language": 1}
    assert (moody["articles"], moody["failed"], moody["scores"]["rouge2"]["n"]) == (6, 4, 2)
    assert lead["failed"] == 2
    assert moody["difference"]["rouge2"]["n"] == 2
    assert moody["languages"]["und"]["scores"] == {}
    assert json.loads(json.dumps([result.to_dict() for result in results]))[7]["error"]["message"] == (
        "ZeroDivisionError: no idea"
    )


def test_the_first_article_of_a_system_is_not_timed_for_it_loads_the_model(tmp_path):
    _, results = measure(write_rows(tmp_path / "rows.jsonl", ROW, ROW, ROW), fake_system())

    assert [result.scores["seconds"] is None for result in results] == [True, False, False] * 2
    assert all(result.seconds > 0 for result in results)
    assert [result.scores["tokens_per_second"] is None for result in results] == [True] * 4 + [False] * 2


@pytest.mark.parametrize("status", ["/proc/self/status", "/nothing/here"])
def test_peak_memory_is_told_in_mebibytes_by_the_process_or_the_system(monkeypatch, status):
    monkeypatch.setattr("summarizer.evaluation.runner.STATUS", Path(status))

    assert 20 < peak_megabytes() < 100_000


# --- reporting


def test_a_report_holds_means_and_paired_differences_by_system_and_language(tmp_path, example_rows):
    system = model_system(Summarizer("extractive"), style="extractive", length=1)

    report, _ = measure(write_rows(tmp_path / "rows.jsonl", *example_rows), system, lead_systems()[0])
    lead, shorter, model = (find_system(report, name) for name in ("lead-2", "lead-1", "extractive"))

    assert lead["scores"]["rouge2"] == pytest.approx({"value": 0.1620, "low": 0.0915, "high": 0.2327, "n": 6}, abs=1e-4)
    assert lead["languages"]["en"]["scores"]["rouge2"]["value"] == pytest.approx(1 / 24)
    assert shorter["difference"]["rouge2"] == pytest.approx(
        {"value": 0.0515, "low": 0.0111, "high": 0.0862, "n": 6}, abs=1e-4
    )
    assert shorter["ratio"]["rouge2"] == pytest.approx({"value": 1.318, "low": 1.058, "high": 1.551, "n": 6}, abs=1e-3)
    assert lead["difference"] is lead["ratio"] is None
    assert sorted(model["languages"]) == ["de", "en", "hi", "ja", "ru", "zh"]
    assert model["languages"]["ja"]["difference"]["rouge2"]["n"] == 1
    assert model["signature"].startswith("0.")
    assert report["data"]["articles"] == 6
    assert json.loads(json.dumps(report)) == report
    with pytest.raises(KeyError):
        find_system(report, "lead-9")


def test_tables_have_a_cell_for_every_column_also_where_there_is_no_figure(tmp_path):
    report, _ = measure(write_rows(tmp_path / "rows.jsonl", {**ROW, "text": " "}, ROW), fake_system())
    nothing, _ = measure(write_rows(tmp_path / "none.jsonl", {**ROW, "text": " "}), fake_system())

    for made in (report, nothing):
        for table in (*make_tables(made, intervals=True), *make_tables(made, intervals=False)):
            assert {len(row) for row in table.rows} == {len(table.header)}
    assert make_tables(nothing, intervals=False)[0].rows[0] == ("lead-2", "0", "-", "-", "-", "-", "-")
    assert "<svg" not in render_page(nothing, [])


def test_hostile_text_stays_text_in_the_page(tmp_path):
    rows = [{**ROW, "summary": HOSTILE, "id": HOSTILE, "text": f"{HOSTILE} is what they said. It is late."}] * 2
    path = write_rows(tmp_path / "rows.jsonl", *rows)
    system = model_system(Summarizer(FakeBackend([[HOSTILE]])), style="abstractive", length="short")
    object.__setattr__(system, "name", HOSTILE)

    report, results = measure(path, system)
    report["data"]["file"] = HOSTILE
    page = render_page(report, results)

    assert "&lt;script&gt;alert" in page
    assert "<script" not in page.lower()
    assert "<b onload" not in page
    assert "default-src 'none'" in page
    assert page.count("<svg") == page.count("</svg>") == 3
    assert "\\frac{1}{2}" in page


def test_the_page_needs_nothing_from_outside(tmp_path):
    page = render_page(*measure(write_rows(tmp_path / "rows.jsonl", ROW, ROW), fake_system()))
    addresses = {part.partition('"')[0] for part in page.split('"http')[1:]}

    assert addresses <= {"://www.w3.org/2000/svg", "://www.w3.org/1999/xlink"}
    assert all(reference.startswith("#") for reference in (part.split('"')[0] for part in page.split('href="')[1:]))


def test_without_matplotlib_the_page_says_how_to_get_plots(tmp_path, monkeypatch):
    report, results = measure(write_rows(tmp_path / "rows.jsonl", ROW), fake_system())
    monkeypatch.setitem(sys.modules, "matplotlib", None)

    page = render_page(report, results)

    assert "<svg" not in page
    assert "news-summarizer[evaluate]" in page
    with pytest.raises(ImportError):
        plots.draw_plots(report, results)


# --- the command


def command(monkeypatch, capfd, *arguments):
    """Run the command in this process and return its exit code, stdout and stderr."""
    monkeypatch.setattr(sys, "argv", ["summarizer", "evaluate", *map(str, arguments)])
    try:
        main()
    except SystemExit as done:
        status = done.code or 0
    captured = capfd.readouterr()
    return status, captured.out, captured.err


EXTRACTIVE = ("--model", "extractive", "--style", "extractive")


def test_the_command_prints_tables_and_writes_a_report(tmp_path, monkeypatch, capfd):
    path = write_rows(tmp_path / "rows.jsonl", ROW, ROW, {**ROW, "summary_lang": "pt"})
    folder = tmp_path / "new" / "report"

    status, stdout, stderr = command(monkeypatch, capfd, path, *EXTRACTIVE, "--report", folder)

    assert status == 0
    assert [line.split()[0] for line in stdout.split("\n")[2:7]] == [
        "lead-1",
        "lead-2",
        "lead-3",
        "lexrank",
        "extractive",
    ]
    assert "passed over 1 rows" in stderr
    assert "extractive ..." in stderr
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    rows = [json.loads(line) for line in (folder / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 10
    assert rows[2]["summary"] == (
        "The council of Osk voted on Tuesday to keep the ferry running. About 900 people use it each day."
    )
    assert (rows[-1]["system"], rows[-1]["reference"], rows[-1]["line"]) == ("extractive", ROW["summary"], 2)
    assert report["settings"]["length"] == "short"
    assert (folder / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_command_prints_json_and_samples(tmp_path, monkeypatch, capfd):
    path = write_rows(tmp_path / "rows.jsonl", *[ROW] * 5)

    status, stdout, _ = command(monkeypatch, capfd, path, *EXTRACTIVE, *EXTRACTIVE, "--most", 2, "--format", "json")
    report = json.loads(stdout)

    assert status == 0
    assert (report["data"]["articles"], report["data"]["usable"], report["settings"]["most"]) == (2, 5, 2)
    assert [system["name"] for system in report["systems"]].count("extractive") == 1


def test_the_command_says_when_lexrank_is_left_out(tmp_path, monkeypatch, capfd):
    monkeypatch.setitem(sys.modules, "sumy.summarizers.lex_rank", None)

    status, stdout, stderr = command(monkeypatch, capfd, write_rows(tmp_path / "rows.jsonl", ROW), *EXTRACTIVE)

    assert (status, "lexrank" in stdout) == (0, False)
    assert "lexrank is left out" in stderr


def test_exit_codes_tell_what_went_wrong(tmp_path, monkeypatch, capfd):
    good, bad = write_rows(tmp_path / "rows.jsonl", ROW), write_rows(tmp_path / "bad.jsonl", {"text": "a"})
    blank = write_rows(tmp_path / "blank.jsonl", {**ROW, "text": " "})
    (tmp_path / "file").touch()

    assert command(monkeypatch, capfd, bad, *EXTRACTIVE)[0] == 1
    assert command(monkeypatch, capfd, blank, *EXTRACTIVE)[0] == 1
    for wrong in (
        (tmp_path / "none.jsonl", *EXTRACTIVE),
        (good, "--model", "nothing-of-that-name"),
        (good, "--model", "extractive", "--style", "abstractive"),
        (good, *EXTRACTIVE, "--length", "tiny"),
        (good, *EXTRACTIVE, "--most", "0"),
        (good, *EXTRACTIVE, "--report", tmp_path / "file" / "in"),
    ):
        status, _, stderr = command(monkeypatch, capfd, *wrong)
        assert (status, "Traceback" in stderr) == (2, False), wrong


def test_an_error_is_printed_as_json_where_json_was_asked_for(tmp_path, monkeypatch, capfd):
    path = write_rows(tmp_path / "bad.jsonl", {"text": "a"})

    status, stdout, _ = command(monkeypatch, capfd, path, *EXTRACTIVE, "--format", "json")

    assert (status, json.loads(stdout)["error"]["code"]) == (1, "bad_row")


def test_help_loads_neither_numpy_nor_matplotlib():
    code = (
        "import sys; sys.argv = ['summarizer', 'evaluate', '--help']\nfrom summarizer.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print([name for name in ('torch', 'gradio', 'matplotlib', 'sumy', 'numpy') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "--report" in done.stdout
    assert done.stdout.rstrip().endswith("[]")


def test_an_example_is_named_by_its_id_or_its_line():
    assert [Example({"id": 7}, "r", 3).id, Example({}, "r", 3).id] == ["7", "3"]
