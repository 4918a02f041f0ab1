"""Results that are to go to an object store are made on this machine, and sent when they are finished."""

import json
import uuid

import fsspec
import pytest
from test_batch_cli import EXTRACTIVE, read, write_rows
from test_cli import OK, WRONG_USAGE, assert_refused, run

from summarizer.batch.deliveries import LocalDelivery, StoreDelivery, open_delivery
from summarizer.errors import BadOptionError, UploadError


@pytest.fixture
def store():
    """Return an empty store in memory, by its address."""
    yield f"memory://{uuid.uuid4().hex}"
    fsspec.filesystem("memory").store.clear()


def make_files(delivery):
    """Write what a run leaves, and return the paths."""
    paths = [delivery.path.with_name(delivery.path.name + ending) for ending in ("", ".report.json", ".report.html")]
    for path in paths:
        path.write_text(f"what is in {path.name}")
    return paths


def test_a_file_of_this_machine_is_written_where_it_belongs(tmp_path):
    delivery = open_delivery(str(tmp_path / "out.jsonl"))

    assert isinstance(delivery, LocalDelivery)
    assert delivery.path == tmp_path / "out.jsonl"
    delivery.deliver(make_files(delivery))
    assert len(list(tmp_path.iterdir())) == 3


def test_what_is_finished_goes_to_the_store_under_the_name_that_was_asked_for(store, tmp_path):
    delivery = open_delivery(f"{store}/new/folder/out.csv", tmp_path / "work")
    delivery.deliver(make_files(delivery))

    memory = fsspec.filesystem("memory")
    names = [f"{store}/new/folder/out.csv{ending}" for ending in ("", ".report.json", ".report.html")]
    assert [memory.cat(name).decode() for name in names] == [
        "what is in out.csv",
        "what is in out.csv.report.json",
        "what is in out.csv.report.html",
    ]


def test_two_outputs_are_not_made_in_one_folder_and_one_output_is_always_made_in_the_same(store, tmp_path, monkeypatch):
    monkeypatch.setenv("SUMMARIZER_CACHE", str(tmp_path))
    first, again, other = (open_delivery(f"{store}/{name}/out.csv").path for name in ("a", "a", "b"))

    assert first == again
    assert first != other
    assert first.is_relative_to(tmp_path)
    assert first.name == "out.csv"


def test_a_store_that_refuses_leaves_everything_here_and_is_tried_again(tmp_path):
    (tmp_path / "store").write_text("a file where a folder has to be")
    delivery = StoreDelivery(f"file://{tmp_path}/store/out.csv", tmp_path / "work")
    files = make_files(delivery)

    with pytest.raises(UploadError, match="the same command tries again") as caught:
        delivery.deliver(files)
    assert str(tmp_path / "work") in caught.value.message
    assert all(path.exists() for path in files)
    (tmp_path / "store").unlink()
    delivery.deliver(files)
    assert len(list((tmp_path / "store").iterdir())) == 3


def test_of_files_that_cannot_all_be_sent_none_is_there(tmp_path):
    delivery = StoreDelivery(f"file://{tmp_path}/store/out.csv", tmp_path / "work")
    files = make_files(delivery)
    files[-1].unlink()

    with pytest.raises(UploadError):
        delivery.deliver(files)
    assert list((tmp_path / "store").iterdir()) == []


def test_a_store_of_no_known_kind_is_refused(tmp_path):
    with pytest.raises(BadOptionError, match="cannot be written from here"):
        open_delivery("nowhere://bucket/out.csv", tmp_path)


def test_the_command_reads_from_a_store_and_writes_to_one_and_goes_on_where_it_was(tmp_path):
    source, work = tmp_path / "in.jsonl", tmp_path / "work"
    write_rows(source, 20)
    command = ("batch", f"file://{source}", f"file://{tmp_path}/there/out.jsonl", *EXTRACTIVE, "--work-dir", str(work))
    status, stdout, stderr = run(*command, "--progress", "lines")

    there = tmp_path / "there" / "out.jsonl"
    assert (status, stdout) == (OK, ""), stderr
    assert [result["id"] for result in read(there)] == [f"good-{number}" for number in range(20)]
    assert json.loads(there.with_name("out.jsonl.report.json").read_text())["run"]["output"].startswith("file://")
    assert {path.name for path in there.parent.iterdir()} == {
        "out.jsonl",
        "out.jsonl.report.json",
        "out.jsonl.report.html",
    }
    there.unlink()
    assert run(*command, "--progress", "quiet")[0] == OK
    assert read(there) == read(work / "out.jsonl")


def test_a_folder_to_work_in_is_for_outputs_in_a_store(tmp_path):
    write_rows(tmp_path / "in.jsonl", 3)
    answer = run("batch", str(tmp_path / "in.jsonl"), str(tmp_path / "out.jsonl"), "--work-dir", str(tmp_path))
    assert_refused(answer, WRONG_USAGE, "bad_option", "--work-dir")
