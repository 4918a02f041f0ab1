"""Chat models on a server, asked through the official ``openai`` client."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from queue import Queue
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, TypeVar

from summarizer.backends.chat_answers import drop_thoughts
from summarizer.backends.chat_model import Answer
from summarizer.backends.openai_errors import explain, find_key, show_address
from summarizer.cards import ModelCard
from summarizer.errors import ModelError, ServerError, SummarizerError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

#: Tokens read at once where the card does not say: what Ollama reads unless it is told otherwise.
SERVER_CONTEXT = 4096
#: What the client is told in place of a key, and never sends.
NO_KEY = "none"
#: A server's tokenizer is not here; in most languages a token is longer than this.
BYTES_PER_TOKEN = 3

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """How long a server is waited for, and how much it is asked at once.

    :param connect: Seconds for the connection.
    :param total: Seconds for the whole answer to a request, all retries included.
    :param retries: How often a request is sent again when the server is busy, fails, or cannot be reached; with growing
        pauses, or those that the server asks for.
    :param concurrent: Requests under way at the same time.
    """

    connect: float = 10.0
    total: float = 300.0
    retries: int = 2
    concurrent: int = 4


class OpenAIChat:
    """A chat model on a server.

    :param card: Its card; the source is the model's name on the server.
    :param address: Where the server is.
    :param limits: How long to wait and how much to ask at once.
    """

    def __init__(self, card: ModelCard, address: str, limits: ServerLimits) -> None:
        self._card = card
        self._address = address
        self._limits = limits

    @cached_property
    def digest(self) -> str:
        """The beginning of the SHA-256 of the server's address and the model's name: the weights cannot be seen."""
        return sha256(f"{show_address(self._address)} {self._card.source}".encode()).hexdigest()[:16]

    @property
    def context(self) -> int:
        """Tokens of a request and its answer together, at most."""
        return self._card.context or SERVER_CONTEXT

    def count(self, texts: Sequence[str]) -> list[int]:
        """Estimate the tokens of each text, rather too many than too few."""
        return [-(-len(text.encode(errors="replace")) // BYTES_PER_TOKEN) for text in texts]

    def answer(self, requests: Sequence[str], most_tokens: int) -> list[Answer]:
        """Answer each request, several at the same time.

        :raises ServerError: If one of them gets no answer.
        """
        return _run(self._answer_all(requests, most_tokens))

    def stream(self, request: str, most_tokens: int) -> Iterator[Answer]:
        """Answer a request piece by piece; only the last one can be finished.

        :raises ServerError: If it gets no answer, or none to the end.
        """
        pieces: Queue[Answer | Exception | None] = Queue()
        stopped = Event()

        def run() -> None:
            try:
                asyncio.run(self._guard(self._stream_all(request, most_tokens, pieces.put, stopped)))
                pieces.put(None)
            except Exception as error:
                pieces.put(error)

        Thread(target=run, name="stream", daemon=True).start()
        try:
            while (piece := pieces.get()) is not None:
                if isinstance(piece, Exception):
                    raise piece
                yield piece
        finally:
            stopped.set()

    async def _answer_all(self, requests: Sequence[str], most_tokens: int) -> list[Answer]:
        gate = asyncio.Semaphore(self._limits.concurrent)

        async def answer_one(client: "AsyncOpenAI", request: str) -> Answer:
            async with gate:
                return await self._guard(self._complete(client, request, most_tokens))

        async with self._connect() as client:
            tasks = [asyncio.ensure_future(answer_one(client, request)) for request in requests]
            try:
                return await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _complete(self, client: "AsyncOpenAI", request: str, most_tokens: int) -> Answer:
        completion = await self._ask(client, request, most_tokens)
        choices = getattr(completion, "choices", None)
        if not choices:
            raise self._failure("its answer is not one of a chat model")
        text, reason = choices[0].message.content or "", choices[0].finish_reason
        self._check(text, reason)
        return Answer(text, _is_end(reason))

    async def _stream_all(self, request: str, most_tokens: int, put: Callable[[Answer], None], stopped: Event) -> None:
        text, reason = "", None
        async with self._connect() as client:
            answer = await self._ask(client, request, most_tokens, stream=True)
            async for chunk in answer:
                if stopped.is_set():
                    return
                for choice in chunk.choices[:1]:
                    reason = choice.finish_reason or reason
                    text += choice.delta.content or ""
                    put(Answer(choice.delta.content or "", _is_end(reason)))
        self._check(text, reason)
        if reason is None:
            raise self._failure("its answer broke off")

    def _check(self, text: str, reason: str | None) -> None:
        if drop_thoughts(text).strip():
            return
        if reason == "length":
            raise self._failure(
                "it used up all its tokens before it answered; switch its thinking off, or state more "
                "max_tokens in the card"
            )
        raise self._failure("its answer is empty")

    def _ask(self, client: "AsyncOpenAI", request: str, most_tokens: int, **options: Any) -> Awaitable[Any]:
        from openai import Omit

        settings: dict[str, Any] = {"temperature": 0, "max_tokens": most_tokens, **self._card.generation, **options}
        if client.api_key == NO_KEY:
            settings["extra_headers"] = {"Authorization": Omit(), **settings.get("extra_headers", {})}
        return client.chat.completions.create(
            model=self._card.source,
            messages=[{"role": "user", "content": request}],
            **{name: value for name, value in settings.items() if value is not None},
        )

    def _connect(self) -> "AsyncOpenAI":
        try:
            import openai
        except ImportError as error:
            raise ModelError(
                f"Model {self._card.name!r} runs on a server; to ask servers: pip install 'news-summarizer[openai]'"
            ) from error
        timeout = openai.Timeout(self._limits.total, connect=self._limits.connect)
        return openai.AsyncOpenAI(
            base_url=self._address,
            api_key=find_key(self._address) or NO_KEY,
            # An article goes to the server that was named, and to no other that this one names.
            http_client=openai.DefaultAsyncHttpxClient(follow_redirects=False, timeout=timeout),
            timeout=timeout,
            max_retries=self._limits.retries,
        )

    async def _guard(self, work: Awaitable[Result]) -> Result:
        """Wait for an answer, but not too long; whatever goes wrong comes out as one kind of error."""
        try:
            return await asyncio.wait_for(work, self._limits.total)
        except SummarizerError:
            raise
        except asyncio.TimeoutError:
            raise self._failure(f"it gave no whole answer within {self._limits.total:g} seconds") from None
        except Exception as error:
            # Without the original: what a server says may have the key in it.
            raise self._failure(explain(error, self._card.source, self._address)) from None

    def _failure(self, reason: str) -> ServerError:
        return ServerError(f"The server at {show_address(self._address)} failed: {reason}.")


def _is_end(reason: str | None) -> bool:
    """Whether a model stopped of its own accord."""
    return reason not in (None, "length")


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end; beside the caller's event loop, if there is one."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()
