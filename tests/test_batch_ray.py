"""A batch on Ray ends with what a batch on this machine ends with, whoever is killed on the way."""

import json
import os
import pickle
import random
import secrets
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from batch_ray_program import POISON
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from test_batch_crash import make_rows, read, wait_for_growth
from test_cli import WRONG_USAGE, assert_refused, run

from summarizer import Summarizer
from summarizer.batch.engine import EngineChoice
from summarizer.batch.records import Row
from summarizer.batch.sources import open_source
from summarizer.errors import BadOptionError

ray_source = pytest.importorskip("summarizer.batch.ray_source", reason="needs ray")

PROGRAM = str(ROOT / "tests" / "batch_ray_program.py")
COUNT = 320
POISONED = 101
#: Ray's workers give way to everything else on a machine; tests have no time for that.
ENVIRONMENT = {
    **os.environ,
    **{"PYTHONPATH": str(ROOT), "RAY_worker_niceness": "0", "RAY_USAGE_STATS_ENABLED": "0"},
    **{"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)},
}


def start(source, output, where="private", cpus=2):
    return subprocess.Popen(
        [sys.executable, PROGRAM, str(source), str(output), where, str(cpus)],
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def finish(process, status=0):
    _, stderr = process.communicate(timeout=280)
    assert process.returncode == status, stderr.decode()
    return stderr.decode()


def ours(process, name):
    """Return which processes of a run, on this machine, bear a name."""
    found = subprocess.run(["pgrep", "-s", str(process.pid), "-f", name], capture_output=True, text=True).stdout
    return [int(number) for number in found.split()]


def end(process):
    """End whatever a run has left."""
    for number in ours(process, ""):
        os.kill(number, signal.SIGKILL)


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    path.write_text("\n".join(make_rows(COUNT)) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def begun_here(rows, tmp_path_factory):
    """Return the output of a run on this machine that was whole."""
    output = tmp_path_factory.mktemp("here") / "out.jsonl"
    finish(start(rows, output, "here"))
    return output


def cut(output, place, share):
    """Leave at another place what a run would have that was killed after a share of its work."""
    shutil.copy(output.with_name("out.jsonl.manifest.json"), place.with_name("out.jsonl.manifest.json"))
    whole = output.read_bytes()
    place.write_bytes(whole[: int(len(whole) * share)])


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_killed_worker_and_a_row_that_kills_cost_nothing_but_that_row(rows, begun_here, tmp_path):
    source, output = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    lines = rows.read_text(encoding="utf-8").splitlines()
    lines[POISONED] = json.dumps({"id": "poison", "text": f"The mayor spoke. {POISON} Nobody objected."})
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")

    process = start(source, output)
    wait_for_growth(process, output, 1000)
    workers = ours(process, "ray::MapWorker")
    os.kill(random.Random(9).choice(workers), signal.SIGKILL)
    finish(process)

    results, expected = read(output), read(begun_here)
    assert [result["row"] for result in results] == list(range(COUNT))
    assert results.pop(POISONED)["error"]["code"] == "worker_died"
    assert expected.pop(POISONED)["error"] is None
    assert results == expected


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_killed_driver_takes_its_ray_along_and_the_run_is_finished_without_ray(rows, begun_here, tmp_path):
    output = tmp_path / "out.jsonl"
    process = start(rows, output, cpus=1)
    wait_for_growth(process, output, 5000)
    assert ours(process, "raylet")
    process.kill()
    process.communicate()

    deadline = time.monotonic() + 30
    # Two small helpers of Ray's end by themselves a minute later.
    while (left := set(ours(process, "")) - set(ours(process, "Agent"))) and time.monotonic() < deadline:
        time.sleep(0.1)
    end(process)
    assert left == set()
    assert 0 < len(read(output)) < COUNT
    finish(start(rows, output, "here"))
    assert read(output) == read(begun_here)


@pytest.fixture
def cluster(tmp_path):
    """Start a cluster of one machine that claims to have a GPU, and return its address."""
    command = ["--head", "--port", "0", "--num-cpus", "2", "--num-gpus", "1", "--include-dashboard", "false"]
    folder = Path("/tmp") / f"ray-{os.getpid()}"  # the path of a socket has 107 bytes at most
    program = [sys.executable, "-m", "ray.scripts.scripts", "start", *command, "--temp-dir", str(folder), "--block"]
    log = (tmp_path / "ray.log").open("wb")
    process = subprocess.Popen(
        program, cwd=ROOT, env=ENVIRONMENT, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
    )
    address = folder / "ray_current_cluster"
    try:
        while process.poll() is None and not address.exists():
            time.sleep(0.05)
        yield address.read_text(encoding="utf-8")
    finally:
        end(process)
        process.wait()
        log.close()
        shutil.rmtree(folder)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_run_begun_here_goes_on_on_a_cluster_with_a_gpu_as_often_as_it_is_stopped(
    rows, begun_here, cluster, tmp_path
):
    output = tmp_path / "out.jsonl"
    cut(begun_here, output, 0.2)
    process = start(rows, output, cluster)
    wait_for_growth(process, output, output.stat().st_size + 1)
    process.send_signal(signal.SIGTERM)
    finish(process, status=3)

    assert COUNT * 0.2 < len(read(output)) < COUNT
    finish(start(rows, output, cluster))
    assert read(output) == read(begun_here)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.model
@pytest.mark.usefixtures("builtin_folder")
def test_the_command_gives_the_same_with_the_built_in_model_on_ray_and_here(tmp_path):
    source = tmp_path / "in.jsonl"
    texts = [f"The council of ward {ward} voted on Tuesday to keep its ferry. Nobody objected." for ward in range(6)]
    source.write_text("".join(json.dumps({"text": text, "lang": "en"}) + "\n" for text in texts), encoding="utf-8")
    for engine in ("local", "ray"):
        command = ["batch", str(source), str(tmp_path / f"{engine}.jsonl"), "--engine", engine]
        status, stdout, stderr = run(
            *command, "--style", "extractive", "--force", "--progress", "quiet", timeout=280, env=ENVIRONMENT
        )
        assert (status, stdout, stderr) == (0, "", "")

    assert read(tmp_path / "ray.jsonl") == read(tmp_path / "local.jsonl")
    assert len(read(tmp_path / "ray.jsonl")) == 6


def test_what_is_said_of_ray_is_refused_without_it(tmp_path):
    source = tmp_path / "in.jsonl"
    source.write_text('{"text": "The ferry left."}\n', encoding="utf-8")
    command = ("batch", str(source), str(tmp_path / "out.jsonl"))
    assert_refused(run(*command, "--ray-address", "auto"), WRONG_USAGE, "bad_option", "--engine ray")
    assert_refused(run(*command, "--engine", "spark"), WRONG_USAGE, "bad_option", "ray:torch")


def test_a_machine_without_ray_is_told_what_to_install():
    code = (
        "import sys; sys.modules['ray'] = None\n"
        "from summarizer.cli_batch_run import make_ray_options\n"
        "make_ray_options(True, None, None, None)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)

    assert "pip install 'news-summarizer[ray]'" in done.stderr.splitlines()[-1]


def test_a_cluster_that_is_not_there_is_an_error_in_words(rows, tmp_path):
    stderr = finish(start(rows, tmp_path / "out.jsonl", "127.0.0.1:9"), status=1)

    assert stderr.rstrip().endswith("[cluster_failed]")
    assert "127.0.0.1:9" in stderr


def test_ray_client_is_refused(rows, tmp_path):
    stderr = finish(start(rows, tmp_path / "out.jsonl", "ray://127.0.0.1:10001"), status=1)

    assert stderr.rstrip().endswith("[bad_option]")
    assert "--ray-address auto" in stderr


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("auto", EngineChoice(False, "auto")),
        ("local", EngineChoice(False, "auto")),
        ("ctranslate2", EngineChoice(False, "ctranslate2")),
        ("ray", EngineChoice(True, "auto")),
        ("ray:torch", EngineChoice(True, "torch")),
    ],
)
def test_an_engine_is_a_place_and_a_runtime(text, choice):
    assert EngineChoice.parse(text) == choice


@pytest.mark.parametrize("text", ["", "spark", "ray:", "ray:gpu", "local:torch", "torch:ray"])
def test_other_engines_mean_nothing(text):
    with pytest.raises(BadOptionError, match="ray:ctranslate2"):
        EngineChoice.parse(text)


@given(st.lists(st.integers(0, 10), max_size=60), st.integers(1, 9))
def test_blocks_have_every_row_once_and_none_is_too_large(lengths, size):
    rows = [
        Row(number, str(number), {"text": "x" * (length * ray_source.MOST_CHARACTERS // 9)})
        for number, length in enumerate(lengths)
    ]
    blocks = list(ray_source.cut_blocks(rows, size))

    assert [row for block in blocks for row in block] == rows
    assert all(0 < len(block) <= size for block in blocks)
    for block in blocks:
        assert sum(len(row.value["text"]) for row in block[:-1]) <= ray_source.MOST_CHARACTERS


@pytest.mark.parametrize("model", ["builtin", "extractive", "nllb-600m"])
def test_a_summarizer_goes_to_other_processes_by_its_card(model):
    here = Summarizer(model, translator="firefox")
    there = pickle.loads(pickle.dumps(here))

    assert (there.model, type(there.backend)) == (here.model, type(here.backend))
    assert there.translator.check_route("en", "pt") == here.translator.check_route("en", "pt")
    assert pickle.dumps(there) == pickle.dumps(here)


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.csv", "rows.xml", "folder"])
def test_an_input_is_read_alike_in_other_processes(tmp_path, name):
    (tmp_path / "rows.jsonl").write_text('{"text": "The ferry left."}\n\n7\n', encoding="utf-8")
    (tmp_path / "rows.csv").write_text("id,text\na,The ferry left.\n", encoding="utf-8")
    item = "<item><title>Ferry</title><link>http://example.org/1</link></item>"
    (tmp_path / "rows.xml").write_text(f'<rss version="2.0"><channel>{item}</channel></rss>', encoding="utf-8")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.txt").write_text("The ferry left.", encoding="utf-8")
    source = open_source(str(tmp_path / name))

    there = pickle.loads(pickle.dumps(source))
    assert list(map(repr, there.rows())) == list(map(repr, source.rows()))
