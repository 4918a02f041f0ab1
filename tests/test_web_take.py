import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from summarizer import Article, Summarizer, Summary
from summarizer.backends.fake import FakeBackend
from summarizer.cards import get_card
from summarizer.errors import UnknownLanguageError
from summarizer.translation import Translator
from summarizer.web.models import Models, find_readiness
from summarizer.web.printing import render_page
from summarizer.web.sharing import Settings, make_link, read_link
from summarizer.web.take import name_file, read_entry, render_tools, take
from summarizer.web.view_compare import describe_length
from summarizer.web.view_models import ModelFilter, find_models, render_models, render_prose
from summarizer.web.wording import Wording

ENGLISH, ARABIC = Wording.get("en"), Wording.get("ar")
ATTACK = "<script>alert(1)</script><img src=x onerror=alert(2)>"
TEXT = f"""The bridge {ATTACK} opens

The bridge over the Marle reopened on Monday after a repair of 14 months. Bakers cheered.
The work cost 38 million euros, the city said. Buses use it again from Tuesday."""


@pytest.fixture(scope="module")
def summary() -> Summary:
    """A summary with a number that the article does not have, and a translation; an attack is in the title."""
    backend = FakeBackend([["The bridge reopened on Monday after 99 months."]])
    summarizer = Summarizer(backend, translator=Translator([backend]))
    article = Article.from_text(TEXT.split("\n\n")[1], title=f"The bridge {ATTACK} opens", language="en", check=False)
    return summarizer.summarize(article, style="abstractive", target_language="pt")


def test_each_form_has_its_content_and_a_name_made_of_the_title(summary):
    taken = {form: take(summary, form, ENGLISH) for form in ("text", "markdown", "json", "page")}

    names = {form: file["name"].rpartition(".") for form, file in taken.items()}
    assert {form: ending for form, (_, _, ending) in names.items()} == {
        "text": "txt", "markdown": "md", "json": "json", "page": "html"
    }  # fmt: skip
    assert {name for name, _, _ in names.values()} == {
        "summary-The-bridge-script-alert-1-script-img-src-x-onerror-alert-2-o"
    }
    assert Summary.from_dict(json.loads(taken["json"]["content"])).to_dict() == summary.to_dict()
    assert "99 months" in taken["text"]["content"]
    assert "## Please check" in taken["markdown"]["content"]
    with pytest.raises(KeyError):
        take(summary, "../etc", ENGLISH)


PLAIN = Summarizer("extractive").summarize(Article.from_text("A bridge opened.", language="en", check=False))


@given(st.text())
def test_whatever_the_title_is_the_name_of_a_file_is_letters_digits_and_hyphens(title):
    named = replace(PLAIN, article=replace(PLAIN.article, title=title))

    assert re.fullmatch(r"summary(-[^\W_]+)*", name_file(named))


def test_the_page_to_print_is_whole_and_nothing_in_it_runs_or_is_loaded(summary):
    page = render_page(summary, ENGLISH)
    tree = html.document_fromstring(page)

    assert (tree.get("lang"), tree.get("dir")) == ("en", "ltr")
    assert tree.xpath("//script | //img | //link | //@onerror | //@src") == []
    assert all(link.startswith("#") for link in tree.xpath("//@href"))
    assert "default-src 'none'" in tree.xpath("//meta[@http-equiv]/@content")[0]
    assert tree.xpath("string(//h1)") == f"The bridge {ATTACK} opens"
    assert "@media print" in tree.xpath("string(//style)")


def test_the_page_to_print_has_evidence_as_footnotes_flags_translation_and_receipt(summary):
    tree = html.document_fromstring(render_page(summary, ENGLISH))

    [sentence] = tree.xpath("//li[@id='s1']")
    [footnote] = tree.xpath("//li[@id='e1']")
    assert sentence.xpath(".//a/@href") == ["#e1"]
    assert footnote.xpath(".//a/@href") == ["#s1"]
    assert "after a repair of 14 months" in footnote.text_content()
    assert "99" in tree.xpath("string(//ul)")
    assert tree.xpath("string(//*[@lang='pt'])").startswith("[pt:")
    assert "read" in tree.xpath("string(//*[@class='ns-footer'])")


def test_the_page_to_print_is_in_the_language_of_the_summary_and_speaks_that_of_the_reader(summary):
    tree = html.document_fromstring(render_page(summary, ARABIC))

    assert tree.get("dir") == "ltr"
    assert {(h.get("lang"), h.get("dir")) for h in tree.xpath("//h2")} == {("ar", "rtl")}


def test_the_text_that_is_copied_stands_in_the_button_as_text(summary):
    [button] = html.fragment_fromstring(render_tools(summary, ENGLISH)).xpath("//button[@data-copy]")

    assert button.get("data-copy").startswith("The bridge reopened on Monday after 99 months.")
    assert ATTACK not in render_tools(summary, ENGLISH)


def test_an_entry_of_the_history_brings_the_summary_back(summary):
    entry = take(summary, "history", ENGLISH)

    assert read_entry(entry["content"]).to_dict() == summary.to_dict()
    assert (entry["title"], entry["summary"]) == (summary.article.title, summary.text)


MODELS = Models(Summarizer(FakeBackend()))


def test_a_link_carries_the_settings_and_brings_them_back():
    settings = Settings("fake", "pt", "long", "extractive")
    link = make_link("http://host/news/", settings, "ar")

    assert link == "http://host/news/?tab=summarize&lang=ar&model=fake&target=pt&length=long&style=extractive"
    assert read_link(link.partition("?")[2], MODELS) == settings
    assert read_link("?tab=models", MODELS) == Settings()


def test_settings_that_mean_nothing_here_are_left_out():
    query = "model=/etc/passwd&target=tlh&length=99&style=<b>&style=extractive&file=x"

    assert read_link(query, MODELS) == Settings(style="extractive")


@given(st.text())
def test_whatever_an_address_says_it_is_read(query):
    found = read_link(query, MODELS)

    assert found.model in (None, "fake")
    assert found.style in (None, "auto", "extractive", "abstractive")


def test_length_is_counted_in_words_or_where_there_are_no_spaces_in_characters():
    assert describe_length("Two words.", ENGLISH) == "2 words"
    assert describe_length("橋は月曜日に再開した。", ENGLISH) == "10 characters"
    assert describe_length("The bridge 橋 is open", ENGLISH) == "5 words"


def names_of(**wanted) -> list[str]:
    return [card.name for card in find_models(ModelFilter(**wanted))]


def test_models_are_found_by_words_language_task_size_licence_and_whether_they_are_here():
    assert names_of()[0] == "builtin"
    assert names_of(words="PEGASUS xsum apache")[0] == "pegasus-xsum"
    assert {"nllb-600m", "nllb-1.3b"} <= set(names_of(words="nllb"))
    assert not {"nllb-600m", "nllb-1.3b"} & set(names_of(words="nllb", commercial_only=True))
    assert "nllb-600m" in names_of(task="translate", language="am")
    assert "bart-large-cnn" not in names_of(language="am")
    assert all(get_card(name).size <= 100e6 for name in names_of(megabytes=100))
    assert {"builtin", "extractive"} <= set(names_of(ready_only=True))
    assert "nllb-1.3b" not in names_of(ready_only=True)
    with pytest.raises(UnknownLanguageError):
        names_of(language="tlh")


def test_a_model_says_on_which_terms_and_how_it_is_got():
    rendered = render_models([get_card("nllb-1.3b"), get_card("builtin")], ENGLISH)
    first, second = html.fragment_fromstring(rendered).xpath("//details")

    assert "CC BY-NC 4.0, non-commercial use only" in first.xpath("string(summary)")
    assert first.xpath("string(.//code)") == "summarizer models get nllb-1.3b"
    assert "ready" in second.xpath("string(summary)")
    assert not second.xpath("./p")
    assert find_readiness(get_card("openai")) == "server"


def test_a_card_is_rendered_without_its_tags_pictures_and_scripts():
    card = (
        f"# name\n\n## Part\n\n{ATTACK} [bad](javascript:alert(1)) ![x](http://spy/x.png) [good](https://example.org)\n"
    )
    tree = html.fragment_fromstring(render_prose(card + "\n| a |\n|---|\n| <b>1</b> |\n"), create_parent="div")

    assert tree.xpath("//script | //img | //b | //@onerror") == []
    assert "https://example.org" in tree.xpath("//a/@href")
    assert tree.xpath("//a/@rel")[0] == "noopener noreferrer"
    assert not tree.xpath("//h1 | //h2")
    assert tree.xpath("string(//h4)") == "Part"
    assert tree.xpath("string(//div[@tabindex='0']//td)") == "<b>1</b>"


@given(st.text())
def test_no_card_makes_elements_that_run(text):
    tree = html.fragment_fromstring(render_prose(text), create_parent="div")

    assert tree.xpath("//script | //style | //iframe | //svg | //form | //img | //@*[starts-with(name(), 'on')]") == []
    assert all(not link.lower().startswith(("javascript:", "data:", "vbscript:")) for link in tree.xpath("//a/@href"))
