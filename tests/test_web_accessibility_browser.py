import pytest
from browsing import BROWSER, PHONE, SENTENCE

pytestmark = BROWSER


@pytest.mark.parametrize(
    ("language", "scheme", "window"),
    [("en", "light", {}), ("en", "dark", PHONE), ("ar", "dark", {}), ("ar", "light", PHONE)],
)
def test_axe_finds_no_grave_fault_in_a_result(visit, home, article, language, scheme, window):
    at = visit(home, f"?lang={language}", color_scheme=scheme, **window)
    paragraphs = article.split("\n\n")
    dirty = "\n\n".join([*paragraphs[:3], "Advertisement", *paragraphs[3:6], "Share this article", "Advertisement"])
    at.summarize(dirty, "extractive", "Portuguese")
    at.page.locator(SENTENCE).first.hover()
    at.shoot(f"result-{language}-{scheme}{'-phone' if window else ''}")

    assert at.find_faults() == []


@pytest.mark.parametrize("tab", ["summarize", "batch", "compare", "models"])
def test_axe_finds_no_grave_fault_in_a_tab(visit, home, tab):
    assert visit(home, f"?tab={tab}").find_faults() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_grave_fault_in_a_comparison(visit, home, article, scheme):
    at = visit(home, "?tab=compare", color_scheme=scheme)
    at.page.fill("#ns-compare-input textarea", article)
    at.choose("first-model", "extractive")
    at.choose("second-model", "extractive")
    at.page.click("#ns-compare-start")
    at.page.wait_for_selector("#ns-second-result .ns-figures")

    assert at.find_faults() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_grave_fault_in_the_cards_of_models(visit, home, scheme):
    at = visit(home, "?tab=models", color_scheme=scheme)
    for name in ("builtin", "nllb-1.3b"):
        at.page.click(f"[data-model='{name}'] summary")

    assert at.find_faults() == []


def test_axe_finds_no_grave_fault_in_the_link_and_the_history(visit, home, article):
    at = visit(home, color_scheme="dark")
    at.page.click("#ns-history > summary")
    at.page.check("#ns-history-switch")
    at.summarize(article, "extractive")
    at.page.wait_for_selector("#ns-history li")
    at.page.click("#ns-share")
    at.page.wait_for_selector("#ns-link")

    assert at.find_faults() == []


def test_axe_finds_no_grave_fault_in_an_error(visit, home):
    at = visit(home)
    at.page.click("#ns-start")
    at.page.wait_for_selector(".ns-error")

    assert at.find_faults() == []
