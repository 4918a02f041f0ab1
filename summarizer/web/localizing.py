"""The page in the language of whoever opens it: the marks in what Gradio sends are filled on the way out."""

import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from summarizer.web.marks import fill_marks
from summarizer.web.wording import Wording, choose_wording

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Callable[[], Awaitable[Message]], Send], Awaitable[None]]

#: The tab that is open where the address names none.
FIRST_TAB = "summarize"

_HTML = re.compile(r'<html\s+lang="en"')
#: Gradio's own texts follow what it takes for the browser's language; some languages it knows by other codes.
_GRADIO_CODES = {"pt": "pt-BR", "zh": "zh-CN", "zh-Hant": "zh-TW"}
_SCRIPT = '<head><script>Object.defineProperty(navigator, "language", {{ value: "{}" }})</script>'


class Localizer:
    """ASGI middleware around Gradio's application.

    The language is the one in the address (``?lang=ar``), else the first that the browser accepts. Gradio's own
    translations follow the browser only, and leave out what can be chosen.

    :param app: The application.
    """

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Send) -> None:
        """Answer a request; only the page and its configuration are changed."""
        is_page = scope["type"] == "http" and scope["method"] == "GET" and scope["path"].endswith(("/", "/config"))
        if not is_page:
            await self._app(scope, receive, send)
            return
        query = parse_qs(scope["query_string"].decode("latin-1"))
        accepted = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
        wording = choose_wording(query.get("lang", [""])[0], accepted)
        tab = query.get("tab", [FIRST_TAB])[0]
        tab = tab if wording.has(f"page.tab.{tab}") else FIRST_TAB
        await self._app(scope, receive, _Filling(send, wording, tab))


class _Filling:
    """Keeps an answer back until it is whole, and sends it on with its marks filled."""

    def __init__(self, send: Send, wording: Wording, tab: str) -> None:
        self._send, self._wording, self._tab = send, wording, tab
        self._start: Message = {}
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if message.get("more_body"):
            return
        body = _localize(self._body.decode(), self._wording, self._tab).encode()
        headers = [(name, value) for name, value in self._start["headers"] if name.lower() != b"content-length"]
        headers += [(b"content-length", str(len(body)).encode()), (b"vary", b"Accept-Language")]
        await self._send({**self._start, "headers": headers})
        await self._send({**message, "body": body})


def _localize(body: str, wording: Wording, tab: str) -> str:
    language, direction = wording.language, "rtl" if wording.is_rtl else "ltr"
    body, is_page = _HTML.subn(f'<html lang="{language}" dir="{direction}" data-language="{language}"', body, count=1)
    if is_page:
        body = body.replace("<head>", _SCRIPT.format(_GRADIO_CODES.get(language, language)), 1)
    return fill_marks(body, wording, tab, _escape_json)


def _escape_json(text: str) -> str:
    """Return a text for the inside of a JSON string, which may stand in a script."""
    escaped = json.dumps(text)[1:-1]
    return escaped.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
