"""The languages: one table of codes and names, and the identification of the language of a text.

Codes are BCP-47 and as short as they can be: ``zh`` is Chinese in simplified characters, ``sr`` Serbian in Cyrillic.
"""

import csv
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from operator import itemgetter

from summarizer.datamodels import Record
from summarizer.errors import UnknownLanguageError

MIN_CONFIDENCE = 0.5
MIN_LETTERS = 3
# More text than this no longer changes the answer.
MAX_CHARACTERS = 10_000
# Sentences with fewer letters than this are told less surely: they are identified together.
CHUNK_LETTERS = 80
# How many times as often a distinctive word comes up in its own language as in a neighbour.
DISTINCTIVE_ODDS = 4.0

# The labels of the model that are not codes of ours.
LABELS = {"no": "nb", "nn": "nb", "tl": "fil"}
# Languages that the model takes for a neighbour, and the neighbour.
UNKNOWN_TO_MODEL = {"ti": "am", "rn": "rw"}
# First words of the Unicode names of letters.
SCRIPTS = {
    **{"LATIN": "Latn", "CYRILLIC": "Cyrl", "GREEK": "Grek", "ARMENIAN": "Armn", "HEBREW": "Hebr", "ARABIC": "Arab"},
    **{"ETHIOPIC": "Ethi", "DEVANAGARI": "Deva", "BENGALI": "Beng", "GURMUKHI": "Guru", "GUJARATI": "Gujr"},
    **{"ORIYA": "Orya", "TAMIL": "Taml", "TELUGU": "Telu", "KANNADA": "Knda", "MALAYALAM": "Mlym", "SINHALA": "Sinh"},
    **{"THAI": "Thai", "LAO": "Laoo", "MYANMAR": "Mymr", "KHMER": "Khmr", "GEORGIAN": "Geor"},
    **{"CJK": "Hani", "HANGUL": "Kore", "HIRAGANA": "Jpan", "KATAKANA": "Jpan"},
}
# One character of these says as much as a few letters of an alphabet.
DENSE_SCRIPTS = {"Hani": 3, "Jpan": 3, "Kore": 3}
# Chinese has no kana but in quotations, Japanese has hardly a sentence without.
MIN_KANA = 0.1
# With this share of letters of another script a text is not in a Latin one.
MIN_OTHER_SCRIPT = 0.25


@dataclass(frozen=True, slots=True)
class Language(Record):
    """A language and the codes that families of translation models have for it.

    A code is ``None`` where the family lacks the language, or has it in another script only. ``marian`` is the code
    in the names of OPUS-MT models.
    """

    code: str
    name: str
    native_name: str
    script: str
    direction: str
    nllb: str | None = None
    mbart: str | None = None
    m2m100: str | None = None
    madlad: str | None = None
    marian: str | None = None

    @property
    def is_rtl(self) -> bool:
        """Whether the language is written from right to left."""
        return self.direction == "rtl"

    @property
    def sentence_joiner(self) -> str:
        """What stands between two sentences of one paragraph: nothing in Chinese and Japanese, else a space."""
        return "" if self.script in ("Hans", "Hant", "Jpan") else " "


@dataclass(frozen=True, slots=True)
class Identification(Record):
    """The language of a text, ``None`` if it cannot be told, and how sure that is, from 0 to 1."""

    language: str | None
    confidence: float


UNKNOWN = Identification(None, 0.0)


def _read_data(name: str) -> str:
    return (files("summarizer") / "data" / name).read_text(encoding="utf-8")


@cache
def _rows() -> tuple[tuple[Language, tuple[str, ...]], ...]:
    """Return every language with its other names and codes."""
    rows = []
    for row in csv.DictReader(_read_data("languages.tsv").splitlines(), delimiter="\t"):
        aliases = (row.pop("aliases") or "").split(", ")
        rows.append((Language.from_dict({field: value or None for field, value in row.items()}), tuple(aliases)))
    return tuple(rows)


def list_languages() -> tuple[Language, ...]:
    """Return all languages in the order of their codes."""
    return tuple(language for language, _ in _rows())


def is_same_language(one: str, other: str) -> bool:
    """Return whether a text in one language needs no translation into the other.

    :param one: BCP-47 code.
    :param other: BCP-47 code; Chinese in the other script does need it.
    """
    return one == other or base_code(one) == base_code(other) != "zh"


def base_code(code: str) -> str:
    """Return the language subtag alone: ``sr`` for ``sr-Latn``."""
    return re.split("[-_]", code, maxsplit=1)[0].lower()


@cache
def _index() -> dict[str, Language]:
    """Map codes and names, in lower case, to languages; a name that two share goes to the first."""
    index = {language.code.lower(): language for language, _ in _rows()}
    for language, aliases in _rows():
        iso_639_3 = base_code(language.nllb or "")
        for name in (language.name, language.native_name, *aliases, language.nllb or "", iso_639_3):
            index.setdefault(name.lower().replace("_", "-"), language)
    index.pop("", None)
    return index


def _subtags(code: str) -> Iterator[str]:
    """Yield a language tag without its last subtag, without its last two, and so on."""
    scripts = "|".join({language.script for language in list_languages()})
    if re.fullmatch(rf"[a-z]{{2,3}}(-({scripts}))?(-([a-z]{{2}}|\d{{3}}))?(-[a-z\d]{{5,8}})*", code, re.IGNORECASE):
        while "-" in code:
            code = code.rpartition("-")[0]
            yield code


def get_language(code_or_name: str) -> Language:
    """Find a language by its code or name.

    :param code_or_name: A BCP-47 tag with or without script and region (``pt-BR``), an ISO 639-3 code, or the
        English or native name; upper or lower case.
    :return: The language.
    :raises UnknownLanguageError: If nothing has this code or name; the message names what comes nearest.
    """
    wanted = unicodedata.normalize("NFC", code_or_name).strip().lower().replace("_", "-")
    for key in (wanted, *_subtags(wanted)):
        if key in _index():
            return _index()[key]
    nearest = dict.fromkeys(_index()[name] for name in get_close_matches(wanted, _index(), n=5, cutoff=0.6))
    hint = " or ".join(f"{language.name} ({language.code})" for language in nearest)
    advice = f"Did you mean {hint}?" if hint else "Give a BCP-47 code such as en, pt or zh-Hant."
    raise UnknownLanguageError(f"There is no language {code_or_name!r}. {advice}")


@cache
def _load_model() -> Callable[[str], list[tuple[str, float]]]:
    """Load the identifier; return its function from a text to labels with probabilities."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    whole = LanguageIdentifier.from_model_file(MODEL_FILE)
    codes = {language.code for language in list_languages()}
    whole.set_languages([label for label in whole.labels if LABELS.get(label, label) in codes])
    # Made anew, because the whole one keeps the weights of all languages: 30 MB in every process that cleans.
    identifier = LanguageIdentifier(
        whole.nb_ptc,
        whole.nb_pc,
        whole.nb_classes,
        whole.tk_nextmove,
        whole.tk_output,
        norm_probs=True,
        tk_row=whole.tk_row,
    )
    rank: Callable[[str], list[tuple[str, float]]] = identifier.rank
    return rank


@cache
def _distinctive() -> tuple[dict[str, re.Pattern[str]], ...]:
    """Return groups of languages that are easily confused: for each what it often has and the others hardly ever."""
    groups = _read_data("distinctive.tsv").strip().split("\n\n")
    rows = [[line.split("\t") for line in group.splitlines()] for group in groups]
    return tuple(
        {code: re.compile(pattern if pattern[0] == "[" else rf"\b(?:{pattern})\b") for code, pattern in group}
        for group in rows
    )


def _count_letters(text: str) -> Counter[str]:
    """Count letters by script, in letters of an alphabet; kana and the Han characters beside them are ``Jpan``."""
    counts: Counter[str] = Counter()
    for character, count in Counter(text).items():
        if character.isalpha():
            script = SCRIPTS.get(unicodedata.name(character, "").partition(" ")[0], "")
            counts[script] += count * DENSE_SCRIPTS.get(script, 1)
    if counts["Jpan"] > MIN_KANA * (counts["Jpan"] + counts["Hani"]):
        counts["Jpan"] += counts.pop("Hani", 0)
    elif counts["Kore"] > counts["Hani"]:
        counts["Kore"] += counts.pop("Hani", 0)
    return counts


def _main_script(letters: Counter[str]) -> tuple[str, float]:
    """Return the script that decides, and its share of the letters.

    Foreign names stay in Latin letters in the news of any script, so these count only where there is little else.
    """
    others = letters.total() - letters["Latn"]
    if others < MIN_OTHER_SCRIPT * letters.total():
        return "Latn", letters["Latn"] / letters.total()
    script, count = max(((script, count) for script, count in letters.items() if script != "Latn"), key=itemgetter(1))
    return script, count / others


def _score(text: str, script: str) -> dict[str, float]:
    """Return the probabilities of the languages that are written in a script, before any rule of ours."""
    if script == "Hani":
        return {"zh": 0.5, "zh-Hant": 0.25, "ja": 0.25}
    codes = [language.code for language in list_languages() if language.script == script]
    if len({UNKNOWN_TO_MODEL.get(code, code) for code in codes}) == 1:
        return {code: 1 / len(codes) for code in codes}
    scores: dict[str, float] = defaultdict(float)
    for label, probability in _load_model()(text):
        code = "sr-Latn" if (label, script) == ("sr", "Latn") else LABELS.get(label, label)
        if code in codes:
            scores[code] += probability
    for code in UNKNOWN_TO_MODEL.keys() & codes:
        scores[code] = scores[UNKNOWN_TO_MODEL[code]] = scores[UNKNOWN_TO_MODEL[code]] / 2
    return scores


def _weigh_distinctive(scores: dict[str, float], text: str) -> None:
    """Share out the probability of easily confused languages anew, by the words that tell them apart."""
    for group in _distinctive():
        total = sum(scores.get(code, 0) for code in group)
        if total < MIN_CONFIDENCE:
            continue
        counts = {code: len(pattern.findall(text)) for code, pattern in group.items()}
        most = max(counts.values())
        odds = {code: scores.get(code, 0) * DISTINCTIVE_ODDS ** (counts[code] - most) for code in group}
        scores.update({code: total * odds[code] / (sum(odds.values()) or 1) for code in group})


def identify_language(text: str) -> Identification:
    """Tell the language of a text.

    :param text: A sentence or more; of a long text the beginning is read.
    :return: The language, ``None`` if there are too few letters or the confidence is under one half.
    """
    text = text[:MAX_CHARACTERS]
    letters = _count_letters(text)
    if letters.total() < MIN_LETTERS:
        return UNKNOWN
    script, share = _main_script(letters)
    scores = _score(text, script)
    _weigh_distinctive(scores, text.lower())
    if not scores:
        return UNKNOWN
    language = max(scores, key=scores.__getitem__)
    confidence = min(1.0, scores[language] * share)
    return Identification(language if confidence >= MIN_CONFIDENCE else None, confidence)


def _pack(sentences: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield long sentences alone and short ones joined with their neighbours, with their number of letters."""
    chunk, letters = "", 0
    for sentence in sentences:
        count = _count_letters(sentence).total()
        if letters and max(letters, count) >= CHUNK_LETTERS:
            yield chunk, letters
            chunk, letters = "", 0
        chunk, letters = f"{chunk}\n{sentence}", letters + count
    if letters:
        yield chunk, letters


def identify_page_language(sentences: Sequence[str]) -> Identification:
    """Tell the language that most of a page is in, foreign passages aside.

    :param sentences: The sentences or paragraphs of the page.
    :return: The language of most letters; the confidence is their share of all letters, lowered by doubt about them.
        A page in several languages is in the commonest, even if the confidence is then under one half.
    """
    weights: dict[str, float] = defaultdict(float)
    told = total = 0
    for chunk, letters in _pack(sentences):
        identification = identify_language(chunk)
        total += letters
        if identification.language:
            told += letters
            weights[identification.language] += letters * identification.confidence
    if told <= total / 2:
        # Close relatives, such as Bosnian and Croatian, may need more than a sentence to be told apart.
        return identify_language("\n".join(sentences))
    language = max(weights, key=weights.__getitem__)
    return Identification(language, weights[language] / total)
