import json

import pytest

from summarizer import Article, Summarizer, Summary
from summarizer.backends.fake import FakeBackend
from summarizer.datamodels import Evidence, Flag, Receipt, Removed, Sentence
from summarizer.errors import EmptyInputError
from summarizer.rendering import escape, render_footer, render_markdown, render_text
from summarizer.summary import error_to_dict
from summarizer.translation import Translator

TEXT = """Ferry to Osk stays through the winter

Share on Facebook
The council of Marlen voted on Tuesday to keep the ferry to Osk running through the winter.
About 900 people use the ferry each day, most of them on their way to work or to school.
The operator had warned that the line loses 40,000 crowns a month between November and March."""

KEYS = [
    "id",
    "summary",
    "language",
    "sentences",
    "flags",
    "translation",
    "article",
    "receipt",
    "model",
    "signature",
    "seconds",
    "error",
]


@pytest.fixture
def summary():
    drafts = [["The ferry to Osk stays, though it loses 70,000 crowns a month."]]
    summarizer = Summarizer(FakeBackend(drafts), translator=Translator([FakeBackend()]))
    return summarizer.summarize(TEXT, style="abstractive", target_language="pt", source="ferry.txt")


def test_the_json_of_a_result_has_one_shape(summary):
    data = summary.to_dict()

    assert list(data) == KEYS
    assert list(data["sentences"][0]) == ["text", "quoted", "evidence"]
    assert list(data["sentences"][0]["evidence"][0]) == ["start", "end", "text", "score"]
    assert list(data["flags"][0]) == ["kind", "text", "start", "end", "detail"]
    assert list(data["translation"]) == ["title", "text", "language", "model", "draft", "flags", "pivot", "sentences"]
    assert " ".join(data["article"]) == ("title language text source author date site dateline agency passages removed")
    assert list(data["article"]["removed"][0]) == ["text", "reason", "start", "end"]
    assert list(data["receipt"]) == ["tokens", "tokens_read", "sentences_skipped"]


def test_an_error_has_the_same_keys():
    data = error_to_dict(EmptyInputError("Nothing there."), "row-7")

    assert set(data) == set(KEYS)
    assert data["id"] == "row-7"
    assert data["error"] == {"code": "empty_input", "message": "Nothing there."}


def test_a_result_survives_the_way_through_json(summary):
    data = json.loads(json.dumps(summary.to_dict(), ensure_ascii=False))

    again = Summary.from_dict(data)

    assert again.to_dict() == summary.to_dict()
    assert again.article.sentences == summary.article.sentences


@pytest.mark.parametrize(
    "record",
    [
        Sentence("a", 0, 1),
        Removed("a", "share", 0, 1),
        Evidence(0, 1, 0.5),
        Flag(0, 1, "name", "?"),
        Receipt(9, 8, (2,)),
    ],
)
def test_records_survive_the_way_through_json(record):
    assert type(record).from_dict(json.loads(json.dumps(record.to_dict()))) == record


def test_spans_say_where_each_sentence_stands():
    summary = Summarizer("extractive").summarize(TEXT, length=2)

    assert [summary.text[start:end] for start, end in summary.spans] == [
        sentence.text for sentence in summary.sentences
    ]


def test_text_shows_the_translation_and_what_to_check(summary):
    text = render_text(summary)

    assert text.startswith(summary.text)
    assert "[português: fake]" in text.lower()
    assert "Please check:" in text
    assert "70,000" in text.split("Please check:")[1]


def test_the_footer_says_what_was_read(summary):
    footer = render_footer(summary)

    assert f"read {summary.receipt.tokens_read} of {summary.receipt.tokens} tokens" in footer
    assert "0 of 1 sentence quoted" in footer
    assert f"{len(summary.flags + summary.translation.flags)} flag" in footer


def test_markdown_shows_evidence_and_never_lets_the_article_be_markup():
    article = Article.from_text(TEXT.replace("Marlen", "<b>*Marlen*</b> [x](y)"), title="# Title `x`", check=False)
    summary = Summarizer(FakeBackend([["The ferry to Osk stays through the winter."]])).summarize(
        article, style="abstractive"
    )

    markdown = render_markdown(summary)

    assert "> The council of" in markdown
    assert "<b>" not in markdown
    assert r"\<b\>\*Marlen\*" in markdown
    assert markdown.startswith(r"# \# Title \`x\`")


def test_escaped_text_is_one_line():
    assert escape("a\n# b\t*c*") == r"a \# b \*c\*"
