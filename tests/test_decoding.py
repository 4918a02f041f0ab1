import gzip
import os
import subprocess
import sys
import time
import unicodedata

import pytest
from conftest import PEAK_MEGABYTES
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer.decoding import MAX_BYTES, declared_charset, decode, gunzip, is_blank, normalize
from summarizer.errors import InputTooLargeError, UnreadableInputError

RUSSIAN = "Городской совет утвердил новый маршрут трамвая, и жители отметили это во дворе депо."
FRENCH = "Le conseil a voté l’été dernier : la passerelle coûtera 3 millions d’euros, dit la maire, élue à Brégnac."
POLISH = "Rada przyjęła uchwałę, a mieszkańcy czekają na most; prace zaczną się wiosną, jeśli źródła nie wyschną."
TURKISH = "Belediye meclisi yeni tramvay hattını onayladı; çalışmalar ilkbaharda başlayacak, dedi başkan Işıl Doğan."
JAPANESE = "市議会は水曜日、新しい路面電車の建設を承認した。工事は来年の春に始まる見通しだ。"
CHINESE = "市议会周三批准修建新的有轨电车线路，工程预计明年春天开工，市民表示欢迎。"
KOREAN = "시의회는 수요일 새 전차 노선 건설을 승인했다. 공사는 내년 봄에 시작될 예정이다."
ARABIC = "وافق مجلس المدينة يوم الأربعاء على بناء خط ترام جديد، وستبدأ الأعمال في الربيع المقبل."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize(
    "text", ["Plain words in English.\n", FRENCH, RUSSIAN, "words " * 50], ids=lambda text: text[:5]
)
def test_unicode_is_decoded_without_being_declared(text, encoding):
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_byte_order_mark_is_told_by_its_zeros(encoding):
    assert decode(FRENCH.encode(encoding)) == FRENCH


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (FRENCH, "cp1252"),
        (POLISH, "cp1250"),
        (TURKISH, "cp1254"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        (CHINESE, "gb18030"),
        (KOREAN, "euc_kr"),
        (ARABIC, "cp1256"),
    ],
    ids=lambda value: value if value.isascii() else "",
)
def test_legacy_encodings_are_guessed(text, encoding):
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("iso-8859-1", "cp1252"), ("us-ascii", "cp1252"), ("ISO-8859-1", "cp1252"), (' "windows-1252"', "cp1252")],
)
def test_declared_latin_1_means_windows_1252(declared, encoding):
    assert decode("“l’été”".encode(encoding), declared) == "“l’été”"


@pytest.mark.parametrize(
    ("declared", "text", "encoding"),
    [
        ("gb2312", "镕基 2000 €", "gb18030"),
        ("Shift_JIS", "①㈱高島屋", "cp932"),
        ("iso-2022-jp", JAPANESE, "iso-2022-jp"),
    ],
)
def test_declared_east_asian_encodings_are_read_as_browsers_do(declared, text, encoding):
    assert decode(text.encode(encoding), declared) == text


@pytest.mark.parametrize("declared", ["iso-8859-1", "shift_jis", "gbk", "utf-16", "koi8-r"])
def test_valid_utf_8_wins_over_what_is_declared(declared):
    assert decode(FRENCH.encode(), declared) == FRENCH


@pytest.mark.parametrize("declared", ["no-such-charset", "zlib", "rot13", "unicode_escape", "utf-7", "x\0y", "", None])
def test_meaningless_declarations_are_ignored(declared):
    assert decode(rb"1 +AGE- \u0041 plain", declared) == r"1 +AGE- \u0041 plain"


def test_a_character_torn_at_the_end_is_left_out_with_a_warning(caplog):
    assert decode(CHINESE.encode()[:-1]) == CHINESE[:-1]
    assert "middle of a character" in caplog.text


def test_an_accent_at_the_very_end_of_latin_1_is_no_torn_character():
    assert decode("Vive la liberté".encode("cp1252")) == "Vive la liberté"
    assert decode(("word " * 100 + "liberté").encode("cp1252"), "latin-1").endswith("liberté")


@pytest.mark.parametrize("data", [b"\xe6\x96", b"\xf0\x9f\x98", "語".encode()[:2]])
def test_only_a_torn_character_is_unreadable(data):
    with pytest.raises(UnreadableInputError, match="piece of one character"):
        decode(data)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "PNG image"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "JPEG image"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF document"),
        (b"PK\x03\x04\x14\0", "ZIP archive"),
        (b"\x7fELF\x02\x01\x01", "ELF program"),
        (gzip.compress(b"text", mtime=0), "gzip archive"),
    ],
)
def test_known_binary_formats_are_named(data, name):
    with pytest.raises(UnreadableInputError, match=name):
        decode(data)


@pytest.mark.parametrize("data", [b"abc\0def", bytes(1000), bytes(range(256)) * 9, b"ab\x01\x02\x03\x04cd" * 50])
def test_binary_data_is_unreadable(data):
    with pytest.raises(UnreadableInputError, match="not text"):
        decode(data)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([None, "utf-8", "latin-1", "big5", "utf-16", "hz"]))
def test_any_bytes_are_decoded_or_refused(data, charset):
    try:
        assert isinstance(decode(data, charset), str)
    except UnreadableInputError as error:
        assert str(error)


@pytest.mark.parametrize(
    ("head", "charset"),
    [
        (b'<html><head><meta charset="Shift_JIS">', "shift_jis"),
        (b"<META CHARSET=koi8-r />", "koi8-r"),
        (b'<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">', "windows-1251"),
        (b'<?xml version="1.0" encoding="iso-8859-2"?><html>', "iso-8859-2"),
        (b'<meta charset="utf-16">', "utf-8"),
        (b"<p>charset=big5</p>", None),
        (b" " * 4096 + b"<meta charset=big5>", None),
        (b"<meta " + b"a" * 4000, None),
    ],
)
def test_charset_is_found_at_the_head_of_a_page(head, charset):
    assert declared_charset(head) == charset


def test_gunzip_joins_members_and_forgives_padding(caplog):
    data = gzip.compress(b"one ") + gzip.compress(b"two") + bytes(512)
    assert gunzip(data, 7) == b"one two"
    assert gunzip(gzip.compress(b"one") + b"junk", 7) == b"one"
    assert "left out" in caplog.text


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(b"words " * 1000, mtime=0)[:-9],
        gzip.compress(b"words", mtime=0)[:5],
        gzip.compress(os.urandom(500))[:200] + b"\0" * 300,
        b"\x1f\x8b not gzip",
        gzip.compress(b"") * 400,
    ],
)
def test_damaged_gzip_is_unreadable(data):
    with pytest.raises(UnreadableInputError, match="damaged"):
        gunzip(data, MAX_BYTES)


def test_gunzip_refuses_one_byte_too_many():
    assert len(gunzip(gzip.compress(bytes(1000)), 1000)) == 1000
    with pytest.raises(InputTooLargeError, match="1,000 bytes"):
        gunzip(gzip.compress(bytes(1001)), 1000)


@pytest.mark.parametrize("text", [RUSSIAN, JAPANESE, f"{FRENCH} {FRENCH}", ARABIC])
@pytest.mark.parametrize("damage", [b"\x92", b"\xff"])
def test_a_damaged_byte_costs_one_character_and_not_the_text(text, damage, caplog):
    data = text.encode()
    cut = text[: len(text) // 2].encode()

    found = decode(cut + damage + data[len(cut) :])

    assert found.replace("\ufffd", "") == text
    assert found.count("\ufffd") == 1
    assert "damaged UTF-8" in caplog.text


BOMB = f"""
import sys, time, zlib
from summarizer.decoding import MAX_BYTES, gunzip
from summarizer.errors import InputTooLargeError
packer = zlib.compressobj(9, wbits=31)
head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
bomb = head + 10_000 * (packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH))
{PEAK_MEGABYTES}before, started = peak_megabytes(), time.process_time()
try:
    gunzip(bomb, MAX_BYTES)
except InputTooLargeError:
    grown = peak_megabytes() - before
    print(len(bomb), grown, time.process_time() - started)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
def test_a_gzip_bomb_is_refused_fast_and_in_little_memory():
    run = subprocess.run([sys.executable, "-c", BOMB], capture_output=True, text=True, timeout=120, check=True)
    size, megabytes, seconds = map(float, run.stdout.split())
    assert size > 10_000_000  # as sent; 10 GB if it were let
    assert megabytes < 60
    assert seconds < 2


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("Il a dÃ©clarÃ© que l’Ã©tÃ© serait chaud", "Il a déclaré que l’été serait chaud"),
        ("one\r\ntwo\rthree\u2028four\u2029five", "one\ntwo\nthree\nfour\nfive"),
        ("3\u00a0000\u202f€ \u3000now", "3 000 €  now"),
        ("com\u00admuni\u200bty\ufeff", "community"),
        ("\u202edaolnwod\u202c \u2066x\u2069 \u200fشب\u200e", "daolnwod x شب"),
        ("AT&amp;T said &quot;no&quot; &amp;amp;amp; left", 'AT&T said "no" & left'),
        ("\x1b[31mred\x1b[0m\x07", "red"),
        ("cafe\u0301", "café"),
        ("pay\U000e0069\U000e0067\U000e006e now", "pay now"),
        ("broken \ud83d\ude00", "broken 😀"),
    ],
)
def test_normalize_repairs(dirty, clean):
    assert normalize(dirty) == clean


@pytest.mark.parametrize(
    "text",
    [
        "می\u200cخواهم به خانه بروم",
        "क्\u200dष और क्\u200cष",
        "“Curly” ‘quotes’ – dashes…",
        "ＡＢＣ、「全角」！１２３",
        "ﬁle ﬂow",
        "👩\u200d👧 ❤️",
        "a < b &amp; c",
        "शहर की परिषद ने मंज़ूरी दी।".replace("ज़", "ज\u093c"),
    ],
)
def test_normalize_keeps_what_the_author_wrote(text):
    assert normalize(text) == unicodedata.normalize("NFC", text)


PIECES = ["&amp;", "&lt;", "&#38;", "amp;", "<", "\r\n", "\r", "\u2028", "\u200b", "\xad", "\u202e", "\u200d", "\xa0"]
PIECES += ["Ã©", "â€œ", "\xc3", "\xa9", "\x85", "é", "€", "\x1b[31m", "\ud83d", "\ude00", "\u0301", "\u1112", "&shy;"]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=12).map("".join))
def test_normalize_is_idempotent_and_leaves_nothing_invisible(text):
    once = normalize(text)
    assert normalize(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert not set(once) & set("\r\ufeff\xad\u200b\u202a\u202e\u2066\u2069\xa0\u2028\0\x1b")


@pytest.mark.parametrize("text", [RUSSIAN, FRENCH, "&amp;", "words", CHINESE], ids=["ru", "fr", "&", "en", "zh"])
@pytest.mark.parametrize("end", ["", "\n"], ids=["one line", "many lines"])
def test_a_megabyte_is_normalized_in_bounded_time(text, end):
    long = ((text + end) * (1_000_000 // len(text)))[:1_000_000]
    started = time.process_time()
    normalize(long)
    assert time.process_time() - started < 3


@pytest.mark.parametrize("text", ["", " \n\t", "\ufeff", "\u200b\u200e \xa0", "\u200d"])
def test_text_without_anything_to_see_is_blank(text):
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", "。", "😀", " \u05d0 "])
def test_text_with_something_to_see_is_not_blank(text):
    assert not is_blank(text)
