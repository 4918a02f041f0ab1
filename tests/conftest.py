"""What all tests share: no network but loopback, one prepared model, the examples."""

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("browsing")

from browsing import article, browser, home, serve, visit  # noqa: E402 - asserts are explained in what comes after

__all__ = ["article", "browser", "home", "serve", "visit"]

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
PAGES = ROOT / "tests" / "pages"
#: The model is made ready once for all test runs, apart from the user's own cache.
CACHE = ROOT / "build" / "test-cache"

#: For programs that tests start. VmHWM begins anew with each program; ru_maxrss is inherited from the one before.
PEAK_MEGABYTES = """
def peak_megabytes():
    from pathlib import Path
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
"""

os.environ["SUMMARIZER_CACHE"] = str(CACHE)
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the flag that alone may lower a pinned score."""
    parser.addoption("--set-floors", action="store_true", help="write the measured scores to tests/floors.json")


class NetworkBlockedError(AssertionError):
    """A test reached for the network."""


def _is_loopback(host: object) -> bool:
    return host in (None, "", "localhost", "::1", b"localhost") or str(host).startswith("127.")


@pytest.fixture(autouse=True, scope="session")
def socket_guard() -> Iterator[list[str]]:
    """Refuse every connection and every name look-up beyond loopback, and keep a list of what was refused."""
    refused: list[str] = []
    lock = threading.Lock()
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def check(host: object) -> None:
        if not _is_loopback(host):
            with lock:
                refused.append(str(host))
            raise NetworkBlockedError(f"a test reached for {host!r}")

    def guarded_connect(self, address):
        if self.family != getattr(socket, "AF_UNIX", None):
            check(address[0])
        return connect(self, address)

    def guarded_connect_ex(self, address):
        if self.family != getattr(socket, "AF_UNIX", None):
            check(address[0])
        return connect_ex(self, address)

    def guarded_getaddrinfo(host, *args, **kwargs):
        # A literal address is looked up without asking anybody.
        if not _is_literal(host):
            check(host)
        return getaddrinfo(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
        yield refused


def _is_literal(host: object) -> bool:
    text = host.decode() if isinstance(host, bytes) else str(host)
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, text)
        except (OSError, ValueError):
            continue
        return True
    return False


@pytest.fixture(scope="session")
def builtin_folder() -> Path:
    """The built-in model, made ready for real."""
    from summarizer.backends.gemma_weights import prepare_builtin

    return prepare_builtin()


@pytest.fixture(scope="session")
def example_articles() -> dict[str, tuple[str, dict]]:
    """The example articles by language code: the text, and what is expected of it."""
    folder = EXAMPLES / "articles"
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return {code: ((folder / f"{code}.txt").read_text(encoding="utf-8"), row) for code, row in expected.items()}


@pytest.fixture(scope="session")
def sample_page() -> str:
    """The page that was pasted from the web, as dirty as it came."""
    return (EXAMPLES / "pasted-article.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return what finds the folder of a tiny checkpoint by the name of its family."""
    # torch and transformers are imported by the tests that need them only.
    from tiny_models import make_finder

    return make_finder(tmp_path_factory.mktemp("tiny"))
