import json
import shutil
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hostile import ADDRESSES, CHARACTERS, ESCAPED, FILE_NAMES, MARK, MARKUP, SIZES
from serving import ARTICLE, GRADIO_WARNINGS, Caller, fake_summarizer, served

pytestmark = GRADIO_WARNINGS

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
#: What a text may be refused for.
CODES = ("input_too_large", "not_an_article", "empty_input", "unknown_language", "unreadable_input")
TEXT_BOX, START, DONE = "#ns-input textarea", "#ns-start", ".ns-sentence, .ns-error"


@pytest.fixture(scope="module")
def server():
    with served(fake_summarizer()) as running:
        yield running


def send(server, path: str, body: dict):
    """Send JSON in ASCII, which can say what UTF-8 cannot."""
    content = json.dumps(body).encode()
    response = Caller(server.url).http.post(path, content=content, headers={"Content-Type": "application/json"})
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-content-type-options"] == "nosniff"
    return response


def test_there_are_enough_hostile_inputs():
    assert len(MARKUP + CHARACTERS + SIZES + ADDRESSES + FILE_NAMES) >= 40


@pytest.mark.parametrize("attack", MARKUP + CHARACTERS + SIZES, ids=lambda attack: attack.name)
def test_each_text_gets_a_summary_or_a_clear_message(server, attack):
    headline, rest = ARTICLE.split("\n", 1)
    text = attack.text if attack in SIZES else f"{headline} {attack.text}\n{rest}\n{attack.text}"

    for path in ("/api/summarize", "/api/clean"):
        response = send(server, path, {"text": text})
        result = response.json()

        assert response.status_code in (200, 413, 422), result["error"]
        if result["error"] is None:
            assert result.get("summary") or result["text"]
        else:
            assert result["error"]["code"] in CODES
            assert len(result["error"]["message"]) > 20


@pytest.mark.parametrize("attack", MARKUP + CHARACTERS, ids=lambda attack: attack.name)
def test_each_text_comes_through_gradio_as_well(server, attack):
    caller = Caller(server.url)
    body = json.dumps({"text": f"{ARTICLE}\n{attack.text}", "force": True}).encode()
    headers = {"Content-Type": "application/json"}
    event = caller.http.post("/gradio_api/call/v2/summarize", content=body, headers=headers).json()["event_id"]

    stream = caller.get(f"/gradio_api/call/summarize/{event}").text

    kind, data = stream.strip().split("\n")[-2:]
    assert kind == "event: complete"
    error = json.loads(data.removeprefix("data: "))[0]["error"]
    assert error is None or error["code"] in CODES


@pytest.mark.parametrize("attack", CHARACTERS, ids=lambda attack: attack.name)
@pytest.mark.parametrize("field", ["model", "language", "target_language", "length", "style", "url"])
def test_options_may_be_anything_too(server, attack, field):
    body = {"text": "" if field == "url" else ARTICLE, field: attack.text}

    response = send(server, "/api/summarize", body)

    assert response.status_code in (400, 403, 422)
    assert len(response.json()["error"]["message"]) > 20


@pytest.fixture
def inside():
    """A server on this machine that nobody may reach; it keeps what it was asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    asked: list[str] = []
    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield listening.server_port, asked
    listening.shutdown()
    listening.server_close()


def test_no_address_leads_inside(server, inside, socket_guard):
    port, asked = inside
    before = len(socket_guard)
    addresses = [attack.text for attack in ADDRESSES]
    addresses += [
        f"http://{host}:{port}/secret" for host in ("127.0.0.1", "localhost", "2130706433", "[::ffff:7f00:1]")
    ]

    with ThreadPoolExecutor(4) as pool:
        responses = list(pool.map(lambda address: send(server, "/api/clean", {"url": address}), addresses))

    assert [(address, response.json()["error"]["code"]) for address, response in zip(addresses, responses, strict=True)
            if response.json()["error"]["code"] != "fetch_refused"] == []  # fmt: skip
    assert {response.status_code for response in responses} == {403}
    assert asked == []
    assert len(socket_guard) == before


@pytest.mark.parametrize("name", FILE_NAMES, ids=range(len(FILE_NAMES)))
def test_no_file_name_leads_out_of_the_folder_for_uploads(server, name):
    Path(ESCAPED).unlink(missing_ok=True)
    boundary = "edge"
    disposition = f'form-data; name="files"; filename="{name}"'.encode("utf-8", "replace")
    content = b"--edge\r\nContent-Disposition: " + disposition + b"\r\n\r\nx\r\n--edge--\r\n"

    response = Caller(server.url).http.post(
        "/gradio_api/upload", content=content, headers={"Content-Type": f"multipart/form-data; boundary={boundary}"}
    )

    assert response.status_code < 500 or "text/plain" in response.headers["content-type"]
    if response.status_code == 200:
        uploads = Path(tempfile.gettempdir(), "gradio").resolve()
        for path in response.json():
            assert Path(path).resolve().is_relative_to(uploads)
            assert Path(path).name not in (".", "..")
    assert not Path(ESCAPED).exists()


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../../etc/passwd", "/proc/self/environ", "%2e%2e/%2e%2e/etc/passwd", "http://127.0.0.1/",
     "pyproject.toml", "summarizer/web/guard.py", "//etc/passwd", "/etc/passwd%00.txt"],
)  # fmt: skip
def test_no_file_of_the_server_is_handed_out(server, path):
    for route in ("/gradio_api/file=", "/file=", "/gradio_api/proxy=", "/static/", "/assets/", "/svelte/"):
        response = Caller(server.url).get(f"{route}{path}")
        assert response.status_code >= 300, route
        assert "root:" not in response.text
        assert "build-system" not in response.text


@pytest.fixture(scope="module")
def page(server):
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(60_000)
        page.goto(server.url)
        page.wait_for_selector(TEXT_BOX)
        page.get_by_text("More options").click()
        page.get_by_label("Accept any text, article or not").check()
        yield page
        browser.close()


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
@pytest.mark.parametrize("attacks", [MARKUP, CHARACTERS, ADDRESSES[-1:]], ids=["markup", "characters", "address"])
def test_nothing_runs_in_the_page_and_nothing_leaves_it(server, page, attacks, example_articles):
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    headline, rest = example_articles["en"][0].split("\n", 1)
    hostile = "\n".join(attack.text[:5_000] for attack in attacks).encode("utf-8", "replace").decode()
    text = hostile if len(attacks) == 1 else f"{headline} {hostile}\n{rest}\n{hostile}"
    page.fill(TEXT_BOX, "")
    page.get_by_role("button", name="Clear").click()
    page.wait_for_selector(".ns-empty")

    page.fill(TEXT_BOX, text)
    page.click(START)
    page.wait_for_selector(DONE)
    for element in page.locator(DONE).all():
        element.hover()

    assert page.locator(".ns-sentence").count() or len(attacks) == 1
    assert page.evaluate(MARK) is None
    assert page.locator(".ns-result :is(img, script, svg, iframe, style, base, meta, [onerror], [onload])").count() == 0
    assert page.title() == "News summarizer"
    assert [url for url in asked if not url.startswith((server.url, "data:", "blob:"))] == []
    # The policy of the page would have stopped what ran, and said so.
    assert complaints == []
