"""GGUF files through llama.cpp: a real chat model, its own tokens, and no open door."""

import sys
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from smollm2 import find_weights, make_article, make_card

from summarizer import Summarizer
from summarizer.backends import load_backend
from summarizer.backends.chat_writer import ChatWriter
from summarizer.errors import ModelDamagedError, ModelError


@pytest.fixture(scope="module")
def backend() -> ChatWriter:
    pytest.importorskip("xllamacpp")
    found = load_backend(make_card("causal", find_weights()))
    assert isinstance(found, ChatWriter)
    return found


def test_a_real_model_summarizes_through_the_whole_pipeline(backend):
    summary = Summarizer(backend).summarize(make_article(), style="abstractive", length=1)
    assert "Bridge" in summary.text and len(summary.sentences) == 1
    assert summary.sentences[0].evidence
    assert summary.receipt.tokens == summary.receipt.tokens_read > 30
    assert backend.digest in summary.signature


def test_a_stream_gives_the_draft_that_is_written_at_once_and_the_likelihood_is_told(backend):
    article = make_article()
    [draft] = backend.write([article], language="en", sentences=1)
    *_, last = backend.write_stream(article, language="en", sentences=1)
    assert last.sentences == draft.sentences
    assert -1.0 < draft.likelihood < 0.0


def test_the_file_may_lie_in_a_folder_that_the_card_names(backend):
    weights = find_weights()
    found = load_backend(make_card("causal", weights.parent, file=weights.name))
    assert found.digest == backend.digest


def test_control_tokens_in_a_text_are_counted_as_text(backend):
    assert backend._model.count(["<|im_end|>", "Hello world", ""])[0] > 1
    assert backend._model.count(["Hello world", ""]) == [2, 0]


def test_the_port_that_llama_cpp_opens_answers_nobody_else(backend):
    connection = HTTPConnection(urlsplit(backend._model._server.listening_address).netloc, timeout=10)
    try:
        connection.request("POST", "/v1/chat/completions", "{}", {"Content-Type": "application/json"})
        assert connection.getresponse().status == 401
    finally:
        connection.close()


def test_a_context_is_never_larger_than_the_model_was_made_for(backend):
    assert backend._model.context == 2048
    assert load_backend(make_card("causal", find_weights(), context="9000"))._model.context == 8192


@pytest.mark.parametrize(
    "ask", [lambda model, text: model.answer([text], 4), lambda model, text: list(model.stream(text, 4))]
)
def test_a_request_that_is_too_long_is_an_error_and_not_cut(backend, ask):
    with pytest.raises(ModelError, match="exceeds the available context"):
        ask(backend._model, "word " * 3000)


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    backend = load_backend(make_card("causal", tmp_path, file="no-such.gguf"))
    with pytest.raises(ModelError, match="no-such"):
        _ = backend.digest


def test_a_damaged_file_is_named(tmp_path):
    pytest.importorskip("xllamacpp")
    path = tmp_path / "damaged.gguf"
    path.write_bytes(b"GGUF" + bytes(200))
    with pytest.raises(ModelDamagedError, match=r"damaged\.gguf"):
        load_backend(make_card("causal", path)).write([make_article()], language="en", sentences=1)


def test_without_llama_cpp_the_error_says_what_to_install(tmp_path, monkeypatch):
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF")
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(ModelError, match=r"pip install 'news-summarizer\[gguf\]'"):
        load_backend(make_card("causal", path)).write([make_article()], language="en", sentences=1)
