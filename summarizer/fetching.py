"""Web pages from the public network: the only module that opens connections.

Every address is resolved once, each resolved address is checked, and the connection goes to the very address that was
checked, at every redirect anew: a name that changes its mind between check and connection gains nothing. Proxies named
in the environment are not used, for behind one nobody could tell which address is visited.
"""

import os
import re
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import certifi

from summarizer.decoding import declared_charset, gunzip
from summarizer.errors import FetchFailedError, FetchRefusedError, InputTooLargeError, UnreadableInputError
from summarizer.version import __version__

_HEADERS = {
    "User-Agent": f"Mozilla/5.0 (compatible; news-summarizer/{__version__})",
    "Accept": "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, text/*;q=0.5",
    # The only compression whose output this module can bound with what Python brings along.
    "Accept-Encoding": "gzip, identity",
    "Connection": "close",
}
_TEXT_TYPES = ("text/", "application/xhtml+xml", "application/xml", "application/rss+xml", "application/atom+xml")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w:.-]{1,40})")
_KEPT = "/%:@!$&'()*+,;=~?-._[]"
_STEP = 1 << 16
_NAT64 = ip_network("64:ff9b::/96")
#: Public by their number, but served by the cloud's own machines, credentials included.
_METADATA = frozenset({ip_address("168.63.129.16"), ip_address("fd00:ec2::254")})
_INSTEAD = "Save the page in a browser and pass the file instead."


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """Limits and guards of one fetch.

    ``timeout`` bounds each single wait and ``deadline`` everything together, both in seconds; ``max_bytes`` counts
    after decompression. Private addresses are refused, but for those in ``allowed_addresses``; ``allow_private``
    switches that guard off and is only for trusted addresses, such as a server of one's own.
    """

    timeout: float = 10.0
    deadline: float = 20.0
    max_bytes: int = 5_000_000
    max_redirects: int = 2
    allow_private: bool = False
    allowed_addresses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """A page as it was sent: ``url`` is where it was finally found, ``charset`` what server or page declare."""

    data: bytes
    url: str
    charset: str | None


DEFAULT_SETTINGS = FetchSettings()


def fetch(url: str, *, settings: FetchSettings = DEFAULT_SETTINGS) -> FetchedPage:
    """Fetch a web page.

    :param url: An http or https address in the public network.
    :param settings: Limits and guards; the defaults are right for untrusted addresses.
    :return: The page, decompressed but not decoded.
    :raises FetchRefusedError: If the address, or one that it redirects to, is none that this program visits, or if
        ``SUMMARIZER_OFFLINE`` is set.
    :raises FetchFailedError: If the page cannot be had, or is not text.
    """
    if os.environ.get("SUMMARIZER_OFFLINE", "").strip().lower() not in ("", "0", "false", "no", "off"):
        raise FetchRefusedError(f"Nothing is fetched while SUMMARIZER_OFFLINE is set. Unset it, or: {_INSTEAD}")
    job = _Job(url, settings)
    # A name look-up cannot be interrupted, so the deadline is kept by not waiting for the thread any longer.
    worker = threading.Thread(target=job.run, name="summarizer-fetch", daemon=True)
    worker.start()
    worker.join(settings.deadline)
    if worker.is_alive():
        job.abort()
        raise FetchFailedError(f"{url} was not there after {settings.deadline:g} seconds. Try again, or: {_INSTEAD}")
    if job.page is None:
        raise job.error or FetchFailedError(f"{url} could not be fetched. {_INSTEAD}")
    return job.page


def check_url(url: str) -> SplitResult:
    """Check what can be told of an address without looking it up.

    :param url: The address as the user or a redirect gave it.
    :return: Its parts; the host is in ASCII.
    :raises FetchRefusedError: If it is not plain http or https, has no host, or carries credentials.
    """
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port
    except ValueError as error:
        raise FetchRefusedError(f"{url!r} is not a web address ({error}). Check it for typing errors.") from error
    if parts.scheme not in ("http", "https"):
        raise FetchRefusedError(f"{url!r} is not an http or https address. Pass local files by their path.")
    if not host:
        raise FetchRefusedError(f"{url!r} names no host. Check it for typing errors.")
    if "@" in parts.netloc:
        raise FetchRefusedError("The address contains a user name or password. Leave them out, or: " + _INSTEAD)
    netloc = f"[{host}]" if ":" in host else host
    return parts._replace(netloc=netloc if port is None else f"{netloc}:{port}", fragment="")


def check_address(address: str, settings: FetchSettings = DEFAULT_SETTINGS) -> None:
    """Check that a resolved address lies in the public network.

    :param address: An IPv4 or IPv6 address.
    :param settings: Says which private addresses are allowed all the same.
    :raises FetchRefusedError: If it is private, loopback, link-local, multicast, reserved or a metadata service, also
        when wrapped into IPv6.
    """
    if settings.allow_private or address in settings.allowed_addresses:
        return
    ip = _unwrapped(ip_address(address.partition("%")[0]))
    site_local = isinstance(ip, IPv6Address) and ip.is_site_local
    if not ip.is_global or ip.is_private or ip.is_multicast or ip.is_reserved or site_local or ip in _METADATA:
        raise FetchRefusedError(f"The address leads to {address}, which is not in the public network. {_INSTEAD}")


def _unwrapped(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that a transition address of IPv6 stands for."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else ip)


def _resolve(host: str, port: int, settings: FetchSettings) -> list[str]:
    """Return the addresses of a host, all of them checked."""
    try:
        # The old spellings (2130706433, 0x7f.1) are read here, as not every system's look-up knows them.
        found = [socket.inet_ntoa(socket.inet_aton(host))]
    except (OSError, UnicodeError):
        found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for address in found:
        check_address(address, settings)
    return list(dict.fromkeys(found))


@dataclass(slots=True)
class _Job:
    """One fetch on its way through its redirects, in a thread of its own."""

    url: str
    settings: FetchSettings
    page: FetchedPage | None = None
    error: Exception | None = None
    connection: socket.socket | None = None
    end: float = field(init=False)

    def __post_init__(self) -> None:
        self.end = time.monotonic() + self.settings.deadline

    def run(self) -> None:
        """Fetch, and keep whatever comes of it for the thread that waits."""
        try:
            self.page = self._follow()
        except Exception as error:
            self.error = self._explained(error)
        finally:
            self._close()

    def abort(self) -> None:
        """End whatever the other thread is waiting for; closing is its own business."""
        if self.connection is not None:
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)

    def _close(self) -> None:
        if self.connection is not None:
            self.connection.close()

    def _follow(self) -> FetchedPage:
        for _ in range(self.settings.max_redirects + 1):
            parts = check_url(self.url)
            with self._request(parts) as response:
                self.url = parts.geturl()
                target = response.headers.get("location")
                if response.status not in _REDIRECTS or not target:
                    return self._receive(response)
            self._close()
            # Header bytes arrive as Latin-1, but addresses that are not escaped are UTF-8.
            self.url = urljoin(self.url, target.encode("latin-1", "replace").decode("utf-8", "replace"))
        raise self._failed(f"is more than {self.settings.max_redirects} redirects away")

    def _request(self, parts: SplitResult) -> HTTPResponse:
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        self.connection = self._connect(host, port)
        if parts.scheme == "https":
            context = ssl.create_default_context()
            context.load_verify_locations(certifi.where())
            self.connection = context.wrap_socket(self.connection, server_hostname=host)
        self._seconds_left()  # whoever waited may have left during look-up and handshake
        http = HTTPConnection(host, port)
        http.sock = self.connection
        target = quote(parts.path or "/", _KEPT) + ("?" + quote(parts.query, _KEPT) if parts.query else "")
        http.request("GET", target, headers={"Host": parts.netloc, **_HEADERS})
        return http.getresponse()

    def _connect(self, host: str, port: int) -> socket.socket:
        """Connect to the first of the checked addresses that answers."""
        failure: OSError = OSError("the host has no address")
        for address in _resolve(host, port, self.settings):
            try:
                return socket.create_connection((address, port), min(self.settings.timeout, self._seconds_left()))
            except OSError as error:
                failure = error
        raise failure

    def _receive(self, response: HTTPResponse) -> FetchedPage:
        if response.status in (404, 410):
            raise FetchFailedError(f"{self.url} does not exist (status {response.status}). Check it for typing errors.")
        if not 200 <= response.status < 300:
            raise self._failed(f"was answered with status {response.status} {response.reason or ''}".rstrip())
        content_type = response.headers.get("content-type", "").strip().lower()
        if content_type and not content_type.startswith(_TEXT_TYPES):
            raise self._failed(f"is not a page of text but {content_type.partition(';')[0]}")
        data = self._read(response)
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding in ("gzip", "x-gzip"):
            data = gunzip(data, self.settings.max_bytes) if data else data
        elif encoding not in ("identity", ""):
            raise self._failed(f"was sent in a compression that was not asked for ({encoding})")
        match = _CHARSET.search(content_type)
        return FetchedPage(data, self.url, match[1] if match else declared_charset(data))

    def _read(self, response: HTTPResponse) -> bytes:
        length, limit = response.length, self.settings.max_bytes
        data = bytearray()
        while length is None or len(data) < length <= limit:
            chunk = response.read1(_STEP)
            data += chunk
            if not chunk or len(data) > limit:
                break
            self._seconds_left()
        if max(len(data), length or 0) > limit:
            raise self._too_large()
        if length is not None and len(data) < length:
            raise self._failed(f"broke off after {len(data):,} of {length:,} bytes")
        return bytes(data)

    def _seconds_left(self) -> float:
        left = self.end - time.monotonic()
        if left <= 0:
            raise self._failed(f"took more than {self.settings.deadline:g} seconds")
        return left

    def _too_large(self) -> FetchFailedError:
        return self._failed(f"is larger than {self.settings.max_bytes:,} bytes")

    def _failed(self, what: str) -> FetchFailedError:
        return FetchFailedError(f"{self.url} {what}. {_INSTEAD}")

    def _explained(self, error: Exception) -> Exception:
        """Return what to raise for an error; those that are no business of the network come back as they are."""
        if isinstance(error, ssl.SSLCertVerificationError):
            return self._failed(f"has no certificate that can be trusted ({error.verify_message})")
        if isinstance(error, TimeoutError):
            return self._failed(f"sent nothing for {self.settings.timeout:g} seconds")
        if isinstance(error, socket.gaierror):
            return self._failed("has a host that cannot be found; is it spelled right, and is this machine online?")
        if isinstance(error, InputTooLargeError):
            return self._too_large()
        if isinstance(error, UnreadableInputError | HTTPException | OSError):
            return self._failed(f"could not be read ({error})")
        return error
