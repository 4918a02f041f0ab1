"""A batch of the built-in model that is killed or starved of disk goes on as if nothing had happened."""

import json
import random
import signal
import time

import pytest
from conftest import EXAMPLES
from test_batch_crash import finish, read, start, wait_for_growth

ROWS = 40
#: Small steps, so that there are as many places to be killed at as with a long input.
SMALL = {"model": "builtin", "step": 2}

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def rows(builtin_folder, tmp_path_factory):
    """Short pieces of the example articles, in many languages."""
    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    paragraphs = [
        line
        for article in sorted((EXAMPLES / "articles").glob("*.txt"))
        for line in article.read_text(encoding="utf-8").splitlines()
        if 80 < len(line) < 400
    ]
    with path.open("w", encoding="utf-8") as file:
        for number in range(ROWS):
            text = " ".join(paragraphs[(3 * number + place) % len(paragraphs)] for place in range(3))
            file.write(json.dumps({"id": f"id-{number}", "text": text, "lang": "en"}) + "\n")
    return path


@pytest.fixture(scope="module")
def undisturbed(rows, tmp_path_factory):
    output = tmp_path_factory.mktemp("whole") / "out.jsonl"
    finish(rows, output, **SMALL)
    results = read(output)
    assert [result["id"] for result in results] == [f"id-{number}" for number in range(ROWS)]
    assert all(result["summary"] for result in results)
    return results


def test_a_run_that_is_killed_at_25_moments_loses_nothing_and_does_nothing_twice(rows, undisturbed, tmp_path):
    output = tmp_path / "out.jsonl"
    whole = sum(len(json.dumps(result, ensure_ascii=False).encode()) for result in undisturbed)
    generator = random.Random(40)
    killed = 0
    for moment in sorted(generator.random() for _ in range(25)):
        process = start(rows, output, **SMALL)
        wait_for_growth(process, output, moment * whole)
        time.sleep(generator.random() * 0.3)
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        process.stderr.close()
    finish(rows, output, **SMALL)

    assert killed >= 20
    assert read(output) == undisturbed


def test_a_disk_that_is_full_three_times_loses_nothing(rows, undisturbed, tmp_path):
    output = tmp_path / "out.jsonl"
    whole = sum(len(json.dumps(result, ensure_ascii=False).encode()) for result in undisturbed)
    for share in (0.2, 0.5, 0.8):
        process = start(rows, output, most_bytes=int(share * whole), **SMALL)
        _, stderr = process.communicate(timeout=240)
        assert process.returncode == 1
        assert stderr.decode().rstrip().endswith("[disk_full]")
        assert output.read_bytes().endswith(b"\n")
    finish(rows, output, **SMALL)

    assert read(output) == undisturbed
