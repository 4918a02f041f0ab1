"""What ``summarizer serve`` takes and does."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from summarizer.errors import BadOptionError
from summarizer.terminal import write


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for every one.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 7860,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser window.")] = False,
    root_path: Annotated[str, typer.Option(help="Path below which a proxy serves the page, such as /news.")] = "",
    proxy: Annotated[
        bool, typer.Option("--proxy", help="Believe the X-Forwarded headers of a proxy in front.")
    ] = False,
    auth: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Let in the users of this file only: lines user:hash.")
    ] = None,
    hash_password: Annotated[
        bool, typer.Option("--hash-password", help="Ask for a password, print its hash for --auth, and end.")
    ] = False,
    fetch: Annotated[bool, typer.Option("--fetch/--no-fetch", help="Fetch pages whose address users give.")] = True,
    max_queue: Annotated[int, typer.Option(min=1, help="Requests that may wait; others are told to come back.")] = 64,
    rate: Annotated[int, typer.Option(min=0, help="Requests a minute for each user or address; 0: any number.")] = 0,
    max_characters: Annotated[int, typer.Option(min=100, help="Length of one text at most.")] = 1_000_000,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds that one request may work.")] = 300,
    grace: Annotated[float, typer.Option(min=1, help="Seconds to finish what is in hand when told to end.")] = 30,
    embed: Annotated[
        list[str] | None, typer.Option(metavar="ORIGIN", help="A site that may show the page in a frame; repeatable.")
    ] = None,
    mcp: Annotated[bool, typer.Option("--mcp", help="Offer tools to language models (needs the extra `mcp`).")] = False,
) -> None:
    """Open the web page, for this machine or for a team, with its programming interface."""
    if hash_password:
        write(_ask_for_hash())
        return
    from summarizer.fetching import FetchSettings
    from summarizer.web import launch
    from summarizer.web.settings import FETCH, Limits, ServerSettings

    fetching: FetchSettings | None = FETCH if fetch else None
    launch(
        ServerSettings(
            host=host,
            port=port,
            open_browser=browser,
            root_path=_check_root_path(root_path),
            proxy=proxy,
            auth=auth,
            rate=rate,
            embed=tuple(map(_check_origin, embed or ())),
            mcp=mcp,
            grace=grace,
            limits=Limits(waiting=max_queue, timeout=timeout, characters=max_characters, fetch=fetching),
        )
    )


def _ask_for_hash() -> str:
    from summarizer.web.passwords import hash_password

    if not sys.stdin.isatty():
        return hash_password(sys.stdin.readline().rstrip("\r\n"))
    return hash_password(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


def _check_root_path(path: str) -> str:
    if path and (not path.startswith("/") or "//" in path or any(mark in path for mark in "?#\\ ")):
        raise BadOptionError(f"{path!r} is no path: --root-path begins with a slash, as /news.")
    return path.rstrip("/")


def _check_origin(origin: str) -> str:
    from urllib.parse import urlsplit

    parts = urlsplit(origin)
    if parts.scheme not in ("http", "https") or not parts.hostname or origin != f"{parts.scheme}://{parts.netloc}":
        raise BadOptionError(
            f"{origin!r} is no origin: --embed takes scheme and host, as https://intranet.example.org."
        )
    if any(mark in origin for mark in " ;,'\""):
        raise BadOptionError(f"{origin!r} has a character that no origin has.")
    return origin
