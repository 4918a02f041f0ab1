import pytest

from summarizer.article import Article
from summarizer.cleaning import clean_text
from summarizer.cleaning.blocks import read_block, split_blocks
from summarizer.cleaning.foreign import find_foreign
from summarizer.cleaning.structure import classify_blocks
from summarizer.rendering import render_article

SENTENCES = (
    "The council of Marlen voted on Tuesday to keep the ferry running through the winter months.",
    "About 900 people use the ferry each day, most of them on their way to work or to school.",
    "The ferry crosses the sound in eleven minutes, and has done so since the summer of 1931.",
    "A bridge would cost 40 million crowns, the council says, and nobody knows who would pay for it.",
)


def kinds(*lines):
    return classify_blocks([read_block(line) for line in lines])


def test_subheadings_lists_and_quotations_are_told_from_paragraphs():
    found = kinds(
        SENTENCES[0], "What it costs", SENTENCES[1], "- a ticket: 20 crowns", "• a month: 300", "“It is our road.”"
    )

    assert found == ["paragraph", "subheading", "paragraph", "list", "list", "quote"]


def test_a_numbered_line_over_a_paragraph_is_a_subheading():
    assert kinds(SENTENCES[0], "1. The old mill", SENTENCES[1], "2. The pier", SENTENCES[2]) == [
        "paragraph", "subheading", "paragraph", "subheading", "paragraph",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "lines",
    [
        ("Strand: Who will pay?", "Berg: The council will.", "Strand: And who after that?", "Berg: Nobody.",
         "Strand: So why a bridge?", "Berg: Because of the votes."),
        ("– Who will pay for the ferry then?", "– And who after the winter?", "– So why do we have a council?"),
    ],
)  # fmt: skip
def test_the_turns_of_a_talk_are_told_by_speakers_or_dashes(lines):
    assert set(kinds(*lines)) == {"turn"}


def test_questions_that_paragraphs_answer_are_turns():
    lines = [line for number, answer in enumerate(SENTENCES[:3]) for line in (f"What about winter {number}?", answer)]

    assert kinds(SENTENCES[3], *lines) == ["paragraph", *["turn", "paragraph"] * 3]


def test_a_line_between_headline_and_byline_is_the_standfirst():
    standfirst = "The council gives in after a petition that 4,100 people of both towns have signed"
    page = ["Ferry stays, and so does the old pier", standfirst, "By Anna Lindqvist", *SENTENCES]

    article = Article.from_text("\n".join(page))

    assert [passage.kind for passage in article.passages] == ["standfirst", *["paragraph"] * 4]
    assert article.author == "Anna Lindqvist"


def test_passages_point_at_the_lines_of_the_text():
    article = Article.from_text("\n".join([SENTENCES[0], "What it costs", *SENTENCES[1:]]), clean=False)

    assert "\n".join(article.text[passage.start : passage.end] for passage in article.passages) == article.text
    assert Article.from_dict(article.to_dict()).passages == article.passages


def test_the_dateline_leaves_the_text_and_is_kept_with_its_agency():
    article = Article.from_text("\n".join([f"LISBON, 3 March (Lusa) - {SENTENCES[0]}", *SENTENCES[1:]]))

    assert article.text.startswith("The council")
    assert (article.dateline, article.agency) == ("LISBON, 3 March (Lusa)", "Lusa")


def test_the_mark_of_a_new_version_leaves_the_headline():
    page = "\n".join(["UPDATE 1-Ferry to run through the winter, council says", "", *SENTENCES])

    cleaned = clean_text(page)

    assert cleaned.title == "Ferry to run through the winter, council says"
    assert [(removal.text, removal.reason) for removal in cleaned.removed] == [("UPDATE 1-", "byline")]


def test_a_notice_in_another_language_at_the_foot_goes_and_a_quotation_stays():
    notice = "Dieser Artikel wurde aus dem Englischen übersetzt und von der Redaktion in Berlin gekürzt und geprüft."
    quoted = "« Nous voulons garder le bac, et nous le garderons », a dit le maire de la ville voisine mardi soir."
    lines = [SENTENCES[0], quoted, *SENTENCES[1:], notice]

    assert find_foreign([read_block(line) for line in lines]) == {len(lines) - 1}


def test_an_article_in_two_languages_keeps_both():
    other = "Der Stadtrat von Marlen hat am Dienstag beschlossen, die Fähre im Winter weiter fahren zu lassen."
    lines = [*SENTENCES[:3], other, other.replace("Dienstag", "Mittwoch"), other.replace("Winter", "Sommer")]

    assert find_foreign([read_block(line) for line in lines]) == frozenset()


def test_an_article_in_markdown_has_its_structure_and_no_markup_of_its_own():
    article = Article.from_text("\n".join([SENTENCES[0], "What it costs", SENTENCES[1], "- a *ticket*"]), clean=False)

    assert render_article(article).split("\n\n")[1:] == ["## What it costs", SENTENCES[1], "- a \\*ticket\\*"]


def test_on_a_wrapped_page_paragraphs_of_two_lines_are_joined_and_lists_are_not():
    paragraph = (
        "The ferry between Marlen and Osk will keep running through the winter\n"
        "months, the council decided on Tuesday after three hours of debate and\n"
        "a petition signed by 4,100 people.\n\n"
    )
    short = "A bridge would cost 40 million crowns, the council says, and nobody\nknows who would pay for it.\n\n"
    items = "* The ferry has crossed the sound every day since the summer of 1931\n* It will do so in winter too\n"

    assert len(split_blocks(paragraph * 2 + short + items)) == 5
