import pytest

from summarizer.backends.prompts import ask_summary, ask_translation, choose_form


@pytest.mark.parametrize(
    ("sentences", "form"), [(1, "headline"), (2, "short"), (3, "medium"), (4, "medium"), (5, None), (50, None)]
)
def test_the_form_is_the_shortest_that_has_so_many_sentences(sentences, form):
    assert choose_form(sentences) == form


def test_languages_are_called_by_name():
    assert ask_summary("short", "pt") == "\n\nShort summary in Portuguese:\n"
    assert ask_translation("Guten Tag.", "de", "en") == "German: Guten Tag.\nEnglish:\n"
