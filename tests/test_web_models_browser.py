import pytest
from browsing import BROWSER, PHONE

from summarizer import Summarizer
from summarizer.backends.fake import FakeBackend
from summarizer.web import build_page

pytestmark = BROWSER


@pytest.fixture(scope="module")
def home(serve) -> str:
    return serve(build_page(Summarizer(FakeBackend())))


def open_models(visit, home, query: str = "?tab=models&lang=en", **options):
    at = visit(home, query, **options)
    at.page.wait_for_selector(".ns-model")
    return at


def names(at) -> list[str]:
    return at.texts(".ns-model-name")


def wait_for_less(at, than: int) -> None:
    at.page.wait_for_function(f"document.querySelectorAll('.ns-model').length < {than}")


def test_every_model_is_listed_with_its_terms_and_whether_it_is_here(visit, home):
    at = open_models(visit, home)

    assert names(at)[0] == "builtin"
    assert "✓ ready" in at.page.inner_text("[data-model=builtin] summary")
    assert "non-commercial use only" in at.page.inner_text("[data-model='nllb-1.3b'] summary")
    assert at.texts(".ns-models > [role=status]") == [f"{len(names(at))} models"]


def test_a_model_is_opened_with_the_keyboard_and_shows_its_card_and_how_to_get_it(visit, home):
    at = open_models(visit, home)
    at.page.locator("[data-model='nllb-1.3b'] summary").focus()
    at.page.keyboard.press("Enter")

    assert "summarizer models get nllb-1.3b" in at.page.inner_text("[data-model='nllb-1.3b']")
    assert "Strengths" in at.page.locator("[data-model='nllb-1.3b'] h4").all_text_contents()
    at.page.locator("[data-model=builtin] summary").click()
    at.shoot("models-english")
    at.page.locator("[data-model=builtin] table").first.wait_for()
    assert at.beyond_the_edge() == []


def test_the_list_is_searched_by_words_licence_and_language(visit, home):
    at = open_models(visit, home)
    every = len(names(at))

    at.page.locator("#ns-models-commercial input").check()
    wait_for_less(at, every)
    assert "nllb-1.3b" not in names(at)

    commercial = len(names(at))
    at.page.locator("#ns-models-language input").fill("Amharic")
    at.page.keyboard.press("Enter")
    wait_for_less(at, commercial)
    assert "builtin" in names(at)
    assert "opus-mt-de-en" not in names(at)

    at.page.fill("#ns-models-search input, #ns-models-search textarea", "xyzzy")
    at.page.get_by_text("No model fits").wait_for()
    assert names(at) == []


@pytest.mark.parametrize(("scheme", "window"), [("dark", {}), ("light", PHONE)])
def test_the_list_fits_an_arabic_page_and_a_phone(visit, home, scheme, window):
    at = open_models(visit, home, "?tab=models&lang=ar", color_scheme=scheme, **window)
    at.page.locator("[data-model='nllb-1.3b'] summary").click()
    at.shoot(f"models-arabic-{scheme}")

    assert at.style("[data-model='nllb-1.3b'] summary", "direction") == "rtl"
    assert at.style("[data-model='nllb-1.3b'] .ns-card", "direction") == "ltr"
    assert at.beyond_the_edge() == []
