"""Sentences: the boundaries of ICU, and rules for what it does not know, from abbreviations to Thai."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from icu4py.breakers import SentenceBreaker

from summarizer.datamodels import Sentence
from summarizer.languages import base_code

# How far the rules look around a boundary: this keeps splitting linear.
WINDOW = 40
QUOTATION_WINDOW = 150
# Thai and Lao have no full stop. A piece ends at a space: from the first length on if the next word begins clauses,
# from the second on at most spaces, from the third on at any.
MIN_PIECE, GOOD_PIECE, MAX_PIECE = 40, 80, 160

OPENERS = "\"'“”„‟«»‹›‘’‚([{「『（【〈《¿¡"
OPENING_ONLY = "“„‟«‘‚([{「『（【〈《¿¡"
CLOSERS = "\"'“”’»›)]}」』）】〉》"
CLOSER = f"[{re.escape(CLOSERS)}]"

LINE = re.compile(r"[^\n\r\v\f\x85\u2028\u2029]+")
ASTRAL = re.compile("[\U00010000-\U0010ffff]")
# What ICU is given in place of characters that it does not know as ends, or not at all, each as long as the original:
# the doubled word space or colon of Ethiopic, the colon of Armenian, the bar typed for a danda, lone surrogates.
REPLACEMENTS = (
    (re.compile("፡፡|(?<=[\u1200-\u135a])::"), "።።"),
    (re.compile(r"(?<=[\u0561-\u0587]):(?=\s)"), "։"),
    (re.compile("(?<=[\u0900-\u0dff])[|]"), "।"),
    (re.compile("[\ud800-\udfff]"), "\ufffd"),
    (re.compile("[\v\f]"), "\n"),
)
# Ends that ICU passes over: before a number, before a dash, after an ellipsis, and where the space is missing.
MISSED_END = re.compile(
    rf"(?<=[^\W_]{{3}}\.){CLOSER}*\s+(?=\d)"
    rf"|(?<=[.!?…]){CLOSER}*\s+(?=[–—-]\s+[^\W\d_])"
    rf"|(?<=…){CLOSER}*\s+(?=[^\W\d_])"
    r"|(?<=[^\W\d_]{3}\.)(?<!www\.)(?=[^\W\d_]{3})(?!Com\b|Net\b|Org\b)"
)
CLOSERS_AHEAD = re.compile(rf"{CLOSER}+(?=\s|$)[^\S\n\r\v\f\x85\u2028\u2029]*")
LIST_NUMBER = re.compile(r"\W*(?:\d{1,3}|[^\W\d_]|[IVXLC]{1,5})[.)]")
# Letters with their marks: neither Indic vowel signs nor accents are word characters.
INITIALS = re.compile(r"(?:[^\W\d_](?:(?!\w)[\u0300-\u036f\u0900-\u0dff])*\.-?)+")
ELISION = re.compile("['’]")
ORDINAL = re.compile(r"\d{1,2}\.")
WORD = re.compile(r"\w+")
# Scripts without capitals in which initials are written nevertheless: from Hebrew to Tibetan, Georgian, Ethiopic.
CASELESS = re.compile("[\u0590-\u0fff\u10a0-\u10ff\u1200-\u139f]")
GEORGIAN = re.compile("[\u10a0-\u10ff]")
# What follows a quotation that is part of a sentence.
KANA_OR_HAN = re.compile("[\u3001-\u9fff]")
HANGUL = re.compile("[\uac00-\ud7a3]")
JAPANESE_PARTICLE = re.compile("[、，とをがにのは]|って|など")

THAI_LETTER = re.compile("[\u0e01-\u0e30\u0e81-\u0eb0]")
THAI_SPACE = re.compile(r"\s+")
THAI_STARTER = re.compile(
    "ทั้งนี้|นอกจาก|อย่างไรก็|ขณะ|ส่วน|ด้าน|สำหรับ|ก่อนหน้า|ต่อมา|ดังนั้น|เมื่อ|ล่าสุด|แต่|โดย|ທັງນີ້|ນອກຈາກ|ຢ່າງໃດກໍ|ໃນຂະນະ|ສ່ວນ|ສໍາລັບ|ເມື່ອ|ແຕ່|ໂດຍ"
)
THAI_LINK = re.compile("[^\u0e00-\u0eff]|และ|หรือ|ที่|ว่า|ซึ่ง|ๆ|ແລະ|ຫຼື|ທີ່|ວ່າ|ຊຶ່ງ|ເຊິ່ງ")


@dataclass(frozen=True, slots=True)
class Rules:
    """What a language adds: abbreviations with their kind (``""``, ``"#"``, ``"~"``), words that begin sentences."""

    abbreviations: dict[str, str]
    starters: frozenset[str]
    ordinals: bool


@cache
def _rules(language: str) -> Rules:
    """Read the rules of a language, without one those of English."""
    abbreviations: dict[str, str] = {}
    starters: set[str] = set()
    ordinals = False
    for line in (files("summarizer") / "data" / "abbreviations.txt").read_text(encoding="utf-8").splitlines():
        code, *words = line.split()
        ordinals |= code == "1." and language in words
        if code not in ("*", language or "en"):
            continue
        if words[0] == ">":
            starters.update(words[1:])
        else:
            abbreviations.update((word.rstrip("#~"), word[len(word.rstrip("#~")) :]) for word in words)
    return Rules(abbreviations, frozenset(starters), ordinals)


def _find_cuts(text: str, language: str) -> list[int]:
    """Return in order where ICU begins a new sentence, and where it should."""
    for pattern, replacement in REPLACEMENTS:
        text = pattern.sub(replacement, text)
    # ICU counts in UTF-16.
    astral = [match.start() + before for before, match in enumerate(ASTRAL.finditer(text))]
    segments = SentenceBreaker(text, language or "en").segments()
    cuts = {end - bisect_left(astral, end) for _, end in segments}
    for match in MISSED_END.finditer(text):
        word = text[match.end() : match.end() + 5].lstrip("–—- ")
        if not word[0].islower() and (match[0] or word[1:].islower()):
            cuts.add(match.end())
    return sorted(cuts)


def _is_lower(character: str) -> bool:
    return character.islower() and not GEORGIAN.match(character)


def _goes_on_after_stop(left: str, right: str, rules: Rules) -> bool:
    """Tell whether the full stop at the end of ``left`` belongs to a word, not to the sentence."""
    *before, token = left.split()[-2:]
    token = ELISION.split(token.lstrip(OPENERS))[-1]
    may_end = bool((first := WORD.match(right)) and first[0].lower() in rules.starters)
    kind = rules.abbreviations.get(token[:-1], rules.abbreviations.get(token[:-1].lower()))
    if kind == "#" and right[0].isdigit():
        return True
    if kind == "" and not (before and before[0][-1].isdigit()):
        return True
    if kind in ("", "~") or (rules.ordinals and ORDINAL.fullmatch(token)):
        return not may_end
    if INITIALS.fullmatch(token):
        is_letter = token[0].isupper() or (len(token) == 2 and bool(CASELESS.match(token)))
        return not may_end and (is_letter or token.count(".") > 1)
    return False


def _is_in_quotation(text: str, start: int, cut: int) -> bool:
    """Tell whether ``cut`` is in or right after a Japanese quotation whose sentence goes on behind it."""
    if text[cut - 1] not in "」』":
        opened = text.rfind("「", max(start, cut - QUOTATION_WINDOW), cut)
        closed = text.find("」", cut, cut + QUOTATION_WINDOW)
        if opened < 0 or closed < 0 or re.search("[」\n]", text[opened:closed]):
            return False
        cut = closed + 1
    return bool(JAPANESE_PARTICLE.match(text, cut))


def _goes_on(text: str, start: int, cut: int, rules: Rules) -> bool:
    """Tell whether the sentence that begins at ``start`` goes on at ``cut``, against ICU."""
    left = text[max(start, cut - WINDOW) : cut].rstrip()
    right = text[cut : cut + WINDOW].lstrip(OPENERS)
    if not left or not right:
        return False
    if _is_lower(right[0]) or not WORD.search(left) or left[-1] == "၊":
        return True
    if left[-1] == "." and _goes_on_after_stop(left, right, rules):
        return True
    if cut - start < WINDOW and LIST_NUMBER.fullmatch(left):
        return True
    if HANGUL.match(right):
        return text[cut - 1] in CLOSERS
    return bool(KANA_OR_HAN.match(right)) and _is_in_quotation(text, start, cut)


def _split_line(text: str, start: int, end: int, cuts: list[int], rules: Rules) -> Iterator[tuple[int, int]]:
    """Yield the sentences of a line, with the white space around them, given the cuts inside it."""
    for cut in cuts:
        if cut <= start:
            continue
        # Quotation marks after a space, as the French put them, belong to the sentence before; what ICU takes for
        # such marks, with no space on either side, opens the next.
        if closers := CLOSERS_AHEAD.match(text, cut, end):
            cut = closers.end()
        while cut > start and text[cut - 1] in OPENING_ONLY:
            cut -= 1
        if start < cut < end and not _goes_on(text, start, cut, rules):
            yield start, cut
            start = cut
    yield start, end


def _split_thai_line(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield pieces of a line of Thai or Lao that are about as long as sentences."""
    for space in THAI_SPACE.finditer(text, start, end):
        length, cut = space.start() - start, space.end()
        if end - cut < MIN_PIECE // 2:
            break
        is_link = THAI_LINK.match(text, cut) or THAI_LINK.match(text, space.start() - 1)
        wanted = MIN_PIECE if THAI_STARTER.match(text, cut) else MAX_PIECE if is_link else GOOD_PIECE
        if length >= wanted:
            yield start, cut
            start = cut
    yield start, end


def _split_lines(text: str, language: str) -> Iterator[tuple[int, int]]:
    rules = _rules(language)
    cuts = _find_cuts(text, language)
    has_thai = bool(THAI_LETTER.search(text))
    for line in LINE.finditer(text):
        start, end = line.span()
        if has_thai and 3 * len(THAI_LETTER.findall(text, start, end)) > end - start:
            yield from _split_thai_line(text, start, end)
        else:
            yield from _split_line(text, start, end, cuts[bisect_left(cuts, start) : bisect_left(cuts, end)], rules)


def split_sentences(text: str, language: str | None = None) -> tuple[Sentence, ...]:
    """Split a text into sentences.

    A line break always ends a sentence. Text without any end of sentence comes back as one, however long.

    :param text: The text.
    :param language: BCP-47 code; ``None`` for the rules of English.
    :return: The sentences in order, stripped and not empty; only white space lies between them.
    """
    sentences = []
    for start, end in _split_lines(text, base_code(language or "")):
        piece = text[start:end]
        if stripped := piece.strip():
            begin = start + len(piece) - len(piece.lstrip())
            sentences.append(Sentence(stripped, begin, begin + len(stripped)))
    return tuple(sentences)
