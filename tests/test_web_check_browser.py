from collections.abc import Iterator

import pytest
from browsing import BROWSER, DONE, EVIDENCE, LIT_EVIDENCE, PHONE, SENTENCE, brightness, comes_into_view, is_in_view

from summarizer import Summarizer
from summarizer.backends.fake import FakeBackend
from summarizer.translation import Translator
from summarizer.web import build_page

pytestmark = BROWSER

# Tags that close make a page of a text, and a page's tags never get as far as the view; these do.
ATTACK = '<svg onload="window.hit=1"> ${window.hit=2} {{window.hit}} \'"`'
WRITTEN_ATTACK = '<img src=x onerror="window.hit=3"><script>window.hit=4</script>'


@pytest.fixture(scope="module")
def home_of_attacks(serve) -> str:
    """A page whose model and translator write markup."""
    drafts: Iterator[list[str]] = iter([[f"{WRITTEN_ATTACK} The bridge reopened after 99 months."]] * 9)
    backend = FakeBackend(drafts, translate=lambda sentence, _source, _target: f"{ATTACK} {sentence}")
    return serve(build_page(Summarizer(backend, translator=Translator([backend]))))


def test_a_summary_stands_beside_the_article_with_its_evidence(visit, home, article):
    at = visit(home)
    at.summarize(article, "extractive")

    assert at.texts(".ns-title") == ["Marlen Bridge reopens after 14-month repair closure"]
    sentences = at.texts(SENTENCE)
    assert sentences == at.texts(EVIDENCE)
    assert len(sentences) == 2
    assert all(sentence in article for sentence in sentences)
    assert "read 250 of 250 tokens" in at.texts(".ns-footer")[0]
    assert all("quoted" in mark for mark in at.texts(".ns-mark"))
    summary, source = (at.page.locator(panel).bounding_box() for panel in (".ns-summary", ".ns-article"))
    assert summary["x"] + summary["width"] <= source["x"]


def test_pointing_at_a_sentence_lights_its_evidence_not_by_colour_alone(visit, home, article):
    at = visit(home)
    at.summarize(article, "extractive")
    first, second = at.texts(SENTENCE)
    before = at.style(EVIDENCE, "textDecorationStyle")

    at.page.locator(SENTENCE).last.hover()

    assert at.texts(LIT_EVIDENCE) == [second]
    assert (before, at.style(LIT_EVIDENCE, "textDecorationStyle")) == ("dotted", "solid")
    at.page.locator(SENTENCE).first.hover()
    assert at.texts(LIT_EVIDENCE) == [first]
    at.page.locator("h1").hover()
    assert at.texts(LIT_EVIDENCE) == []


def test_the_keyboard_reaches_the_evidence_and_comes_back_from_it(visit, home, article):
    at = visit(home)
    at.summarize(article, "extractive")
    first, second = at.texts(SENTENCE)
    at.page.locator("h1").hover()
    at.page.focus(SENTENCE)
    at.page.keyboard.press("Tab")
    assert at.texts(LIT_EVIDENCE) == [second]
    at.page.keyboard.press("Shift+Tab")
    at.page.keyboard.press("Enter")
    assert at.texts(LIT_EVIDENCE) == [first]
    at.page.keyboard.press("Escape")
    assert at.texts(LIT_EVIDENCE) == []

    at.page.locator(EVIDENCE).last.focus()
    at.page.keyboard.press("Enter")

    assert at.page.evaluate("document.activeElement.dataset.ns") == "2"
    assert at.page.evaluate("document.activeElement.className").startswith("ns-sentence")


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


def test_what_was_cleaned_away_stands_in_its_place_and_a_click_restores_it(visit, home, article):
    at = visit(home)
    paragraphs = article.split("\n\n")
    at.summarize("\n\n".join([*paragraphs[:4], "Advertisement", *paragraphs[4:]]), "extractive")
    before = at.texts(".ns-article .ns-scroll > p")
    [cut] = at.texts(".ns-cut")
    assert "advertisement" in cut
    assert at.page.locator(".ns-cut").evaluate("e => e.previousElementSibling.textContent") in paragraphs[3]
    assert at.style(".ns-cut .ns-passage", "textDecorationLine") == "line-through"
    at.shoot("cleaned-away")

    at.page.focus(".ns-restore")
    at.page.keyboard.press("Enter")
    at.page.wait_for_selector(".ns-cut", state="detached")
    at.page.wait_for_selector(DONE)

    after = at.texts(".ns-article .ns-scroll > p")
    assert [paragraph for paragraph in after if paragraph not in before] == ["Advertisement"]
    assert len(at.texts(SENTENCE)) == 2


def test_a_translation_stands_beside_its_sentences_and_lights_up_with_them(visit, home, article):
    at = visit(home)
    at.summarize(article, "extractive", "Portuguese")
    sentences, translated = at.page.locator(SENTENCE), at.page.locator(".ns-translated")
    assert sentences.count() == translated.count() == 2
    one, other = sentences.first.bounding_box(), translated.first.bounding_box()
    assert other["x"] > one["x"] + one["width"] / 2
    assert abs(one["y"] - other["y"]) < 10
    assert at.page.locator(".ns-target").first.get_attribute("lang") == "pt"

    translated.last.hover()
    at.shoot("translated")

    assert at.texts(f"{SENTENCE}.ns-lit") == at.texts(LIT_EVIDENCE) == [sentences.last.text_content()]
    sentences.first.hover()
    assert at.texts(".ns-translated.ns-lit") == [translated.first.text_content()]


def test_flags_are_underlined_marked_and_explained(visit, home_of_attacks, article):
    at = visit(home_of_attacks)
    at.page.get_by_text("The model’s own words").click()
    at.summarize(article)

    assert "99" in at.texts(".ns-flag")
    assert at.style(".ns-flag", "textDecorationStyle") == "wavy"
    assert "⚠" in at.page.locator(".ns-flag").first.evaluate("e => getComputedStyle(e, '::after').content")
    assert '"99" is not in the article' in at.texts(".ns-check")[0]


def test_markup_in_an_article_or_from_a_model_is_text_and_runs_nothing(visit, home_of_attacks, article):
    at = visit(home_of_attacks)
    at.page.get_by_text("The model’s own words").click()
    headline, rest = article.split("\n", 1)
    dirty = f"{headline} {ATTACK}\n{rest.replace('pupils', ATTACK)}\n\nShare this article {ATTACK}"
    at.summarize(dirty, target="Portuguese")
    at.page.locator(SENTENCE).first.hover()

    assert ATTACK in at.texts(".ns-title")[0]
    assert at.texts(SENTENCE)[0].startswith(WRITTEN_ATTACK)
    assert ATTACK in at.texts(".ns-article .ns-text")[0]
    assert at.texts(".ns-translated")[0].startswith(f"{ATTACK} {WRITTEN_ATTACK}")
    assert at.page.locator(".ns-result :is(img, script, svg)").count() == 0
    assert at.page.evaluate("window.hit") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_everything_without_scrolling_sideways(visit, home, example_articles, scheme):
    at = visit(home, **PHONE, color_scheme=scheme)
    at.summarize(example_articles["ja"][0].replace("。", "w" * 80 + "。", 1), "extractive")
    at.shoot(f"phone-{scheme}")

    assert at.beyond_the_edge() == []
    assert at.page.evaluate("document.documentElement.scrollWidth") <= 390
    summary, source = (at.page.locator(panel).bounding_box() for panel in (".ns-summary", ".ns-article"))
    assert summary["y"] + summary["height"] <= source["y"]
    ink, paper = at.style(".ns-panel", "color"), at.style(".ns-panel", "backgroundColor")
    assert (brightness(ink) > brightness(paper)) == (scheme == "dark")


def test_on_a_phone_a_tap_goes_to_the_evidence_and_back(visit, home, article):
    at = visit(home, viewport={"width": 390, "height": 600}, has_touch=True, reduced_motion="reduce")
    at.summarize(article, "extractive")
    sentence, evidence = at.page.locator(SENTENCE).last, at.page.locator(EVIDENCE).last

    sentence.tap()
    assert comes_into_view(evidence)
    assert not is_in_view(sentence)
    assert sentence.get_attribute("aria-pressed") == "true"

    evidence.tap()
    assert comes_into_view(sentence)
