"""What may not be written next: repeats, an early end, numbers the source has not; and where a text is cut."""

from random import Random

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from summarizer.article import Article
from summarizer.backends.constraints import Length, NoRepeat, SourceNumbers, cut_at_sentence_end, ends_sentence
from summarizer.backends.gemma_tokenizer import GemmaTokenizer, write_tokenizer
from summarizer.backends.magnitude_tokens import follow_words
from summarizer.backends.number_tokens import index_pieces
from summarizer.evidence import find_flags
from summarizer.number_words import fold, weekdays
from summarizer.sentences import split_sentences

TOKENS = st.lists(st.integers(0, 4), max_size=40)


@pytest.fixture(scope="module")
def tokenizer(builtin_folder):
    return GemmaTokenizer(builtin_folder)


@pytest.mark.parametrize(
    ("size", "written", "banned"),
    [
        (3, [1, 2, 3, 1, 2], {3}),
        (3, [1, 2, 3, 1, 2, 4, 1, 2], {3, 4}),
        (3, [1, 2, 3, 2, 1], set()),
        (2, [5, 5], {5}),
        (1, [5, 6], {5, 6}),
        (3, [1], set()),
        (3, [], set()),
    ],
)
def test_no_run_is_written_twice(size, written, banned):
    assert set(NoRepeat(size).banned(written)) == banned


@given(st.integers(1, 4), TOKENS, st.lists(st.tuples(st.integers(0, 40), TOKENS), max_size=4))
def test_a_constraint_that_was_asked_before_answers_as_a_new_one(size, written, turns):
    constraint = NoRepeat(size)
    constraint.banned(written)
    for kept, added in turns:
        written = written[:kept] + added
        assert set(constraint.banned(written)) == set(NoRepeat(size).banned(written))


@given(st.integers(1, 4), st.lists(st.integers(0, 4), max_size=60))
def test_what_keeps_to_the_constraint_has_no_run_twice(size, wanted):
    constraint = NoRepeat(size)
    written = []
    for token in wanted:
        if token not in set(constraint.banned(written)):
            written.append(token)
    runs = [tuple(written[i : i + size]) for i in range(len(written) - size + 1)]
    assert len(runs) == len(set(runs))


def test_a_text_does_not_end_too_early():
    constraint = Length(eos=1, least=3, most=9)

    assert list(constraint.banned([7, 8])) == [1]
    assert list(constraint.banned([7, 8, 9])) == []
    assert list(constraint.banned([7] * 20)) == []


def first_ban(tokenizer, source, text, language="en", target=None):
    """Return the text before the first token that may not come, or the whole where only the end may not; else None."""
    constraint = SourceNumbers(source, tokenizer, language, target)
    tokens = [*tokenizer.encode(text), tokenizer.eos_id]
    for place, token in enumerate(tokens):
        if token in constraint.banned(tokens[:place]):
            return tokenizer.decode(tokens[:place])
    return None


@pytest.mark.model
@pytest.mark.parametrize(
    ("source", "text", "language", "target"),
    [
        ("1,340 houses", "There are 1,340.", "en", "en"),
        ("1,340 houses", "1.340 Häuser.", "en", "de"),
        ("1,340 houses", "1 340 maisons.", "en", "fr"),
        ("1,340 houses", "There are 1340", "en", "en"),
        ("1,234,567 rupees", "12,34,567 रुपये", "en", "hi"),
        ("In 2024", "2024, 2024 and 2024.", "en", "en"),
        ("12 million people", "12,000,000 people", "en", "en"),
        ("12 million people", "about 12 million.", "en", "en"),
        ("12 million people", "1200万人。", "en", "zh"),
        ("12 million people", "1.2 crore people or 120 lakh", "en", "en"),
        ("1,234,567 people", "1.2 million people", "en", "en"),
        ("50 lakh rupees", "5 million rupees", "en", "en"),
        ("$2 billion", "2 mil millones de dólares", "en", "es"),
        ("1.2 million", "1,2 миллиона человек", "en", "ru"),
        ("5 million people", "5 ล้านคน", "en", "th"),
        ("5 million people", "watu milioni 5 walikuja", "en", "sw"),
        ("35 million people", "3500만 명", "en", "ko"),
        ("1億2500万円", "1億2500万円です。", "ja", "ja"),
        ("1億2500万円", "125 million yen", "ja", "en"),
        ("5 million", "৫০ লাখ মানুষ", "en", "bn"),
        ("three dogs", "3 dogs", "en", "en"),
        ("三百五十人", "350 people", "zh", "en"),
        ("5% of all", "5 %.", "en", "en"),
        ("12.5 percent", "12,5 Prozent.", "en", "de"),
        ("3½ hours", "3.5 hours or 3½", "en", "en"),
        ("on 3 May 2024", "on 3 May in 2024", "en", "en"),
        ("on 3 May 2024", "on the 3rd", "en", "en"),
        ("on 3 May 2024", "2024-05-03", "en", "en"),
        ("on 3 May 2024", "2024年5月3日。", "en", "zh"),
        ("on 3 May 2024", "am 3.5.2024 und am 03.05.2024", "en", "de"),
        ("on 3 May 2024", "Em 3 de maio de 2024.", "en", "pt"),
        ("at 7:30 p.m.", "at 19:30 or 7.30", "en", "en"),
        ("at 7:30 p.m.", "à 19h30", "en", "fr"),
        ("५०८ लोग", "508 people", "hi", "en"),
        ("508 people", "५०८ लोग", "en", "hi"),
        ("١٢ شخصا و ٣٫٥ مليون", "12 people, 3.5 million", "ar", "en"),
        ("12 people", "١٢ شخصا", "en", "ar"),
        ("２０２４年", "in 2024", "ja", "en"),
        ("২০২৪ সালে", "in 2024", "bn", "en"),
        ("พ.ศ. ๒๕๖๗", "2567", "th", "en"),
        ("COVID-19 spread", "COVID-19.", "en", "en"),
        ("no numbers here", "He has a dozen.", "en", "en"),
    ],
)
def test_a_number_of_the_source_can_be_written_in_many_ways(tokenizer, source, text, language, target):
    assert first_ban(tokenizer, source, text, language, target) is None


@pytest.mark.model
@pytest.mark.parametrize(
    ("source", "text", "target", "before"),
    [
        ("in 2024", "in 202", "en", "in 202"),
        ("in 2024", "in 202 we", "en", "in 202"),
        ("in 2024", "in 20245", "en", "in 2024"),
        ("in 2024", "in 2023", "en", "in 202"),
        ("in 2024", "in 20.24", "en", "in 20"),
        ("1,340 houses", "1,34 houses", "en", "1,34"),
        ("1,340 houses", "1,3400", "en", "1,340"),
        ("1,340 houses", "1, and", "en", "1,"),
        ("5 boats, 340 men", "5 340 men", "en", "5 "),
        ("12 million", "12 billion", "en", "12"),
        ("12 million", "12 people", "en", "12"),
        ("12 million", "12.", "en", "12."),
        ("12 boats", "12 million boats", "en", "12"),
        ("12 boats", "12 millones", "es", "12"),
        ("12 boats", "12 миллионов", "ru", "12"),
        ("12 boats", "12 करोड़", "hi", "12"),
        ("12 boats", "12 ล้าน", "th", "12"),
        ("12 boats", "12万", "zh", "12"),
        ("12 boats", "12억", "ko", "12"),
        ("12 boats", "٢١", "ar", ""),
        ("12 boats", "१३", "hi", "१"),
        ("on 3 May", "on 3 March", "en", "on 3"),
        ("on 3 May", "on March 3", "en", "on March "),
        ("on 3 May", "3 de abril", "es", "3 de"),
        ("no numbers here", "on page 4", "en", "on page "),
        ("in 2024", "<h1>", "en", ""),
    ],
)
def test_a_number_that_the_source_has_not_is_stopped_where_it_goes_wrong(tokenizer, source, text, target, before):
    assert first_ban(tokenizer, source, text, "en", target) == before


@pytest.mark.model
def test_a_digit_cannot_be_spelled_in_bytes(tokenizer):
    constraint = SourceNumbers("There are 12.", tokenizer, "en")
    octets = [tokenizer.token_id(f"<0x{value:02X}>") for value in "٣".encode()]

    assert tokenizer.token_id("<0x33>") in constraint.banned([])
    assert octets[0] not in constraint.banned([])
    assert octets[1] in constraint.banned(octets[:1])


@pytest.mark.model
def test_the_answer_depends_on_what_is_written_alone(tokenizer):
    constraint = SourceNumbers("12 million in 2024", tokenizer, "en")
    texts = ["In 20", "12 mill", "In 2024", "", "12", "In 2024 12"]
    for text in [*texts, *reversed(texts)]:
        written = tokenizer.encode(text)
        fresh = SourceNumbers("12 million in 2024", tokenizer, "en")
        assert set(constraint.banned(written).tolist()) == set(fresh.banned(written).tolist())


@pytest.mark.model
@pytest.mark.parametrize("code", ["en", "de", "ru", "ar", "hi", "ja", "ko", "th", "am", "zh", "bn", "fa"])
def test_an_article_can_be_copied(tokenizer, example_articles, code):
    if code not in example_articles:
        pytest.skip("no such example")
    text = example_articles[code][0]
    constraint = SourceNumbers(text, tokenizer, code)
    tokens = tokenizer.encode(text)[:400]

    stopped = [place for place, token in enumerate(tokens) if token in constraint.banned(tokens[:place])]

    assert [tokenizer.decode(tokens[place - 6 : place + 3]) for place in stopped] == []


def test_a_vocabulary_without_digits_needs_no_ban(tmp_path):
    pieces = ["<pad>", "<eos>", "<bos>", "<unk>", *(f"<0x{value:02X}>" for value in range(256)), "a", "▁a"]
    metadata = {
        "tokenizer.ggml.tokens": tuple(pieces),
        "tokenizer.ggml.scores": tuple(-float(index) for index in range(len(pieces))),
        "tokenizer.ggml.token_type": (*[3] * 4, *[6] * 256, 1, 1),
        "tokenizer.ggml.padding_token_id": 0,
        "tokenizer.ggml.eos_token_id": 1,
        "tokenizer.ggml.bos_token_id": 2,
        "tokenizer.ggml.unknown_token_id": 3,
    }
    write_tokenizer(metadata, tmp_path)
    tokenizer = GemmaTokenizer(tmp_path)

    banned = SourceNumbers("12 boats", tokenizer, "en").banned(tokenizer.encode("a a"))

    assert {tokenizer.piece(token) for token in banned} == {f"<0x{ord(digit):02X}>" for digit in "0123456789"}


SOURCES = {
    "en": "The dam cost $1.4bn in 2019. On 3 March 2024, 12,500 people marched at 7:30 p.m., 12.5 percent, 2019-20.",
    "de": "Am 3. Mai 2024 kamen 12.500 Menschen, 3,5 Milliarden, um 19.30 Uhr, und es waren 1,5 Prozent der Stadt.",
    "es": "El 3 de mayo de 2024 hubo 2 mil millones de personas, 1.340 casas, el 12,5 por ciento, y 5 millones más.",
    "ru": "3 мая 2024 года туда приехали 12 миллионов человек, потратили 4,5 млрд рублей и построили 1 340 домов.",
    "ar": "في 3 مارس 2024 قتل ١٢ شخصا في المدينة القديمة وفر منها ٣ آلاف شخص وتضرر نحو 4,5 مليون من السكان.",
    "hi": "सरकार ने ५ करोड़ रुपये दिए और 3 मार्च 2024 को 12,34,567 लोग और २५ गाँव के किसान वहाँ आए थे।",
    "bn": "২০২৪ সালে ৩ লাখ মানুষ শহরে এসেছিল এবং ১২ জন আহত হয়েছে বলে পুলিশ জানিয়েছে।",
    "th": "มีคน 5 ล้านคน ในปี 2567 และ 1,200 คน มาจากต่างจังหวัด งบประมาณ 3 พันล้าน บาท",
    "zh": "2024年11月3日，有1200万人参加了活动，花费1.5亿元，其中有35人受伤，三百五十人被送往医院治疗。",
    "ja": "1億2500万円の予算が2024年5月に決まり、午後7時30分に市長が発表した。参加したのは12人だった。",
    "ko": "3천500만 명이 2024년 5월 3일에 모였고 그중 12명이 다쳤다고 경찰이 밝혔다. 비용은 1.5억 원이었다.",
    "vi": "Ngày 3 tháng 5 năm 2024 có 4 triệu người đến thành phố, 1.340 ngôi nhà bị hư hại, chiếm 12,5%.",
}


@pytest.fixture(scope="module")
def pools(tokenizer):
    """Tokens that make trouble: digits, marks, units, words for magnitudes and months."""
    index = index_pieces(tokenizer)
    digits = [tokenizer.token_id(str(digit)) for digit in range(10)]
    others = [token for ids in index.digits.values() for token in ids.tolist()]
    marks = [token for ids in index.marks.values() for token in ids.tolist()]
    han = [token for both in index.han.values() for ids in both for token in ids.tolist()]
    words = {}
    for language in SOURCES:
        follow = follow_words(tokenizer, language).after("", " |")
        tables = (follow.magnitudes, follow.partial, follow.months)
        words[language] = [token for table in tables for ids in table.values() for token in ids.tolist()]
    return digits, others, marks, han, words


def write_at_random(constraint, tokenizer, rng, choices):
    """Return the longest text of up to 25 random tokens after which the end was allowed."""
    written, whole = [], 0
    for _ in range(25):
        free = np.ones(tokenizer.vocab_size, dtype=bool)
        free[constraint.banned(written)] = False
        whole = len(written) if free[tokenizer.eos_id] else whole
        tried = (rng.choice(rng.choice(choices)) for _ in range(50))
        token = next((token for token in tried if free[token]), None)
        if token is None:
            left = [token for token in np.flatnonzero(free).tolist() if not tokenizer.piece(token).startswith("<")]
            if not left:
                break
            token = rng.choice(left)
        written.append(token)
    return tokenizer.decode(written[:whole])


@pytest.mark.model
@settings(deadline=None, max_examples=60)
@given(st.sampled_from(sorted(SOURCES)), st.sampled_from([None, *sorted(SOURCES)]), st.integers(0, 2**32))
def test_what_is_written_under_the_constraint_gets_no_number_flag(tokenizer, pools, language, other, seed):
    target = other or language
    digits, others, marks, han, words = pools
    common = [token for token in range(6, tokenizer.vocab_size, 97) if not tokenizer.piece(token).startswith("<unused")]
    choices = [digits, digits, digits, marks, others, han, words[target], tokenizer.encode(SOURCES[language]), common]
    constraint = SourceNumbers("\n" + SOURCES[language], tokenizer, language, target)

    text = write_at_random(constraint, tokenizer, Random(seed), choices)

    article = Article.from_text(SOURCES[language], language=language, check=False)
    sentences = [sentence.text for sentence in split_sentences(text, target)]
    flags = find_flags(text, article, language=target, sentences=sentences)
    found = [text[flag.start : flag.end] for flag in flags if flag.kind in {"number", "date"}]
    assert [words for words in found if fold(words) not in weekdays(target)] == [], text


@pytest.mark.parametrize(
    ("language", "text", "whole"),
    [
        ("en", "The ferry left. It was late. Nobody kn", "The ferry left. It was late."),
        ("en", 'He said: "It was late." Nobody kn', 'He said: "It was late."'),
        ("en", "The ferry left with Mr.", ""),
        ("en", "The ferry left at 7 a.m.", "The ferry left at 7 a.m."),
        ("en", "The ferry went to the U.S.", "The ferry went to the U.S."),
        ("en", "The ferry left", ""),
        ("de", "Das Schiff fuhr ab. Es war am 3.", "Das Schiff fuhr ab."),
        ("ru", "Паром ушёл. Он опоздал на", "Паром ушёл."),
        ("el", "Το πλοίο έφυγε. Ήταν αργά; Κανείς", "Το πλοίο έφυγε. Ήταν αργά;"),
        ("ar", "غادرت العبارة الميناء. هل تأخرت؟ لا أحد", "غادرت العبارة الميناء. هل تأخرت؟"),
        ("ur", "کشتی روانہ ہوئی۔ وہ دیر", "کشتی روانہ ہوئی۔"),
        ("he", "המעבורת יצאה. היא אי", "המעבורת יצאה."),
        ("hi", "नाव निकल गई। वह देर से", "नाव निकल गई।"),
        ("bn", "ফেরিটি ছেড়েছে। এটি দেরি", "ফেরিটি ছেড়েছে।"),
        ("my", "သင်္ဘော ထွက်ခွာသည်။ နောက်ကျ", "သင်္ဘော ထွက်ခွာသည်။"),
        ("km", "កប៉ាល់ចេញដំណើរ។ វាយឺត", "កប៉ាល់ចេញដំណើរ។"),
        ("am", "ጀልባው ወጣ። ዘግይቶ", "ጀልባው ወጣ።"),
        ("hy", "Լաստանավը մեկնեց։ Այն ուշ", "Լաստանավը մեկնեց։"),
        ("ka", "ბორანი გავიდა. ის გვიან", "ბორანი გავიდა."),
        ("zh", "渡轮离开了港口。它晚", "渡轮离开了港口。"),
        ("ja", "フェリーは出た。「遅い", "フェリーは出た。"),
        ("ko", "여객선이 떠났다. 그것은 늦", "여객선이 떠났다."),
        ("th", "เรือเฟอร์รี่ออกจากท่าแล้ว", "เรือเฟอร์รี่ออกจากท่าแล้ว"),
        ("lo", "ເຮືອອອກຈາກທ່າແລ້ວ", "ເຮືອອອກຈາກທ່າແລ້ວ"),
    ],
)
def test_a_text_is_cut_at_the_last_whole_sentence(language, text, whole):
    assert cut_at_sentence_end(text, language, 5) == whole


def test_a_text_is_cut_at_its_most_sentences():
    assert cut_at_sentence_end("One came. Two went. Three stayed.", "en", 2) == "One came. Two went."


def test_a_headline_is_the_first_line_and_needs_no_end():
    assert cut_at_sentence_end("\nFerry leaves late\nIt was seven.", "en", 1, headline=True) == "Ferry leaves late"
    assert cut_at_sentence_end("Ferry leaves late", "en", 1) == ""
    assert cut_at_sentence_end(" \n ", "en", 1, headline=True) == ""


def test_the_end_of_a_sentence_is_told_from_a_full_stop():
    assert ends_sentence("It left.", "en")
    assert ends_sentence("“It left…”", "en")
    assert not ends_sentence("It left with Dr.", "en")
    assert not ends_sentence("သင်္ဘော၊", "my")
    assert not ends_sentence("", "en")


@given(st.text(max_size=120), st.sampled_from(["en", "de", "hi", "zh", "ja", "th", "my", "ar"]), st.integers(1, 3))
@example("A.\n\nB", "en", 2)
@settings(deadline=None)
def test_what_is_kept_is_a_part_of_the_text_that_ends(text, language, sentences):
    kept = cut_at_sentence_end(text, language, sentences)

    assert kept in text
    assert not kept or ends_sentence(kept, language)
    assert len(split_sentences(kept, language)) <= sentences
    assert cut_at_sentence_end(kept, language, sentences) == kept
