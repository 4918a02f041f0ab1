"""What is asked of every language that the page speaks, English included."""

import json
import re

import pytest
from conftest import ROOT
from icu4py.messageformat import MessageFormat

from summarizer.languages import identify_language
from summarizer.web.wording import Wording, list_wordings

LANGUAGES = list_wordings()
TRANSLATED = [code for code in LANGUAGES if code != "en"]
NUMBERS = (*range(201), 1_000_000, 1.5)
CATEGORIES = ("zero", "one", "two", "few", "many", "other")


def read_catalogue(code: str) -> dict[str, str]:
    return json.loads((ROOT / "summarizer" / "web" / "texts" / f"{code}.json").read_text(encoding="utf-8"))


ENGLISH = read_catalogue("en")

#: A place of the message format: its name, its kind, and the forms to choose from.
PLACE = re.compile(r"\{(\w+)(?:, (\w+))?(?:, ((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*))?\}")
FORM = re.compile(r"(=\d+|\w+) \{((?:[^{}]|\{[^{}]*\})*)\}")

QUOTATION_MARKS = {
    **dict.fromkeys(("en", "pt", "tr", "id", "hi", "zh"), "“”"),
    **dict.fromkeys(("es", "fr", "it", "ru", "uk", "ar", "fa"), "«»"),
    **dict.fromkeys(("ja", "zh-Hant"), "「」"),
    **{"de": "„“", "ko": "‘’"},
}
#: What can quote; the apostrophe ’ is not among them.
ANY_QUOTATION_MARK = set("“”„«»「」‘‹›\"'`´")
#: Words that are the same in other languages.
SHARED = {"Article", "Format", "JSON", "Link", "Markdown", "Model", "No.", "Style", "menu"}
#: Keys of what stands on buttons and tabs.
LABELS = re.compile(
    r"(read|batch|compare)\.(start|stop|clear|new|next|previous|resume|retry|delete|download|take_over)|page\.tab\..+"
    r"|check\.restore(\.all)?|history\.(open|delete|clear)|take\.(copy|json|markdown|page|text|share)"
)


def find_places(text: str) -> set[tuple[str, str]]:
    """Return the places of a text, each with its kind, which is empty for what is put in as it is."""
    return {(name, kind) for name, kind, _ in PLACE.findall(text)}


def find_plurals(text: str) -> list[dict[str, str]]:
    return [dict(FORM.findall(forms)) for _, kind, forms in PLACE.findall(text) if kind == "plural"]


def has_number(text: str) -> bool:
    return any(kind for _, kind in find_places(text))


@pytest.fixture(params=LANGUAGES)
def code(request) -> str:
    return request.param


@pytest.fixture
def texts(code) -> dict[str, str]:
    return read_catalogue(code)


def test_the_page_speaks_the_languages_that_were_promised():
    assert {"en", "es", "fr", "de", "pt", "ru", "ar", "hi", "zh", "ja"} <= set(LANGUAGES)


def test_a_catalogue_has_every_text_and_no_other(texts):
    assert list(texts) == sorted(ENGLISH)


def test_a_text_has_the_places_of_the_english_one(texts):
    assert {key: find_places(text) for key, text in texts.items()} == {
        key: find_places(text) for key, text in ENGLISH.items()
    }


def test_a_text_is_plain_and_has_no_space_too_many(texts):
    for key, text in texts.items():
        assert not set(text) & set("<>&@\n\t"), key
        assert text == text.strip(), key
        assert "  " not in text, key


def find_numbers(code: str, category: str) -> list[float]:
    """Return the numbers for which a language has a form."""
    choose = MessageFormat(f"{{number, plural, {category} {{found}} other {{}}}}", code)
    if category == "other":
        others = " ".join(f"{other} {{}}" for other in CATEGORIES[:-1])
        choose = MessageFormat(f"{{number, plural, {others} other {{found}}}}", code)
    return [number for number in NUMBERS if choose.format({"number": number})]


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_plural_has_the_forms_of_its_language(code, texts):
    categories = {category for category in CATEGORIES if find_numbers(code, category)}

    for key, text in texts.items():
        for forms in find_plurals(text):
            assert {form for form in forms if not form.startswith("=")} == categories, key


def test_a_form_without_its_number_stands_for_one_number_alone(code, texts):
    several = {category for category in CATEGORIES if len(find_numbers(code, category)) > 1}

    for key, text in texts.items():
        for forms in find_plurals(text):
            assert not {form for form in forms if "#" not in forms[form]} & several, key


def test_a_text_can_be_filled_with_any_number(code, texts):
    for key in filter(lambda key: find_places(texts[key]), texts):
        for number in (*range(25), 100, 101, 1_000_000) if has_number(texts[key]) else (1.5,):
            values = {name: number if kind else "MODEL" for name, kind in find_places(texts[key])}
            filled = Wording.get(code).text(key, **values)
            assert not set(filled) & set("{}#"), (key, number)


@pytest.mark.parametrize("code", TRANSLATED)
def test_nothing_is_left_in_english(code, texts):
    same = {text for key, text in texts.items() if text == ENGLISH[key]}

    assert {text for text in same if re.search(r"[a-z]{2}", PLACE.sub("", text))} <= SHARED


def test_a_catalogue_is_in_its_language(code, texts):
    said = ". ".join(PLACE.sub("", text) for key, text in texts.items() if key.startswith(("errors.", "flags.")))

    assert identify_language(said).language == code


def test_what_is_quoted_stands_between_the_marks_of_the_language(code, texts):
    opening, closing = QUOTATION_MARKS[code]

    for key, text in texts.items():
        assert set(text) & ANY_QUOTATION_MARK <= {opening, closing}, key
        # What closes in Korean is the apostrophe elsewhere.
        assert text.count(opening) == text.count(closing), key


def test_what_is_named_on_the_page_has_that_name_there(code, texts):
    opening, closing = QUOTATION_MARKS[code]
    is_message = re.compile(r"errors\..+|compare\.take_over").fullmatch
    labels = [text for key, text in texts.items() if not is_message(key)]

    for key in filter(is_message, texts):
        named = re.findall(f"{opening}(.+?){closing}", texts[key])
        named = [name.strip("\u00a0") for name in named]
        assert len(named) == len(re.findall("“.+?”", ENGLISH[key])), key
        for name in named:
            assert any(label.startswith(name) for label in labels), (key, name)


def test_a_label_has_room(texts):
    for key in filter(LABELS.fullmatch, texts):
        # Short words are rarely short in another language too.
        assert len(texts[key]) <= max(1.6 * len(ENGLISH[key]) + 3, 10), key


def test_french_marks_keep_to_their_words():
    for key, text in read_catalogue("fr").items():
        spoken = re.sub(r"=\d+ ", "", text)
        assert not re.search("(?<!\u202f)[;!?]|(?<!\u00a0)[:»%]|«(?!\u00a0)", spoken), key


@pytest.mark.parametrize("code", ["de", "es", "fr", "it", "pt", "ru", "uk"])
def test_units_keep_to_their_numbers(code, texts):
    assert texts["check.footer.seconds"][9:10] == "\u00a0"
    assert "{share}\u00a0%" in texts["check.mark.supported"]
    assert "{megabytes, number}\u00a0" in texts["models.size"]


@pytest.mark.parametrize(
    ("code", "count", "text"),
    [
        ("de", 1, "1 Stelle entfernt"),
        ("de", 1234, "1.234 Stellen entfernt"),
        ("fr", 0, "0 passage écarté"),
        ("fr", 1_000_000, "1\u202f000\u202f000 de passages écartés"),
        ("ru", 21, "убран 21 фрагмент"),
        ("ru", 22, "убрано 22 фрагмента"),
        ("ru", 25, "убрано 25 фрагментов"),
        ("uk", 3, "вилучено 3 уривки"),
        ("hi", 0, "0 अंश हटाया गया"),
        ("hi", 2, "2 अंश हटाए गए"),
        ("ar", 2, "حُذف مقطعان"),
        ("fa", 12, "۱۲ بخش حذف شد"),
        ("ja", 1, "1 か所を除去"),
        ("zh-Hant", 3, "已清除 3 段內容"),
    ],
)
def test_a_number_chooses_the_words_beside_it(code, count, text):
    assert Wording.get(code).text("check.cut", count=count) == text
