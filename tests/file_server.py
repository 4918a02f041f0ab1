"""A real server on loopback for tests of downloads: it serves what it is given, and breaks off where it is told to."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class FileServer(ThreadingHTTPServer):
    """Serves bytes by path.

    ``files`` maps paths to bytes, ``headers`` paths to more headers, ``redirects`` paths to addresses. A path in
    ``breaks`` loses the connection after so many bytes, as many times as the second number says. Without ``ranges``,
    a file is always sent from its beginning. ``requests`` lists what was asked: method, path and range.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.files: dict[str, bytes] = {}
        self.headers: dict[str, dict[str, str]] = {}
        self.redirects: dict[str, str] = {}
        self.statuses: dict[str, int] = {}
        self.breaks: dict[str, tuple[int, int]] = {}
        self.broken: Counter[str] = Counter()
        self.ranges = True
        self.requests: list[tuple[str, str, str]] = []

    def handle_error(self, request, client_address):
        """Keep quiet of clients that went away."""

    def asked(self, path: str) -> list[tuple[str, str, str]]:
        return [request for request in self.requests if request[1] == path]


class _Handler(BaseHTTPRequestHandler):
    server: FileServer

    def do_HEAD(self):
        self.answer(with_body=False)

    def do_GET(self):
        self.answer(with_body=True)

    def answer(self, with_body):
        server, path = self.server, self.path.partition("?")[0]
        wanted = self.headers.get("Range", "")
        server.requests.append((self.command, path, wanted))
        if path in server.redirects or path in server.statuses or path not in server.files:
            self.send_response(302 if path in server.redirects else server.statuses.get(path, 404))
            if path in server.redirects:
                self.send_header("Location", server.redirects[path])
            self.finish_headers(path, 0)
            return
        data = server.files[path]
        start = int(wanted.removeprefix("bytes=").partition("-")[0]) if wanted and server.ranges else 0
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.finish_headers(path, len(data) - start)
        if with_body:
            self.send_body(path, data[start:])

    def finish_headers(self, path, size):
        for name, value in self.server.headers.get(path, {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(size))
        self.end_headers()

    def send_body(self, path, data):
        limit, times = self.server.breaks.get(path, (0, 0))
        if self.server.broken[path] < times:
            self.server.broken[path] += 1
            data = data[:limit]
            self.close_connection = True
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@contextmanager
def serve_files() -> Iterator[FileServer]:
    """Run a server for the time of the block."""
    with FileServer() as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()
