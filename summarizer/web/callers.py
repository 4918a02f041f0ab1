"""Who sends a request: from which address, as which user, and from a page of which site."""

import asyncio
import binascii
from base64 import b64decode
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from summarizer.errors import NotAuthorizedError, RequestRefusedError, TooManyRequestsError
from summarizer.web.passwords import PasswordFile
from summarizer.web.rates import RateLimit

#: Wrong passwords that may come from one address in a minute.
_TRIES = 10
#: Password hashes that are computed at the same time; each takes 16 MiB.
_HASHES = 2
#: Hosts that a server on this machine only is asked for; others come from a name that somebody else pointed here.
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

Headers = Mapping[str, str]


def find_address(scope: Mapping[str, Any], headers: Headers, *, behind_proxy: bool) -> str:
    """Return the address that a request comes from.

    :param scope: Of the connection.
    :param headers: Of the request.
    :param behind_proxy: Whether the last address of ``X-Forwarded-For`` was written by a proxy of one's own. The ones
        before it could be anything.
    :return: The address; of IPv6 the network of 64 bits, all of which one sender has.
    """
    peer = str((scope.get("client") or ("unknown", 0))[0])
    if behind_proxy:
        peer = headers.get("x-forwarded-for", peer).rpartition(",")[2].strip() or peer
    try:
        address = ip_address(peer.partition("%")[0])
    except ValueError:
        return peer[:64]
    return str(address) if address.version == 4 else str(ip_network(f"{address}/64", strict=False))


def check_host(headers: Headers, host: str) -> None:
    """Refuse what was sent to another name, by a page that had its name lead to this machine (DNS rebinding).

    :param headers: Of the request.
    :param host: What the server listens on; anything is accepted unless that is loopback.
    :raises RequestRefusedError: If another host is named.
    """
    if host in _LOOPBACK and (urlsplit(f"//{headers.get('host', '')}").hostname or "") not in _LOOPBACK:
        raise RequestRefusedError("This server is for this machine only. Open it as http://localhost and its port.")


def check_site(method: str, headers: Headers) -> None:
    """Refuse what a page of another site sends, or asks for in order to read it; opening the page is not that.

    :param method: Of the request.
    :param headers: Of the request. Browsers say by ``Sec-Fetch-Site`` or ``Origin`` where a request comes from.
    :raises RequestRefusedError: If it comes from another site.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        opened = method == "GET" and headers.get("sec-fetch-mode") == "navigate"
        foreign = site in ("cross-site", "same-site") and not opened
    else:
        hosts = headers.get("host", ""), headers.get("x-forwarded-host", "").partition(",")[0].strip()
        # Not even empty names are alike: the origin of a sandboxed frame is the word null.
        foreign = origin is not None and urlsplit(origin).netloc not in filter(None, hosts)
    if foreign:
        raise RequestRefusedError("Pages of other sites may not send requests to this server.")


class Doorkeeper:
    """Lets in the users of a file who send their password with each request (HTTP Basic, RFC 7617).

    :param users: The users.
    """

    def __init__(self, users: PasswordFile) -> None:
        self._users = users
        self._failures = RateLimit(_TRIES)
        self._hashing = asyncio.Semaphore(_HASHES)

    async def check(self, headers: Headers, address: str) -> str:
        """Return the user.

        :param headers: Of the request.
        :param address: Where it comes from.
        :raises NotAuthorizedError: If the password is missing or wrong.
        :raises TooManyRequestsError: If it was wrong too often from there.
        """
        user, password = _read_credentials(headers.get("authorization", ""))
        if not user:
            raise NotAuthorizedError("Send a user and a password (HTTP Basic).")
        if self._users.knows(user, password):
            return user
        if wait := self._failures.wait(address):
            raise TooManyRequestsError(f"Too many wrong passwords. Try again in {wait:.0f} seconds.", wait)
        async with self._hashing:
            right = await asyncio.to_thread(self._users.check, user, password)
        if not right:
            self._failures.take(address)
            raise NotAuthorizedError("The user or the password is wrong.")
        return user


def _read_credentials(header: str) -> tuple[str, str]:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _, password = b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, password
