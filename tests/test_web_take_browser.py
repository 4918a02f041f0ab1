import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from browsing import BROWSER, DONE, PHONE, SENTENCE

from summarizer import Summarizer, Summary
from summarizer.backends.fake import FakeBackend
from summarizer.web import build_page

pytestmark = BROWSER

ENTRY, SWITCH = "#ns-history li", "#ns-history-switch"
TITLE = "Marlen Bridge reopens after 14-month repair closure"


@pytest.fixture(scope="module")
def home(serve) -> str:
    return serve(build_page(Summarizer(FakeBackend())))


def keep_history(at) -> None:
    at.page.click("#ns-history > summary")
    at.page.check(SWITCH)


def download(at, name: str) -> tuple[str, str]:
    with at.page.expect_download() as waited:
        at.page.get_by_role("button", name=name, exact=True).click()
    return waited.value.suggested_filename, Path(waited.value.path()).read_text(encoding="utf-8")


def test_a_summary_is_saved_as_markdown_json_and_text(visit, home, article):
    at = visit(home, "?lang=en")
    at.summarize(article)

    name, markdown = download(at, "Markdown")
    assert name == "summary-Marlen-Bridge-reopens-after-14-month-repair-closure.md"
    assert markdown.startswith(f"# {TITLE.replace('-', '-')}\n")
    summary = Summary.from_dict(json.loads(download(at, "JSON")[1]))
    assert [sentence.text for sentence in summary.sentences] == at.texts(SENTENCE)
    assert download(at, "Plain text")[1].startswith(summary.text)


def test_the_page_to_print_opens_in_a_window_of_its_own(visit, home, article):
    at = visit(home, "?lang=en")
    at.summarize(article)
    with at.page.expect_popup() as waited:
        at.page.get_by_role("button", name="Page to print").click()
    page = waited.value
    page.wait_for_selector("#e1")

    assert page.inner_text("h1") == TITLE
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["en", "ltr"]
    page.click("#s1 a")
    assert page.evaluate("location.hash") == "#e1"


@pytest.mark.parametrize("clipboard", ["as it is", "absent"])
def test_the_text_is_copied_with_the_keyboard_with_and_without_a_clipboard(visit, home, article, clipboard):
    at = visit(home, "?lang=en", permissions=["clipboard-read", "clipboard-write"])
    at.summarize(article)
    if clipboard == "absent":
        at.page.evaluate("navigator.clipboard.writeText = undefined")
    at.page.get_by_role("button", name="Copy", exact=True).focus()
    at.page.keyboard.press("Enter")
    at.page.get_by_text("Copied").wait_for()

    copied = at.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(" ".join(at.texts(SENTENCE)))
    assert at.page.evaluate("document.activeElement.dataset.copied") == "Copied"


def test_a_link_carries_the_settings_without_the_text_and_sets_the_form(visit, home, article):
    at = visit(home, "?lang=en")
    at.page.fill("#ns-input textarea", article)
    at.choose("target", "Portuguese")
    at.page.get_by_label("Long: up to").check()
    at.page.get_by_label("The article’s own sentences").check()
    at.page.click("#ns-share")
    at.page.wait_for_selector("#ns-link textarea, #ns-link input")
    link = at.page.locator("#ns-link textarea, #ns-link input").input_value()

    assert parse_qs(urlsplit(link).query) == {
        "tab": ["summarize"], "lang": ["en"], "model": ["fake"], "target": ["pt"],
        "length": ["long"], "style": ["extractive"],
    }  # fmt: skip
    opened = visit(home, "?" + urlsplit(link).query)
    opened.page.wait_for_function("document.querySelector('#ns-target input').value.includes('Portuguese')")
    assert opened.page.get_by_label("Long: up to").is_checked()
    assert opened.page.get_by_label("The article’s own sentences").is_checked()
    assert opened.page.input_value("#ns-input textarea") == ""


def test_the_browser_keeps_nothing_until_the_history_is_switched_on(visit, home, article):
    at = visit(home, "?lang=en")
    at.summarize(article)
    at.page.click("#ns-history > summary")

    assert not at.page.is_checked(SWITCH)
    at.page.get_by_text("Nothing is kept yet.").wait_for()
    assert at.page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('news-'))") == []


def test_a_summary_of_the_history_is_opened_again_after_the_page_was_left(visit, home, article):
    at = visit(home, "?lang=en")
    keep_history(at)
    at.summarize(article)
    at.page.wait_for_selector(ENTRY)
    sentences = at.texts(SENTENCE)
    at.shoot("take-english")
    at.page.reload()
    at.page.click("#ns-history > summary")
    assert at.page.is_checked(SWITCH)
    assert TITLE in at.page.inner_text(ENTRY)

    at.page.get_by_role("button", name=f"Open: {TITLE}").click()
    at.page.wait_for_selector(SENTENCE)

    assert at.texts(SENTENCE) == sentences
    assert at.page.locator(".ns-restore:visible").count() == 0
    assert download(at, "Plain text")[1].startswith(sentences[0])
    at.wait_for_count(ENTRY, 1)


def test_entries_are_deleted_one_by_one_or_all_at_once(visit, home, article, example_articles):
    at = visit(home, "?lang=en")
    keep_history(at)
    for number, text in enumerate((article, example_articles["de"][0], example_articles["fr"][0]), 1):
        at.page.wait_for_function("!document.querySelector('#ns-stop')?.checkVisibility()")
        at.summarize(text)
        at.page.wait_for_function(f"document.querySelectorAll({ENTRY!r}).length === {number}")
    titles = at.texts(".ns-history-title")

    at.page.get_by_role("button", name=f"Delete: {titles[1]}").press("Enter")
    assert at.texts(".ns-history-title") == [titles[0], titles[2]]
    assert at.page.evaluate("document.activeElement.closest('li').textContent").startswith(titles[2])
    at.page.get_by_role("button", name="Delete all").press("Enter")
    at.wait_for_count(ENTRY, 0)
    assert at.page.evaluate("localStorage.getItem('news-summarizer.history')") == "[]"


def test_what_a_browser_kept_is_text_and_a_broken_entry_is_said_to_be_broken(visit, home):
    at = visit(home, "?lang=en")
    attack = '<img src=x onerror="window.hit=1">'
    entry = {"title": attack, "summary": attack, "content": '{"summary": 5}', "date": "2026-01-01T00:00:00Z"}
    at.page.evaluate(
        "list => localStorage.setItem('news-summarizer.history', JSON.stringify(list))", [entry, None, 7] * 30
    )
    at.page.reload()
    at.page.click("#ns-history > summary")
    at.page.get_by_role("button", name="Open").first.click()
    at.page.get_by_text("This entry cannot be read any more").wait_for()

    assert attack in at.page.inner_text(ENTRY)
    assert at.page.evaluate("window.hit") is None


@pytest.mark.parametrize(("scheme", "window"), [("dark", {}), ("light", PHONE)])
def test_tools_and_history_fit_an_arabic_page_and_a_phone(visit, home, article, scheme, window):
    at = visit(home, "?lang=ar", color_scheme=scheme, **window)
    keep_history(at)
    at.page.fill("#ns-input textarea", article)
    at.page.click("#ns-start")
    at.page.wait_for_selector(DONE)
    at.page.wait_for_selector(ENTRY)
    at.page.click("#ns-share")
    at.page.wait_for_selector("#ns-link")
    at.shoot(f"take-arabic-{scheme}")

    assert at.style(".ns-take", "direction") == "rtl"
    assert at.beyond_the_edge() == []
