"""The page in languages of several scripts, as a reader meets it."""

import pytest
from browsing import BROWSER

from summarizer.web.wording import Wording, list_wordings

pytestmark = BROWSER


def describe(at) -> list[str]:
    return at.page.evaluate(
        "[document.documentElement.lang, document.documentElement.dir, document.querySelector('#ns-language').value]"
    )


@pytest.mark.parametrize(
    ("locale", "language"), [("de-AT", "de"), ("ru-RU", "ru"), ("hi-IN", "hi"), ("ja-JP", "ja"), ("zh-TW", "zh-Hant")]
)
def test_a_reader_meets_the_page_and_a_result_in_their_language(visit, home, article, locale, language):
    wording = Wording.get(language)
    at = visit(home, locale=locale)

    assert describe(at) == [language, "ltr", language]
    assert at.texts("h1") == [wording.text("page.title")] == [at.page.title()]
    assert at.texts("#ns-start")[0].strip() == wording.text("read.start")

    at.summarize(article, "extractive")
    at.shoot(f"texts-{language}")
    quoted = len(at.texts(".ns-sentence"))
    assert wording.text("check.footer.quoted", quoted=quoted, count=quoted) in at.texts(".ns-footer")[0]
    assert describe(at) == [language, "ltr", language]
    assert at.beyond_the_edge() == []


def test_the_switch_offers_every_language_by_its_own_name(visit, home):
    at = visit(home, "?lang=it")

    assert describe(at) == ["it", "ltr", "it"]
    names = at.texts("#ns-language option")
    assert len(names) == len(list_wordings())
    assert {"English", "Deutsch", "Русский", "العربية", "हिन्दी", "日本語", "简体中文", "繁體中文"} <= set(names)
