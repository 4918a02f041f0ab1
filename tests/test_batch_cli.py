"""``summarizer batch`` as people use it: files in, files out, exit codes, and what is said on the way."""

import csv
import json
import random

import pytest
from test_cli import OK, ROOT, WRONG_USAGE, assert_refused, run

ROWS_FAILED = 4
CLEANED_AHEAD = ("--model", "extractive", "--force")
#: A process that cleans takes longer to start than these few rows take.
EXTRACTIVE = (*CLEANED_AHEAD, "--workers", "0")
PLAIN = ("--no-clean", "--progress", "lines")
BROKEN = (
    b'{"id": "torn", "text": "It was',
    b'{"id": "empty", "text": "  "}',
    b"\x00\xff\xfe\x80 no json",
    b'{"id": "large", "text": "' + b"word " * 1_100_000 + b'"}',
    b'{"id": "typed", "text": 7}',
    b'{"id": "good-1", "text": "This id was there before."}',
)


def write_rows(path, count, broken=0):
    """Write rows, of which that many are broken in one of six ways, and return the numbers of those."""
    generator = random.Random(9)
    failing = {}
    for place, number in enumerate(sorted(generator.sample(range(2, count), broken))):
        # A few large rows say as much as many.
        failing[number] = BROKEN[place % len(BROKEN) if place < 2 * len(BROKEN) else place % 3]
    with path.open("wb") as file:
        for number in range(count):
            row = {"id": f"good-{number}", "text": f"The council of ward {number} voted on Tuesday. Nobody objected."}
            file.write(failing.get(number, json.dumps(row).encode()) + b"\n")
    return failing


def read(path):
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.mark.timeout(180)
def test_2000_rows_of_which_one_in_twenty_is_broken(tmp_path):
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    failing = write_rows(source, 2000, broken=100)
    status, _, stderr = run("batch", str(source), str(output), *EXTRACTIVE, *PLAIN, timeout=170)

    results = read(output)
    assert status == ROWS_FAILED
    assert [result["row"] for result in results] == list(range(2000))
    assert {result["row"] for result in results if result["error"]} == set(failing)
    assert all(result["summary"] for result in results if not result["error"])
    codes = {result["error"]["code"] for result in results if result["error"]}
    assert codes <= {"bad_row", "empty_input", "input_too_large", "unreadable_input"}
    assert "1,900" in stderr
    assert json.loads(output.with_name("out.jsonl.report.json").read_text(encoding="utf-8"))["failed"] == 100


def test_a_finished_batch_is_not_done_again_and_failed_rows_are_tried_on_request(tmp_path):
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    write_rows(source, 30, broken=3)
    assert run("batch", str(source), str(output), *EXTRACTIVE)[0] == ROWS_FAILED
    before = output.read_bytes()

    assert run("batch", str(source), str(output), *EXTRACTIVE)[0] == ROWS_FAILED
    assert output.read_bytes() == before
    assert run("batch", str(source), str(output), *EXTRACTIVE, "--retry-failed")[0] == ROWS_FAILED
    assert [result["row"] for result in read(output)] == list(range(30))


def test_a_table_goes_in_and_a_table_comes_out(tmp_path):
    source, output = tmp_path / "in.csv", tmp_path / "out.csv"
    with source.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["key", "body", "headline"])
        table.writerow(["a", "The council voted on Tuesday.\nNobody objected to the ferry.", "Ferry stays"])
        table.writerow(["b", "=SUM(A1) is what the mayor wrote on the wall. Nobody objected.", "Sums"])
    named = ("--id-column", "key", "--text-column", "body")
    status, _, stderr = run("batch", str(source), str(output), *EXTRACTIVE, *named, "--progress", "quiet")

    with output.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (status, stderr) == (OK, "")
    assert [(row["id"], row["title"], row["error_code"]) for row in rows] == [
        ("a", "Ferry stays", ""),
        ("b", "Sums", ""),
    ]
    assert not rows[1]["summary"].startswith("=")


def test_a_folder_goes_in_and_what_cannot_be_translated_is_that_rows_error(tmp_path):
    output = tmp_path / "out.jsonl"
    status, _, _ = run("batch", str(ROOT / "examples" / "articles"), str(output), *CLEANED_AHEAD, "--to", "fil")

    texts = [result for result in read(output) if result["id"].endswith(".txt")]
    assert status == ROWS_FAILED
    assert len(texts) > 20
    assert {result["error"]["code"] for result in texts} == {"unsupported_language"}


def test_what_was_typed_wrong_is_said_before_any_work(tmp_path):
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    write_rows(source, 3)
    nothing = str(tmp_path / "none.jsonl")
    assert_refused(run("batch", nothing, str(output)), WRONG_USAGE, "input_not_found")
    assert_refused(run("batch", str(source), str(tmp_path / "out.doc"), *EXTRACTIVE), WRONG_USAGE, "bad_option", ".csv")
    answer = run("batch", str(source), str(output), *EXTRACTIVE, "--text-column", "txt")
    assert_refused(answer, WRONG_USAGE, "bad_option", "txt")
    output.write_text("something else")
    assert_refused(run("batch", str(source), str(output), *EXTRACTIVE), 1, "output_mismatch", "Name another output")
    assert output.read_text() == "something else"
