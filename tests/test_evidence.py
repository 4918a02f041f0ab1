"""Evidence and flags: what supports a summary sentence, and what a reader should check."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer.article import Article
from summarizer.evidence import find_evidence, find_flags
from summarizer.sentences import split_sentences

HARBOUR = (
    "The harbour town of Brackwater will close its only tunnel for nine months. "
    "Mayor Edith Valance said on Tuesday that the repairs would cost 12.4 million euros.\n"
    "The tunnel, which opened on 3 March 1987, carries about 8,200 cars a day. "
    "Engineers from Norvik Consulting found cracks in the ceiling last winter. "
    "Shopkeepers fear that customers will stay away. "
    "“We will lose a third of our trade,” said the baker Tom Okafor, who runs two shops near the quay. "
    "Ferries are to run every 20 minutes while the tunnel is shut. "
    "The European Union pays a quarter of the bill."
)


def article(text: str = HARBOUR, language: str = "en", title: str | None = None) -> Article:
    return Article(text=text, language=language, sentences=tuple(split_sentences(text, language)), title=title)


def flags(text: str, source: Article, language: str | None = None) -> list[tuple[str, str]]:
    code = language or source.language
    sentences = [sentence.text for sentence in split_sentences(text, code)]
    return [
        (flag.kind, text[flag.start : flag.end])
        for flag in find_flags(text, source, language=code, sentences=sentences)
    ]


def best(sentence: str, source: Article) -> str:
    piece = find_evidence(sentence, source)[0]
    return source.text[piece.start : piece.end]


def test_a_sentence_of_the_article_is_its_own_evidence_word_for_word():
    source = article()
    for sentence in source.sentences:
        first = find_evidence(sentence.text, source)[0]
        assert (first.start, first.end, first.score) == (sentence.start, sentence.end, 1.0)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Repairs of the tunnel cost 12.4 million euros, the mayor says.", "12.4 million"),
        ("Cracks were found by engineers in winter.", "Norvik Consulting"),
        ("A baker with two shops expects to lose trade.", "Tom Okafor"),
        ("There will be ferries every 20 minutes.", "Ferries"),
    ],
)
def test_a_paraphrase_finds_the_sentence_it_rests_on(sentence, expected):
    assert expected in best(sentence, article())


def test_a_sentence_made_of_two_has_both_as_evidence():
    source = article()
    pieces = find_evidence("The tunnel opened in 1987 and ferries run every 20 minutes while it is shut.", source)
    texts = [source.text[piece.start : piece.end] for piece in pieces]
    assert any("1987" in text for text in texts)
    assert any("Ferries" in text for text in texts)
    assert [piece.score for piece in pieces] == sorted((piece.score for piece in pieces), reverse=True)


def test_no_more_pieces_than_asked_for():
    sentence = "The tunnel opened in 1987, cracks were found last winter and ferries run every 20 minutes."
    assert len(find_evidence(sentence, article(), most=1)) == 1
    assert len(find_evidence(sentence, article(), most=3)) == 3


@pytest.mark.parametrize("sentence", ["Parliament passed a new law on data protection.", "", "   ", "?!", "A B C."])
def test_nothing_is_returned_where_nothing_supports(sentence):
    assert find_evidence(sentence, article()) == ()


@pytest.mark.parametrize(
    ("language", "text", "sentence", "expected"),
    [
        (
            "ru",
            "Мост закроют в мае. Ремонт стоит 40 миллионов рублей. Мэр доволен.",
            "На ремонт дадут 40 миллионов.",
            "Ремонт",
        ),
        ("zh", "大桥五月关闭。维修费用为四千万元。市长表示满意。", "维修费用四千万元。", "维修"),
        ("th", "สะพานจะปิดในเดือนพฤษภาคม ค่าซ่อมแซมอยู่ที่ 40 ล้านบาท นายกเทศมนตรีพอใจ", "ค่าซ่อมแซม 40 ล้านบาท", "40"),
        ("hi", "पुल मई में बंद होगा। मरम्मत पर चार करोड़ रुपये लगेंगे। मेयर खुश हैं।", "मरम्मत पर चार करोड़ लगेंगे।", "मरम्मत"),
        (
            "ar",
            "سيغلق الجسر في مايو. تبلغ كلفة الإصلاح ٤٠ مليون دينار. العمدة راض.",
            "كلفة إصلاح الجسر ٤٠ مليون.",
            "٤٠",
        ),
    ],
)
def test_evidence_is_found_in_every_script(language, text, sentence, expected):
    assert expected in best(sentence, article(text, language))


def test_names_and_numbers_lead_across_languages():
    source = article()
    assert "Edith Valance" in best("Bürgermeisterin Edith Valance nennt Kosten von 12,4 Millionen.", source)
    assert find_evidence("Das Wetter bleibt am Wochenende freundlich.", source) == ()
    assert all(piece.score <= 0.5 for piece in find_evidence("市长 Edith Valance 说了这番话。", source))


def test_evidence_spans_are_whole_sentences():
    source = article()
    spans = {(sentence.start, sentence.end) for sentence in source.sentences}
    for text in ("The tunnel will close.", "Norvik engineers and the baker Okafor spoke about cracks and trade."):
        assert {(piece.start, piece.end) for piece in find_evidence(text, source)} <= spans


def test_the_articles_own_sentences_are_never_flagged():
    source = article()
    assert find_flags(source.text, source, language="en", sentences=[s.text for s in source.sentences]) == ()


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ("The repairs of the tunnel would cost 14.2 million euros.", [("number", "14.2 million")]),
        ("The tunnel has been open since 3 May 1987.", [("date", "May")]),
        ("The tunnel, open since 1978, will close.", [("date", "1978")]),
        ("The repairs were announced by Edith Vallance.", [("name", "Vallance")]),
        ("The repairs were announced by Maria Lopez.", [("name", "Maria Lopez")]),
        ("The mayor spoke about the tunnel on Friday.", [("date", "Friday")]),
        ("Customers in Brackwater will stay away.", []),
        ("The repairs cost about 12 million euros.", []),
        ("The EU pays for a quarter of the tunnel.", []),
        ("The tunnel of Brackwater's harbour will close for 9 months.", []),
    ],
)
def test_changed_facts_are_flagged_and_right_ones_are_not(summary, expected):
    assert flags(summary, article()) == expected


def test_details_are_plain_sentences():
    summary = "The repairs cost 14 million euros."
    (flag,) = find_flags(summary, article(), language="en", sentences=[summary])
    assert flag.detail == '"14 million" is not in the article'


def test_the_title_counts_as_part_of_the_article():
    summary = "The closing was ordered by Helga Brandt in the year 2031."
    assert flags(summary, article()) == [("name", "Helga Brandt"), ("date", "2031")]
    assert flags(summary, article(title="Helga Brandt orders closing until 2031")) == []


def test_inflected_names_are_no_new_names():
    source = article("Мэр Москвы Сергей Новиков открыл парк. Работы вела компания «Гранит».", "ru")
    assert flags("Парк открыли вместе с Сергеем Новиковым в Москве.", source) == []
    assert flags("Парк открыли вместе с Петром Орловым.", source) == [("name", "Петром Орловым")]


def test_german_nouns_are_no_names():
    source = article("Die Stadt Husum schließt die Brücke. Bürgermeisterin Karin Voss nannte keinen Termin.", "de")
    assert flags("Karin Voss schließt eine Querung, ohne einen Zeitpunkt zu nennen.", source) == []
    assert flags("Nun schließt Bürgermeisterin Petra Lind die Brücke.", source) == [("name", "Petra Lind")]


def test_headings_in_title_case_are_not_checked_for_names():
    assert flags("Harbour Town Shuts Road Underneath Water Because Ceiling Damaged", article()) == []


def test_a_sentence_full_of_names_is_no_heading():
    assert flags("Edith Valance met Tom Okoye in Brackwater.", article()) == [("name", "Okoye")]


def test_latin_names_are_checked_in_other_scripts():
    source = article("微软公司说，Windows 的新版本将于五月推出。", "zh")
    assert flags("新版本的 Android 将推出。", source) == [("name", "Android")]


def test_the_wrong_language_is_flagged_once_there_is_enough_text():
    source = article()
    long = "Le tunnel du port sera fermé pendant neuf mois, et les commerçants craignent de perdre leurs clients."
    assert [kind for kind, _ in flags(long, source, "en")] == ["language"]
    assert flags("Le tunnel ferme.", source, "en") == []


@pytest.mark.parametrize(("language", "asked"), [("hr", "bs"), ("nb", "da"), ("id", "ms"), ("pt-BR", "pt")])
def test_languages_that_are_hardly_told_apart_are_not_flagged(language, asked):
    texts = {
        "hr": "Grad će zatvoriti most na devet mjeseci jer su inženjeri pronašli pukotine u stropu tunela.",
        "nb": "Byen skal stenge broen i ni måneder fordi ingeniørene fant sprekker i taket i tunnelen.",
        "id": "Kota itu akan menutup jembatan selama sembilan bulan karena para insinyur menemukan retakan.",
        "pt-BR": "A cidade vai fechar a ponte por nove meses porque os engenheiros encontraram rachaduras no teto.",
    }
    source = article(texts[language], asked)
    assert [kind for kind, _ in flags(texts[language], source, asked)] == []


def test_a_sentence_said_twice_is_flagged():
    source = article()
    again = "The tunnel will be shut for nine months."
    assert flags(f"{again} Ferries are to run. {again}", source) == [("repetition", again)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The tunnel is shut and shut and shut and shut and shut.", "en"),
        ("The tunnel tunnel tunnel tunnel tunnel closes.", "en"),
        ("大桥关闭大桥关闭大桥关闭大桥关闭大桥关闭。", "zh"),
    ],
)
def test_loops_are_flagged(text, language):
    assert "repetition" in [kind for kind, _ in flags(text, article("The tunnel is shut. 大桥关闭。", language))]


def test_numbers_in_rows_are_no_loop():
    assert flags("The score was 7 7 7 7 7.", article("The score was 7 7 7 7 7, again.")) == []


def test_flags_of_several_sentences_have_offsets_into_the_whole_text():
    summary = "The tunnel will close. Repairs cost 99 million euros, says Ana Pires."
    assert flags(summary, article()) == [("number", "99 million"), ("name", "Ana Pires")]


@given(st.text(max_size=150))
@settings(deadline=None, max_examples=60)
def test_any_text_gets_flags_and_evidence_that_fit(text):
    source = article()
    for flag in find_flags(text, source, language="en", sentences=[text] if text else []):
        assert 0 <= flag.start < flag.end <= len(text)
    for piece in find_evidence(text, source):
        assert 0 < piece.score <= 1


def test_a_long_article_is_checked_quickly():
    text = " ".join(
        f"In district {i} the council of Town{i} met {i * 3} voters on {i % 28 + 1} March 2019 on {i}00,000 euros."
        for i in range(1, 81)
    )
    source = article(text)
    summary = ["The council of Town7 met 21 voters.", "Town9 spent 900,000 euros.", "Town500 met nobody in 2025."]
    joined = " ".join(summary)
    find_flags(joined, source, language="en", sentences=summary)  # loads what is loaded once
    other = article(text + " The end.")
    started = time.perf_counter()
    for sentence in summary:
        find_evidence(sentence, other)
    assert len(find_flags(joined, other, language="en", sentences=summary)) == 2
    assert time.perf_counter() - started < 1.0
