"""Firefox models from a real server on loopback: they come whole and as listed, or not at all."""

import json

import pytest
from file_server import serve_files
from firefox_service import offer, publish
from test_cli import OK, assert_refused, run

from summarizer.backends import firefox_http
from summarizer.backends.firefox import FirefoxBackend
from summarizer.backends.firefox_download import download_pair, fetch_catalog
from summarizer.backends.firefox_http import fetch_file
from summarizer.backends.firefox_models import find_models
from summarizer.backends.model_store import verify_model
from summarizer.errors import ModelDamagedError, ModelDownloadError, UnsupportedLanguageError


def leftovers(cache):
    return [path.name for path in cache.glob("models/*") if path.suffix != ".lock"]


@pytest.fixture
def server():
    with serve_files() as running:
        yield running


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Give each test caches of its own, and no way to Mozilla."""
    monkeypatch.setattr(firefox_http, "FIRST_PAUSE", 0.001)
    monkeypatch.setenv("SUMMARIZER_FIREFOX_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("SUMMARIZER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "other"))
    monkeypatch.delenv("SUMMARIZER_FIREFOX_MODELS", raising=False)
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def portuguese():
    """The files of the wheel's model from Portuguese to English."""
    files = find_models("/nowhere")["pt", "en"]
    return {"model": files.model.read_bytes(), "vocab": files.source_vocabulary.read_bytes()}


def test_a_downloaded_model_translates(server, portuguese, monkeypatch):
    offer(server, ("es", "en"), files=portuguese)
    monkeypatch.setenv("SUMMARIZER_FIREFOX_URL", server.url)

    status, stdout, stderr = run("models", "get", "firefox:es-en")
    assert (status, stdout) == (OK, "")
    assert "firefox:es-en is ready in " in stderr

    backend = FirefoxBackend()
    assert ("es", "en") in backend.pairs()
    assert backend.translate(["A ponte será fechada."], "es", "en") == ["The bridge will be closed."]
    status, stdout, _ = run("translate", "-", "--from", "es", "--to", "pt", stdin=b"A ponte foi fechada em 2027.")
    assert (status, "2027" in stdout) == (OK, True)


def test_digests_are_kept_beside_the_files(server):
    records = offer(server, ("es", "en"))

    [folder] = download_pair("es", "en", url=server.url)

    manifest = json.loads((folder / "manifest.json").read_text())
    assert {row["name"]: row["decompressedHash"] for row in records}.items() <= {
        name: entry["sha256"] for name, entry in manifest["files"].items()
    }.items()
    assert json.loads((folder / "origin.json").read_text())["server"] == server.url
    assert find_models()["es", "en"].digest() == records[0]["decompressedHash"]
    verify_model(folder)


def test_what_is_here_is_not_asked_for_again(server):
    offer(server, ("es", "en"))
    first = download_pair("es", "en", url=server.url)
    server.requests.clear()

    assert download_pair("es", "en", url=server.url) == first
    assert download_pair("es", "pt", url=server.url)[0] == first[0]
    assert server.requests == []


def test_without_a_direct_model_both_ways_through_english_are_downloaded(server):
    offer(server, ("es", "en"), ("en", "ru"), ("ru", "en"))

    folders = download_pair("es", "ru", url=server.url)

    assert [folder.name[:14] for folder in folders] == ["firefox-es-en-", "firefox-en-ru-"]
    assert {("es", "en"), ("en", "ru")} <= find_models().keys()
    assert ("ru", "en") not in find_models()


def test_one_language_gets_both_ways_with_english(server, monkeypatch):
    offer(server, ("es", "en"), ("en", "es"))
    monkeypatch.setenv("SUMMARIZER_FIREFOX_URL", server.url)

    assert run("models", "get", "firefox:Spanish")[0] == OK
    assert {("es", "en"), ("en", "es")} <= find_models().keys()


def test_a_pair_that_is_not_offered_is_refused_with_the_near_ones(server):
    offer(server, ("es", "en"), ("en", "ru"), ("en", "zh-Hans"))

    with pytest.raises(UnsupportedLanguageError, match=r"from en to es.*For these languages there are: es-en\."):
        download_pair("en", "es", url=server.url)
    with pytest.raises(UnsupportedLanguageError, match=r"There are: en-ru, en-zh, es-en\."):
        download_pair("fi", "en", url=server.url)


@pytest.mark.parametrize("words", [["firefox:xx"], ["firefox:en"], ["firefox:es-"], ["firefox:es-es"]])
def test_what_is_no_pair_is_refused(words):
    assert_refused(run("models", "get", *words), 2, "bad_option", "firefox:es-en")


def test_without_a_pair_the_ones_that_are_here_are_named():
    assert "firefox is ready for en-pt, pt-en." in run("models", "get", "firefox")[2]


@pytest.mark.parametrize("digest", ["attachment", "decompressedHash"])
def test_a_file_with_another_digest_is_refused_and_nothing_is_left(server, cache, digest):
    records = offer(server, ("es", "en"))
    if digest == "attachment":
        records[1]["attachment"]["hash"] = "0" * 64
    else:
        records[1]["decompressedHash"] = "0" * 64
    publish(server, records)

    with pytest.raises(ModelDamagedError, match=r"vocab\.esen\.spm was not downloaded"):
        download_pair("es", "en", url=server.url)

    assert leftovers(cache) == []
    assert ("es", "en") not in find_models()


def test_a_broken_connection_is_taken_up_where_it_broke(server):
    records = offer(server, ("es", "en"))
    path = f"/{records[0]['attachment']['location']}"
    server.breaks[path] = (100_000, 2)

    download_pair("es", "en", url=server.url)

    assert [ranges for _, _, ranges in server.asked(path)] == ["", "bytes=100000-", "bytes=200000-"]


def test_a_server_that_cannot_go_on_sends_the_file_again(server):
    server.files["/file"] = bytes(range(256)) * 1000
    server.breaks["/file"] = (70_000, 1)
    server.ranges = False

    assert fetch_file(f"{server.url}/file", 1_000_000) == server.files["/file"]


def test_a_connection_that_stays_broken_leaves_nothing(server, cache):
    records = offer(server, ("es", "en"))
    server.breaks[f"/{records[1]['attachment']['location']}"] = (0, 99)

    with pytest.raises(ModelDownloadError, match=r"the connection broke after 0 of .* try again"):
        download_pair("es", "en", url=server.url)

    assert leftovers(cache) == []


def test_no_server_is_an_error_that_says_so():
    with pytest.raises(ModelDownloadError, match=r"records\.json cannot be downloaded: .*refused.*Check"):
        fetch_catalog("http://127.0.0.1:9")


def test_a_busy_server_is_asked_again_and_a_missing_file_is_not(server):
    server.statuses["/busy"] = 503
    with pytest.raises(ModelDownloadError, match="503"):
        fetch_file(f"{server.url}/busy", 10)
    with pytest.raises(ModelDownloadError, match="404"):
        fetch_file(f"{server.url}/missing", 10)
    assert (len(server.asked("/busy")), len(server.asked("/missing"))) == (4, 1)


def test_more_than_the_limit_is_not_read(server):
    server.files["/file"] = b"x" * 1000
    with pytest.raises(ModelDownloadError, match="more than 999 bytes"):
        fetch_file(f"{server.url}/file", 999)


@pytest.mark.parametrize("address", ["file:///etc/hostname", "ftp://127.0.0.1/x", "data:,x"])
def test_no_other_kind_of_address_is_opened_not_even_by_redirect(server, address):
    server.redirects["/file"] = address
    for url in (address, f"{server.url}/file"):
        with pytest.raises(ModelDownloadError):
            fetch_file(url, 1000)


def test_progress_ends_at_the_size_of_all_files(server):
    records = offer(server, ("es", "en"))
    seen = []

    download_pair("es", "en", lambda *told: seen.append(told), url=server.url)

    total = sum(row["attachment"]["size"] for row in records)
    downloading = [(done, size) for done, size, what in seen if what == "downloading es-en"]
    assert downloading == sorted(downloading)
    assert downloading[-1] == (total, total)


def test_a_newer_model_replaces_the_older_one(server, cache):
    offer(server, ("es", "en"), ("en", "es"))
    [older] = download_pair("es", "en", url=server.url)
    download_pair("en", "es", url=server.url)
    offer(server, ("es", "en"), files={"model": b"newer", "vocab": b"pieces"})

    [newer] = download_pair("es", "en", url=server.url, force=True)

    assert (older.exists(), find_models()["es", "en"].model.parent) == (False, newer)
    assert ("en", "es") in find_models()
