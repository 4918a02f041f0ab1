"""The server: Gradio's page and plain HTTP on one application, behind the guard, until it is told to end."""

import logging
import os
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import typer
import uvicorn
from fastapi import FastAPI

from summarizer.errors import BadOptionError
from summarizer.version import __version__
from summarizer.web.guard import Guard
from summarizer.web.routes import add_routes
from summarizer.web.settings import ServerSettings

if TYPE_CHECKING:
    import gradio as gr

logger = logging.getLogger(__name__)

#: Seconds that threads without work have to end.
_LAST_MOMENT = 0.5
#: Seconds that a connection without a request is kept.
_KEEP_ALIVE = 15
#: No description of the interface for machines: its pages load scripts from elsewhere.
_NO_DESCRIPTION: dict[str, Any] = {"openapi_url": None, "docs_url": None, "redoc_url": None}


class PageServer:
    """A page that is served.

    :param page: The page, with its endpoints.
    :param looks: What Gradio is told of looks and privacy, see ``page_options``.
    :param settings: Where it is served, and to whom.
    :raises BadOptionError: If the address cannot be listened on, or the file of users cannot be used.
    """

    def __init__(self, page: "gr.Blocks", looks: dict[str, Any], settings: ServerSettings) -> None:
        self.page = page
        self.settings = settings
        app = build_app(page, looks, settings)
        # Gradio says nowhere else which application it made of the page.
        self.mounted: Any = app.routes[-1].app  # type: ignore[attr-defined]
        self.guard = Guard(app, settings, self.describe, looks.get("head", ""))
        self._socket = _listen(settings.host, settings.port)
        if settings.mcp:
            # Else Gradio calls itself at whatever host the first request names.
            page.mcp_server_obj._local_url = self.url
        config = uvicorn.Config(
            self.guard,
            log_level="warning",
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE,
            timeout_graceful_shutdown=max(1, round(settings.grace)),
        )
        self._server = _Server(config, self)

    @property
    def url(self) -> str:
        """The address of the page."""
        host, port = self._socket.getsockname()[:2]
        shown = {"0.0.0.0": "localhost", "::": "localhost"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
        return f"http://{shown}:{port}"

    def describe(self) -> dict[str, Any]:
        """Return what ``/health`` says; never anything of a text."""
        return {"version": __version__, "queue": len(self.page._queue), "memory_mb": _resident_megabytes()}

    def run(self) -> None:
        """Serve until SIGTERM or Ctrl+C; then what is in hand is finished within the seconds of grace."""
        self._serve(self.announce)

    @contextmanager
    def running(self) -> Iterator[str]:
        """Serve in a thread for as long as the block lasts.

        :return: The address of the page.
        """
        ready = threading.Event()
        thread = threading.Thread(target=self._serve, args=(ready.set,), name="summarizer-server", daemon=True)
        thread.start()
        ready.wait()
        try:
            yield self.url
        finally:
            self.end()
            thread.join()

    def _serve(self, on_ready: Callable[[], None]) -> None:
        self._server.on_ready = on_ready
        self._server.run(sockets=[self._socket])

    def announce(self) -> None:
        """Say where the page is, and open it in a browser if that was wanted."""
        typer.echo(f"The page is at {self.url}{self.settings.root_path} (Ctrl+C ends it).", err=True)
        if self.settings.open_browser:
            threading.Thread(target=webbrowser.open, args=(self.url,), daemon=True).start()

    def end(self) -> None:
        """Take no more requests, and end when those in hand are done."""
        self.guard.ending = True
        self._server.should_exit = True


class _Server(uvicorn.Server):
    """uvicorn, which ends with exit code 0 when it is told to end, and ends the streams that only keep pages alive."""

    def __init__(self, config: uvicorn.Config, served: PageServer) -> None:
        super().__init__(config)
        self._served = served
        self.on_ready: Callable[[], None] = lambda: None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._served.page.is_running = False
        self._served.mounted.stop_event.set()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # The second time, nothing is waited for. Gradio's and uvicorn's own way would be to die of the signal.
        self.force_exit = self.should_exit
        self._served.end()


def end_late_work() -> None:
    """End the process if threads still work, for which Python would wait and nobody else does any more."""
    others = [thread for thread in threading.enumerate() if not thread.daemon and thread is not threading.main_thread()]
    for thread in others:
        thread.join(_LAST_MOMENT)
    if any(thread.is_alive() for thread in others):
        logger.warning("The server ends with work in hand")
        sys.stderr.flush()
        os._exit(0)


def build_app(page: "gr.Blocks", looks: dict[str, Any], settings: ServerSettings) -> FastAPI:
    """Return the application: the plain routes, and the page below them.

    :param page: The page, with its endpoints.
    :param looks: What Gradio is told of looks and privacy.
    :param settings: Where it is served.
    """
    import gradio as gr

    app = FastAPI(**_NO_DESCRIPTION)
    add_routes(app, page, settings.limits)
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        root_path=settings.root_path or None,
        mcp_server=settings.mcp,
        show_error=False,
        enable_monitoring=False,
        **{**looks, "app_kwargs": {**looks.get("app_kwargs", {}), **_NO_DESCRIPTION}},
    )
    if settings.mcp and settings.auth:
        raise BadOptionError("--mcp cannot be used with --auth: let a proxy in front ask for the password.")
    if settings.mcp and not page.mcp_server:
        raise BadOptionError("Tools for language models need an extra: pip install 'news-summarizer[mcp]'")
    return app


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host.strip("[]"), port), family=family, backlog=256)
    except OSError as error:
        raise BadOptionError(
            f"Port {port} of {host} cannot be listened on; choose another port with --port or address with --host."
        ) from error


def _resident_megabytes() -> float | None:
    """Return the memory that the process has, where the system tells."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return None
    return round(int(status.partition("VmRSS:")[2].split()[0]) / 1024, 1)
