"""Splitting into sentences: offsets, newlines, abbreviations, quotations and scripts."""

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer.sentences import MAX_PIECE, split_sentences


def split(text, language=None):
    return [sentence.text for sentence in split_sentences(text, language)]


# In each language two sentences or more, with what might be taken for an end of sentence inside them.
EXAMPLES = {
    "en": [
        "Dr. Ann Lee of St. Mary's met J. K. Brown at 9 a.m. on Jan. 5 in the U.S. Senate.",
        "The firm, Baker Inc., paid $3.5 million for No. 7 Mill Rd., e.g. for its roof.",
        "“Will it hold?” she asked.",
        "They moved here from the U.S. in 2010.",
        "30 people came to look.",
    ],
    "de": [
        "Am 3. Oktober kamen ca. 400 Gäste, z. B. Prof. Dr. Anna Weiß, nach St. Pölten.",
        "„Das reicht uns nicht.“",
        "Die Stadt zahlt lt. Haushalt 2,5 Mio. Euro, bzw. etwas mehr.",
        "Der Rest folgt.",
    ],
    "fr": [
        "M. Petit et Mme Roux, p. ex., ont vu le Dr. Blanc av. l'audience.",
        "Il a répondu : « C'est fini. »",
        "Puis il est sorti.",
        "« Pourquoi ? » demande-t-elle.",
    ],
    "es": [
        "El Sr. Gil viajó a EE. UU. para ver a la Dra. Paz.",
        "¿Qué pasó después?",
        "¡Nadie lo sabe!",
        "Pagaron 3.000 euros aprox. por la obra.",
    ],
    "pt": [
        "O Sr. Lima e a Sra. Reis moram na Av. Brasil, n. 5.",
        "Custou R$ 2,5 milhões, p. ex. em obras.",
        "E agora?",
    ],
    "it": ["Il dott. Neri e l'avv. Bruni, ecc., erano a pag. 4.", "Poi il sig. Sala ha taciuto.", "Perché?"],
    "nl": ["Dhr. Smit en mevr. Bos kochten bijv. 20 fietsen.", "De prijs was o.a. daarom hoog.", "Waarom?"],
    "sv": ["Bl.a. kom ca 20 gäster, t.ex. Dr. Berg, kl. 18 i går.", "Hon log.", "Sedan gick alla hem."],
    "nb": ["Den 17. mai kom bl.a. J. Hansen til byen.", "Alle var glade.", "Det ble kl. 20 før han gikk."],
    "fi": ["Kokous pidettiin 3. kesäkuuta klo. 9 ja esim. prof. Virta puhui.", "Kaikki kuuntelivat.", "Miksi?"],
    "cs": [
        "Dne 5. května přijel Ing. Novák, tj. nový ředitel, na nám. Míru.",
        "Mluvil s prof. Malou.",
        "Nikdo nespal.",
    ],
    "pl": ["W 3. rundzie wygrał m.in. dr Lis z ul. Długiej.", "Prof. Maj, tzn. sędzia, milczał.", "Dlaczego?"],
    "hu": ["Az 5. helyen dr. Kis végzett, ill. a fia.", "Özv. Nagyné is ott volt.", "Miért?"],
    "tr": ["Prof. Dr. Ayşe Kaya 2. Ağır Ceza Mahkemesi'ne geldi.", "Av. Demir konuşmadı.", "Neden?"],
    "ru": [
        "В 2010 г. на ул. Мира жил проф. И. П. Белов, т.е. мой дед.",
        "Он купил дом за 3 млн. руб. у соседа.",
        "«Зачем?» — спросила она.",
        "Никто не ответил…",
        "Потом все ушли.",
    ],
    "uk": ["У м. Львів на вул. Зеленій жив акад. С. Коваль.", "Він мовчав.", "«Чому?» — спитала вона."],
    "el": ["Ο κ. Παππάς και η Δρ. Νίκα ήρθαν στις 9 π.μ. χθες.", "Τι θέλουν;", "Κανείς δεν ξέρει."],
    "ka": ["გიორგი სახლში დაბრუნდა.", "დედამ კარი გააღო.", "ყველა გაჩუმდა."],
    "hy": ["Նա տուն եկավ։", "Մայրը ժամը 17:30 դուռը բացեց:", "Բոլորը լռեցին։"],
    "ar": ["وصل الوزير إلى المدينة صباح اليوم.", "هل يبقى طويلا؟", "لا أحد يعرف!"],
    "ur": ["وزیر آج صبح شہر پہنچے۔", "کیا وہ رکیں گے؟", "کسی کو معلوم نہیں۔"],
    "hi": ["डॉ. एस. के. वर्मा आज शहर पहुँचे।", "क्या वे रुकेंगे?", "किसी को पता नहीं|", "लोग चुप हैं।"],
    "bn": ["মো. রহিম আজ ঢাকায় পৌঁছেছেন।", "তিনি কি থাকবেন?", "কেউ জানে না।"],
    "ta": ["திரு. மு.க. குமரன் இன்று வந்தார்.", "அவர் தங்குவாரா?", "யாருக்கும் தெரியாது."],
    "te": ["డా. కె. రావు ఈరోజు వచ్చారు.", "ఆయన ఉంటారా?", "ఎవరికీ తెలియదు."],
    "am": ["ሚኒስትሩ ዛሬ ከተማ ገቡ፡፡", "ይቆያሉ?", "ማንም አያውቅም።", "ሁሉም ዝም አሉ::"],
    "my": ["ဝန်ကြီးသည် ယနေ့၊ နံနက်တွင် ရောက်လာသည်။", "မည်သူမျှ မသိပါ။"],
    "km": ["រដ្ឋមន្ត្រីមកដល់ថ្ងៃនេះ។", "គ្មាននរណាដឹងទេ។"],
    "ko": ["장관이 오늘 도착했다.", "“오래 머물지 않겠다.”라고 그는 말했다.", "왜 그럴까?"],
    "id": ["Prof. Dr. Budi dan Ir. Sari tiba pukul 9.30 di Jl. Melati No. 5.", "Mereka tidak bicara.", "Mengapa?"],
    "sw": ["Bw. Juma na Dkt. Asha walifika leo.", "“Kwa nini?” aliuliza mama.", "Hakuna aliyejibu."],
    "vi": ["TS. Lan đến TP. Huế sáng nay.", "Ông ở lại bao lâu?", "Không ai biết."],
}
UNSPACED_EXAMPLES = {
    "zh": ["部长今天到了。", "他说：“我不会久留。”", "“为什么？”", "没有人知道！"],
    "zh-Hant": ["部長今天到了。", "「為什麼？」", "沒有人知道！"],
    "ja": [
        "大臣は今日着いた。",
        "「長くはいない。すぐ帰る。」と彼は言った。",
        "「なぜ？」",
        "だれも知らない（今のところ）。",
    ],
}


@pytest.mark.parametrize("language", EXAMPLES)
def test_sentences_of_a_paragraph_are_told_apart(language):
    assert split(" ".join(EXAMPLES[language]), language) == EXAMPLES[language]


@pytest.mark.parametrize("language", UNSPACED_EXAMPLES)
def test_sentences_without_spaces_between_are_told_apart(language):
    assert split("".join(UNSPACED_EXAMPLES[language]), language) == UNSPACED_EXAMPLES[language]


def test_without_a_language_the_common_rules_hold():
    assert split("Mr. Hill met Prof. K. Wu. They ate. Why?") == ["Mr. Hill met Prof. K. Wu.", "They ate.", "Why?"]


def test_region_and_script_of_the_language_do_not_matter():
    text = "O Sr. Lima chegou. Ninguém viu."
    assert split(text, "pt-BR") == split(text, "pt") == ["O Sr. Lima chegou.", "Ninguém viu."]


def test_ordinal_rule_is_for_languages_that_write_ordinals_with_a_stop():
    text = "Er blieb bis zum 12. Oktober 1990 dort."
    assert split(text, "de") == [text]
    assert split("She was only 12. Nobody knew.", "en") == ["She was only 12.", "Nobody knew."]


def test_abbreviation_that_may_end_a_sentence_ends_it_before_a_common_first_word():
    assert split("He left the U.S. The rest stayed.", "en") == ["He left the U.S.", "The rest stayed."]
    assert split("He joined the U.S. Navy in May.", "en") == ["He joined the U.S. Navy in May."]


def test_abbreviation_before_a_number_ends_a_sentence_before_a_word():
    assert split("She said no. Nobody heard.", "en") == ["She said no.", "Nobody heard."]
    assert split("She lives at No. 9 Elm Row.", "en") == ["She lives at No. 9 Elm Row."]


def test_missing_space_after_a_stop_is_an_end_but_not_in_addresses():
    assert split("The bridge fell.Nobody was hurt.", "en") == ["The bridge fell.", "Nobody was hurt."]
    text = "See www.Example.Com or https://example.org/a?b=c for more."
    assert split(text, "en") == [text]


def test_list_number_stays_with_its_line():
    assert split("1. Wash the rice.\n2. Boil it. Stir.") == ["1. Wash the rice.", "2. Boil it.", "Stir."]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\n\n", " \n\t", "\v", "\f", "\x85", "\u2028", "\u2029"])
def test_line_break_always_ends_a_sentence(newline):
    assert split(f"A headline without a stop{newline}and Mr.{newline}Hill") == [
        "A headline without a stop",
        "and Mr.",
        "Hill",
    ]


def test_text_without_an_end_stays_whole():
    text = "word " * 5000
    assert split(text) == [text.strip()]


@pytest.mark.parametrize("text", ["", " ", "\n", "\u3000\t\r\n"])
def test_no_text_has_no_sentences(text):
    assert split_sentences(text) == ()


def test_offsets_count_code_points_beside_astral_characters():
    text = "😀 Hi there. 𝒜 nice 🎉 day. Bye."
    sentences = split_sentences(text)
    assert [text[s.start : s.end] for s in sentences] == ["😀 Hi there.", "𝒜 nice 🎉 day.", "Bye."]


def test_thai_is_cut_at_spaces_into_pieces_of_the_length_of_sentences():
    clause = "รัฐมนตรีเดินทางมาถึงเมืองนี้ในเช้าวันนี้ นอกจากนี้ยังได้พบกับชาวบ้านจำนวน 20 คน ที่ตลาด "
    text = (clause * 10).strip()
    pieces = split_sentences(text, "th")
    assert len(pieces) > 5
    assert all(len(piece.text) <= MAX_PIECE for piece in pieces)
    assert "".join(piece.text for piece in pieces).replace(" ", "") == text.replace(" ", "")
    assert not any(piece.text.startswith(("20", "คน", "ที่")) for piece in pieces)


def test_thai_without_spaces_stays_whole():
    text = "รัฐมนตรีเดินทางมาถึงเมือง" * 50
    assert split(text, "th") == [text]


def assert_tiles(text, language=None):
    position = 0
    for sentence in split_sentences(text, language):
        assert sentence.text
        assert sentence.text == sentence.text.strip() == text[sentence.start : sentence.end]
        assert not text[position : sentence.start].strip()
        position = sentence.end
    assert not text[position:].strip()


TRICKY = st.text(
    "aZ1é\u0301ßЖаგאب。．.!?…·:;,、「」『』“”„\"'»«()[]-— \n\r\t\v\f\x85\u2028\u3000\u00a0አ፡።अकि।|ก ລ။😀𝒜𐎠가かカ漢"
)


@given(st.text() | TRICKY)
@settings(max_examples=300, deadline=None)
def test_sentences_tile_any_text(text):
    assert_tiles(text)


@given(TRICKY, st.sampled_from(["de", "th", "ja", "ko", "am", "hi", "hy", "ru", "fr", "el", "my"]))
@settings(max_examples=300, deadline=None)
def test_sentences_tile_any_text_by_the_rules_of_any_language(text, language):
    assert_tiles(text, language)


def test_lone_surrogates_do_no_harm():
    assert_tiles("One \ud800. Two \udfff x. Three.")


@pytest.mark.parametrize("text", ["((((", "Yes.((((", "((((.((", "“„«.“„« A"])
def test_opening_marks_alone_do_no_harm(text):
    assert_tiles(text)


PATHOLOGICAL = [
    *(".", '"', "1", "\n", " ", ". ", ".\n", "A. ", "Dr. ", "1. ", '." ', ". »", "(. ", "...(", "…\t", "😀. A"),
    *("「あ。", "「あ", "「あ。」と", "ก ", "አ::"),
]


@pytest.mark.parametrize("unit", PATHOLOGICAL, ids=ascii)
def test_time_grows_no_faster_than_the_text(unit):
    """A megabyte in seconds: a quadratic rule would take minutes for these 300 kB already."""
    text = unit * (300_000 // len(unit))
    started = process_time()
    assert_tiles(text[:3000])
    split_sentences(text, "ja")
    assert process_time() - started < 10
