from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer import Article, Summary
from summarizer.datamodels import Evidence, Flag, Receipt, Removed, Sentence, SummarySentence, Translation
from summarizer.errors import EmptyInputError
from summarizer.web.markup import cut
from summarizer.web.view import Result, render_error, render_result
from summarizer.web.wording import Wording

TEXT = "The bridge reopened on Monday. It cost 38 million.\nBakers cheered. Buses came back."
ATTACK = "\"'><img src=x onerror=alert(1)><script>alert(2)</script>&amp;`${alert(3)}`{{x}}"
ENGLISH, ARABIC = Wording.get("en"), Wording.get("ar")
TAGS = {
    "a",
    "bdi",
    "button",
    "details",
    "div",
    "h2",
    "h3",
    "h4",
    "li",
    "ol",
    "p",
    "section",
    "span",
    "strong",
    "summary",
    "ul",
}
ATTRIBUTES = {
    "aria-busy", "aria-label", "aria-pressed", "class", "data-article", "data-ns", "data-refs", "data-restore", "dir",
    "lang", "role", "tabindex", "title", "type",
}  # fmt: skip


class Node(HTMLParser):
    """What a browser would make of some markup: elements with their attributes and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self._open: list[int] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self._open.append(len(self.elements))
        self.elements.append((tag, dict(attrs), []))

    def handle_endtag(self, tag):
        assert self.elements[self._open.pop()][0] == tag

    def handle_data(self, data):
        for index in self._open:
            self.elements[index][2].append(data)

    def find(self, name: str) -> list[tuple[dict[str, str | None], str]]:
        """Return attributes and text of the elements with a class."""
        found = [(attrs, texts) for _, attrs, texts in self.elements if name in (attrs.get("class") or "").split()]
        return [(attrs, "".join(texts)) for attrs, texts in found]


def make_summary(words: str = TEXT, cuts: tuple[tuple[int, int], ...] = ((0, 30), (31, 50)), **changes) -> Summary:
    sentences = tuple(Sentence(words[start:end], start, end) for start, end in cuts)
    article = Article(text=words, language="en", sentences=sentences, title="Bridge reopens", original=words, id="a")
    chosen = tuple(SummarySentence(s.text, (Evidence(s.start, s.end, 1.0),), quoted=True) for s in sentences)
    summary = Summary(
        text=" ".join(sentence.text for sentence in chosen),
        language="en",
        sentences=chosen,
        flags=(),
        receipt=Receipt(20, 20),
        article=article,
        model="fake",
        signature="s",
        seconds=0.2,
    )
    return replace(summary, **changes)


def render(summary: Summary, wording: Wording = ENGLISH) -> Node:
    return Node(render_result(Result(summary.article, "done", summary), wording))


def test_each_sentence_is_linked_to_its_evidence_by_number():
    page = render(make_summary())

    assert [(a["data-ns"], text) for a, text in page.find("ns-sentence")] == [
        ("1", "The bridge reopened on Monday."),
        ("2", "It cost 38 million."),
    ]
    assert [(a["data-ns"], text) for a, text in page.find("ns-evidence")] == [
        ("1", "The bridge reopened on Monday."),
        ("2", "It cost 38 million."),
    ]
    assert all(attrs["tabindex"] == "0" and attrs["role"] == "button" for attrs, _ in page.find("ns-sentence"))


def test_evidence_that_two_sentences_share_carries_both_numbers():
    written = tuple(
        SummarySentence(text, (Evidence(start, end, 0.6),))
        for text, start, end in (("A bridge is open.", 0, 30), ("It cost a lot.", 20, 50))
    )
    page = render(make_summary(sentences=written, text="A bridge is open. It cost a lot."))

    assert [(a["data-ns"], a["data-refs"], text) for a, text in page.find("ns-evidence")] == [
        ("1", "1", "The bridge reopened "),
        ("1 2", "1,2", "on Monday."),
        ("2", "2", " It cost 38 million."),
    ]


def test_evidence_across_paragraphs_stays_inside_them():
    sentence = SummarySentence("All is well.", (Evidence(31, 66, 0.6),))
    page = render(make_summary(sentences=(sentence,), text="All is well."))

    assert [text for _, text in page.find("ns-evidence")] == ["It cost 38 million.", "Bakers cheered."]


def test_a_sentence_says_whether_it_is_quoted_supported_or_neither():
    sentences = (
        SummarySentence("One.", (Evidence(0, 30, 1.0),), quoted=True),
        SummarySentence("Two.", (Evidence(0, 30, 0.64), Evidence(31, 50, 0.2))),
        SummarySentence("Three."),
    )
    page = render(make_summary(sentences=sentences, text="One. Two. Three."))

    assert [text for _, text in page.find("ns-mark")] == ["❝ quoted", "support 64%", "⚠ no support"]


@pytest.mark.parametrize(("code", "direction"), [("ar", "rtl"), ("he", "rtl"), ("ja", "ltr"), ("qqq", "auto")])
def test_every_panel_has_the_direction_of_its_language(code, direction):
    summary = make_summary(language=code, translation=Translation("Text.", code, "m", sentences=("Text.",)))
    summary = replace(summary, article=replace(summary.article, language=code))

    page = render(summary)
    texts = [attrs for name in ("ns-source", "ns-scroll") for attrs, _ in page.find(name)]

    assert {attrs["dir"] for attrs in texts} == {direction}
    assert {attrs.get("lang") for attrs in texts} == {None if code == "qqq" else code}


def test_flags_are_marked_in_the_text_and_explained_in_a_list():
    flags = (Flag(39, 41, "number", '"38" is not in the article'), Flag(4, 10, "name", "is somewhere else"))
    page = render(make_summary(flags=flags))

    marked = {text: attrs["title"] for attrs, text in page.find("ns-flag")}
    assert marked == {
        "38": 'number to check: "38" is not in the article',
        "bridge": "name to check: “bridge”: is somewhere else",
    }
    [(_, listed)] = page.find("ns-check")
    assert '"38" is not in the article' in listed
    assert "“bridge”: is somewhere else" in listed
    assert "2 to check" in page.find("ns-footer")[0][1]


def test_a_flag_across_sentences_is_marked_in_both():
    page = render(make_summary(flags=(Flag(23, 38, "repetition", "the same words again"),)))

    assert [text for _, text in page.find("ns-flag")] == ["Monday.", "It cost"]


def test_the_sentences_of_a_translation_are_linked_and_its_flags_marked():
    translation = Translation(
        "A ponte reabriu. Custou 39 milhões.",
        "pt",
        "firefox",
        flags=(Flag(24, 26, "number", '"39" is not in the summary'),),
        pivot="en",
        sentences=("A ponte reabriu.", "Custou 39 milhões."),
    )
    page = render(make_summary(translation=translation))

    assert [(a["data-ns"], text) for a, text in page.find("ns-translated")] == [
        ("1", "A ponte reabriu."),
        ("2", "Custou 39 milhões."),
    ]
    [(_, whole)] = page.find("ns-aligned")
    assert "translated by firefox · through English" in whole
    assert "Portuguese · Português" in whole
    assert {attrs["lang"] for attrs, _ in page.find("ns-target")} == {"pt"}
    assert [text for _, text in page.find("ns-flag")] == ["39"]


def test_a_translation_whose_sentences_are_not_in_its_text_is_shown_all_the_same():
    translation = Translation("A ponte reabriu.", "pt", "m", sentences=("Outra coisa.",))

    page = render(make_summary(translation=translation))

    assert ({"class": "ns-text", "lang": "pt", "dir": "ltr"}, "A ponte reabriu.") in page.find("ns-text")
    assert page.find("ns-aligned") == page.find("ns-translated") == []


def test_the_receipt_says_that_all_was_read():
    [(_, footer)] = render(make_summary(receipt=Receipt(1412, 1412))).find("ns-footer")

    assert "✓ read 1,412 of 1,412 tokens" in footer
    assert "2 of 2 sentences quoted" in footer
    assert "nothing to check" in footer


def test_what_was_not_read_is_said_and_crossed_out():
    page = render(make_summary(receipt=Receipt(412, 300, (1,)), sentences=(), text=""))

    assert "read 300 of 412 tokens; 1 sentence that was not read is crossed out" in page.find("ns-partial")[0][1]
    assert [text for _, text in page.find("ns-unread")] == ["It cost 38 million."]


def clean(*removed: Removed) -> Summary:
    summary = make_summary()
    places = ((0, 50), (100, 132))
    return replace(summary, article=replace(summary.article, removed=removed, places=places))


def test_what_was_cleaned_away_stands_between_the_paragraphs_with_its_reason():
    page = render(clean(Removed("We use\n cookies", "cookie", 60, 75)))

    [(_, article)] = page.find("ns-scroll")
    assert article.index("38 million") < article.index("We use cookies") < article.index("Bakers")
    assert [text for _, text in page.find("ns-reason")] == ["cookie notice"]
    assert [(a["data-restore"], text) for a, text in page.find("ns-restore")] == [("0", "Restore")]


def test_passages_in_a_row_are_folded_up_and_can_be_restored_together():
    page = render(clean(Removed("Home", "navigation", 60, 64), Removed("Share", "share", 70, 75)))

    [(_, folded)] = page.find("ns-cuts")
    assert folded.startswith("2 passages cleaned away: menu, sharing buttons")
    assert [attrs["data-restore"] for attrs, _ in page.find("ns-restore")] == ["0", "1", "0 1"]


def test_an_article_that_knows_no_places_is_shown_in_its_order():
    [(_, article)] = render(make_summary()).find("ns-scroll")

    assert article == TEXT.replace("\n", "")


def test_a_result_shows_what_is_there_so_far():
    summary = make_summary()
    read = Node(render_result(Result(summary.article, "reading"), ENGLISH))
    growing = Node(render_result(Result(summary.article, "writing", summary, ("A <b>bridge</b>.",)), ENGLISH))

    assert [attrs["aria-busy"] for attrs, _ in read.find("ns-result")] == ["true"]
    assert read.find("ns-sentence") == read.find("ns-growing") == []
    assert read.find("ns-scroll")[0][1] == TEXT.replace("\n", "")
    assert "A <b>bridge</b>." in growing.find("ns-growing")[0][1]
    assert len(growing.find("ns-sentence")) == 2


def test_the_page_speaks_its_own_language_around_an_article_of_another():
    flags = (Flag(39, 41, "number", '"38" is not in the article'),)
    summary = make_summary(flags=flags, translation=Translation("Text.", "pt", "m", sentences=("Text.",)))

    page = render(summary, ARABIC)

    assert page.find("ns-result")[0][0]["dir"] == "rtl"
    assert page.find("ns-source")[0][0]["dir"] == "ltr"
    assert ARABIC.text("check.summary") in page.find("ns-summary")[0][1]


def attacked(words: str) -> Summary:
    """A result that has the words wherever the words of others can be."""
    text = f"{words} one.\n{words} two."
    flags = (Flag(0, len(words), "name", words),)
    return make_summary(
        text,
        ((0, len(words) + 5), (len(words) + 6, len(text))),
        flags=flags,
        model=words,
        signature=words,
        receipt=Receipt(9, 8, (1,)),
        translation=Translation(text, words, words, flags, words, (f"{words} one.", f"{words} two.")),
    )


def with_attacked_article(summary: Summary, words: str) -> Summary:
    article = replace(
        summary.article, title=words, source=words, author=words, date=words, site=words, language=words, id=words,
        removed=(Removed(words, words, 0, 1),),
    )  # fmt: skip
    return replace(summary, article=article)


@given(st.one_of(st.just(ATTACK), st.text(min_size=1, max_size=30).filter(lambda text: "\n" not in text)))
@settings(deadline=None, max_examples=60)
def test_no_text_of_others_becomes_markup(words):
    page = render(with_attacked_article(attacked(words), words))

    assert {tag for tag, _, _ in page.elements} <= TAGS
    assert {name for _, attrs, _ in page.elements for name in attrs} <= ATTRIBUTES


def test_markup_in_an_article_is_shown_letter_for_letter():
    page = render(with_attacked_article(attacked(ATTACK), ATTACK))

    assert [text for _, text in page.find("ns-sentence")] == [f"{ATTACK} one.", f"{ATTACK} two."]
    assert [text for _, text in page.find("ns-evidence")] == [f"{ATTACK} one.", f"{ATTACK} two."]
    assert page.find("ns-flag")[0] == ({"class": "ns-flag", "title": f"name to check: {ATTACK}"}, ATTACK)
    assert page.find("ns-passage")[0][1] == " ".join(ATTACK.split())
    assert page.find("ns-title") == [({"class": "ns-title", "dir": "auto"}, ATTACK)]


def test_an_error_is_a_message_without_markup():
    page = Node(render_error(EmptyInputError(ATTACK), ENGLISH))

    assert {tag for tag, _, _ in page.elements} <= TAGS
    [(attrs, text)] = page.find("ns-error")
    assert attrs["role"] == "alert"
    assert ATTACK in text
    assert "empty_input" in text


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)).map(sorted).map(tuple), max_size=6), st.integers(0, 20)
)
def test_pieces_leave_no_gap_and_know_what_covers_them(spans, start):
    end = start + 20
    pieces = cut(start, end, spans)

    assert [a for a, _, _ in pieces] + [end] == [start] + [b for _, b, _ in pieces]
    for a, b, covering in pieces:
        for position in range(a, b):
            assert list(covering) == [i for i, (first, last) in enumerate(spans) if first <= position < last]


def test_an_empty_stretch_has_no_pieces():
    assert cut(3, 3, [(0, 9)]) == []
