"""Files over HTTP, whole or not at all: after a broken connection the download goes on where it broke."""

import logging
import ssl
import time
from collections.abc import Callable
from functools import cache
from http.client import HTTPException, HTTPResponse
from urllib.error import HTTPError
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
)

import certifi

from summarizer.errors import ModelDownloadError
from summarizer.version import __version__

#: Tries without a single new byte before it is given up.
MOST_FAILURES = 4
#: Seconds before the second try; twice as long before each one after.
FIRST_PAUSE = 0.5
TIMEOUT = 30.0

_BLOCK = 1 << 16
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})

logger = logging.getLogger(__name__)


def fetch_file(url: str, limit: int, report: Callable[[int], None] | None = None) -> bytes:
    """Fetch a file into memory.

    :param url: An http or https address; no other kind is opened, not by a redirect either.
    :param limit: The most bytes it may have.
    :param report: Told the bytes that are there.
    :return: Its bytes, as many as the server promised.
    :raises ModelDownloadError: If the server cannot be reached, does not have it, or sends more than the limit.
    """
    if not url.startswith(("http://", "https://")):
        raise ModelDownloadError(f"{url} cannot be downloaded: an address begins with https:// or http://.")
    data = bytearray()
    failures = 0
    while True:
        before = len(data)
        try:
            _read_on(url, data, limit, report or (lambda done: None))
            return bytes(data)
        except HTTPError as error:
            error.close()
            reason = f"the server answered {error.code} {error.reason}"
            if error.code not in _PASSING:
                raise ModelDownloadError(f"{url} cannot be downloaded: {reason}.") from error
        except (OSError, HTTPException) as error:
            reason = str(getattr(error, "reason", error)) or type(error).__name__
        failures = 0 if len(data) > before else failures + 1
        if failures == MOST_FAILURES:
            raise ModelDownloadError(f"{url} cannot be downloaded: {reason}. Check the connection and try again.")
        logger.info("%s: %s, trying again after %d bytes", url, reason, len(data))
        time.sleep(FIRST_PAUSE * 2**failures)


def _read_on(url: str, data: bytearray, limit: int, report: Callable[[int], None]) -> None:
    """Add to the data what is missing; a server that cannot go on from there sends all of it again."""
    # The opener below knows no other kind of address than http and https.
    request = Request(url, headers={"User-Agent": f"news-summarizer/{__version__}"})  # noqa: S310
    if data:
        request.add_header("Range", f"bytes={len(data)}-")
    with _opener().open(request, timeout=TIMEOUT) as response:
        if response.status != 206 or not response.headers.get("Content-Range", "").startswith(f"bytes {len(data)}-"):
            data.clear()
        total = _promised(response, len(data))
        while block := response.read(_BLOCK):
            data += block
            if len(data) > limit:
                raise ModelDownloadError(f"{url} has more than {limit:,} bytes, which is no such file.")
            report(len(data))
    if total is not None and len(data) < total:
        raise ConnectionError(f"the connection broke after {len(data):,} of {total:,} bytes")


def _promised(response: HTTPResponse, start: int) -> int | None:
    length = response.headers.get("Content-Length", "")
    return start + int(length) if length.isdecimal() else None


@cache
def _opener() -> OpenerDirector:
    """Return what opens addresses: proxies of the environment, certificates of the system and of certifi, no files."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    opener = OpenerDirector()
    for handler in (
        ProxyHandler(),
        HTTPHandler(),
        HTTPSHandler(context=context),
        UnknownHandler(),
        HTTPRedirectHandler(),
        HTTPDefaultErrorHandler(),
        HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener
