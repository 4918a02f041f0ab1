"""Chat models in GGUF files, run by llama.cpp through ``xllamacpp``."""

import json
import logging
import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from http.client import HTTPConnection
from pathlib import Path
from queue import Queue
from secrets import token_urlsafe
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import urlsplit

from summarizer.backends.chat_model import DEFAULT_CONTEXT, Answer, digest_files
from summarizer.backends.hub import find_files
from summarizer.cards import ModelCard
from summarizer.errors import ModelDamagedError, ModelError, ModelNotFoundError

logger = logging.getLogger(__name__)


class GGUFChat:
    """A chat model in a GGUF file, greedy; loaded when it is first used.

    llama.cpp opens a port on loopback that cannot be switched off; a key that nobody else knows closes it.

    :param card: Its card.
    """

    def __init__(self, card: ModelCard) -> None:
        self._card = card
        self._key = token_urlsafe(32)
        self._lock = Lock()

    @cached_property
    def _path(self) -> Path:
        path = find_files(self._card) / self._card.file if self._card.file else Path(self._card.source).expanduser()
        if not path.is_file():
            raise ModelNotFoundError(f"Model {self._card.name!r}: there is no file {path}.")
        return path

    @cached_property
    def digest(self) -> str:
        """The beginning of the SHA-256 of the file."""
        return digest_files([self._path])

    @cached_property
    def context(self) -> int:
        """Tokens of a request and its answer together: those of the card, but no more than the model was made for."""
        trained = int(self._fetch("GET", "/v1/models")["data"][0]["meta"]["n_ctx_train"])
        return min(self._wanted_context, trained)

    @property
    def _wanted_context(self) -> int:
        return self._card.context or DEFAULT_CONTEXT

    def count(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text, special tokens left out."""
        return [
            len(self._fetch("POST", "/tokenize", {"content": text, "parse_special": False})["tokens"]) for text in texts
        ]

    def answer(self, requests: Sequence[str], most_tokens: int) -> list[Answer]:
        """Answer each request, one after the other."""
        return [self._answer_one(request, most_tokens) for request in requests]

    def stream(self, request: str, most_tokens: int) -> Iterator[Answer]:
        """Answer a request piece by piece; only the last one can be finished."""
        server, asked = self._server, {**self._request(request, most_tokens), "stream": True}
        pieces: Queue[dict[str, Any] | Exception | None] = Queue()
        stopped = Event()

        def take(piece: dict[str, Any] | list[dict[str, Any]]) -> bool:
            for part in piece if isinstance(piece, list) else [piece]:
                pieces.put(part)
            return stopped.is_set()

        def run() -> None:
            try:
                server.handle_chat_completions(asked, take)
                pieces.put(None)
            except Exception as error:
                pieces.put(error)

        Thread(target=run, name="stream", daemon=True).start()
        try:
            while (piece := pieces.get()) is not None:
                if isinstance(piece, Exception):
                    raise ModelError(f"Model {self._card.name!r} failed: {piece}") from piece
                for choice in self._check(piece).get("choices", []):
                    yield Answer(choice["delta"].get("content") or "", choice["finish_reason"] == "stop")
        finally:
            stopped.set()

    def _answer_one(self, request: str, most_tokens: int) -> Answer:
        asked = {**self._request(request, most_tokens), "logprobs": True, "top_logprobs": 1}
        choice = self._check(self._server.handle_chat_completions(asked))["choices"][0]
        told = [token["logprob"] for token in (choice.get("logprobs") or {}).get("content") or ()]
        likelihood = sum(told) / len(told) if told else 0.0
        return Answer(choice["message"].get("content") or "", choice["finish_reason"] == "stop", likelihood)

    def _request(self, request: str, most_tokens: int) -> dict[str, Any]:
        return {
            "messages": [{"role": "user", "content": request}],
            "max_tokens": most_tokens,
            "temperature": 0,
            "cache_prompt": False,  # what was asked before must not change what is answered now
            "chat_template_kwargs": {"enable_thinking": False},
            **self._card.generation,
        }

    def _check(self, answer: dict[str, Any]) -> dict[str, Any]:
        if "error" in answer:
            raise ModelError(f"Model {self._card.name!r} failed: {answer['error'].get('message', answer['error'])}")
        return answer

    def _fetch(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask the port on loopback for what the library has no function for."""
        connection = HTTPConnection(urlsplit(self._server.listening_address).netloc, timeout=60)
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, json.dumps(body) if body else None, headers)
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        return self._check(answer)

    @property
    def _server(self) -> Any:
        with self._lock:
            return self._loaded

    @cached_property
    def _loaded(self) -> Any:
        try:
            import xllamacpp
        except ImportError as error:
            raise ModelError(
                f"Model {self._card.name!r} is a GGUF file; to run such files: pip install 'news-summarizer[gguf]'"
            ) from error
        settings = xllamacpp.CommonParams()
        settings.model.path = str(self._path)
        settings.n_ctx = self._wanted_context
        settings.n_parallel = 1
        settings.cpuparams.n_threads = int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1)
        settings.verbosity = -1
        settings.warmup = False
        settings.ui = False
        settings.endpoint_slots = False
        settings.cache_ram_mib = 0
        settings.api_keys = [self._key]
        try:
            server = xllamacpp.Server(settings)
        except RuntimeError as error:
            raise ModelDamagedError(f"llama.cpp cannot load {self._path}: {error}") from error
        logger.info("loaded %s", self._path)
        return server
