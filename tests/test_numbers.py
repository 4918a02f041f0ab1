"""Numbers and dates: found in every script, compared by value, wrong ones told from right ones."""

import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer.numbers import Support, find_numbers, unsupported_numbers

# The zeros of some scripts; nine more digits follow each.
ZEROS = {"Arabic": "٠", "Persian": "۰", "Devanagari": "०", "Bengali": "০", "Thai": "๐", "Myanmar": "၀", "Khmer": "០"}
ZEROS |= {"full width": "０", "Tamil": "௦", "Gujarati": "૦"}


def values(text: str, language: str | None = None) -> list[set[Decimal]]:
    return [set(number.values) for number in find_numbers(text, language) if not number.weak]


def missing(text: str, source: str, language: str = "en", source_language: str | None = None) -> list[str]:
    return [number.text for number in unsupported_numbers(text, source, language, source_language or language)]


def in_script(text: str, zero: str) -> str:
    return text.translate({48 + digit: chr(ord(zero) + digit) for digit in range(10)})


@pytest.mark.parametrize("zero", ZEROS.values(), ids=ZEROS.keys())
def test_digits_of_every_script_are_read(zero):
    assert values(in_script("408 houses", zero)) == [{Decimal(408)}]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("1,234,567", "en", {1234567}),
        ("1.234.567", "de", {1234567}),
        ("12,34,567", "hi", {1234567}),
        ("1 234 567", "fr", {1234567}),
        ("1\u202f234\u202f567,5", "fr", {Decimal("1234567.5")}),
        ("1'234'567", "de", {1234567}),
        ("1,234.5", "en", {Decimal("1234.5")}),
        ("1.234,5", "pt", {Decimal("1234.5")}),
        ("1.234", "en", {1234, Decimal("1.234")}),
        ("0.125", "en", {Decimal("0.125")}),
        ("3½", "en", {Decimal("3.5")}),
        ("١٢٫٥", "ar", {Decimal("12.5")}),
        ("61st", "en", {61}),
        ("3D", "en", {3}),
    ],
)
def test_marks_within_numbers_are_read_by_convention(text, language, expected):
    assert values(text, language) == [{Decimal(value) for value in expected}]


def test_the_likelier_reading_of_an_ambiguous_mark_comes_first():
    assert find_numbers("1.234", "en")[0].values[0] == Decimal("1.234")
    assert find_numbers("1.234", "de")[0].values[0] == Decimal(1234)
    assert find_numbers("1.234", "en")[0].value is None


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("1.2 million", "en", "1.2e6"),
        ("$4bn", "en", "4e9"),
        ("3,5 Milliarden", "de", "3.5e9"),
        ("3,5 Mrd.", "de", "3.5e9"),
        ("2 mil millones", "es", "2e9"),
        ("30 mil", "pt", "3e4"),
        ("1,4 bilhões", "pt", "1.4e9"),
        ("12 миллионам", "ru", "12e6"),
        ("7 млрд", "ru", "7e9"),
        ("5 тисяч", "uk", "5e3"),
        ("3 tysiące", "pl", "3e3"),
        ("4 milyon", "tr", "4e6"),
        ("٣ آلاف", "ar", "3e3"),
        ("۵ میلیون", "fa", "5e6"),
        ("5 करोड़", "hi", "5e7"),
        ("৩ লাখ", "bn", "3e5"),
        ("6 کروڑ", "ur", "6e7"),
        ("35万", "zh", "35e4"),
        ("1.2万亿", "zh", "1.2e12"),
        ("8萬", "zh-Hant", "8e4"),
        ("1億2500万", "ja", "125e6"),
        ("3천500만", "ko", "35e6"),
        ("2 juta", "id", "2e6"),
        ("4 triệu", "vi", "4e6"),
        ("5 ล้าน", "th", "5e6"),
        ("milioni 5", "sw", "5e6"),
    ],
)
def test_magnitudes_are_read_in_the_words_of_the_language(text, language, value):
    assert find_numbers(text, language)[-1].values[0] == Decimal(value) or Decimal(value) in values(text, language)[0]


def test_a_number_spans_its_magnitude():
    text = "It cost 12 million euros."
    number = find_numbers(text, "en")[0]
    assert text[number.start : number.end] == number.text == "12 million"


@pytest.mark.parametrize(
    ("text", "source", "language", "source_language"),
    [
        ("12 people", "twelve people", "en", "en"),
        ("25 Menschen", "fünfundzwanzig Menschen", "de", "de"),
        ("2 escolas", "duas escolas", "pt", "pt"),
        ("12 eggs", "a dozen eggs", "en", "en"),
        ("350人", "三百五十人", "zh", "zh"),
        ("2 คน", "มีสองคน", "th", "th"),
        ("the 21st century", "o século XXI", "en", "pt"),
        ("5 personas", "ৰ পাঁচ জন", "es", "bn"),
        ("2 million", "two million", "en", "en"),
    ],
)
def test_spelled_numbers_support_digits(text, source, language, source_language):
    assert missing(text, source, language, source_language) == []


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("about 1.2 million people", "1,234,567 people"),
        ("1.2 million people", "1,234,567 people"),
        ("nearly 1,300 people", "1,284 people"),
        ("more than 1,200 people", "1,284 people"),
        ("in 2020", "in 2019-20"),
        ("10 million", "between 10 and 12 million"),
        ("on 3 November 2024", "2024-11-03"),
        ("2024-11-03", "on 3 November 2024"),
        ("at 19:30", "at 7:30 p.m."),
        ("in the 1980s", "in the 80s"),
        ("5%", "5 percent"),
        ("-4 degrees", "4 degrees below zero"),
    ],
)
def test_one_number_said_differently_is_supported(text, source):
    assert missing(text, source) == []


@pytest.mark.parametrize(
    ("text", "source", "wrong"),
    [
        ("13 people died", "12 people died", ["13"]),
        ("25,000 people", "50,000 people", ["25,000"]),
        ("$2 billion", "$585.895 billion", ["2 billion"]),
        ("12 million", "12 billion", ["12 million"]),
        ("about 1.3 million", "1,234,567", ["1.3 million"]),
        ("1,200 people", "1,284 people", ["1,200"]),
        ("4.52%", "4.25%", ["4.52"]),
        ("on 3 March 2024", "on 3 November 2024", ["March"]),
        ("2024-10-03", "on 3 November 2024", ["10"]),
        ("in 2018", "in 2019", ["2018"]),
        ("at 8:30", "at 7:30", ["8"]),
        ("36万人", "35万人", ["36万"]),
    ],
)
def test_a_changed_number_is_found(text, source, wrong):
    assert missing(text, source) == wrong


@pytest.mark.parametrize(
    ("one", "language", "other", "other_language"),
    [
        ("The dam cost $1.4bn in 2019.", "en", "A barragem custou US$ 1,4 bilhão em 2019.", "pt"),
        ("On 3 March, 12,500 people marched.", "en", "Am 3. März marschierten 12.500 Menschen.", "de"),
        ("It began at 7:30 p.m.", "en", "Começou às 19h30.", "pt"),
        ("350,000 people", "en", "35万人", "zh"),
        ("In June 2017, 4.5 million", "en", "В июне 2017 года 4,5 миллиона", "ru"),
        ("5 million rupees", "en", "50 लाख रुपये", "hi"),
        ("2,500 people", "en", "2 bin 500 kişi", "tr"),
        ("35,000 people", "en", "3만 5000명", "ko"),
    ],
)
def test_translations_support_each_other(one, language, other, other_language):
    assert missing(one, other, language, other_language) == []
    assert missing(other, one, other_language, language) == []


def test_a_magnitude_lost_in_translation_is_found():
    assert missing("o orçamento de 2 bilhões", "a budget of $585.895 billion", "pt", "en") == ["2 bilhões"]


def test_kinds_tell_dates_from_numbers():
    kinds = {number.text: number.kind for number in find_numbers("On 3 March 2024 it sold 40 boats.", "en")}
    assert kinds["2024"] == "date"
    assert kinds["March"] == "month"
    assert kinds["40"] == "number"


def test_words_that_are_also_months_are_not_checked_alone():
    assert missing("They may march on.", "They go on.") == []


def test_support_can_be_asked_many_times():
    support = Support("There were 14 boats and three ships.", "en")
    assert [number.text for number in support.find_missing("14 boats, 3 ships, 15 crews", "en")] == ["15"]


# Words between numbers hold no letters that could join a number to a magnitude by chance.
AMOUNTS = st.from_regex(r"[1-9][0-9]{0,2}(,[0-9]{3}){0,2}(\.[0-9]{1,2})?", fullmatch=True)
TEXTS = st.lists(AMOUNTS, min_size=1, max_size=6).map(lambda amounts: "; cows ".join(amounts))


@given(TEXTS, st.sampled_from(sorted(ZEROS.values())))
@settings(deadline=None, max_examples=60)
def test_every_number_is_supported_by_its_own_text_in_any_digits(text, zero):
    assert missing(text, in_script(text, zero)) == []
    assert missing(in_script(text, zero), text) == []


@given(st.text(max_size=200), st.sampled_from(["en", "de", "ar", "zh", "th", "hi", None]))
@settings(deadline=None, max_examples=150)
def test_any_text_supports_itself_with_offsets_that_fit(text, language):
    for number in find_numbers(text, language):
        assert text[number.start : number.end] == number.text != ""
    assert unsupported_numbers(text, text, language, language) == []


@given(st.integers(2, 10**9), st.integers(1, 9), st.data())
@settings(deadline=None, max_examples=60)
def test_a_changed_digit_is_found(number, change, data):
    digits = list(str(number))
    place = data.draw(st.integers(0, len(digits) - 1))
    digits[place] = str((int(digits[place]) + change) % 10)
    changed = "".join(digits)
    if int(changed) not in (0, number):
        assert len(missing(f"{changed} cows", f"{number} cows")) == 1


def test_very_long_runs_do_not_break_the_reading():
    for run in ("9" * 5000, "万" * 5000, "1," * 3000, "1.000" * 500, "٣" * 2000):
        assert unsupported_numbers(run, run, "zh", "zh") == []


def test_offsets_survive_characters_outside_the_basic_plane():
    text = "🎉🎉 𝟛 and 408"
    assert unicodedata.decimal(text[3]) == 3
    assert [number.text for number in find_numbers(text, "en") if not number.weak] == ["𝟛", "408"]
