import threading

import pytest
from browsing import BROWSER, LIT_EVIDENCE, PHONE, SENTENCE

from summarizer import Summarizer
from summarizer.backends.fake import FakeBackend
from summarizer.web import build_page

pytestmark = BROWSER

BOX, START, STOP = "#ns-compare-input textarea", "#ns-compare-start", "#ns-compare-stop"
FIRST, SECOND = "#ns-first-result", "#ns-second-result"
WRITTEN = "Marlen Bridge reopened after 99 months."


class SlowBackend(FakeBackend):
    """Waits, once it has begun to write, until the test lets it go on."""

    def __init__(self) -> None:
        super().__init__([[WRITTEN]] * 9)
        self.may_go_on = threading.Event()

    def write_stream(self, article, *, language, sentences):
        for draft in super().write_stream(article, language=language, sentences=sentences):
            yield draft
            self.may_go_on.wait(30)


@pytest.fixture(scope="module")
def home(serve) -> str:
    return serve(build_page(Summarizer(FakeBackend([[WRITTEN]] * 99))))


def choose(at, place: str, value: str) -> None:
    at.page.locator(f"#ns-{place} input").fill(value)
    at.page.keyboard.press("Enter")


def compare(at, text: str) -> None:
    at.page.fill(BOX, text)
    at.page.click(START)
    at.page.wait_for_selector(f"{SECOND} .ns-figures")


def test_two_styles_stand_beside_each_other_with_their_figures(visit, home, article):
    at = visit(home, "?tab=compare&lang=en")
    choose(at, "first-style", "The model’s own words")
    compare(at, article)
    at.shoot("compare-english")

    assert at.texts(f"{FIRST} .ns-sentence") == [WRITTEN]
    assert len(at.texts(f"{SECOND} .ns-sentence")) == 2
    first, second = (at.page.inner_text(f"{side} .ns-figures") for side in (FIRST, SECOND))
    assert "1 sentence, 6 words" in first
    assert "0 quoted, 1 written" in first
    assert "nothing to check" not in first
    assert "2 quoted, 0 written" in second
    assert "nothing to check" in second
    left, right = (at.page.locator(f"{side} .ns-summary").bounding_box() for side in (FIRST, SECOND))
    assert left["x"] + left["width"] <= right["x"]
    assert abs(left["y"] - right["y"]) < 40
    assert at.beyond_the_edge() == []


def test_evidence_lights_up_in_the_side_that_it_belongs_to(visit, home, article):
    at = visit(home, "?tab=compare")
    compare(at, article)
    sentence = at.page.locator(f"{SECOND} {SENTENCE}").last

    sentence.hover()
    assert at.texts(f"{SECOND} {LIT_EVIDENCE}") == [sentence.text_content()]
    assert at.texts(f"{FIRST} {LIT_EVIDENCE}") == []


def test_the_article_is_taken_over_from_the_first_tab(visit, home, article):
    at = visit(home)
    at.page.fill("#ns-input textarea", article)
    at.page.get_by_role("tab", name="Compare").click()
    at.page.click("#ns-take-over")
    at.page.wait_for_function(f"document.querySelector({BOX!r}).value.length > 100")

    assert at.page.input_value(BOX) == article
    at.page.focus(BOX)
    at.page.keyboard.press("Control+Enter")
    at.page.wait_for_selector(f"{SECOND} .ns-figures")


def test_an_article_that_came_as_a_file_is_taken_over_too(visit, home, article, tmp_path):
    (tmp_path / "news.txt").write_text(article, encoding="utf-8")
    at = visit(home)
    at.page.set_input_files("#ns-file input[type=file]", tmp_path / "news.txt")
    at.page.get_by_text("news", exact=False).first.wait_for()
    at.page.click("#ns-start")
    at.page.wait_for_selector('.ns-result[aria-busy="false"] .ns-take')
    at.page.get_by_role("tab", name="Compare").click()
    at.page.click("#ns-take-over")
    at.page.wait_for_function(f"document.querySelector({BOX!r}).value.length > 100")

    assert at.page.input_value(BOX).startswith("Marlen Bridge reopens")


def test_stop_ends_both(visit, serve, article):
    backend = SlowBackend()
    at = visit(serve(build_page(Summarizer(backend))), "?tab=compare")
    at.page.fill(BOX, article)
    at.page.click(START)
    at.page.wait_for_selector(f"{FIRST} .ns-writing")
    assert at.page.inner_text(SECOND) == "This one is made when the first is done."

    with at.page.expect_response("**/run/predict*"):
        at.page.click(STOP)
    backend.may_go_on.set()
    at.page.wait_for_selector(f"{SECOND} .ns-stopped")
    at.wait_for_count(f"{FIRST} .ns-stopped", 1)
    at.page.wait_for_selector(STOP, state="hidden")


def test_what_is_no_article_is_said_once(visit, home):
    at = visit(home, "?tab=compare")
    at.page.click(START)
    at.page.wait_for_selector(f"{FIRST} .ns-error")

    assert "no text to read" in at.page.inner_text(FIRST)
    assert at.page.inner_text(SECOND) == ""


@pytest.mark.parametrize(("scheme", "window"), [("dark", {}), ("light", PHONE)])
def test_the_comparison_fits_an_arabic_page_and_a_phone(visit, home, article, scheme, window):
    at = visit(home, "?tab=compare&lang=ar", color_scheme=scheme, **window)
    compare(at, article)
    at.shoot(f"compare-arabic-{scheme}")

    first, second = (at.page.locator(f"{side} .ns-summary").bounding_box() for side in (FIRST, SECOND))
    assert (second["y"] > first["y"]) if window else (second["x"] < first["x"])
    assert at.beyond_the_edge() == []
