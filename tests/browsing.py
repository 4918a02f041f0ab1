"""What tests of the web page share: a real browser, a real server, and screenshots for those who ask for them.

``SCREENSHOTS=folder pytest -m browser`` leaves pictures of the page in a folder, to be looked at.
"""

import gc
import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
#: For ``pytestmark``. Gradio leaves sockets to the garbage collector, and counts requests with what pandas gives up.
BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:gradio.queueing"),
]

TEXT_BOX, START, STOP, SENTENCE = "#ns-input textarea", "#ns-start", "#ns-stop", ".ns-sentence"
EVIDENCE, LIT_EVIDENCE = ".ns-evidence", ".ns-evidence.ns-lit"
DONE = '.ns-result[aria-busy="false"], .ns-error'
PHONE = {"viewport": {"width": 390, "height": 844}}

# What is cut off at the edge does not widen the document, so every element is measured.
_BEYOND = """() => [...document.querySelectorAll('.gradio-container main *')]
    .filter(e => !e.closest('#ns-examples .gallery') && e.checkVisibility() && e.getBoundingClientRect().width > 0
        && (e.getBoundingClientRect().right > innerWidth + 1 || e.getBoundingClientRect().left < -1))
    .map(e => e.outerHTML.slice(0, 80))"""
_IN_VIEW = "e => { const box = e.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight; }"


@dataclass
class Visit:
    """A page in the browser, and what it did beside being looked at."""

    page: Any
    home: str
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def choose(self, place: str, value: str) -> None:
        """Choose in a drop-down list by typing; places are ``model`` and ``target``."""
        self.page.locator(f"#ns-{place} input").fill(value)
        self.page.keyboard.press("Enter")

    def summarize(self, text: str, model: str | None = None, target: str | None = None) -> None:
        """Paste, choose, press the button and wait for a summary."""
        self.page.fill(TEXT_BOX, text)
        for place, value in (("model", model), ("target", target)):
            if value is not None:
                self.choose(place, value)
        self.page.click(START)
        self.page.wait_for_selector(DONE)
        assert self.texts(".ns-error") == []

    def texts(self, selector: str) -> list[str]:
        """Return the texts of elements."""
        return self.page.locator(selector).all_text_contents()

    def wait_for_count(self, selector: str, count: int) -> None:
        """Wait until there are so many such elements: parts of the page are drawn one after the other."""
        asked = {"selector": selector, "count": count}
        self.page.wait_for_function(
            "asked => document.querySelectorAll(asked.selector).length === asked.count", arg=asked
        )

    def find_faults(self) -> list[tuple[str, str, list[str]]]:
        """Return what axe finds serious or critical: rule, help, and where."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page).response["violations"]
        grave = [fault for fault in found if fault["impact"] in ("serious", "critical")]
        return [(fault["id"], fault["help"], [node["html"][:200] for node in fault["nodes"]]) for fault in grave]

    def style(self, selector: str, name: str) -> str:
        """Return a computed style of the first such element."""
        return self.page.locator(selector).first.evaluate(f"e => getComputedStyle(e).{name}")

    def beyond_the_edge(self) -> list[str]:
        """Return the elements that stand beyond the left or right edge of the window."""
        return self.page.evaluate(_BEYOND)

    def shoot(self, name: str) -> None:
        """Leave a picture of the whole page where ``SCREENSHOTS`` names a folder."""
        if folder := os.environ.get("SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def comes_into_view(element) -> bool:
    """Wait for the page to scroll, which browsers do in a frame of their own."""
    for _ in range(30):
        if is_in_view(element):
            return True
        element.page.wait_for_timeout(100)
    return False


def is_in_view(element) -> bool:
    """Tell whether all of an element is in the window."""
    return element.evaluate(_IN_VIEW)


def brightness(color: str) -> float:
    """Return how bright a computed colour is."""
    return sum(float(part) for part in color.strip("rgba()").split(",")[:3])


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        arguments = ["--no-sandbox", "--disable-background-networking"]
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[[Any], str]]:
    """Return a function that serves a page as ``summarizer serve`` does, and returns its address."""
    from summarizer.web import PageServer, ServerSettings, page_options

    with ExitStack() as served:
        yield lambda page: served.enter_context(PageServer(page, page_options(), ServerSettings(port=0)).running())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(scope="module")
def home(serve) -> str:
    """The page as it is."""
    from summarizer.web import build_page

    return serve(build_page())


@pytest.fixture
def visit(browser):
    """Return a function that opens the page; no visit may reach beyond loopback or write an error to the console."""
    visits: list[Visit] = []

    def open_page(home: str, query: str = "", **options: Any) -> Visit:
        page = browser.new_context(**options).new_page()
        page.set_default_timeout(60_000)
        visited = Visit(page, home)
        page.on("request", lambda made: visited.requests.append(made.url))
        page.on("pageerror", lambda error: visited.errors.append(str(error)))
        page.on("console", lambda said: visited.errors.append(said.text) if said.type == "error" else None)
        visits.append(visited)
        page.goto(home + query)
        page.wait_for_selector("#ns-language")
        return visited

    yield open_page
    for visited in visits:
        visited.page.context.close()
        assert visited.errors == []
        assert [url for url in visited.requests if not url.startswith((visited.home, "data:", "blob:"))] == []


@pytest.fixture
def article(example_articles) -> str:
    """The English example."""
    return example_articles["en"][0]
