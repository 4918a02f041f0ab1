import pytest
from browsing import BROWSER, DONE, EVIDENCE, PHONE, TEXT_BOX

pytestmark = BROWSER


def describe(at) -> tuple[str, str]:
    return at.page.evaluate("[document.documentElement.lang, document.documentElement.dir]")


def test_the_page_speaks_the_language_of_the_browser(visit, home):
    at = visit(home, locale="ar-EG")

    assert describe(at) == ["ar", "rtl"]
    assert at.texts("h1") == ["ملخّص الأخبار"]
    assert at.page.title() == "ملخّص الأخبار"
    assert "لخّص" in at.texts("#ns-start")[0]
    at.page.get_by_role("tab", name="تلخيص").wait_for()


def test_the_switch_wins_over_the_browser_and_keeps_the_tab(visit, home):
    at = visit(home, "?tab=models", locale="ar-EG")
    at.page.select_option("#ns-language", "en")
    at.page.wait_for_url("**lang=en**")
    at.page.wait_for_selector("#ns-language")

    assert describe(at) == ["en", "ltr"]
    assert at.texts("h1") == ["News summarizer"]
    assert at.page.locator("[role=tab][aria-selected=true]").text_content() == "Models"


def test_what_was_pasted_outlives_the_switch_and_is_kept_nowhere(visit, home, article):
    at = visit(home, "?lang=en")
    at.page.fill(TEXT_BOX, article)
    at.page.select_option("#ns-language", "fr")
    at.page.wait_for_url("**lang=fr**")
    at.page.wait_for_function("box => document.querySelector(box)?.value", arg=TEXT_BOX)

    assert at.page.input_value(TEXT_BOX) == article
    assert at.page.evaluate("sessionStorage.length + localStorage.length") == 0
    at.summarize(article, "extractive")


def test_a_tab_has_an_address_that_opens_it(visit, home):
    at = visit(home, "?tab=batch")
    assert at.page.locator("[role=tab][aria-selected=true]").text_content() == "Batch"

    at.page.get_by_role("tab", name="Compare").click()
    at.page.wait_for_url("**tab=compare**")
    at.page.get_by_role("tab", name="Summarize").click()
    at.page.wait_for_function("!location.search.includes('tab')")


def test_an_unknown_tab_or_language_opens_the_page_as_it_is(visit, home):
    at = visit(home, "?tab=<script>&lang=tlh", locale="en-US")

    assert describe(at) == ["en", "ltr"]
    assert at.page.locator("[role=tab][aria-selected=true]").text_content() == "Summarize"


def test_no_mark_is_left_on_the_page(visit, home):
    for query in ("?lang=en", "?lang=ar"):
        at = visit(home, query)
        assert "@@" not in at.page.content().split("</script>")[-1]
        assert "@@" not in at.page.inner_text("body")


@pytest.mark.parametrize(("scheme", "window"), [("dark", {}), ("light", PHONE)])
def test_an_arabic_page_runs_from_right_to_left(visit, home, scheme, window):
    at = visit(home, "?lang=ar", color_scheme=scheme, **window)
    at.page.get_by_role("button", name="Arabic", exact=True).click()
    at.page.wait_for_function(f"document.querySelector({TEXT_BOX!r}).value.length > 100")
    assert at.style(TEXT_BOX, "unicodeBidi") == "plaintext"
    assert "@@" not in at.page.inner_text("body")
    at.summarize(at.page.input_value(TEXT_BOX), "extractive")
    at.shoot(f"arabic-{scheme}")

    panel = at.page.locator(".ns-article .ns-text")
    assert (panel.get_attribute("dir"), panel.get_attribute("lang")) == ("rtl", "ar")
    assert "Arabic" in at.style(".ns-article .ns-text", "fontFamily")
    box, inner = panel.bounding_box(), at.page.locator(EVIDENCE).first.bounding_box()
    assert box["x"] + box["width"] - (inner["x"] + inner["width"]) < 30
    title, switch = (at.page.locator(place).bounding_box() for place in ("h1", "#ns-language"))
    assert switch["x"] < title["x"]
    assert at.beyond_the_edge() == []


def test_an_error_is_said_in_the_language_of_the_page(visit, home):
    at = visit(home, "?lang=ar")
    at.page.fill(TEXT_BOX, "  ")
    at.page.click("#ns-start")
    at.page.wait_for_selector(DONE)

    assert "لا يوجد ملخّص" in at.texts(".ns-error")[0]


def test_an_english_summary_reads_from_left_to_right_on_an_arabic_page(visit, home, article):
    at = visit(home, "?lang=ar")
    at.summarize(article, "extractive")

    assert at.style(".ns-source", "direction") == "ltr"
    assert "Georgia" in at.style(".ns-source", "fontFamily")
    assert at.style(".ns-result", "direction") == "rtl"
