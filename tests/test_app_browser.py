import gc
import shutil
import socket
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from summarizer import Summarizer
from summarizer.backends.fake import FakeBackend
from summarizer.translation import Translator
from summarizer.web import build_page, launch_options

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# Gradio leaves sockets and event loops to the garbage collector, and counts requests with what pandas gives up.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:gradio.queueing"),
]

TEXT_BOX, START, SENTENCE, LIT_EVIDENCE = "#ns-input textarea", "#ns-start", ".ns-sentence", ".ns-evidence.ns-lit"
# Tags that close make a page of a text, and a page's tags never get as far as the view; these do.
ATTACK = '<svg onload="window.hit=1"> ${window.hit=2} {{window.hit}} \'"`'
WRITTEN_ATTACK = '<img src=x onerror="window.hit=3"><script>window.hit=4</script>'


@dataclass
class Visit:
    """A page in the browser, and what it did beside being looked at."""

    page: Any
    home: str
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def summarize(self, text: str, model: str | None = None, target: str | None = None) -> None:
        """Paste, choose, press the button and wait for a summary."""
        self.page.fill(TEXT_BOX, text)
        for label, value in (("Model", model), ("Translate the summary into", target)):
            if value is not None:
                self.page.get_by_label(label, exact=True).fill(value)
                self.page.keyboard.press("Enter")
        self.page.click(START)
        self.page.wait_for_selector(f"{SENTENCE}, .ns-error")
        assert self.texts(".ns-error") == []

    def texts(self, selector: str) -> list[str]:
        """Return the texts of elements."""
        return self.page.locator(selector).all_text_contents()


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        arguments = ["--no-sandbox", "--disable-background-networking"]
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        chromium.close()


def serve(page) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    _, url, _ = page.launch(server_name="127.0.0.1", server_port=port, **launch_options())
    yield url
    page.close(verbose=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(scope="module")
def home() -> Iterator[str]:
    yield from serve(build_page())


@pytest.fixture(scope="module")
def home_of_attacks() -> Iterator[str]:
    """A page whose model and translator write markup."""
    drafts = iter([[f"{WRITTEN_ATTACK} The bridge reopened after 99 months."]] * 9)
    backend = FakeBackend(drafts, translate=lambda sentence, _source, _target: f"{ATTACK} {sentence}")
    yield from serve(build_page(Summarizer(backend, translator=Translator([backend]))))


@pytest.fixture
def visit(browser, request):
    """Return a function that opens the page; no visit may reach beyond loopback or write an error to the console."""
    visits: list[Visit] = []

    def open_page(home: str, **options) -> Visit:
        page = browser.new_context(**options).new_page()
        page.set_default_timeout(60_000)
        visited = Visit(page, home)
        page.on("request", lambda made: visited.requests.append(made.url))
        page.on("pageerror", lambda error: visited.errors.append(str(error)))
        page.on("console", lambda said: visited.errors.append(said.text) if said.type == "error" else None)
        visits.append(visited)
        page.goto(home)
        page.wait_for_selector(TEXT_BOX)
        return visited

    yield open_page
    for visited in visits:
        visited.page.context.close()
        assert visited.errors == []
        assert [url for url in visited.requests if not url.startswith((visited.home, "data:", "blob:"))] == []


@pytest.fixture
def article(example_articles) -> str:
    return example_articles["en"][0]


def test_a_pasted_article_gets_a_summary_with_its_evidence_beside_it(visit, home, article):
    at = visit(home)
    at.summarize(article, "extractive")

    assert at.texts(".ns-title") == ["Marlen Bridge reopens after 14-month repair closure"]
    sentences = at.texts(SENTENCE)
    assert sentences == at.texts(".ns-evidence")
    assert len(sentences) == 2
    assert all(sentence in article for sentence in sentences)
    assert "read 250 of 250 tokens" in at.texts(".ns-footer")[0]
    summary, source = (at.page.locator(panel).bounding_box() for panel in (".ns-summary", ".ns-article"))
    assert summary["x"] + summary["width"] <= source["x"]


def test_pointing_at_a_sentence_lights_its_evidence_with_line_and_frame(visit, home, article):
    at = visit(home)
    at.summarize(article, "extractive")
    first, second = at.texts(SENTENCE)
    before = at.page.locator(".ns-evidence").last.evaluate("e => getComputedStyle(e).outlineStyle")

    at.page.locator(SENTENCE).last.hover()

    assert at.texts(LIT_EVIDENCE) == [second]
    style = at.page.locator(LIT_EVIDENCE).evaluate(
        "e => [getComputedStyle(e).outlineStyle, getComputedStyle(e).textDecorationStyle]"
    )
    assert (before, style) == ("none", ["solid", "solid"])
    at.page.locator(SENTENCE).first.hover()
    assert at.texts(LIT_EVIDENCE) == [first]
    at.page.locator("h1").hover()
    assert at.texts(LIT_EVIDENCE) == []


def test_the_keyboard_reaches_the_evidence_too(visit, home, article):
    at = visit(home)
    at.page.get_by_label("Model", exact=True).fill("extractive")
    at.page.keyboard.press("Enter")
    at.page.fill(TEXT_BOX, article)
    at.page.focus(TEXT_BOX)
    at.page.keyboard.press("Control+Enter")
    at.page.wait_for_selector(SENTENCE)
    first, second = at.texts(SENTENCE)

    at.page.locator("h1").hover()
    at.page.focus(SENTENCE)
    at.page.keyboard.press("Tab")
    assert at.texts(LIT_EVIDENCE) == [second]
    at.page.keyboard.press("Shift+Tab")
    at.page.keyboard.press("Enter")
    at.page.keyboard.press("Tab")
    at.page.keyboard.press("Tab")
    assert at.texts(LIT_EVIDENCE) == [first]
    at.page.keyboard.press("Escape")
    assert at.texts(LIT_EVIDENCE) == []


def test_evidence_far_down_is_scrolled_to_inside_the_panel(visit, home, article):
    at = visit(home, viewport={"width": 1280, "height": 500}, reduced_motion="reduce")
    at.page.get_by_text("Long: up to 7").click()
    at.summarize(article, "extractive")
    at.page.locator(SENTENCE).last.scroll_into_view_if_needed()
    place = "() => [scrollY, document.querySelector('.ns-scroll').scrollTop]"
    top, inside = at.page.evaluate(place)
    assert inside == 0

    at.page.locator(SENTENCE).last.hover()

    after, scrolled = at.page.evaluate(place)
    assert after == top
    assert scrolled > 0
    panel, passage = at.page.locator(".ns-scroll").bounding_box(), at.page.locator(LIT_EVIDENCE).bounding_box()
    assert panel["y"] <= passage["y"] < panel["y"] + panel["height"]


@pytest.mark.model
@pytest.mark.slow
def test_the_built_in_model_summarizes_and_the_summary_is_translated(visit, home, article, builtin_folder):
    at = visit(home)
    at.summarize(article, target="Portuguese")

    assert all(sentence in article for sentence in at.texts(SENTENCE))
    assert at.page.locator(".ns-translation").is_visible()
    [translation] = at.texts(".ns-translation .ns-text")
    assert "ponte" in translation.lower()
    assert at.page.locator(".ns-translation .ns-text").get_attribute("lang") == "pt"
    assert "builtin" in at.texts(".ns-footer")[0]


def test_an_example_in_arabic_runs_from_right_to_left(visit, home):
    at = visit(home)
    at.page.get_by_role("button", name="Arabic", exact=True).click()
    at.page.wait_for_function(f"document.querySelector({TEXT_BOX!r}).value.length > 100")
    assert at.page.locator(TEXT_BOX).evaluate("e => getComputedStyle(e).unicodeBidi") == "plaintext"
    at.summarize(at.page.input_value(TEXT_BOX), "extractive")

    panel = at.page.locator(".ns-article .ns-text")
    assert (panel.get_attribute("dir"), panel.get_attribute("lang")) == ("rtl", "ar")
    assert at.page.locator(".ns-summary .ns-text").get_attribute("dir") == "rtl"
    box, inner = panel.bounding_box(), at.page.locator(".ns-evidence").first.bounding_box()
    assert box["x"] + box["width"] - (inner["x"] + inner["width"]) < 30


def test_markup_in_an_article_or_from_a_model_is_text_and_runs_nothing(visit, home_of_attacks, article):
    at = visit(home_of_attacks)
    at.page.get_by_text("The model's own words").click()
    headline, rest = article.split("\n", 1)
    dirty = f"{headline} {ATTACK}\n{rest.replace('pupils', ATTACK)}\n\nShare this article {ATTACK}"
    at.summarize(dirty, target="Portuguese")
    at.page.locator(SENTENCE).first.hover()

    assert ATTACK in at.texts(".ns-title")[0]
    assert at.texts(SENTENCE)[0].startswith(WRITTEN_ATTACK)
    assert ATTACK in at.texts(".ns-article .ns-text")[0]
    assert at.texts(".ns-translation .ns-text")[0].startswith(f"{ATTACK} {WRITTEN_ATTACK}")
    assert "99" in at.texts(".ns-check")[0]
    assert at.page.locator(".ns-result :is(img, script, svg)").count() == 0
    assert at.page.evaluate("window.hit") is None


def test_an_error_is_a_message_in_the_page(visit, home):
    at = visit(home)
    at.page.fill(TEXT_BOX, "https://example.org/story")
    at.page.click(START)
    at.page.wait_for_selector(".ns-error")

    [message] = at.texts(".ns-error")
    assert "paste it here" in message
    assert "Traceback" not in at.page.inner_text("body")
    at.page.get_by_role("button", name="Clear").click()
    at.page.wait_for_selector(".ns-empty")
    assert at.page.input_value(TEXT_BOX) == ""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_everything_without_scrolling_sideways(visit, home, example_articles, scheme):
    at = visit(home, viewport={"width": 390, "height": 844}, color_scheme=scheme)
    at.summarize(example_articles["ja"][0].replace("。", "w" * 80 + "。", 1), "extractive")

    # What is cut off at the edge does not widen the document, so every element is measured.
    beyond = """() => [...document.querySelectorAll('.gradio-container main *')]
        .filter(e => !e.closest('#ns-examples .gallery') && e.checkVisibility()
            && e.getBoundingClientRect().width > 0 && e.getBoundingClientRect().right > innerWidth + 1)
        .map(e => e.outerHTML.slice(0, 80))"""
    assert at.page.evaluate(beyond) == []
    assert at.page.evaluate("document.documentElement.scrollWidth") <= 390
    summary, source = (at.page.locator(panel).bounding_box() for panel in (".ns-summary", ".ns-article"))
    assert summary["y"] + summary["height"] <= source["y"]
    ink, paper = (at.page.locator(".ns-panel").first.evaluate(f"e => getComputedStyle(e).{name}") for name in
                  ("color", "backgroundColor"))  # fmt: skip
    assert (brightness(ink) > brightness(paper)) == (scheme == "dark")


IN_VIEW = "e => { const box = e.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight; }"


def comes_into_view(element) -> bool:
    """Wait for the page to scroll, which browsers do in a frame of their own."""
    for _ in range(30):
        if element.evaluate(IN_VIEW):
            return True
        element.page.wait_for_timeout(100)
    return False


def test_on_a_phone_a_tap_goes_to_the_evidence_and_back(visit, home, article):
    at = visit(home, viewport={"width": 390, "height": 600}, has_touch=True, reduced_motion="reduce")
    at.summarize(article, "extractive")
    sentence, evidence = at.page.locator(SENTENCE).last, at.page.locator(".ns-evidence").last

    sentence.tap()
    assert comes_into_view(evidence)
    assert not sentence.evaluate(IN_VIEW)
    assert sentence.get_attribute("aria-pressed") == "true"

    evidence.tap()
    assert comes_into_view(sentence)


def brightness(color: str) -> float:
    return sum(float(part) for part in color.strip("rgba()").split(",")[:3])
