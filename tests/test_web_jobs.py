import csv
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT
from gated import TEXT, GatedBackend, wait_until, write_rows
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer import Summarizer
from summarizer.errors import (
    BadOptionError,
    EmptyInputError,
    InputTooLargeError,
    JobNotFoundError,
    TooManyJobsError,
    UnsupportedStyleError,
)
from summarizer.web.job_folder import JobFolder, _clean_name
from summarizer.web.job_look import PAGE, look_at
from summarizer.web.job_results import Filter, write_results
from summarizer.web.job_run import STEP
from summarizer.web.jobs import JobLimits, Jobs
from summarizer.web.models import Models
from summarizer.web.service import ReadOptions, SummaryOptions
from summarizer.web.turns import Turns

WANTED, READING = SummaryOptions("gated"), ReadOptions(force=True)


@pytest.fixture
def backend() -> GatedBackend:
    return GatedBackend()


@pytest.fixture
def models(backend) -> Models:
    return Models(Summarizer(backend))


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "jobs"


@pytest.fixture
def jobs(models, folder, backend):
    jobs = Jobs(models, folder)
    yield jobs
    backend.gate.set()
    jobs.close()


def is_in(jobs: Jobs, job_id: str, state: str) -> bool:
    return jobs.status(job_id).state == state


def finish(jobs: Jobs, backend: GatedBackend, job_id: str) -> None:
    backend.gate.set()
    wait_until(lambda: is_in(jobs, job_id, "done"))


def start(jobs: Jobs, path: Path, **changes) -> str:
    return jobs.start([path], replace(WANTED, **changes), READING)


def test_a_job_summarizes_every_row_and_keeps_count_of_those_that_fail(jobs, backend, tmp_path):
    job = start(jobs, write_rows(tmp_path / "news.jsonl", 10, 3))
    finish(jobs, backend, job)

    status = jobs.status(job)
    assert (status.done, status.failed, status.order.total, status.order.name) == (9, 1, 10, "news.jsonl")
    results = jobs.results(job)
    assert [result["row"] for result in results.read(results.find(Filter()))] == list(range(10))
    assert dict(results.languages) == {"en": 9}


def test_a_job_is_seen_while_it_goes_on(jobs, backend, tmp_path):
    job = start(jobs, write_rows(tmp_path / "news.jsonl", 10))
    backend.let(1)
    wait_until(lambda: jobs.status(job).per_minute is not None)

    status = jobs.status(job)
    assert (status.state, status.done, status.failed) == ("running", STEP, 0)
    assert len(look_at(jobs, job, Filter(), 0).rows) == STEP


def test_a_stopped_job_goes_on_where_it_was(jobs, backend, tmp_path):
    job = start(jobs, write_rows(tmp_path / "news.jsonl", 10))
    backend.let(1)
    wait_until(lambda: backend.begun == 2)
    jobs.stop(job)
    backend.let(1)
    wait_until(lambda: is_in(jobs, job, "stopped"))
    assert jobs.status(job).done == 2 * STEP

    jobs.resume(job)
    finish(jobs, backend, job)
    assert jobs.status(job).done == 10
    assert len(backend.written) == 10


def test_articles_that_failed_are_tried_again_when_asked(jobs, backend, tmp_path):
    job = start(jobs, write_rows(tmp_path / "news.jsonl", 3, 1))
    finish(jobs, backend, job)
    jobs.resume(job, retry=True)
    wait_until(lambda: is_in(jobs, job, "done"))

    assert (jobs.status(job).done, jobs.status(job).failed) == (2, 1)
    assert len(backend.written) == 2
    assert not JobFolder.find(jobs._folder, job).read().retry


def test_one_job_works_at_a_time_and_the_others_know_their_place(jobs, backend, tmp_path):
    table = write_rows(tmp_path / "news.jsonl", 2)
    first, second, third = (start(jobs, table) for _ in range(3))
    wait_until(lambda: backend.begun)
    assert [jobs.status(job).state for job in (first, second, third)] == ["running", "waiting", "waiting"]
    assert [jobs.status(job).before for job in (second, third)] == [1, 2]

    jobs.stop(second)
    assert jobs.status(third).before == 1
    finish(jobs, backend, third)
    assert is_in(jobs, second, "stopped")


def test_several_files_are_a_job_whatever_they_are_called(jobs, backend, tmp_path):
    names = ("one.txt", "..hidden.html", "two words & more.md", "ü.TXT")
    for name in names:
        (tmp_path / name).write_text(TEXT.format(word="stone"), encoding="utf-8")
    job = jobs.start([tmp_path / name for name in names], WANTED, ReadOptions("en", force=True))
    finish(jobs, backend, job)

    assert jobs.status(job).done == 4
    assert jobs.status(job).order.name == "one.txt + 3"


@settings(max_examples=50, deadline=None)
@given(st.text(min_size=1, max_size=80))
def test_a_name_is_never_a_path(name):
    clean = _clean_name(Path(name).name)

    assert Path(clean).name == clean
    assert not clean.startswith(".")
    assert len(clean) <= 80
    assert "\0" not in clean


def test_no_message_says_where_the_server_keeps_things(jobs, backend, tmp_path, folder):
    (tmp_path / "good.txt").write_text(TEXT.format(word="stone"), encoding="utf-8")
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.4 nothing")
    job = jobs.start([tmp_path / "good.txt", tmp_path / "bad.pdf"], WANTED, ReadOptions("en", force=True))
    finish(jobs, backend, job)

    results = jobs.results(job)
    [bad] = results.read(results.find(Filter(kind="failed")))
    assert "bad.pdf" in bad["error"]["message"]
    assert str(folder) not in json.dumps(bad)


def test_a_row_with_only_an_address_is_refused_where_nothing_is_fetched(
    models, backend, folder, tmp_path, socket_guard
):
    table = tmp_path / "news.jsonl"
    table.write_text('{"url": "https://example.org/news"}\n', encoding="utf-8")
    jobs = Jobs(models, folder, allow_fetch=False)
    job = start(jobs, table)
    finish(jobs, backend, job)

    [result] = jobs.results(job).read(jobs.results(job).find(Filter()))
    assert result["error"]["code"] == "fetch_refused"
    assert "example.org" not in socket_guard
    jobs.close()


def test_what_cannot_be_served_is_refused_at_once_and_leaves_nothing(models, folder, tmp_path):
    jobs = Jobs(models, folder, JobLimits(rows=5, size=20_000))
    small, long, large = (write_rows(tmp_path / f"{count}.jsonl", count) for count in (2, 6, 40))
    (tmp_path / "empty.jsonl").touch()
    for files, error in (
        ([long], InputTooLargeError),
        ([large], InputTooLargeError),
        ([], EmptyInputError),
        ([tmp_path / "empty.jsonl"], EmptyInputError),
        ([small, small], BadOptionError),
    ):
        with pytest.raises(error):
            jobs.start(files, WANTED, READING)
    with pytest.raises((UnsupportedStyleError, BadOptionError)):
        jobs.start([small], replace(WANTED, style="poem"), READING)
    assert not folder.exists() or list(folder.iterdir()) == []


def test_no_more_jobs_wait_than_may(models, backend, folder, tmp_path):
    jobs, table = Jobs(models, folder, JobLimits(waiting=1)), write_rows(tmp_path / "news.jsonl", 2)
    running = start(jobs, table)
    wait_until(lambda: is_in(jobs, running, "running"))
    waiting = start(jobs, table)
    with pytest.raises(TooManyJobsError):
        start(jobs, table)

    finish(jobs, backend, waiting)
    jobs.close()


@pytest.mark.parametrize("job_id", ["", ".", "..", "../jobs", "a" * 22, "/etc/passwd", "a" * 21 + "/", "\0" * 22])
def test_an_id_that_means_nothing_opens_nothing(jobs, job_id):
    for use in (jobs.status, jobs.results, jobs.stop, jobs.resume, jobs.delete):
        with pytest.raises(JobNotFoundError):
            use(job_id)


def test_ids_cannot_be_guessed_and_folders_are_for_the_server_only(jobs, tmp_path, folder):
    table = write_rows(tmp_path / "news.jsonl", 1)
    first, second = start(jobs, table), start(jobs, table)

    assert first != second
    assert len(first) == 22
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / first).stat().st_mode) == 0o700


def test_a_deleted_job_is_gone_even_while_it_works(jobs, backend, tmp_path, folder):
    table = write_rows(tmp_path / "news.jsonl", 8)
    running, waiting = start(jobs, table), start(jobs, table)
    wait_until(lambda: backend.begun)
    for job in (running, waiting):
        jobs.delete(job)
        with pytest.raises(JobNotFoundError):
            jobs.status(job)

    backend.let(1)
    wait_until(lambda: list(folder.iterdir()) == [])
    assert len(backend.written) == STEP


def test_jobs_are_removed_when_they_are_old(models, backend, jobs, folder, tmp_path):
    table = write_rows(tmp_path / "news.jsonl", 1)
    job = start(jobs, table)
    finish(jobs, backend, job)
    order = JobFolder.find(folder, job)
    order.write(replace(order.read(), created=time.time() - 8 * 86_400))
    leftover = folder / ("x" * 22)
    leftover.mkdir()
    os.utime(leftover, (0, 0))

    new = start(jobs, table)
    wait_until(lambda: is_in(jobs, new, "done"))
    assert [path.name for path in folder.iterdir()] == [new]


def test_a_failure_of_the_program_is_told_without_its_inside(jobs, backend, tmp_path, monkeypatch, caplog):
    def fail(*_args, **_options):
        raise RuntimeError("secret")

    monkeypatch.setattr(backend, "write", fail)
    monkeypatch.setattr(backend, "score", fail)
    job = start(jobs, write_rows(tmp_path / "news.jsonl", 1))
    wait_until(lambda: is_in(jobs, job, "failed"))

    assert "secret" not in json.dumps(jobs.status(job).order.error)
    assert "secret" in caplog.text
    monkeypatch.undo()
    jobs.resume(job)
    finish(jobs, backend, job)


PROGRAM = """
import sys
from pathlib import Path
from gated import GatedBackend
from summarizer import Summarizer
from summarizer.web.jobs import Jobs
from summarizer.web.models import Models
from summarizer.web.service import ReadOptions, SummaryOptions

backend = GatedBackend()
backend.let(2)
jobs = Jobs(Models(Summarizer(backend)), Path(sys.argv[1]))
job = jobs.start([Path(sys.argv[2])], SummaryOptions("gated"), ReadOptions(force=True))
while jobs.status(job).done < 8:
    pass
print(job, flush=True)
input()
"""


def test_a_job_goes_on_after_its_server_was_killed(models, backend, folder, tmp_path):
    table = write_rows(tmp_path / "news.jsonl", 12)
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    command = [sys.executable, "-c", PROGRAM, str(folder), str(table)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as server:
        job = server.stdout.readline().strip()
        server.send_signal(signal.SIGKILL)

    jobs = Jobs(models, folder)
    assert (jobs.status(job).state, jobs.status(job).done) == ("waiting", 8)
    jobs.go_on()
    finish(jobs, backend, job)
    assert (jobs.status(job).done, len(backend.written)) == (12, 4)
    jobs.close()


def test_a_server_that_ends_leaves_its_job_to_the_next(models, backend, folder, tmp_path):
    jobs = Jobs(models, folder)
    job = start(jobs, write_rows(tmp_path / "news.jsonl", 12))
    wait_until(lambda: backend.begun)
    backend.let(1)
    jobs.close()
    assert jobs.status(job).done == STEP

    following = Jobs(models, folder)
    following.go_on()
    finish(following, backend, job)
    assert len(backend.written) == 12
    following.close()


def test_somebody_who_wants_one_summary_waits_for_one_step_only(jobs, models, backend, tmp_path):
    job = start(jobs, write_rows(tmp_path / "news.jsonl", 40))
    wait_until(lambda: backend.begun)
    served = threading.Event()

    def ask() -> None:
        with models.turns.of_person():
            served.set()
            wait_until(lambda: jobs.status(job).done == STEP)

    person = threading.Thread(target=ask)
    person.start()
    assert not served.wait(0.05)
    backend.let(1)
    assert served.wait(30)
    person.join(30)
    assert jobs.status(job).done == STEP
    finish(jobs, backend, job)


def test_a_job_has_a_step_now_and_then_where_there_is_always_somebody():
    turns, order = Turns(patience=0.01), []
    worked = threading.Event()

    def work() -> None:
        with turns.of_job():
            order.append("job")
            worked.set()

    with turns.of_person():
        job = threading.Thread(target=work)
        job.start()
        wait_until(lambda: turns._job_insists)
        assert not worked.is_set()
        late = threading.Thread(target=lambda: _come(turns, order))
        late.start()
    job.join(30)
    late.join(30)
    assert order == ["job", "person"]


def _come(turns: Turns, order: list[str]) -> None:
    with turns.of_person():
        order.append("person")


def test_results_are_found_by_language_kind_and_words_page_by_page(jobs, backend, tmp_path):
    job = start(jobs, write_rows(tmp_path / "news.jsonl", PAGE + 10, 0, 1))
    finish(jobs, backend, job)

    def count(**wanted) -> int:
        return look_at(jobs, job, Filter(**wanted), 0).count

    assert count(kind="failed") == 2
    assert count(language="en") == PAGE + 8
    assert count(language="de") == 0
    assert count(words="title 59") == 1
    assert count(words="BRIDGE word7") == 1
    assert count(words="word7", kind="failed") == 0
    second = look_at(jobs, job, Filter(), PAGE)
    assert [row["row"] for row in second.rows] == list(range(PAGE, PAGE + 10))
    assert look_at(jobs, job, Filter(), 10**9).place == PAGE
    assert look_at(jobs, job, Filter(), -5).place == 0


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet", "md"])
def test_what_was_found_is_written_in_every_format(jobs, backend, tmp_path, form):
    table = tmp_path / "news.jsonl"
    rows = [{"id": "=1+1", "title": "=cmd()", "lang": "en", "text": TEXT.format(word="<b>")}, {"id": "bad", "text": ""}]
    table.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    job = start(jobs, table)
    finish(jobs, backend, job)
    results, path = jobs.results(job), tmp_path / f"out.{form}"
    write_results(results.read(results.find(Filter())), path)

    if form == "parquet":
        [first, second] = pytest.importorskip("pyarrow.parquet").read_table(path).to_pylist()
        assert (first["id"], second["error_code"]) == ("=1+1", "empty_input")
        return
    text = path.read_text(encoding="utf-8-sig")
    if form == "csv":
        [first, second] = csv.DictReader(text.splitlines())
        assert (first["id"], first["title"], second["error_code"]) == ("'=1+1", "'=cmd()", "empty_input")
    if form == "md":
        assert r"\<b\>" in text
        assert "⚠" in text
    if form == "jsonl":
        assert [json.loads(line)["id"] for line in text.splitlines()] == ["=1+1", "bad"]
