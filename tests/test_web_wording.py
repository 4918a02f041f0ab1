import asyncio
import json
import re

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from summarizer import errors
from summarizer.errors import SummarizerError
from summarizer.options import LENGTHS, STYLES
from summarizer.web.localizing import Localizer
from summarizer.web.marks import LANGUAGE, fill_marks, mark, mark_html
from summarizer.web.wording import Wording, choose_wording, list_wordings

WEB = ROOT / "summarizer" / "web"
ENGLISH = Wording.get("en")
#: Keys in the code: whole ones, and patterns of those that are put together.
USED = re.compile(
    r"""["'](?:page|read|check|batch|compare|models|take|history|errors|flags|reasons)\.[a-z_.{}-]+["']"""
)


def read_catalogue(code: str) -> dict[str, str]:
    return json.loads((WEB / "texts" / f"{code}.json").read_text(encoding="utf-8"))


def find_used() -> dict[str, re.Pattern[str]]:
    """Return the keys that the code names, each with a pattern: in place of what is filled in, anything can stand."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in WEB.glob("*.py"))
    keys = {found[0].strip("\"'") for found in USED.finditer(code)}
    return {
        key: re.compile(re.sub(r"\\\{.*?\\\}", ".+", re.escape(key)))
        for key in keys
        if not key.endswith((".js", ".css"))
    }


def test_every_text_that_the_code_asks_for_is_there():
    known = read_catalogue("en")

    assert [key for key, pattern in find_used().items() if not any(map(pattern.fullmatch, known))] == []


def test_every_text_that_is_there_is_asked_for():
    patterns = [*find_used().values(), re.compile(r"(errors|flags|reasons)\..+|check\.mark\..+\.why")]

    assert [key for key in read_catalogue("en") if not any(pattern.fullmatch(key) for pattern in patterns)] == []


def all_errors(base: type[SummarizerError] = SummarizerError) -> set[type[SummarizerError]]:
    return {base, *(found for child in base.__subclasses__() for found in all_errors(child))}


def test_every_error_that_a_page_can_show_is_explained():
    elsewhere = {error.code for kind in (errors.BatchError, errors.RequestError) for error in all_errors(kind)}
    for error in all_errors():
        assert error.code in elsewhere or ENGLISH.has(f"errors.{error.code}")


def test_every_choice_has_a_label():
    for key in (*(f"read.length.{length}" for length in LENGTHS), *(f"read.style.{style}" for style in STYLES)):
        assert ENGLISH.has(key)


def test_the_plural_is_that_of_the_language():
    assert ENGLISH.text("check.cut", count=1) == "1 passage cleaned away"
    assert ENGLISH.text("check.cut", count=1234) == "1,234 passages cleaned away"
    arabic = [Wording.get("ar").text("check.cut", count=count) for count in (1, 2, 3, 11)]
    assert len({text.split()[-1] for text in arabic}) == 4


def test_a_text_that_is_not_translated_is_english():
    catalogue = Wording("xx", {}, ENGLISH)

    assert catalogue.text("read.start") == "Summarize"
    assert catalogue.has("read.start")
    with pytest.raises(KeyError):
        catalogue.text("read.nothing")


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        ("", "", "en"),
        ("", "ar-EG,en;q=0.9", "ar"),
        ("", "en;q=0.3,ar;q=0.8", "ar"),
        ("en", "ar", "en"),
        ("AR", "en", "ar"),
        ("tlh", "ar", "ar"),
        ("../en", "xx,yy;q=zz", "en"),
        ("", "pt-BR", "pt"),
        ("", "es-419,en", "es"),
        ("", "zh-CN", "zh"),
        ("", "zh-TW,zh;q=0.9", "zh-Hant"),
        ("", "zh-HK", "zh-Hant"),
        ("", "zh-Hans-SG", "zh"),
        ("zh-hant", "zh-CN", "zh-Hant"),
        ("", "de,fr", "de"),
        ("", "en;q=0.5, de; q=0.8", "de"),
        ("", "de;q=0,*;q=0.5", "en"),
        ("", "tlh," * 20 + "de", "en"),
    ],
)
def test_the_language_is_the_one_asked_for_else_the_browsers(asked, accepted, language):
    assert choose_wording(asked, accepted).language == language


@given(st.text(), st.text())
def test_whatever_is_asked_for_there_is_a_language(asked, accepted):
    assert choose_wording(asked, accepted).language in list_wordings()
    assert Wording.get(asked).language in list_wordings()


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_a_mark_becomes_its_text_with_any_value_in_it(name):
    marked = f"a {mark('models.licence', name=name)} b"

    assert fill_marks(marked, ENGLISH) == f"a {ENGLISH.text('models.licence', name=name)} b"


def test_a_mark_in_markup_is_escaped_and_what_is_no_mark_stays():
    assert fill_marks(mark_html("models.licence", name="<b>"), ENGLISH) == "licence: &lt;b&gt;"
    assert fill_marks("@@read.nothing@@ a@@b.c@@", ENGLISH) == "@@read.nothing@@ a@@b.c@@"
    assert fill_marks(LANGUAGE, Wording.get("ar")) == "ar"


async def ask(path: str, body: str, headers: dict[str, str] | None = None, query: str = "") -> dict:
    answer: dict = {"body": b""}

    async def application(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})
        await send({"type": "http.response.body", "body": body[:9].encode(), "more_body": True})
        await send({"type": "http.response.body", "body": body[9:].encode()})

    async def send(message):
        answer["body"] += message.get("body", b"")
        answer.setdefault("headers", dict(message.get("headers", ())))

    raw = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": raw}
    await Localizer(application)(scope, None, send)
    return answer


def fetch(*arguments, **options) -> dict:
    return asyncio.run(ask(*arguments, **options))


PAGE = '<html lang="en"><head></head><script>{"label": "@@read.start@@", "tab": "@@tab@@"}</script>'


def test_the_page_goes_out_in_its_language_with_the_tab_that_was_asked_for():
    answer = fetch("/", PAGE, {"accept-language": "ar"}, "tab=batch")

    body = answer["body"].decode()
    start = '<html lang="ar" dir="rtl" data-language="ar"><head><script>Object.defineProperty(navigator, "language"'
    assert body.startswith(start)
    label = json.loads(body[body.index('{"label"') : body.index("}</script>") + 1])
    assert label == {"label": Wording.get("ar").text("read.start"), "tab": "batch"}
    assert answer["headers"][b"content-length"] == str(len(answer["body"])).encode()
    assert answer["headers"][b"vary"] == b"Accept-Language"


def test_only_the_page_and_its_configuration_are_changed():
    assert fetch("/config", "@@read.start@@ and more")["body"] == b"Summarize and more"
    assert fetch("/gradio_api/file=a.html", PAGE)["body"] == PAGE.encode()
    assert b'"summarize"' in fetch("/", PAGE, query="tab=%22%3E")["body"]
