"""Prepared models appear whole or not at all, once, and damage is found."""

import errno
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.backends.model_store import FORMAT, MANIFEST, cache_dir, ensure_model, is_complete, verify_model
from summarizer.errors import ModelDamagedError, ModelDownloadError, ModelNotFoundError

DIGEST = "0123456789abcdef" * 4
WEIGHTS = b"\x00\x01\x02\x03" * 5000

#: A process that writes half a model, says so, and goes on when the file named ``go`` is there.
BUILDER = """
import sys, time
from pathlib import Path
from summarizer.backends.model_store import ensure_model

go, text = Path(sys.argv[1]), sys.argv[2]

def build(folder, progress):
    weights = folder / "weights.bin"
    weights.write_text(text)
    print("building", flush=True)
    while not go.exists():
        time.sleep(0.01)
    weights.write_text(text + text)

def report(done, total, what):
    print(what, flush=True)

print(ensure_model("tiny", "0123456789abcdef" * 4, build, report), flush=True)
"""


def build_tiny(folder, progress):
    progress(0, len(WEIGHTS), "writing")
    (folder / "weights.bin").write_bytes(WEIGHTS)
    (folder / "config.json").write_text("{}")
    progress(len(WEIGHTS), len(WEIGHTS), "writing")


def build_nothing(folder, progress):
    pytest.fail("the model was built again")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("SUMMARIZER_CACHE", str(folder))
    return folder


@pytest.fixture
def start_builder(cache, tmp_path):
    """Start processes that build, and end those that are left."""
    started = []

    def start(text):
        command = [sys.executable, "-c", BUILDER, str(tmp_path / "go"), text]
        root = Path(__file__).resolve().parent.parent
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def read_until(process, word):
    lines = []
    while line := process.stdout.readline():
        lines.append(line.strip())
        if lines[-1] == word:
            return lines
    pytest.fail(f"ended after {lines}, before {word!r}")


def flip_byte(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_cache_is_where_the_variable_says(monkeypatch, tmp_path):
    monkeypatch.setenv("SUMMARIZER_CACHE", str(tmp_path / "elsewhere"))
    assert cache_dir() == tmp_path / "elsewhere"


def test_cache_is_the_users_own_without_the_variable(monkeypatch):
    monkeypatch.delenv("SUMMARIZER_CACHE")
    assert cache_dir().is_absolute()
    assert "news-summarizer" in cache_dir().parts


def test_relative_cache_does_not_move_with_the_working_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("SUMMARIZER_CACHE", "models-here")
    assert cache_dir() == Path.cwd() / "models-here"


def test_first_call_builds_and_later_calls_find(cache):
    folder = ensure_model("tiny", DIGEST, build_tiny)
    assert folder.is_relative_to(cache)
    assert (folder / "weights.bin").read_bytes() == WEIGHTS
    assert ensure_model("tiny", DIGEST, build_nothing, verify=True) == folder


def test_manifest_lists_sizes_digests_and_source():
    folder = ensure_model("tiny", DIGEST, build_tiny)
    manifest = json.loads((folder / MANIFEST).read_text())
    assert (manifest["format"], manifest["source"]) == (FORMAT, DIGEST)
    # SHA-256 of the two bytes {}.
    empty = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert manifest["files"]["config.json"] == {"size": 2, "sha256": empty}
    assert sorted(manifest["files"]) == ["config.json", "weights.bin"]


def test_progress_comes_from_the_builder_and_from_the_check():
    calls = []
    ensure_model("tiny", DIGEST, build_tiny, lambda *call: calls.append(call))
    assert calls[:2] == [(0, len(WEIGHTS), "writing"), (len(WEIGHTS), len(WEIGHTS), "writing")]
    assert calls[-1] == (len(WEIGHTS) + 2, len(WEIGHTS) + 2, "checking")


def test_another_source_is_another_folder():
    first = ensure_model("tiny", DIGEST, build_tiny)
    assert ensure_model("tiny", "f" * 64, build_tiny) != first
    assert is_complete(first, DIGEST)


def test_force_builds_anew():
    folder = ensure_model("tiny", DIGEST, build_tiny)
    flip_byte(folder / "weights.bin")
    assert ensure_model("tiny", DIGEST, build_tiny, force=True) == folder
    verify_model(folder)


@pytest.mark.parametrize("name", ["weights.bin", MANIFEST])
@pytest.mark.parametrize("damage", ["cut", "delete"])
def test_incomplete_model_is_made_anew(name, damage, caplog):
    path = ensure_model("tiny", DIGEST, build_tiny) / name
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-3])
    else:
        path.unlink()
    folder = ensure_model("tiny", DIGEST, build_tiny)
    verify_model(folder)
    assert "incomplete" in caplog.text


def test_changed_byte_passes_the_quick_check_and_fails_the_thorough_one():
    folder = ensure_model("tiny", DIGEST, build_tiny)
    flip_byte(folder / "weights.bin")
    assert ensure_model("tiny", DIGEST, build_nothing) == folder
    with pytest.raises(ModelDamagedError, match=r"weights\.bin.*Delete that folder"):
        ensure_model("tiny", DIGEST, build_nothing, verify=True)


def test_missing_file_fails_the_thorough_check():
    folder = ensure_model("tiny", DIGEST, build_tiny)
    (folder / "weights.bin").unlink()
    with pytest.raises(ModelDamagedError, match="Delete that folder"):
        verify_model(folder)


@pytest.mark.parametrize("key", ["format", "source"])
def test_manifest_of_another_kind_is_not_taken(key):
    folder = ensure_model("tiny", DIGEST, build_tiny)
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, key: "another"}))
    assert not is_complete(folder, DIGEST)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["files", "size", "\0", "a"]), inner),
    max_leaves=6,
)


@given(st.text(max_size=20) | json_values.map(json.dumps))
def test_any_manifest_but_the_right_one_is_incomplete(text):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / MANIFEST).write_text(text, encoding="utf-8", errors="replace")
        assert not is_complete(Path(folder), DIGEST)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_full_disk_is_told_with_size_and_way_out(cache, code):
    def build(folder, progress):
        (folder / "weights.bin").write_bytes(WEIGHTS)
        raise OSError(code, os.strerror(code))

    with pytest.raises(ModelDownloadError) as caught:
        ensure_model("tiny", DIGEST, build, size=7_000_000)
    assert all(part in str(caught.value) for part in ("tiny", "7 MB", str(cache), "SUMMARIZER_CACHE"))
    assert [path.name for path in (cache / "models").iterdir() if not path.name.endswith(".lock")] == []


def test_too_small_disk_is_told_before_the_work():
    with pytest.raises(ModelDownloadError, match=r"1000000000000 MB.*disk is full"):
        ensure_model("tiny", DIGEST, build_nothing, size=10**18)


def test_unusable_cache_is_told_with_the_way_out(cache):
    cache.write_text("a file stands where the folder should be")
    with pytest.raises(ModelDownloadError, match=r"cannot be written.*SUMMARIZER_CACHE"):
        ensure_model("tiny", DIGEST, build_nothing)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not bind this user")
def test_unwritable_cache_is_told_and_what_is_in_it_is_used(cache):
    folder = ensure_model("tiny", DIGEST, build_tiny)
    folder.parent.chmod(0o500)
    try:
        assert ensure_model("tiny", DIGEST, build_nothing, verify=True) == folder
        with pytest.raises(ModelDownloadError, match="SUMMARIZER_CACHE"):
            ensure_model("other", DIGEST, build_nothing)
    finally:
        folder.parent.chmod(0o700)


def test_error_of_the_builder_leaves_nothing_and_the_old_model_stays():
    def fail(folder, progress):
        (folder / "weights.bin").write_bytes(b"half")
        raise ModelNotFoundError("no such package")

    with pytest.raises(ModelNotFoundError):
        ensure_model("tiny", DIGEST, fail)
    folder = ensure_model("tiny", DIGEST, build_tiny)
    with pytest.raises(ModelNotFoundError):
        ensure_model("tiny", DIGEST, fail, force=True)
    verify_model(folder)
    assert sorted(path.name for path in folder.parent.iterdir() if path.is_dir()) == [folder.name]


def test_second_process_waits_and_uses_what_the_first_made(start_builder, tmp_path):
    first = start_builder("first")
    read_until(first, "building")
    second = start_builder("second")
    read_until(second, "waiting for another process")
    (tmp_path / "go").touch()
    first_lines, second_lines = (process.communicate(timeout=60)[0].split("\n") for process in (first, second))
    assert (first.returncode, second.returncode) == (0, 0)
    assert "building" not in second_lines
    assert first_lines[-2] == second_lines[-2]
    assert (Path(first_lines[-2]) / "weights.bin").read_text() == "firstfirst"


def test_killed_build_is_not_taken_for_complete(start_builder, cache):
    process = start_builder("half")
    read_until(process, "building")
    process.kill()
    process.wait()
    left = [path for path in (cache / "models").iterdir() if path.is_dir()]
    assert [(path / "weights.bin").read_text() for path in left] == ["half"]
    assert not is_complete(left[0], DIGEST)

    started = time.monotonic()
    folder = ensure_model("tiny", DIGEST, build_tiny)
    assert time.monotonic() - started < 10
    verify_model(folder)
    assert [path for path in folder.parent.iterdir() if path.is_dir()] == [folder]
