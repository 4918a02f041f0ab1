"""Our tokenizer cuts text as the one of transformers does, gives it back, and knows where each token stands."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer.backends.gemma_tokenizer import GemmaTokenizer, find_merges, write_tokenizer

SCRIPTS = {
    "latin": "The ferry to Århus left at 07:45 – 12 minutes late, œuvre & naïveté aside.",
    "vietnamese": "Chuyến phà rời bến lúc bảy giờ sáng nay.",
    "cyrillic": "Паром ушёл из порта в семь утра; їжак спить.",
    "greek": "Το πλοίο έφυγε στις επτά το πρωί.",
    "arabic": "غادرت العبّارة الميناء في السابعة صباحًا، بعد ٤٥ دقيقة.",
    "urdu": "کشتی صبح سات بجے بندرگاہ سے روانہ ہوئی۔",
    "hebrew": "המעבורת יצאה מהנמל בשבע בבוקר.",
    "devanagari": "नाव सुबह सात बजे बंदरगाह से निकली।",
    "bengali": "ফেরিটি সকাল সাতটায় বন্দর ছেড়েছে।",
    "tamil": "படகு காலை ஏழு மணிக்குப் புறப்பட்டது.",
    "telugu": "పడవ ఉదయం ఏడు గంటలకు బయలుదేరింది.",
    "gujarati": "હોડી સવારે સાત વાગ્યે નીકળી.",
    "sinhala": "බෝට්ටුව උදේ හතට පිටත් විය.",
    "thai": "เรือเฟอร์รี่ออกจากท่าเวลาเจ็ดโมงเช้า",
    "khmer": "កប៉ាល់ចេញដំណើរម៉ោងប្រាំពីរព្រឹក។",
    "burmese": "သင်္ဘောသည် မနက်ခုနစ်နာရီတွင် ထွက်ခွာသည်။",
    "ethiopic": "ጀልባው ከጠዋቱ አንድ ሰዓት ላይ ወጣ።",
    "georgian": "ბორანი დილის შვიდ საათზე გავიდა.",
    "armenian": "Լաստանավը մեկնեց առավոտյան յոթին։",
    "chinese": "渡轮于早上七点离开港口，晚点十二分钟。",
    "japanese": "フェリーは午前七時に港を出ました。",
    "korean": "여객선은 아침 일곱 시에 항구를 떠났다.",
    "emoji": "👩‍👩‍👧 🏳️‍🌈 🇫🇷 😀🧿",
    "rare": "ꙮ 𓀀 𐍈 \u200b\u200d e\u0301",
    "digits": "1234567890 12.345,67 ١٢٣ ०१२",
    "blanks": "  two   three\n\n\ttabs\t\tand\r\nlines    ",
    "markup": "<b>bold</b> <table><tr> &amp;",
    "control characters": "\x00\x01\x7f",
    "empty": "",
}
SPECIAL = "<bos><start_of_turn>user\nHi <unk><mask><end_of_turn>\n<unused7> <unused99999> <nothing>"


@pytest.fixture(scope="module")
def tokenizer(builtin_folder):
    return GemmaTokenizer(builtin_folder)


@pytest.fixture(scope="module")
def reference(builtin_folder):
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(builtin_folder, local_files_only=True)


@pytest.mark.model
@pytest.mark.parametrize("script", SCRIPTS)
def test_same_ids_as_transformers(tokenizer, reference, script):
    text = SCRIPTS[script]
    ids = tokenizer.encode(text, bos=True)
    assert ids == reference(text)["input_ids"]
    assert ids[0] == tokenizer.bos_id == 2


@pytest.mark.model
@pytest.mark.parametrize("script", SCRIPTS)
def test_text_comes_back(tokenizer, script):
    text = SCRIPTS[script]
    assert tokenizer.decode(tokenizer.encode(text)) == text


@pytest.mark.model
@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="▁")))
def test_any_text_comes_back_and_every_character_has_its_token(tokenizer, text):
    ids, offsets = tokenizer.encode_with_offsets(text)
    assert ids == tokenizer.encode(text)
    assert tokenizer.decode(ids) == text
    assert [start for start, _ in offsets] == [0, *(end for _, end in offsets)][: len(offsets)]
    assert offsets[-1][1] == len(text) if text else offsets == []


@pytest.mark.model
def test_offsets_find_a_word_in_the_text(tokenizer):
    text = "Ein Boot 🚤 fährt."
    ids, offsets = tokenizer.encode_with_offsets(text)
    pieces = {text[start:end]: token for token, (start, end) in zip(ids, offsets, strict=True)}
    assert pieces[" Boot"] == tokenizer.token_id("▁Boot")


@pytest.mark.model
def test_control_tokens_in_an_article_are_only_text(tokenizer):
    ids = tokenizer.encode(SPECIAL)
    assert {tokenizer.bos_id, tokenizer.token_id("<start_of_turn>"), tokenizer.token_id("<unk>")}.isdisjoint(ids)
    assert tokenizer.decode(ids) == SPECIAL


@pytest.mark.model
def test_control_tokens_in_a_prompt_are_read(tokenizer, reference):
    ids = tokenizer.encode(SPECIAL, special=True)
    assert ids == reference(SPECIAL, add_special_tokens=False)["input_ids"]
    assert ids[:3] == [2, 105, 2364]
    assert tokenizer.decode(ids[:5]) == "user\nHi"


@pytest.mark.model
def test_lone_surrogates_become_question_marks(tokenizer):
    ids, offsets = tokenizer.encode_with_offsets("a\ud800b")
    assert tokenizer.decode(ids) == "a?b"
    assert offsets[-1] == (2, 3)


@pytest.mark.model
def test_pieces_and_ids_name_each_other(tokenizer):
    assert (tokenizer.pad_id, tokenizer.eos_id, tokenizer.vocab_size) == (0, 1, 262144)
    assert tokenizer.piece(tokenizer.token_id("▁the")) == "▁the"
    with pytest.raises(KeyError):
        tokenizer.token_id("no such piece")


def test_merges_are_all_pairs_in_the_order_of_the_vocabulary():
    assert find_merges(["a", "b", "c", "bc", "ab", "abc"]) == [("b", "c"), ("a", "b"), ("ab", "c"), ("a", "bc")]


@pytest.fixture
def tiny(tmp_path):
    """A vocabulary of a dozen pieces, in both forms."""
    control = ["<pad>", "<eos>", "<bos>", "<unk>"]
    own = ["\n\n", "  "]
    octets = [f"<0x{value:02X}>" for value in range(256)]
    learned = ["▁", "a", "b", "ab", "▁a", "\n"]
    metadata = {
        "tokenizer.ggml.tokens": (*control, *own, *octets, *learned),
        "tokenizer.ggml.scores": tuple(-float(index) for index in range(268)),
        "tokenizer.ggml.token_type": (*[3] * 4, *[4] * 2, *[6] * 256, *[1] * 6),
        "tokenizer.ggml.padding_token_id": 0,
        "tokenizer.ggml.eos_token_id": 1,
        "tokenizer.ggml.bos_token_id": 2,
        "tokenizer.ggml.unknown_token_id": 3,
    }
    write_tokenizer(metadata, tmp_path)
    return tmp_path


def test_tiny_vocabulary_works_in_both_forms(tiny):
    from tokenizers import Tokenizer

    text = "ab a\n\nb  ab\né"
    ours, theirs = GemmaTokenizer(tiny), Tokenizer.from_file(str(tiny / "tokenizer.json"))
    pieces = ["ab", "▁a", "\n\n", "b", "▁▁", "ab", "\n", "<0xC3>", "<0xA9>"]
    assert [ours.piece(token) for token in ours.encode(text)] == pieces
    assert theirs.encode(text).tokens == ["<bos>", *pieces]
    assert ours.decode(ours.encode(text)) == theirs.decode(theirs.encode(text).ids) == text


def test_json_marks_control_and_own_tokens(tiny):
    added = json.loads((tiny / "tokenizer.json").read_text(encoding="utf-8"))["added_tokens"]
    assert {token["content"]: token["special"] for token in added} == {
        "<pad>": True,
        "<eos>": True,
        "<bos>": True,
        "<unk>": True,
        "\n\n": False,
    }
