import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from conftest import ROOT
from serving import ARTICLE, Caller

from summarizer.web.passwords import PasswordFile

#: A server whose model waits for a file, and says by another that it began.
PROGRAM = """
import sys, time
from pathlib import Path
from serving import HeldBackend, fake_summarizer
from summarizer.backends.fake import FakeBackend
from summarizer.web import ServerSettings, build_page, launch

class Waiting(FakeBackend):
    def score(self, articles):
        folder = Path(sys.argv[2])
        (folder / "begun").touch()
        while not (folder / "go").exists():
            time.sleep(0.02)
        return super().score(articles)

launch(ServerSettings(port=int(sys.argv[1]), grace=float(sys.argv[3])), page=build_page(fake_summarizer(Waiting())))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(command: list[str], **options) -> Iterator[subprocess.Popen]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GRADIO")}
    environment["PYTHONPATH"] = f"{ROOT}:{ROOT / 'tests'}"
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def held_server(folder, grace: float) -> Iterator[tuple[subprocess.Popen, Caller]]:
    """Start a server, and wait until it is there."""
    port = free_port()
    with started([sys.executable, "-c", PROGRAM, str(port), str(folder), str(grace)]) as process:
        assert f"http://127.0.0.1:{port}" in process.stderr.readline()
        yield process, Caller(f"http://127.0.0.1:{port}")


def wait_for(path) -> None:
    end = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_server_that_is_told_to_end_finishes_what_is_in_hand(tmp_path):
    with held_server(tmp_path, grace=60) as (process, caller), ThreadPoolExecutor(2) as pool:
        in_hand = pool.submit(caller.post, "/api/summarize", {"text": ARTICLE, "style": "extractive"})
        page = pool.submit(caller.get, "/gradio_api/heartbeat/somebody")
        wait_for(tmp_path / "begun")
        process.send_signal(signal.SIGTERM)
        assert page.result(60).text.startswith("data: ALIVE")
        with pytest.raises(Exception, match=r"refused|disconnected|reset"):
            Caller(str(caller.http.base_url)).post("/api/clean", {"text": ARTICLE})

        (tmp_path / "go").touch()

        assert in_hand.result(60).json()["error"] is None
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Traceback" not in errors


def test_a_server_that_is_told_to_end_waits_no_longer_than_it_may(tmp_path):
    with held_server(tmp_path, grace=1) as (process, caller), ThreadPoolExecutor(1) as pool:
        in_hand = pool.submit(caller.post, "/api/summarize", {"text": ARTICLE, "style": "extractive"})
        wait_for(tmp_path / "begun")
        process.send_signal(signal.SIGTERM)
        process.wait(60)

        assert in_hand.exception(60) is not None or in_hand.result().status_code >= 500
    assert process.returncode == 0


def test_ctrl_c_ends_the_server_that_the_command_started(tmp_path):
    port = free_port()
    with started([sys.executable, "-m", "summarizer", "serve", "--port", str(port)]) as process:
        announced = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)

    assert f"http://127.0.0.1:{port} " in announced
    assert process.returncode == 0
    assert "Traceback" not in errors


def test_the_command_makes_hashes_for_the_file_of_users(tmp_path):
    command = [sys.executable, "-m", "summarizer", "serve", "--hash-password"]
    done = subprocess.run(command, input="tide & pool\n", cwd=ROOT, capture_output=True, text=True, check=True)
    users = tmp_path / "users"
    users.write_text(f"ina:{done.stdout}", encoding="utf-8")

    assert PasswordFile(users).check("ina", "tide & pool")
    assert not PasswordFile(users).check("ina", "tide & pool ")


@pytest.mark.parametrize(
    "options",
    [["--root-path", "news"], ["--embed", "https://a.example; script-src *"], ["--auth", "/no/such/file"],
     ["--port", "0"], ["--rate", "-1"], ["--embed", "*"]],
)  # fmt: skip
def test_options_that_mean_nothing_are_refused(options):
    command = [sys.executable, "-m", "summarizer", "serve", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert options[0] in done.stderr or options[1] in done.stderr


OFFLINE = textwrap.dedent("""
    import subprocess, sys
    from pathlib import Path
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    from serving import Caller, fake_summarizer, served
    with served(None) as server:
        caller = Caller(server.url)
        caller.get("/", Accept="text/html").raise_for_status()
        text = Path("examples/articles/en.txt").read_text(encoding="utf-8")
        for path, more in (("summarize", {"model": "extractive", "target_language": "pt"}), ("clean", {})):
            print(caller.post(f"/api/{path}", {"text": text, **more}).json()["error"])
        print(caller.post("/api/clean", {"url": "https://example.org/"}).json()["error"]["code"])
""")


def can_unshare() -> bool:
    try:
        return subprocess.run(["unshare", "-rn", "ip", "link", "set", "lo", "up"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not can_unshare(), reason="this system lets no network be taken from a program (unshare -n)")
def test_page_and_summaries_need_no_network_at_all():
    with started(["unshare", "-rn", sys.executable, "-W", "ignore", "-c", OFFLINE]) as process:
        printed, errors = process.communicate(timeout=200)

    assert printed.splitlines() == ["None", "None", "fetch_failed"], errors
