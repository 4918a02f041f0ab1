"""Plain HTTP: one request with JSON, one answer with JSON.

A route hands its request to the endpoint of the same name over Gradio's own protocol, inside the process. So every
request waits in the same queue, whichever door it came through.
"""

import asyncio
import json
import math
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from summarizer.errors import BadRowError, RequestRefusedError, SummarizerError, TimedOutError, TooManyRequestsError
from summarizer.web.api import FAILURE
from summarizer.web.settings import Limits

if TYPE_CHECKING:
    import gradio as gr
    import httpx

#: Status of an answer by the code of its error; 422 for the others, which are about what was sent.
STATUSES = {
    "error": 500,
    "bad_option": 400,
    "bad_row": 400,
    "fetch_refused": 403,
    "fetch_failed": 502,
    "input_too_large": 413,
    "model_damaged": 500,
    "model_download_failed": 503,
    "not_authorized": 401,
    "request_refused": 403,
    "server_failed": 502,
    "timed_out": 504,
    "too_many_requests": 429,
}
#: Seconds after which to try again when the queue is full.
_BUSY = 10.0
#: nginx's own status for it; nobody reads the answer.
_CLIENT_GONE = 499
#: Seconds between two looks whether the other side still waits.
_LOOK = 0.5


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SummarizeBody(_Body):
    """What ``/api/summarize`` takes; see ``Endpoints.summarize``."""

    text: str = ""
    url: str = ""
    target_language: str = ""
    length: str | int = "short"
    style: str = "auto"
    model: str = ""
    language: str = ""
    clean: bool = True
    force: bool = False


class CleanBody(_Body):
    """What ``/api/clean`` takes; see ``Endpoints.clean``."""

    text: str = ""
    url: str = ""
    language: str = ""
    force: bool = False


class TranslateBody(_Body):
    """What ``/api/translate`` takes; see ``Endpoints.translate``."""

    text: str
    target_language: str
    language: str = ""
    model: str = ""


class GoneError(Exception):
    """The other side hung up; nobody is left to answer."""


def error_response(error: SummarizerError) -> JSONResponse:
    """Return the answer that says an error."""
    return answer({"error": error.to_dict()}, wait_headers(error))


def answer(result: Any, headers: dict[str, str] | None = None) -> JSONResponse:
    """Return a result with the status that its error, if it has one, stands for."""
    error = result.get("error") if isinstance(result, dict) else None
    status = 200 if error is None else STATUSES.get(error["code"], 422)
    return _SafeJSONResponse(result, status_code=status, headers=headers)


def wait_headers(error: SummarizerError) -> dict[str, str]:
    """Return the header that says when to try again, where an error says it."""
    return {"Retry-After": str(math.ceil(error.wait))} if isinstance(error, TooManyRequestsError) else {}


class _SafeJSONResponse(JSONResponse):
    """JSON in ASCII, so that half a surrogate pair, which UTF-8 has no bytes for, arrives as it was sent."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content, separators=(",", ":")).encode("ascii")


def add_routes(app: FastAPI, page: "gr.Blocks", limits: Limits) -> None:
    """Add ``/api/summarize``, ``/api/clean``, ``/api/translate`` and ``/api/models``.

    :param app: The application to add them to; the page is going to be mounted on it.
    :param page: The page with the endpoints.
    :param limits: How long a request may wait and work.
    """
    line = _Line(app, page, limits)

    @app.post("/api/summarize")
    async def summarize(body: SummarizeBody, request: Request) -> JSONResponse:
        return await line.serve("summarize", {**body.model_dump(), "length": str(body.length)}, request)

    @app.post("/api/clean")
    async def clean(body: CleanBody, request: Request) -> JSONResponse:
        return await line.serve("clean", body.model_dump(), request)

    @app.post("/api/translate")
    async def translate(body: TranslateBody, request: Request) -> JSONResponse:
        return await line.serve("translate", body.model_dump(), request)

    @app.get("/api/models")
    async def models(request: Request) -> JSONResponse:
        return await line.serve("models", {}, request)

    @app.api_route("/api/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    async def unknown(path: str) -> JSONResponse:
        message = "There is: POST /api/summarize, /api/clean and /api/translate, and GET /api/models."
        return _SafeJSONResponse({"error": RequestRefusedError(message).to_dict()}, status_code=404)

    @app.exception_handler(RequestValidationError)
    async def explain(_: Request, error: RequestValidationError) -> JSONResponse:
        found = [f"{'.'.join(map(str, row['loc'][1:])) or 'body'}: {row['msg']}" for row in error.errors()]
        return error_response(BadRowError(f"The request has not the form that docs/api.md shows ({'; '.join(found)})."))


class _Line:
    """The queue of the page, for whoever comes by plain HTTP."""

    def __init__(self, app: FastAPI, page: "gr.Blocks", limits: Limits) -> None:
        self._app = app
        self._page = page
        self._limits = limits

    async def serve(self, name: str, arguments: dict[str, Any], request: Request) -> JSONResponse:
        """Wait for an endpoint's turn and return its answer."""
        import httpx

        try:
            # Inside the process: no connection is opened, and no other host could be reached.
            transport = httpx.ASGITransport(app=self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return answer(await self._call(client, name, arguments, request))
        except SummarizerError as error:
            return error_response(error)
        except GoneError:
            return _SafeJSONResponse(None, status_code=_CLIENT_GONE)

    async def _call(
        self, client: "httpx.AsyncClient", name: str, arguments: dict[str, Any], request: Request
    ) -> Any:  # fmt: skip
        content = json.dumps(arguments).encode("ascii")
        headers = {"Content-Type": "application/json"}
        joined = await client.post(f"/gradio_api/call/v2/{name}", content=content, headers=headers)
        if joined.status_code == 503:
            waiting = len(self._page._queue)
            raise TooManyRequestsError(
                f"{waiting} requests are waiting, which is all that may. Try again in {_BUSY:g} seconds.", _BUSY
            )
        joined.raise_for_status()
        event = joined.json()["event_id"]
        stream = asyncio.create_task(client.get(f"/gradio_api/call/{name}/{event}"))
        try:
            await self._wait(stream, request)
        except (TimedOutError, GoneError):
            await client.post(
                "/gradio_api/cancel", json={"session_hash": event, "event_id": event, "fn_index": 0}
            )  # fmt: skip
            raise
        finally:
            await asyncio.wait([stream])
        return _read_events(stream.result().text)

    async def _wait(self, stream: "asyncio.Task[httpx.Response]", request: Request) -> None:
        """Wait for the end of a stream.

        :raises TimedOutError: If it is not there in time; waiting for one's turn counts twice the time of the work.
        :raises GoneError: If the other side hung up.
        """
        loop = asyncio.get_running_loop()
        most = 3 * self._limits.timeout
        end = loop.time() + most
        while not stream.done():
            await asyncio.wait([stream], timeout=_LOOK)
            if await request.is_disconnected():
                raise GoneError
            if loop.time() > end and not stream.done():
                raise TimedOutError(f"Its turn did not come within {most:g} seconds. Try again when fewer wait.")


def _read_events(text: str) -> Any:
    """Return what the last event of a stream holds.

    :raises SummarizerError: If it is none of success.
    """
    for block in reversed(text.strip().split("\n\n")):
        kind, _, data = block.partition("\n")
        if kind == "event: complete":
            return json.loads(data.removeprefix("data: "))[0]
    raise FAILURE
