"""Translation: routes, alignment, joining, and what is flagged; with the real models where they matter."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.article import Article
from summarizer.backends.fake import FakeBackend
from summarizer.backends.firefox import FirefoxBackend
from summarizer.errors import UnsupportedLanguageError
from summarizer.sentences import split_sentences
from summarizer.translation import Translator


class Table:
    """A translator of set phrases; what it does not have comes back as ``otherwise`` makes it."""

    digest = "0"

    def __init__(
        self,
        pairs: Sequence[tuple[str, str]],
        phrases: dict[str, str] | None = None,
        otherwise: Callable[[str], str] = lambda text: text,
    ) -> None:
        self._pairs = frozenset(pairs)
        self._phrases = phrases or {}
        self._otherwise = otherwise
        self.asked: list[tuple[str, str]] = []

    def pairs(self) -> frozenset[tuple[str, str]]:
        return self._pairs

    def translate(self, sentences: Sequence[str], source: str, target: str) -> list[str]:
        self.asked.append((source, target))
        return [self._phrases.get(sentence, self._otherwise(sentence)) for sentence in sentences]


@pytest.fixture(scope="module")
def translator(tmp_path_factory: pytest.TempPathFactory) -> Translator:
    return Translator([FirefoxBackend(tmp_path_factory.mktemp("no-models"))])


def flags(translation) -> list[tuple[str, str]]:
    return [(flag.kind, translation.text[flag.start : flag.end]) for flag in translation.flags]


def to_german(phrases: dict[str, str]) -> Translator:
    return Translator([Table([("en", "de")], phrases)])


def test_a_real_summary_is_translated_sentence_by_sentence(translator):
    sentences = ["The bridge cost 12.5 million euros.", "Anders Berg will open it on 3 March 2027.", "Nobody was hurt."]
    translation = translator.translate_summary(sentences, "en", "pt")
    assert len(translation.sentences) == 3
    assert translation.text == " ".join(translation.sentences)
    assert translation.language == "pt"
    assert translation.model == "firefox"
    assert translation.pivot is None
    assert translation.flags == ()
    assert "12,5 milhões" in translation.sentences[0]
    assert "Anders Berg" in translation.sentences[1]
    assert "Ninguém" in translation.sentences[2]


def test_lines_stay_lines(translator):
    text = "The bridge is closed. Ferries run.\n\nNobody was hurt.\n"
    translation = translator.translate_text(text, "en", "pt")
    lines = translation.text.split("\n")
    assert [bool(line) for line in lines] == [True, False, True, False]
    assert len(translation.sentences) == 3
    assert lines[0] == f"{translation.sentences[0]} {translation.sentences[1]}"


@pytest.mark.parametrize(("source", "target"), [("en", "en"), ("pt", "pt-BR"), ("fr", "fr"), ("sr", "sr-Latn")])
def test_one_language_needs_no_model(source, target):
    translation = Translator([]).translate_text("One.  Two.\nThree. ", source, target)
    assert translation.text == "One.  Two.\nThree. "
    assert translation.sentences == ("One.", "Two.", "Three.")
    assert translation.model == ""
    assert translation.flags == ()
    assert Translator([]).can_translate(source, target)


def test_the_two_scripts_of_chinese_are_two_languages():
    assert not Translator([]).can_translate("zh", "zh-Hant")
    assert not Translator([Table([("en", "zh")])]).can_translate("en", "zh-Hant")
    assert Translator([Table([("en", "zh-Hant")])]).can_translate("en", "zh-Hant")


def test_regions_are_served_by_the_model_of_the_language(translator):
    assert translator.can_translate("en-GB", "pt-BR")
    assert "ponte" in translator.translate_text("The bridge is closed.", "en-GB", "pt-BR").text.lower()


def test_without_a_direct_model_the_way_leads_through_english():
    first = Table([("fr", "en")], {"Le pont est fermé.": "The bridge is closed."})
    second = Table([("en", "de")], {"The bridge is closed.": "Die Brücke ist gesperrt."})
    translation = Translator([first, second]).translate_text("Le pont est fermé.", "fr", "de")
    assert translation.text == "Die Brücke ist gesperrt."
    assert translation.pivot == "en"


def test_a_direct_model_goes_before_the_pivot():
    through = Table([("fr", "en"), ("en", "de")])
    direct = Table([("fr", "de")], {"Le pont est fermé.": "Die Brücke ist gesperrt."})
    translation = Translator([through, direct]).translate_text("Le pont est fermé.", "fr", "de")
    assert translation.text == "Die Brücke ist gesperrt."
    assert translation.pivot is None
    assert through.asked == []


@pytest.mark.parametrize(
    ("source", "target", "command"),
    [
        ("fr", "en", "summarizer models get firefox:fr-en"),
        ("fr", "pt", "summarizer models get firefox:fr-en"),
        ("pt", "de", "summarizer models get firefox:en-de"),
        ("fr", "de", "summarizer models get firefox:fr-de"),
    ],
)
def test_a_missing_pair_is_named_with_what_is_installed_and_how_to_get_it(translator, source, target, command):
    with pytest.raises(UnsupportedLanguageError) as caught:
        translator.check_route(source, target)
    assert f"({source})" in caught.value.message
    assert f"({target})" in caught.value.message
    assert "en-pt, pt-en" in caught.value.message
    assert command in caught.value.message
    assert "summarizer models --can translate" in caught.value.message
    assert not translator.can_translate(source, target)


def test_sentences_are_joined_as_the_target_language_does():
    backend = Table([("en", "zh")], {"The bridge is closed.": "大桥已关闭。", "Ferries run.": "渡轮在运行。"})
    translation = Translator([backend]).translate_summary(["The bridge is closed.", "Ferries run."], "en", "zh")
    assert translation.text == "大桥已关闭。渡轮在运行。"


def test_as_many_sentences_come_back_as_went_in():
    translated = to_german({}).translate_sentences(["One.", "", "Two.", "One."], "en", "de")
    assert translated.sentences == ("One.", "", "Two.", "One.")
    assert len(translated.flags) == 4


def test_a_changed_number_is_flagged_where_it_stands():
    translation = to_german({"The dam cost 50,000 dollars.": "Der Damm kostete 25.000 Dollar."}).translate_summary(
        ["It rained.", "The dam cost 50,000 dollars."], "en", "de"
    )
    assert flags(translation) == [("number", "25.000")]
    assert translation.flags[0].detail == '"25.000" is not in the source, which has "50,000"'


def test_a_lost_number_is_flagged():
    translation = to_german({"It killed 102 people.": "Es tötete viele Menschen."}).translate_summary(
        ["It killed 102 people."], "en", "de"
    )
    assert flags(translation) == [("number", "Es tötete viele Menschen.")]
    assert '"102"' in translation.flags[0].detail


def test_a_changed_date_is_flagged():
    phrases = {"It opened on 3 March 2024.": "Es wurde am 3. Mai 2024 eröffnet."}
    assert flags(to_german(phrases).translate_summary(list(phrases), "en", "de")) == [("date", "Mai")]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("It cost $1.4bn.", "Es kostete 1,4 Milliarden Dollar."),
        ("Twelve ships came at 7:30 p.m.", "Um 19.30 Uhr kamen 12 Schiffe."),
        ("In the 18th century 5% of them left.", "Im 18. Jahrhundert gingen fünf Prozent von ihnen."),
        ("Angela Merkel's party met in Cologne.", "Die Partei von Angela Merkel tagte in Köln."),
    ],
)
def test_right_translations_are_not_flagged(source, target):
    phrases = {source: target, "Cologne": "Köln"}
    assert to_german(phrases).translate_summary([source], "en", "de").flags == ()


def test_a_lost_name_is_flagged():
    phrases = {"The court freed Johan Lindqvist.": "Das Gericht ließ ihn frei."}
    translation = to_german(phrases).translate_summary(list(phrases), "en", "de")
    assert flags(translation) == [("name", "Das Gericht ließ ihn frei.")]
    assert translation.flags[0].detail == '"Johan Lindqvist" seems to be missing in the translation'


def test_a_name_that_the_model_translates_is_not_flagged():
    phrases = {"He lives in Munich.": "Er wohnt in der Stadt.", "Munich": "München", "munich": "münchen"}
    assert to_german(phrases).translate_summary(["He lives in Munich."], "en", "de").flags == ()


def test_names_are_not_compared_across_scripts():
    backend = Table([("en", "ru")], {"The court freed Johan Lindqvist.": "Суд освободил его."})
    assert Translator([backend]).translate_summary(["The court freed Johan Lindqvist."], "en", "ru").flags == ()


@pytest.mark.parametrize("answer", ["", "  ", "The bridge over the river is closed."])
def test_what_was_not_translated_is_kept_and_flagged(answer):
    source = "The bridge over the river is closed."
    translation = to_german({source: answer}).translate_summary([source], "en", "de")
    assert translation.text == source
    assert flags(translation) == [("untranslated", source)]


def test_a_few_words_may_be_the_same_in_two_languages():
    assert to_german({}).translate_summary(["Audi A3 Sportback"], "en", "de").flags == ()


def test_a_translation_in_the_wrong_language_is_flagged():
    source = "The bridge over the river will be closed for nine months because of cracks."
    answer = "Le pont sur la rivière sera fermé pendant neuf mois à cause de fissures."
    translation = to_german({source: answer}).translate_summary([source], "en", "de")
    assert flags(translation) == [("language", answer)]


def test_a_model_that_got_stuck_is_not_believed():
    source = "The bridge is closed."
    answer = "Die Brücke ist die Brücke ist die Brücke ist die Brücke ist gesperrt."
    translation = to_german({source: answer}).translate_summary([source], "en", "de")
    assert translation.text == source
    assert [flag.kind for flag in translation.flags] == ["untranslated"]


def test_a_loop_of_the_source_is_not():
    source, answer = "No, no, no, no, no, said the mayor.", "Nein, nein, nein, nein, nein, sagte der Bürgermeister."
    assert to_german({source: answer}).translate_summary([source], "en", "de").flags == ()


def test_offsets_count_in_the_whole_text():
    phrases = {"It cost 5 dollars.": "Es kostete 6 Dollar.", "It took 7 days.": "Es dauerte 8 Tage."}
    translation = to_german(phrases).translate_text("It cost 5 dollars.\n\nIt took 7 days.", "en", "de")
    assert flags(translation) == [("number", "6"), ("number", "8")]


def test_the_real_models_keep_numbers_and_names_of_the_news(translator):
    sentences = [
        "The city council of Brackwater voted 7-4 on Thursday to close the harbour tunnel for nine months.",
        "Shares in Norvik Energy fell 12.6% after the company cut its profit forecast for the second time this year.",
        "The club has not won away from home since 3 March 2019.",
        "The rocket lifted off at 6:42 a.m. and put three weather satellites into orbit.",
        "Police found 340 kg of cocaine in a shipment from Ecuador, worth £3.2m.",
        "The company, founded in 1994, now employs 52,000 people in 31 countries.",
    ]
    there = translator.translate_sentences(sentences, "en", "pt")
    assert [flag for found in there.flags for flag in found] == []
    back = translator.translate_sentences(there.sentences, "pt", "en")
    assert [flag for found in back.flags for flag in found] == []


LONG = "The bridge over the river is closed, and the ferry will run every ten minutes until nine in the evening."
FIRST, SECOND = (
    "The bridge over the river is closed,",
    "and the ferry will run every ten minutes until nine in the evening.",
)


class Moody(Table):
    """A translator that gives nothing for a sentence among others, or for one that is too long, as models do."""

    def __init__(self, most_letters: int = 1000, alone: bool = False) -> None:
        super().__init__([("en", "de")], otherwise=lambda text: f"»{text}«")
        self._most_letters, self._alone = most_letters, alone
        self.batches: list[list[str]] = []

    def translate(self, sentences: Sequence[str], source: str, target: str) -> list[str]:
        self.batches.append(list(sentences))
        fails = self._alone and len(sentences) > 1
        return ["" if fails or len(text) > self._most_letters else f"»{text}«" for text in sentences]


def test_a_sentence_that_comes_back_empty_is_tried_alone():
    model = Moody(alone=True)
    translated = Translator([model]).translate_sentences([FIRST, SECOND], "en", "de")
    assert translated.sentences == (f"»{FIRST}«", f"»{SECOND}«")
    assert model.batches == [[FIRST, SECOND], [FIRST], [SECOND]]


def test_a_sentence_that_is_too_much_for_the_model_is_translated_in_two_halves():
    translated = Translator([Moody(most_letters=80)]).translate_sentences([LONG], "en", "de")
    assert translated.sentences == (f"»{FIRST}« »{SECOND}«",)
    assert translated.flags == ((),)


def test_what_cannot_be_translated_is_kept_and_flagged_and_its_neighbours_are_translated():
    translation = Translator([Moody(most_letters=30)]).translate_summary(["It is open.", LONG], "en", "de")
    assert translation.sentences == ("»It is open.«", LONG)
    assert ("untranslated", LONG) in flags(translation)


def test_a_translation_many_times_as_long_as_its_source_is_not_believed():
    letters = "abcdefghijklmnopqrstuvwxyz"
    runaway = " ".join(one + two for one in letters for two in letters)
    translation = to_german({"It is open.": runaway}).translate_summary(["It is open."], "en", "de")
    assert translation.text == "It is open."
    assert flags(translation) == [("untranslated", "It is open.")]


def test_a_sentence_that_fails_on_the_first_half_of_the_way_is_not_taken_for_one_in_the_pivot():
    first = Table([("fr", "en")], {"Le pont est fermé.": ""})
    second = Table([("en", "de")], otherwise=lambda text: f"»{text}«")
    translation = Translator([first, second]).translate_summary(["Le pont est fermé.", "Oui."], "fr", "de")
    assert translation.sentences == ("Le pont est fermé.", "»Oui.«")
    assert translation.flags[0].kind == "untranslated"


def test_a_model_that_loses_count_is_asked_sentence_by_sentence():
    class Merging(Table):
        def translate(self, sentences: Sequence[str], source: str, target: str) -> list[str]:
            return [f"»{' '.join(sentences)}«"]

    translated = Translator([Merging([("en", "de")])]).translate_sentences(["One.", "Two.", "Three."], "en", "de")
    assert translated.sentences == ("»One.«", "»Two.«", "»Three.«")


def test_the_headline_is_translated_with_the_summary_and_with_the_article():
    translator = to_german({"Bridge closed": "Brücke gesperrt", "It is old.": "Sie ist alt."})
    article = Article.from_text(
        "It is old.\nIt is old.", title="Bridge closed", language="en", clean=False, check=False
    )
    assert translator.translate_summary(["It is old."], "en", "de", title="Bridge closed").title == "Brücke gesperrt"
    translation = translator.translate_article(article, "de")
    assert (translation.title, translation.text) == ("Brücke gesperrt", "Sie ist alt.\nSie ist alt.")


def test_a_translation_by_a_model_for_the_gist_is_called_a_draft():
    class Rough(Table):
        drafts = True

    assert Translator([Rough([("en", "de")], otherwise=str.upper)]).translate_text("It is open.", "en", "de").draft
    assert not to_german({}).translate_text("It is open.", "en", "de").draft


ANSWERS = (lambda text: text, lambda text: "", str.upper, lambda text: text * 9, lambda text: "\n" + text + "\u2028x")


@given(st.text(max_size=120), st.sampled_from(ANSWERS), st.sampled_from([("en", "pt"), ("hi", "en"), ("zh", "pt")]))
def test_whatever_goes_in_as_many_sentences_and_lines_come_out(text, answer, pair):
    pairs = (("en", "pt"), ("hi", "en"), ("zh", "en"))
    translator = Translator([FakeBackend(translate=lambda sentence, *_: answer(sentence), pairs=pairs)])
    lines = [split_sentences(line, pair[0]) for line in text.split("\n")]
    translation = translator.translate_text(text, *pair)
    assert len(translation.sentences) == sum(map(len, lines))
    assert all(flag.start <= flag.end <= len(translation.text) for flag in translation.flags)
    assert bool(translation.text.strip()) == bool(text.strip())


def test_a_name_that_the_source_does_not_have_is_flagged():
    source = "A ponte em Minas Gerais foi fechada."
    answers = {source: "The bridge in South Mexico was closed.", "Minas": "Mines", "Gerais": "General"}
    translation = Translator([Table([("pt", "en")], answers)]).translate_summary([source], "pt", "en")
    assert ("name", "Mexico") in flags(translation)


def test_a_name_with_another_form_in_the_target_language_is_not():
    source = "Die Brücke in Deutschland wurde geschlossen."
    answers = {source: "The bridge in Germany was closed.", "Deutschland": "Germany"}
    translation = Translator([Table([("de", "en")], answers)]).translate_summary([source], "de", "en")
    assert translation.flags == ()


def test_commands_to_the_terminal_in_what_a_model_says_are_taken_out():
    answer = "Die Brücke \x1b[31mist\x1b[0m \x1b]0;title\x07gesperrt.\x00"
    translation = to_german({"The bridge is closed.": answer}).translate_summary(["The bridge is closed."], "en", "de")
    assert translation.text == "Die Brücke ist gesperrt."
