"""A batch that is killed, starved of disk or interrupted goes on as if nothing had happened."""

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
from conftest import ROOT

PROGRAM = str(ROOT / "tests" / "batch_program.py")


def make_rows(count):
    """Return rows of different lengths, one in twenty of them broken."""
    generator = random.Random(4)
    for number in range(count):
        if number % 20 == 7:
            yield '{"id": "broken", "text": '
            continue
        body = " ".join(
            f"The council of ward {generator.randrange(99)} voted {generator.randrange(3, 9)} to 2 on item {item}."
            for item in range(generator.randrange(3, 12))
        )
        yield json.dumps({"id": f"article-{number}", "text": body, "lang": "en"})


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    path.write_text("\n".join(make_rows(2000)) + "\n", encoding="utf-8")
    return path


def start(source, output, model="fake", workers=0, most_bytes="", step=32):
    return subprocess.Popen(
        [sys.executable, PROGRAM, str(source), str(output), model, str(workers), str(most_bytes), str(step)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def finish(source, output, **options):
    with start(source, output, **options) as process:
        try:
            _, stderr = process.communicate(timeout=240)
        finally:
            process.kill()
    assert process.returncode == 0, stderr.decode()


def read(output):
    """Return the results without what differs from run to run."""
    with output.open(encoding="utf-8") as lines:
        return [{**json.loads(line), "seconds": None} for line in lines]


@pytest.fixture(scope="module")
def undisturbed(rows, tmp_path_factory):
    output = tmp_path_factory.mktemp("whole") / "out.jsonl"
    finish(rows, output)
    return read(output)


def wait_for_growth(process, output, size):
    """Wait until a run has written that much, or has ended."""
    while process.poll() is None and (not output.exists() or output.stat().st_size < size):
        time.sleep(0.002)


def test_every_row_has_one_result_in_the_order_of_the_input(undisturbed):
    assert [result["row"] for result in undisturbed] == list(range(2000))
    assert Counter(bool(result["error"]) for result in undisturbed) == {False: 1900, True: 100}
    assert all((result["error"] is None) == bool(result["summary"]) for result in undisturbed)


@pytest.mark.timeout(240)
def test_a_run_that_is_killed_at_25_moments_loses_nothing_and_does_nothing_twice(rows, undisturbed, tmp_path):
    output = tmp_path / "out.jsonl"
    whole = sum(len(json.dumps(result)) for result in undisturbed)
    generator = random.Random(25)
    killed = 0
    for moment in sorted(generator.random() for _ in range(25)):
        process = start(rows, output)
        wait_for_growth(process, output, moment * whole)
        time.sleep(generator.random() * 0.02)
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        process.stderr.close()
    finish(rows, output)

    assert killed >= 20
    assert read(output) == undisturbed


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_full_disk_is_an_error_in_words_and_loses_nothing(rows, undisturbed, tmp_path, share):
    output = tmp_path / "out.jsonl"
    limit = int(share * sum(len(json.dumps(result)) for result in undisturbed))
    process = start(rows, output, most_bytes=limit)
    _, stderr = process.communicate(timeout=60)

    assert process.returncode == 1
    assert stderr.decode().rstrip().endswith("[disk_full]")
    assert output.read_bytes().endswith(b"\n")
    finish(rows, output)
    assert read(output) == undisturbed


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_ends_with_the_step_in_hand_and_goes_on_later(rows, undisturbed, tmp_path, number):
    output = tmp_path / "out.jsonl"
    process = start(rows, output, workers=1)
    wait_for_growth(process, output, 1000)
    process.send_signal(number)
    process.communicate(timeout=60)

    done = read(output)
    assert process.returncode == 3
    assert 0 < len(done) < 2000
    assert done == undisturbed[: len(done)]
    finish(rows, output)
    assert read(output) == undisturbed


def test_processes_that_clean_end_with_the_run_that_was_killed(rows, undisturbed, tmp_path):
    output = tmp_path / "out.jsonl"
    process = start(rows, output, workers=2)
    wait_for_growth(process, output, 1000)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stderr.close()

    left = True
    for _ in range(100):
        left = subprocess.run(["pgrep", "-g", str(process.pid)], capture_output=True).stdout != b""
        if not left:
            break
        time.sleep(0.1)
    assert not left
    finish(rows, output, workers=2)
    assert read(output) == undisturbed


def test_two_runs_on_one_output_are_refused(rows, tmp_path):
    output = tmp_path / "out.jsonl"
    first = start(rows, output)
    wait_for_growth(first, output, 1000)
    second = start(rows, output)
    _, stderr = second.communicate(timeout=60)
    first.kill()
    first.communicate()

    assert second.returncode == 1
    assert stderr.decode().rstrip().endswith("[output_in_use]")


def test_a_torn_line_is_dropped(rows, undisturbed, tmp_path):
    output = tmp_path / "out.jsonl"
    finish(rows, output)
    whole = output.read_bytes()
    output.write_bytes(whole[: int(len(whole) * 0.6)])
    finish(rows, output)
    assert read(output) == undisturbed


def test_a_changed_input_is_refused_with_an_explanation(rows, tmp_path):
    source, output = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(rows.read_bytes()[:5000].rpartition(b"\n")[0] + b"\n")
    finish(source, output)
    source.write_bytes(rows.read_bytes())
    process = start(source, output)
    _, stderr = process.communicate(timeout=60)

    assert process.returncode == 1
    assert "was changed since" in stderr.decode()
    assert "--restart" in stderr.decode()
