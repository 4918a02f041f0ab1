import gzip
import io
import json

import pytest
from conftest import EXAMPLES
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer import Article, SummarizerError
from summarizer.decoding import MAX_CHARACTERS
from summarizer.errors import EmptyInputError, InputTooLargeError, NotAnArticleError, UnknownLanguageError

STORY = [
    "The council of Marlen voted on Tuesday to keep the ferry to Osk running through the winter.",
    "About 900 people use the ferry each day, most of them on their way to work or to school.",
    "The operator had warned that the line loses 40,000 crowns a month between November and March.",
]
PAGE = (
    "Home\nSearch\nFerry to Osk stays through the winter\nBy Anna Lindqvist\n"
    + "\n".join(STORY)
    + "\nShare on Facebook"
)


def test_text_becomes_headline_sentences_and_removals():
    article = Article.from_text(PAGE)

    assert article.title == "Ferry to Osk stays through the winter"
    assert article.paragraphs == tuple(STORY)
    assert [sentence.text for sentence in article.sentences] == STORY
    assert article.language == "en"
    assert {removal.reason for removal in article.removed} == {"navigation", "byline", "share"}


def test_offsets_lead_back_into_the_texts():
    article = Article.from_text(PAGE)

    assert all(article.text[s.start : s.end] == s.text for s in article.sentences)
    assert all(article.original[r.start : r.end] == r.text for r in article.removed)


def test_cleaning_can_be_switched_off_whole_or_by_reason():
    assert "By Anna Lindqvist" in Article.from_text(PAGE, clean=False).text
    kept = Article.from_text(PAGE, keep={"byline"})
    assert "By Anna Lindqvist" in kept.text
    assert "Home" not in kept.text


def test_the_same_text_has_the_same_id_and_a_given_one_wins():
    assert Article.from_text(PAGE).id == Article.from_text(PAGE).id != Article.from_text(PAGE.replace("900", "901")).id
    assert Article.from_text(PAGE, id="row-7").id == "row-7"


def test_the_language_can_be_given_by_code_or_name():
    assert Article.from_text(PAGE, language="German").language == "de"
    with pytest.raises(UnknownLanguageError):
        Article.from_text(PAGE, language="Klingon")


def test_every_example_is_read_in_its_language(example_articles):
    for code, (text, expected) in example_articles.items():
        article = Article.from_text(text)
        assert (article.language, article.title) == (code, expected["title"])
        assert article.removed == ()


def test_what_cannot_be_read_is_refused():
    with pytest.raises(EmptyInputError):
        Article.from_text(" \n ")
    with pytest.raises(InputTooLargeError):
        Article.from_text("a" * (MAX_CHARACTERS + 1))
    with pytest.raises(NotAnArticleError) as caught:
        Article.from_text("https://example.org/ferry")
    assert caught.value.reason == "address"


def test_the_check_can_be_switched_off():
    with pytest.raises(NotAnArticleError):
        Article.from_text(STORY[0])
    assert Article.from_text(STORY[0], check=False).text == STORY[0]


def test_a_page_of_html_gives_its_metadata():
    body = "".join(f"<p>{line}</p>" for line in STORY)
    html = (
        "<html><head><title>Ferry stays - The Marlen Post</title><meta name='author' content='Anna Lindqvist'>"
        "<meta property='article:published_time' content='2026-02-03'>"
        "<meta property='og:site_name' content='The Marlen Post'>"
        f"</head><body><nav>Home Sports</nav><article><h1>Ferry to Osk stays</h1>{body}</article></body></html>"
    )

    article = Article.from_html(html)

    assert article.title == "Ferry to Osk stays"
    assert (article.author, article.date, article.site) == ("Anna Lindqvist", "2026-02-03", "The Marlen Post")
    assert article.paragraphs == tuple(STORY)


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".json", ".jsonl", ".txt.gz", ".html.gz", ".jsonl.gz"])
def test_files_of_every_kind_give_the_same_article(suffix, tmp_path):
    contents = {
        "txt": PAGE,
        "md": PAGE,
        "html": "<html><body><article><h1>Ferry</h1>"
        + "".join(f"<p>{line}</p>" for line in STORY)
        + "</article></body></html>",
        "json": json.dumps({"text": PAGE}),
        "jsonl": json.dumps({"text": PAGE}) + "\n",
    }
    data = contents[suffix.split(".")[1]].encode()
    path = tmp_path / f"ferry{suffix}"
    path.write_bytes(gzip.compress(data) if suffix.endswith(".gz") else data)

    article = Article.from_file(path)

    assert article.paragraphs == tuple(STORY)
    assert article.source == str(path)
    if not suffix.startswith(".html"):
        assert Article.from_stream(io.BytesIO(data)).paragraphs == tuple(STORY)


def test_a_row_gives_title_language_and_id():
    article = Article.from_row({"id": 7, "title": "Ferry stays", "lang": "en", "text": "\n".join(STORY)})

    assert (article.id, article.title, article.language) == ("7", "Ferry stays", "en")


def test_the_sample_equals_the_stored_expectation():
    stored = (EXAMPLES / "pasted-article.cleaned.txt").read_text(encoding="utf-8")

    article = Article.from_file(EXAMPLES / "pasted-article.txt")

    assert f"{article.title}\n\n{article.text}\n" == stored


@given(st.text(max_size=400))
@settings(deadline=None, max_examples=150)
def test_any_text_is_an_article_or_one_of_our_errors(text):
    try:
        article = Article.from_text(text, check=False, language="en")
    except SummarizerError as error:
        assert error.code
    else:
        assert article.text.strip()
        assert all(article.text[s.start : s.end] == s.text for s in article.sentences)
        assert article.sentences
