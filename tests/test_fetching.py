import gzip
import shutil
import socket
import ssl
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from summarizer.errors import FetchFailedError, FetchRefusedError
from summarizer.fetching import FetchSettings, check_address, check_url, fetch

LOCAL = FetchSettings(allow_private=True, timeout=2, deadline=2.5)
PAGE = "<html><body><p>Der Fluss führt wieder Wasser.</p></body></html>"
HTML = {"Content-Type": "text/html; charset=UTF-8"}


class Handler(BaseHTTPRequestHandler):
    """Serves what the tests need; the path says which."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.seen.append((self.path, dict(self.headers)))
        path, _, argument = self.path.partition("?")[0].strip("/").partition("/")
        getattr(self, f"serve_{path}", self.serve_status)(argument)

    def answer(self, body, headers=HTML, status=200, length=None):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def serve_page(self, argument):
        self.answer(PAGE.encode(), {"Content-Type": argument.replace("_", "/")} if argument else HTML)

    def serve_untyped(self, _):
        self.answer("<meta charset=koi8-r>Река".encode("koi8-r"), {})

    def serve_gzip(self, _):
        self.answer(gzip.compress(PAGE.encode()), {**HTML, "Content-Encoding": "gzip"})

    def serve_torn_gzip(self, _):
        self.answer(gzip.compress(PAGE.encode())[:-9], {**HTML, "Content-Encoding": "gzip"})

    def serve_brotli(self, _):
        self.answer(b"\x0b\x02\x80text\x03", {**HTML, "Content-Encoding": "br"})

    def serve_bomb(self, _):
        self.answer(gzip.compress(bytes(30_000_000)), {**HTML, "Content-Encoding": "gzip"})

    def serve_chunked(self, _):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in (PAGE[:20], PAGE[20:]):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part.encode()), part.encode()))
        self.wfile.write(b"0\r\n\r\n")

    def serve_endless(self, _):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.pour(b"x" * 65536)

    def serve_drip(self, _):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.pour(b"x", 0.1)

    def serve_drip_header(self, _):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        self.pour(b"x", 0.1)

    def serve_silent(self, _):
        self.server.stopping.wait(5)

    def serve_huge(self, _):
        self.answer(b"x", length=10**12)

    def serve_short(self, _):
        self.answer(b"only this", length=500)
        self.close_connection = True

    def serve_junk(self, _):
        self.wfile.write(b"\x15\x03\x01\x00\x02")
        self.close_connection = True

    def serve_to(self, argument):
        self.answer(b"", {"Location": argument.replace("~", "/")}, 302)

    def serve_status(self, argument):
        self.answer(b"no", HTML, int(argument or 404))

    def pour(self, data, pause=0.0):
        while not self.server.stopping.wait(pause):
            try:
                self.wfile.write(data)
            except OSError:
                break
        self.close_connection = True

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen = []
        self.stopping = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request, client_address):
        """A client that hangs up early is what some tests are about."""


@pytest.fixture(autouse=True)
def online(monkeypatch):
    monkeypatch.delenv("SUMMARIZER_OFFLINE", raising=False)


@pytest.fixture
def server():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield server
        server.stopping.set()
        server.shutdown()
        thread.join()


def test_a_page_comes_with_its_address_and_charset(server):
    page = fetch(server.url + "/page#part", settings=LOCAL)
    assert (page.data.decode(), page.url, page.charset) == (PAGE, server.url + "/page", "utf-8")


def test_the_request_says_who_asks_and_names_the_host_as_written(server):
    fetch(f"http://localhost:{server.server_port}/page?q=Straße 1&x=%20", settings=LOCAL)
    path, headers = server.seen[0]
    assert path == "/page?q=Stra%C3%9Fe%201&x=%20"
    assert headers["Host"] == f"localhost:{server.server_port}"
    assert "news-summarizer" in headers["User-Agent"]
    assert "Cookie" not in headers


@pytest.mark.parametrize("kind", ["chunked", "gzip", "to/~page", "to/~to~~page"])
def test_a_page_is_found_however_it_is_sent(server, kind):
    assert fetch(f"{server.url}/{kind}", settings=LOCAL).data.decode() == PAGE


def test_charset_is_taken_from_the_page_where_the_server_says_nothing(server):
    assert fetch(server.url + "/untyped", settings=LOCAL).charset == "koi8-r"


def test_the_address_after_redirects_is_the_last_one(server):
    assert fetch(server.url + "/to/~page", settings=LOCAL).url == server.url + "/page"


@pytest.mark.parametrize("status", [401, 403, 429, 451, 500, 503, 304])
def test_a_bad_status_is_in_the_message(server, status):
    with pytest.raises(FetchFailedError, match=rf"status {status}.*[Ss]ave the page"):
        fetch(f"{server.url}/status/{status}", settings=LOCAL)


def test_a_page_that_does_not_exist_is_called_that(server):
    with pytest.raises(FetchFailedError, match="does not exist"):
        fetch(server.url + "/status/404", settings=LOCAL)


@pytest.mark.parametrize("kind", ["image_png", "application_pdf", "video_mp4", "application_octet-stream"])
def test_what_is_not_text_is_not_read(server, kind):
    with pytest.raises(FetchFailedError, match=kind.replace("_", "/")):
        fetch(f"{server.url}/page/{kind}", settings=LOCAL)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("huge", "larger than 5,000,000 bytes"),
        ("endless", "larger than 5,000,000 bytes"),
        ("bomb", "larger than 5,000,000 bytes"),
        ("short", "broke off after 9 of 500 bytes"),
        ("torn_gzip", "damaged"),
        ("brotli", r"not asked for \(br\)"),
        ("junk", "could not be read"),
        ("to/~to~~to~~page", "more than 2 redirects"),
    ],
)
def test_what_cannot_be_read_says_why(server, path, message):
    with pytest.raises(FetchFailedError, match=message):
        fetch(f"{server.url}/{path}", settings=LOCAL)


@pytest.mark.parametrize("path", ["drip", "drip_header"])
def test_the_deadline_holds_against_a_server_that_drips(server, path):
    started = time.monotonic()
    with pytest.raises(FetchFailedError, match=r"0\.6 seconds"):
        fetch(f"{server.url}/{path}", settings=FetchSettings(allow_private=True, timeout=0.5, deadline=0.6))
    assert time.monotonic() - started < 1.5
    wait_for(lambda: not any(thread.name == "summarizer-fetch" for thread in threading.enumerate()))


def test_a_silent_server_is_left_after_the_timeout(server):
    with pytest.raises(FetchFailedError, match=r"nothing for 0\.3 seconds"):
        fetch(server.url + "/silent", settings=FetchSettings(allow_private=True, timeout=0.3))


def test_a_port_where_nobody_listens_fails():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(FetchFailedError, match="could not be read"):
            fetch(f"http://127.0.0.1:{unused.getsockname()[1]}/", settings=LOCAL)


def test_an_unknown_host_is_called_that(monkeypatch):
    def lookup(*args, **kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with pytest.raises(FetchFailedError, match="cannot be found"):
        fetch("https://news.example/story")


def test_a_look_up_that_hangs_does_not_hold_up_the_deadline(monkeypatch):
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: release.wait(5) and [])
    with pytest.raises(FetchFailedError, match=r"0\.3 seconds"):
        fetch("https://news.example/story", settings=FetchSettings(deadline=0.3))
    release.set()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")
def test_a_certificate_that_nobody_signed_is_not_trusted(server, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    make += ["-keyout", str(key), "-out", str(certificate), "-subj", "/CN=localhost", "-days", "2"]
    subprocess.run([*make, "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with pytest.raises(FetchFailedError, match=r"certificate.*self-signed|self-signed.*certificate"):
        fetch(server.url.replace("http", "https") + "/page", settings=LOCAL)


SPELLINGS = ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1", "localhost", "127.0.0.1.", "0"]
SPELLINGS += [
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[::]",
    "１２７.0.0.1",
    "LOCALHOST",
]
SPELLINGS += ["10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "100.100.100.200", "224.0.0.1", "0.0.0.0"]
SPELLINGS += [
    "[fe80::1]",
    "[fd00:ec2::254]",
    "[fec0::1]",
    "[ff02::1]",
    "168.63.129.16",
    "255.255.255.255",
    "[2002:7f00:1::]",
]


@pytest.mark.parametrize("host", [host for host in SPELLINGS if host != "127.0.0.1."])
def test_no_spelling_of_a_private_address_is_visited(server, host):
    with pytest.raises(FetchRefusedError, match=r"not in the public network.*pass the file"):
        fetch(f"http://{host}:{server.server_port}/page")
    assert server.seen == []


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("file:///etc/passwd", "not an http"),
        ("ftp://news.example/", "not an http"),
        ("javascript:alert(1)", "not an http"),
        ("news.example/story", "not an http"),
        ("/story", "not an http"),
        ("", "not an http"),
        ("http://", "no host"),
        ("http:///story", "no host"),
        ("https://reader:secret@news.example/", "user name or password"),
        ("https://@news.example/", "user name or password"),
        ("http://[::1", "not a web address"),
        ("http://news.example:port/", "not a web address"),
        ("http://" + "a" * 70 + ".example/", "not a web address"),
    ],
)
def test_addresses_that_are_not_visited_say_why(url, message):
    with pytest.raises(FetchRefusedError, match=message) as caught:
        fetch(url)
    assert "secret" not in str(caught.value)


def test_names_of_other_scripts_and_ports_are_kept():
    assert check_url(" https://zeitung-köln.example:8443/a?b#c ").geturl() == (
        "https://xn--zeitung-kln-zfb.example:8443/a?b"
    )


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"])
def test_public_addresses_pass(address):
    check_address(address)


@pytest.mark.parametrize(
    "target", ["http:~~10.0.0.1~", "http:~~127.0.0.2~", "~~[::1]~page", "http:~~169.254.169.254~latest"]
)
def test_a_redirect_into_a_private_network_is_refused(server, target):
    settings = FetchSettings(allowed_addresses=frozenset({"127.0.0.1"}))
    assert fetch(server.url + "/page", settings=settings).data
    with pytest.raises(FetchRefusedError, match="not in the public network"):
        fetch(f"{server.url}/to/{target}", settings=settings)


@pytest.mark.parametrize("target", ["file:~~~etc~passwd", "data:text~html,x", "http:~~u:p@127.0.0.1~"])
def test_a_redirect_to_anything_but_a_plain_address_is_refused(server, target):
    with pytest.raises(FetchRefusedError):
        fetch(f"{server.url}/to/{target}", settings=LOCAL)


def test_a_name_that_leads_to_a_private_address_is_refused(server, monkeypatch):
    answers = [[(0, 0, 0, "", ("93.184.215.14", 80)), (0, 0, 0, "", ("127.0.0.1", 80))]]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: answers.pop())
    with pytest.raises(FetchRefusedError, match=r"127\.0\.0\.1"):
        fetch(f"http://rebinding.example:{server.server_port}/page")
    assert server.seen == []


def test_the_connection_goes_to_the_address_that_was_checked(server, monkeypatch):
    answers = [[(0, 0, 0, "", ("127.0.0.1", 80))]]  # a second look-up would find nothing to pop
    real = socket.getaddrinfo

    def lookup(host, *args, **kwargs):
        return answers.pop() if host == "news.example" else real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    settings = FetchSettings(allowed_addresses=frozenset({"127.0.0.1"}))
    assert fetch(f"http://news.example:{server.server_port}/page", settings=settings).data.decode() == PAGE
    assert server.seen[0][1]["Host"] == f"news.example:{server.server_port}"


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"])
def test_proxies_of_the_environment_neither_see_the_request_nor_lift_the_guard(server, monkeypatch, name):
    monkeypatch.setenv(name, server.url)
    with pytest.raises(FetchRefusedError, match="not in the public network"):
        fetch("http://10.0.0.1/page")
    assert server.seen == []


@pytest.mark.parametrize("value", ["1", "true", "yes"])
def test_nothing_is_fetched_offline(server, monkeypatch, value):
    monkeypatch.setenv("SUMMARIZER_OFFLINE", value)
    with pytest.raises(FetchRefusedError, match="SUMMARIZER_OFFLINE"):
        fetch(server.url + "/page", settings=LOCAL)
    monkeypatch.setenv("SUMMARIZER_OFFLINE", "0")
    assert fetch(server.url + "/page", settings=LOCAL).data


def wait_for(condition):
    end = time.monotonic() + 2
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)
