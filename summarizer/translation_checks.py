"""What to check in a translated sentence: numbers, names, and what was not translated at all."""

from collections.abc import Callable, Iterator, Sequence

from rapidfuzz import fuzz

from summarizer.datamodels import Flag, FlagKind
from summarizer.languages import base_code, get_language
from summarizer.names import NOUNS_HAVE_CAPITALS, find_names
from summarizer.number_values import ROMAN
from summarizer.number_words import common_length, fold, number_words
from summarizer.numbers import unsupported_numbers
from summarizer.tokens import find_words

#: Two words at least this alike (of 100) are taken for one name in two languages.
SIMILAR_NAMES = 70
#: So are words with this many letters in common at their beginnings: "British" and "britânico".
SIMILAR_BEGINNING = 4
#: Up to so many words may be the same in two languages.
SAME_WORDS = 3

#: What is said of a sentence that was kept as it is.
UNTRANSLATED = "this could not be translated"

Translate = Callable[[Sequence[str]], Sequence[str]]


def check_translation(old: str, new: str, source: str, target: str, translate: Translate) -> Iterator[Flag]:
    """Yield what a translation seems to have lost or changed; offsets count within it.

    :param old: The sentence.
    :param new: Its translation.
    :param source: BCP-47 code of the sentence's language.
    :param target: BCP-47 code of the translation's language.
    :param translate: The way it was translated, to see what becomes of names on their own.
    """
    if old.strip() == new.strip():
        if len(find_words(old)) > SAME_WORDS:
            yield Flag(0, len(new), "untranslated", UNTRANSLATED)
        return
    yield from _check_numbers(old, new, source, target)
    if all(get_language(code).script == "Latn" for code in (source, target)):
        yield from _check_names(old, new, source, translate)
        yield from _check_new_names(old, new, source, target, translate)


def _check_numbers(old: str, new: str, source: str, target: str) -> Iterator[Flag]:
    lost = unsupported_numbers(old, new, source, target)
    added = unsupported_numbers(new, old, target, source)
    for number in added:
        kind: FlagKind = "number" if number.kind == "number" else "date"
        there = f', which has "{lost[0].text}"' if len(lost) == len(added) == 1 else ""
        yield Flag(number.start, number.end, kind, f'"{number.text}" is not in the source{there}')
    if len(lost) > len(added):
        kind = "number" if any(number.kind == "number" for number in lost) else "date"
        words = ", ".join(f'"{number.text}"' for number in lost)
        yield Flag(0, len(new), kind, f"{words} seems to be missing in the translation")


def _check_names(old: str, new: str, source: str, translate: Translate) -> Iterator[Flag]:
    """Flag names that are gone though the model, given them alone, leaves them as they are, in lower case too.

    What it translates ("Germany", "Supreme Court") cannot be told from other words and is passed over.
    """
    words = [fold(word) for word in find_words(new)]
    seen = set()
    for run in find_names(old, source):
        names = [name.text for name in run if len(name.text) > 2 and not _is_date_or_number(name.text, source)]
        missing = [name for name in names if name not in seen and not _is_similar(name, words)]
        if not missing:
            continue
        seen.update(missing)
        answers = iter(translate([form for name in missing for form in (name, name.lower())]))
        lost = [name for name in missing if all(_is_same(name, answer) for answer in (next(answers), next(answers)))]
        if lost:
            yield Flag(0, len(new), "name", f'"{" ".join(lost)}" seems to be missing in the translation')


def _check_new_names(old: str, new: str, source: str, target: str, translate: Translate) -> Iterator[Flag]:
    """Flag names that stand in no form in the source, nor in what the model makes of its words one by one.

    Into German it cannot be done: what is a name there, the capitals do not tell.
    """
    if base_code(target) in NOUNS_HAVE_CAPITALS:
        return
    known = [fold(word) for word in find_words(old)]
    strange = [
        name
        for run in find_names(new, target)
        for name in run
        if len(name.text) > 2 and not _is_date_or_number(name.text, target) and not _is_similar(name.text, known)
    ]
    if not strange:
        return
    # Whole pieces too: the parts of "quinta-feira" are no Thursday.
    words = [word for word in dict.fromkeys([*find_words(old), *old.split()]) if len(word) > 2]
    answers = [fold(word) for answer in translate(words) for word in find_words(answer)]
    for name in strange:
        if not _is_similar(name.text, answers):
            yield Flag(name.start, name.end, "name", f'"{name.text}" is not in the source')


def _is_date_or_number(name: str, language: str) -> bool:
    return fold(name) in number_words(language).months or ROMAN.fullmatch(name) is not None


def _is_same(name: str, answer: str) -> bool:
    return fold(answer).strip(" .") == fold(name)


def _is_similar(name: str, words: Sequence[str]) -> bool:
    """Return whether one of some words is a form of a name."""
    parts = fold(name).split()
    telling = [part for part in parts if len(part) > 2] or parts
    return any(
        fuzz.ratio(part, word) >= SIMILAR_NAMES or common_length(part, word) >= SIMILAR_BEGINNING
        for part in telling
        for word in words
    )
