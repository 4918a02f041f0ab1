"""The Firefox models of the wheel, run for real: what goes in comes out, in order, and nothing is lost."""

import gc
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import EXAMPLES, PAGES
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer import Summarizer
from summarizer.article import Article
from summarizer.backends.base import SentenceTranslator
from summarizer.backends.firefox import FirefoxBackend
from summarizer.backends.firefox_text import flatten, halve, prepare, split_verbatim
from summarizer.errors import UnsupportedLanguageError
from summarizer.translation import Translator


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> FirefoxBackend:
    return FirefoxBackend(tmp_path_factory.mktemp("no-models"))


def translate(backend: FirefoxBackend, sentence: str, source: str = "en", target: str = "pt") -> str:
    return backend.translate([sentence], source, target)[0]


def knows_ascii(character: str) -> bool:
    return character.isascii()


def test_it_is_a_sentence_translator_with_the_pairs_of_the_wheel(backend):
    assert isinstance(backend, SentenceTranslator)
    assert backend.pairs() == {("en", "pt"), ("pt", "en")}


def test_news_is_translated_with_its_numbers_and_names(backend):
    result = translate(backend, "Anders Berg, 61, said on 3 March that the harbour would lose 12,500 jobs by 2027.")
    assert "Anders Berg" in result
    assert {"61", "3", "2027"} <= set(re.findall(r"\d+", result))
    assert re.search(r"12[.\s]500", result)
    assert "março" in result


def test_both_directions_work(backend):
    result = translate(backend, "A ponte será fechada durante nove meses.", "pt", "en")
    assert result == "The bridge will be closed for nine months."


def test_order_and_number_are_kept(backend):
    sentences = [f"There are {number} ships in the harbour." for number in range(2, 12)]
    results = backend.translate(sentences, "en", "pt")
    assert [re.findall(r"\d+", result) for result in results] == [[str(number)] for number in range(2, 12)]
    assert backend.translate([], "en", "pt") == []


@pytest.mark.parametrize("text", ["", " ", "\n", "\t \u00a0"])
def test_nothing_comes_back_as_it_was(backend, text):
    assert translate(backend, text) == text


def test_lines_and_control_characters_are_flattened(backend):
    assert "\n" not in translate(backend, "The bridge\nis\x07 closed\tfor repairs.")
    assert flatten(" a\r\nb\x00c ") == "a b c"


def test_a_long_sentence_is_translated_to_its_end(backend):
    clauses = [f"district {number} got {number * 7} new buses" for number in range(1, 41)]
    result = translate(backend, "The council said that " + "; ".join(clauses) + ".")
    assert set(re.findall(r"\d+", result)) >= {str(number * 7) for number in range(1, 41)}


@pytest.mark.parametrize(
    "name",
    ["Łukasz Piotrowski", "Jürgen Groß", "Søren Kjærgård", "Nicușor Dan", "Erdoğan", "Đặng Văn Lâm"],
)
def test_names_keep_letters_that_the_model_does_not_know(backend, name):
    assert name in translate(backend, f"The minister met {name} in the capital on Monday.")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("A painting worth £3.2m was stolen.", "3,2 milhões de libras"),
        ("The fine of €45 million was paid.", "45 milhões de euros"),
        ("The plan is “painful but necessary”, he said.", '"doloroso, mas necessário"'),
        ("The report – published on Monday – is short.", "-"),
        ("Sales fell in 2019–20.", "2019-20"),
    ],
)
def test_typographic_signs_are_understood(backend, source, expected):
    assert expected in translate(backend, source)


def test_currency_signs_come_back_from_portuguese(backend):
    assert "£ 3.2 million" in translate(backend, "Um quadro avaliado em £ 3,2 milhões foi roubado.", "pt", "en")


def test_headings_in_capitals_are_translated_in_capitals(backend):
    result = translate(backend, "PRIME MINISTER RESIGNS AFTER CORRUPTION SCANDAL")
    assert result == "PRIMEIRO-MINISTRO RENUNCIA APÓS ESCÂNDALO DE CORRUPÇÃO"


def test_headings_in_title_case_are_translated_like_sentences(backend):
    result = translate(backend, "Prime Minister Resigns After Corruption Scandal")
    assert result == "Primeiro-ministro renuncia após escândalo de corrupção"


@pytest.mark.parametrize(
    "text",
    ["https://example.org/news/2024/11/03/a-long-name?id=9", "x" * 400, "🎉🎉", "!!!!!!!!!!", "... --- ...", "408"],
)
def test_what_is_no_language_stays_as_it_is(backend, text):
    assert translate(backend, text) == text


@pytest.mark.parametrize("text", ["Мост закрыт на девять месяцев.", "大桥关闭九个月。", "الجسر مغلق لمدة تسعة أشهر."])
def test_another_language_than_stated_comes_back_as_it_is(backend, text):
    assert translate(backend, text) == text


def test_tags_addresses_and_pictures_survive(backend):
    result = translate(
        backend, "The <b>court</b> ruled 🎉 on Monday, see https://example.org/x?y=1 or mail a@example.org."
    )
    for kept in ("<b>", "</b>", "🎉", "https://example.org/x?y=1", "a@example.org"):
        assert kept in result


def test_a_sentence_without_full_stop_gets_none(backend):
    assert not translate(backend, "Council closes harbour tunnel").endswith(".")
    assert translate(backend, "The council closes the tunnel.").endswith(".")


NOISE = st.text(st.sampled_from("ab dé£“—🎉<>&#\n.,;!0123 I'm sorry "), max_size=80)


@given(st.lists(NOISE, max_size=3))
@settings(deadline=None, max_examples=25)
def test_noise_neither_breaks_nor_runs_away(backend, sentences):
    results = backend.translate(sentences, "en", "pt")
    assert len(results) == len(sentences)
    for sentence, result in zip(sentences, results, strict=True):
        assert len(result) <= 4 * len(sentence) + 60
        assert bool(result.strip()) == bool(sentence.strip())


def test_many_threads_may_use_one_backend(backend):
    sentences = [f"There are {number} ships in the harbour." for number in range(2, 10)]
    expected = backend.translate(sentences, "en", "pt")
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda sentence: translate(backend, sentence), sentences))
    assert results == expected


def test_a_backend_that_is_let_go_leaves_no_error_behind(tmp_path):
    thrown_away = FirefoxBackend(tmp_path)
    assert translate(thrown_away, "Good morning.")
    del thrown_away
    gc.collect()


def test_a_forked_process_can_translate(tmp_path):
    script = (
        "import os, sys\n"
        "from summarizer.backends.firefox import FirefoxBackend\n"
        f"backend = FirefoxBackend({str(tmp_path)!r})\n"
        "first = backend.translate(['Good morning.'], 'en', 'pt')\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    os._exit(0 if backend.translate(['Good morning.'], 'en', 'pt') == first else 1)\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", script], timeout=120, check=False).returncode == 0


def test_a_pair_that_is_not_installed_is_refused(backend):
    with pytest.raises(UnsupportedLanguageError, match=r"from fr to en.*summarizer models get firefox:fr-en"):
        backend.translate(["Bonjour."], "fr", "en")


def digits(text: str) -> list[str]:
    return sorted(re.findall(r"\d+", re.sub(r"(?<=\d)[.,: \u00a0](?=\d)", "", text)))


def check_way(backend, sentences, source, target):
    """Translate there and back, and check that no sentence is lost and no number changes without a flag."""
    translator = Translator([backend])
    there = translator.translate_sentences(sentences, source, target)
    back = translator.translate_sentences(there.sentences, target, source)

    for before, between, after, flags, more_flags in zip(
        sentences, there.sentences, back.sentences, there.flags, back.flags, strict=True
    ):
        assert len(before) / 3 < len(between) < 3 * len(before)
        assert len(before) / 3 < len(after) < 3 * len(before)
        kinds = {flag.kind for flag in (*flags, *more_flags)}
        assert digits(before) == digits(after) or kinds & {"number", "date"}, (before, between, after)


@pytest.mark.parametrize(("source", "target"), [("en", "pt"), ("pt", "en")])
def test_the_way_there_and_back_loses_no_sentence_and_no_number(backend, source, target):
    article = Article.from_file(EXAMPLES / "articles" / f"{source}.txt")
    check_way(backend, [sentence.text for sentence in article.sentences], source, target)


@pytest.mark.parametrize("path", sorted((PAGES / "pasted").glob("en-*.txt")), ids=lambda path: path.stem)
def test_summaries_go_there_and_back_whole(backend, path):
    summary = Summarizer("extractive").summarize(Article.from_file(path), length="medium")
    check_way(backend, [sentence.text for sentence in summary.sentences], "en", "pt")


@pytest.mark.parametrize(
    ("text", "prepared"),
    [
        ("“Yes,” she said", '"Yes," she said'),
        ("it’s over", "it's over"),
        ("a plan—a good one—failed", "a plan - a good one - failed"),
        ("in 2019–20", "in 2019-20"),
        ("Łukasz", "Lukasz"),
        ("costs € 5", "costs EUR 5"),
    ],
)
def test_texts_are_prepared_in_known_characters(text, prepared):
    assert prepare(text, knows_ascii).text == prepared


def test_what_is_known_stays():
    assert prepare("“Łukasz” paid € 5", lambda _: True).text == "“Łukasz” paid € 5"


def test_changed_words_are_put_back_once_each():
    prepared = prepare("Łukasz met Søren.", knows_ascii)
    assert prepared.restore("Lukasz encontrou Soren e Lukaszek.") == "Łukasz encontrou Søren e Lukaszek."


def test_halving_prefers_the_end_of_a_clause():
    assert halve("The bridge is closed; the tunnel is open.") == ("The bridge is closed; ", "the tunnel is open.")
    assert halve("one two") == ("one ", "two")
    assert halve("oneword") is None


@given(st.text(max_size=120))
@settings(deadline=None, max_examples=100)
def test_splitting_loses_nothing(text):
    assert "".join(part for part, _ in split_verbatim(text)) == text
    halves = halve(text)
    assert halves is None or ("".join(halves) == text and all(halves))
