"""What stands before the page and its programming interface: every request passes here, and every answer."""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import JSONResponse

from summarizer.errors import (
    InputTooLargeError,
    NotAuthorizedError,
    RequestRefusedError,
    SummarizerError,
    TooManyRequestsError,
)
from summarizer.web.callers import Doorkeeper, check_host, check_site, find_address
from summarizer.web.headers import HeaderPolicy, make_nonce, mark_scripts
from summarizer.web.passwords import PasswordFile
from summarizer.web.rates import RateLimit
from summarizer.web.routes import answer, wait_headers
from summarizer.web.settings import ServerSettings

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

HEALTH = "/health"
#: Paths of what costs work; the rest is the page itself, and how far the work is.
_WORK = re.compile(r"/api/(?!models$)|/gradio_api/(?:queue/join|call/(?:v2/)?[^/]+/?$|run/|api/|mcp)")
#: Files are limited by Gradio itself while they come in.
_UPLOAD = "/gradio_api/upload"
#: One character may be two escapes of six bytes; the rest of a request is small.
_BYTES_PER_CHARACTER, _REST = 12, 1 << 18


class Guard:
    """An ASGI application around another.

    :param app: The other.
    :param settings: Who is let in, how often, and with how much.
    :param health: Returns what ``/health`` says.
    :param head: What the page has in its head, see ``HeaderPolicy``.
    :raises BadOptionError: If the file of users cannot be used.
    """

    def __init__(
        self, app: Application, settings: ServerSettings, health: Callable[[], dict[str, Any]], head: str = ""
    ) -> None:
        self._app = app
        self._settings = settings
        self._health = health
        self._policy = HeaderPolicy(settings.embed, head)
        self._doorkeeper = Doorkeeper(PasswordFile(settings.auth)) if settings.auth else None
        self._rate = RateLimit(settings.rate) if settings.rate else None
        self._most_bytes = _BYTES_PER_CHARACTER * settings.limits.characters + _REST
        #: Set when the server is about to end: what is in hand is finished, and nothing new is taken.
        self.ending = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of ASGI."""
        if scope["type"] == "http":
            await self._serve(scope, receive, self._secured(scope, send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._app(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._normalize(scope)
        headers = Headers(raw=scope["headers"])
        try:
            check_host(headers, "" if self._settings.behind_proxy else self._settings.host)
            if scope["path"] == HEALTH:
                await self._say_health(scope, receive, send)
                return
            check_site(scope["method"], headers)
            await self._admit(scope, headers)
        except SummarizerError as error:
            await _refuse(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _admit(self, scope: Scope, headers: Headers) -> None:
        """Let a request through.

        :raises SummarizerError: If it may not.
        """
        caller = find_address(scope, headers, behind_proxy=self._settings.behind_proxy)
        if self._doorkeeper is not None:
            caller = await self._doorkeeper.check(headers, caller)
        self._check_size(scope, headers)
        if scope["method"] != "POST" or not _WORK.match(scope["path"]):
            return
        if self.ending:
            raise TooManyRequestsError("This server is about to end. Try again when it is back.", self._settings.grace)
        if self._rate is not None and (wait := self._rate.take(caller)):
            raise TooManyRequestsError(
                f"Only {self._settings.rate} requests are taken in a minute. Try again in {wait:.0f} seconds.", wait
            )

    def _normalize(self, scope: Scope) -> None:
        """Take off the path below which a proxy serves, and headers that no proxy of ours can have written.

        Nor are pages compressed: their scripts are still to be marked.
        """
        root = self._settings.root_path.rstrip("/")
        if root and (scope["path"] == root or scope["path"].startswith(f"{root}/")):
            scope["path"] = scope["path"][len(root) :] or "/"
            scope["raw_path"] = scope["path"].encode()
        dropped: tuple[bytes, ...] = () if self._settings.behind_proxy else (b"forwarded", b"x-forwarded-")
        if any(name.lower() == b"accept" and b"text/html" in value for name, value in scope["headers"]):
            dropped += (b"accept-encoding",)
        scope["headers"] = [pair for pair in scope["headers"] if not pair[0].lower().startswith(dropped)]

    def _check_size(self, scope: Scope, headers: Headers) -> None:
        if scope["path"].startswith(_UPLOAD):
            return
        length = headers.get("content-length", "")
        if not length.isdigit() and "transfer-encoding" in headers:
            raise RequestRefusedError("Say how long the request is (Content-Length).")
        if length.isdigit() and int(length) > self._most_bytes:
            raise InputTooLargeError(
                f"The request has {int(length):,} bytes; up to {self._most_bytes:,} are taken. Split the text."
            )

    async def _say_health(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = "ending" if self.ending else "ok"
        response = JSONResponse({"status": status, **self._health()}, 503 if self.ending else 200)
        await response(scope, receive, send)

    def _secured(self, scope: Scope, send: Send) -> Send:
        """Return what sends an answer with our headers, and marks the scripts of pages."""
        start: Message = {}
        body = bytearray()
        nonce = ""

        async def send_secured(message: Message) -> None:
            nonlocal nonce
            if message["type"] == "http.response.start":
                nonce = make_nonce() if _is_plain_page(message["headers"]) else ""
                headers = self._policy.secure(message["headers"], nonce)
                start.update({**message, "headers": headers})
                if not nonce:
                    await send(start)
                return
            if nonce and message["type"] == "http.response.body":
                body.extend(message.get("body", b""))
                if message.get("more_body", False):
                    return
                marked = mark_scripts(bytes(body), nonce)
                length = (b"content-length", str(len(marked) if scope["method"] != "HEAD" else 0).encode())
                start["headers"] = [pair for pair in start["headers"] if pair[0].lower() != length[0]] + [length]
                await send(start)
                message = {**message, "body": marked if scope["method"] != "HEAD" else b""}
            await send(message)

        return send_secured


def _is_plain_page(headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether an answer is a web page whose text can be changed."""
    named = {name.lower(): value for name, value in headers}
    return named.get(b"content-type", b"").startswith(b"text/html") and b"content-encoding" not in named


def _refuse(error: SummarizerError) -> JSONResponse:
    # The detail is what Gradio's page shows.
    response = answer({"error": error.to_dict(), "detail": error.message}, wait_headers(error))
    if isinstance(error, NotAuthorizedError):
        response.headers["WWW-Authenticate"] = 'Basic realm="News summarizer", charset="UTF-8"'
    return response
