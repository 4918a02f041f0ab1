"""The page on a real server, requests to it, and a model that can be held up."""

import gc
import threading
import warnings
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from summarizer import Summarizer
from summarizer.article import Article
from summarizer.backends.base import Reading
from summarizer.backends.fake import FakeBackend
from summarizer.translation import Translator
from summarizer.web import PageServer, ServerSettings, build_page, page_options

#: Gradio leaves sockets and event loops to the garbage collector, and counts requests with what pandas gives up.
GRADIO_WARNINGS = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:gradio.queueing"),
]

TEXT = "The bridge reopened on Monday. It cost 38 million.\nBakers cheered. Buses came back."
ARTICLE = (
    "Harbour town of Linnow opens its tidal pool\n"
    "The town of Linnow opened a tidal pool on Saturday after three years of work. It cost 4.2 million euros.\n"
    "About 900 people came to swim on the first day, the harbour office said. It fills with the tide twice a day.\n"
    "Mayor Ina Brodersen said that the pool would stay free of charge. Storms had broken the old wall in 2021."
)


class HeldBackend(FakeBackend):
    """Waits before it scores, until it is let go; says when it begins."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Semaphore(0)
        self.go = threading.Event()

    def score(self, articles: Sequence[Article]) -> list[Reading]:
        self.begun.release()
        assert self.go.wait(60)
        return super().score(articles)


def fake_summarizer(backend: FakeBackend | None = None) -> Summarizer:
    """Return a summarizer that quotes the first sentences and translates in brackets."""
    backend = backend or FakeBackend()
    return Summarizer(backend, translator=Translator([backend]))


class Caller:
    """A client of plain HTTP."""

    def __init__(self, url: str, user: str | None = None, password: str = "", **headers: str) -> None:
        if user is not None:
            headers["Authorization"] = "Basic " + b64encode(f"{user}:{password}".encode()).decode()
        self.http = httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.http.get(path, headers=headers)

    def post(self, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
        return self.http.post(path, json=body, headers=headers)


@contextmanager
def served(summarizer: Summarizer | None, **options: Any) -> Iterator[PageServer]:
    """Serve a page with a summarizer for as long as the block lasts; collect what Gradio leaves here."""
    settings = ServerSettings(port=0, **options)
    server = PageServer(build_page(summarizer, settings.limits), page_options(), settings)
    try:
        with server.running():
            yield server
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            del server
            gc.collect()
