"""What chat models answer becomes plain sentences, whatever they wrote around them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.backends.chat_answers import clean_answer, clean_text, drop_thoughts, parse_numbered

TAGS = ("<think>", "</think>", "[THINK]", "[/THINK]", "<|channel|>", "<|channel>", "<channel|>", "<thinking>")
PIECES = (
    *TAGS,
    *("final<|message|>", "analysis", "**", "*", "`", "```", "\n", "- ", "1. ", "2. ", "# ", '"', "“", "”", "> "),
    *(
        "Here is a summary: ",
        "Sure! ",
        "Summary:",
        "Note: ",
        "[a](https://b.org)",
        "The bridge is open. ",
        "摘要：",
        "<",
        ">",
    ),
)
ANSWERS = st.one_of(
    st.text(), st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=30).map("".join)
)
BRIDGE = "The bridge is open again."
COST = "The repair cost 38.6 million pounds."


@pytest.mark.parametrize(
    "answer",
    [
        f"<think>The user wants two sentences. Let me see.</think>\n\n{BRIDGE}",
        f"The user wants two sentences.\n</think>\n{BRIDGE}",
        f"[THINK]Two sentences.[/THINK]{BRIDGE}",
        f"<|channel|>analysis<|message|>Easy.<|end|><|start|>assistant<|channel|>final<|message|>{BRIDGE}<|return|>",
        f"<|channel>thought\nEasy.\n<channel|>{BRIDGE}",
        f"{BRIDGE}\n<think>Was that right?",
        f"{BRIDGE}<|im_end|>",
        f"{BRIDGE}<turn|>",
        f"{BRIDGE}<end_of_turn>",
        f"{BRIDGE}</s>",
    ],
)
def test_thoughts_and_control_tokens_are_left_out(answer):
    assert clean_answer(answer, "en", 3) == [BRIDGE]


@pytest.mark.parametrize(
    "answer", ["<think>I wonder what", "<|channel|>analysis<|message|>Hm. It is open", "[THINK]a", ""]
)
def test_a_thought_without_an_end_is_no_answer(answer):
    assert clean_answer(answer, "en", 3) == []


@pytest.mark.parametrize(
    "preface",
    [
        "Here is a summary of the article in English:\n\n",
        "Here's a concise two-sentence summary: ",
        "Sure! Here is the summary:\n",
        "Sure!\n\n",
        "**Summary:** ",
        "Summary:\n",
        "## Summary\n\n",
        "Hier ist eine Zusammenfassung des Artikels:\n",
        "Zusammenfassung: ",
        "Voici un résumé de l’article :\n",
        "Aquí está el resumen: ",
        "Aqui está um resumo da notícia:\n\n",
        "Ecco un riassunto dell'articolo: ",
        "Вот краткое изложение статьи:\n",
        "以下是这篇新闻的摘要：\n",
        "摘要：",
        "要約：",
        "다음은 기사의 요약입니다:\n",
        "إليك ملخص المقال:\n",
        "यहाँ समाचार का सारांश है:\n",
    ],
)
def test_what_is_said_before_the_summary_is_left_out(preface):
    assert clean_answer(preface + BRIDGE, "en", 3) == [BRIDGE]


@pytest.mark.parametrize(
    "remark",
    [
        "\n\nNote: I left out the names.",
        "\n\n(Note: 12 words)",
        "\n\nLet me know if you need more!",
        "\n(9 words)",
        "\n---\nHinweis: kurz.",
    ],
)
def test_what_is_said_after_the_summary_is_left_out(remark):
    assert clean_answer(BRIDGE + remark, "en", 3) == [BRIDGE]


@pytest.mark.parametrize(
    "answer",
    [
        f"- {BRIDGE}\n- {COST}",
        f"* {BRIDGE}\n\n* {COST}",
        f"1. {BRIDGE}\n2. {COST}",
        f"**1.** {BRIDGE}\n**2.** {COST}",
        f"```text\n{BRIDGE} {COST}\n```",
        f"“{BRIDGE} {COST}”",
        f"# The bridge\n\n{BRIDGE} {COST}",
        f"> {BRIDGE}\n> {COST}",
        "The **bridge** is *open* again. The [repair](https://example.org/a) cost `38.6` million pounds.",
    ],
)
def test_markdown_and_quotation_marks_around_the_whole_are_left_out(answer):
    assert clean_answer(answer, "en", 3) == [BRIDGE, COST]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("“It is open,” said the mayor. “At last.”", "en"),
        ("3. Oktober: In Berlin wird gefeiert.", "de"),
        ("The council published its report: traffic grew by 5*3 percent.", "en"),
        ("Of course the council objected to the plan: it costs too much.", "en"),
        ("Note 7 was the name of the phone.", "en"),
    ],
)
def test_what_only_looks_like_talk_stays(text, language):
    assert clean_text(text) == text


def test_no_more_sentences_come_back_than_were_asked_for():
    assert clean_answer(f"{BRIDGE} {COST} Drivers are glad.", "en", 2) == [BRIDGE, COST]


def test_a_sentence_that_was_cut_off_is_left_out():
    assert clean_answer(f"{BRIDGE} The repair cost", "en", 3, finished=False) == [BRIDGE]
    assert clean_answer(f"{BRIDGE} {COST}", "en", 3, finished=False) == [BRIDGE, COST]


def test_numbered_translations_come_back_in_order_whatever_the_digits():
    assert parse_numbered("Here are the translations:\n1. Um.\n2) **Dois.**\n", 2) == ["Um.", "Dois."]
    assert parse_numbered("١. واحد\n٢. اثنان", 2) == ["واحد", "اثنان"]
    assert parse_numbered("<think>1. Eins</think>1. Um.", 1) == ["Um."]


@pytest.mark.parametrize(
    "answer",
    ["1. Um.", "1. Um.\n3. Três.", "2. Dois.\n1. Um.", "1. Um.\n2.", "1. Um.\n2. Dois.\n3. Três.", "1. Um.\nDois.", ""],
)
def test_numbered_translations_that_do_not_match_are_refused(answer):
    assert parse_numbered(answer, 2) is None


@given(ANSWERS, st.integers(1, 4), st.booleans())
def test_any_answer_gives_at_most_as_many_sentences_as_asked_and_no_thoughts(answer, most, finished):
    sentences = clean_answer(answer, "en", most, finished=finished)
    assert len(sentences) <= most
    assert not any(tag.lower() in sentence.lower() for sentence in sentences for tag in TAGS)


@given(ANSWERS)
def test_cleaning_what_is_clean_changes_nothing(answer):
    cleaned = clean_text(answer)
    assert clean_text(cleaned) == cleaned
    assert drop_thoughts(cleaned) == cleaned


@given(ANSWERS, st.integers(1, 5))
def test_numbered_translations_are_as_many_as_asked_or_none(answer, count):
    texts = parse_numbered(answer, count)
    assert texts is None or (len(texts) == count and all(texts))


@pytest.mark.parametrize(
    "piece", ["<think>", "**", "# ", "- ", "(", '"', "<th", "[a](http://b", " ", "1. ", "Summary ", "!", "\n"]
)
@pytest.mark.timeout(10)
def test_long_answers_are_cleaned_in_no_time(piece):
    clean_answer(piece * 20_000, "en", 3)
