"""A real server of OpenAI's protocol on loopback: llama.cpp with a real chat model, in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from smollm2 import INJECTION, TEXT, find_weights, make_article, make_card

from summarizer import Summarizer
from summarizer.backends.base import EngineSettings
from summarizer.backends.chat_writer import ChatWriter
from summarizer.backends.openai import OpenAIBackend
from summarizer.errors import ServerError

KEY = "a key for tests"
SERVER = """
import sys
import xllamacpp

settings = xllamacpp.CommonParams()
settings.model.path = sys.argv[1]
settings.api_keys = [sys.argv[2]]
settings.n_ctx = 2048
settings.n_parallel = 1
settings.cpuparams.n_threads = 1
settings.verbosity = -1
server = xllamacpp.Server(settings)
print(server.listening_address, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    pytest.importorskip("xllamacpp")
    pytest.importorskip("openai")
    command = [sys.executable, "-c", SERVER, str(find_weights()), KEY]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process.stdout.readline().strip() + "/v1"
        process.kill()


@pytest.fixture
def backend(address, monkeypatch) -> ChatWriter:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    found = OpenAIBackend.from_card(make_card("openai", "smollm2"), EngineSettings(base_url=address))
    assert isinstance(found, ChatWriter)
    return found


def test_a_summary_comes_through_the_whole_pipeline(backend):
    summary = Summarizer(backend).summarize(make_article(), style="abstractive", length=1)
    assert "Bridge" in summary.text and len(summary.sentences) == 1
    assert summary.sentences[0].evidence and backend.digest in summary.signature


def test_a_summary_comes_as_a_stream(backend):
    *_, last = backend.write_stream(make_article(), language="en", sentences=1)
    assert last.sentences == backend.write([make_article()], language="en", sentences=1)[0].sentences


def test_an_article_that_gives_orders_is_still_summarized(backend):
    article = make_article(TEXT.replace(" The repair", f" {INJECTION} The repair"))
    [draft] = backend.write([article], language="en", sentences=1)
    assert "Bridge" in draft.sentences[0] and "HACKED" not in draft.sentences[0]


def test_as_many_translations_come_back_as_sentences_were_sent(backend):
    assert len(backend.translate(["The bridge is open.", "It cost 38.6 million pounds."], "en", "es")) == 2


def test_a_wrong_key_is_refused_in_words(address, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "a wrong key")
    backend = OpenAIBackend.from_card(make_card("openai", "smollm2"), EngineSettings(base_url=address))
    with pytest.raises(ServerError, match="OPENAI_API_KEY"):
        backend.write([make_article()], language="en", sentences=1)


def test_a_wrong_path_is_told_of(address, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    backend = OpenAIBackend.from_card(make_card("openai", "smollm2"), EngineSettings(base_url=f"{address}/v2"))
    with pytest.raises(ServerError, match="the address is wrong"):
        backend.write([make_article()], language="en", sentences=1)
