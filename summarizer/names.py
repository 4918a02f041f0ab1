"""Names in scripts that have capital letters: find them, and tell which of them another text does not have."""

from collections.abc import Iterator
from dataclasses import dataclass

import regex

from summarizer.languages import base_code
from summarizer.number_words import common_length, fold
from summarizer.tokens import WORD

_CAPITAL = regex.compile(r"[\p{Lu}\p{Lt}]")
#: After these a capital letter says nothing: it begins a sentence or a quotation.
_OPENING = regex.compile(r"(?:^|[.!?:;•·\n…¿¡\"“”„«»‹›‘'(\[–—-])[\s\"“”„«»‹›‘'(\[]*$")
_END = regex.compile(r"[.!?…。።։][\"'”’»)]*\s*$")
_WITHIN_NAME = regex.compile(r"[ \u00a0-]|\s\p{Ll}{1,5}\s")
#: Languages where a name takes no ending, or hardly more than an "s".
_UNINFLECTED = {
    "en",
    "es",
    "fr",
    "it",
    "pt",
    "ca",
    "gl",
    "nl",
    "af",
    "sv",
    "da",
    "nb",
    "id",
    "ms",
    "fil",
    "vi",
    "zh",
    "ja",
}
NOUNS_HAVE_CAPITALS = frozenset({"de", "lb"})
_MOST_CAPITALS = 0.6


@dataclass(frozen=True, slots=True)
class Name:
    """A word that seems to be a name or part of one."""

    start: int
    end: int
    text: str


class Vocabulary:
    """The words and acronyms of a source, ready to be asked for names."""

    def __init__(self, text: str, language: str) -> None:
        self._inflected = base_code(language) not in _UNINFLECTED
        words = WORD.findall(text)
        self._words = {fold(word) for word in words}
        self._acronyms = {fold(word) for word in words if word.isupper() and len(word) > 1}
        self._by_head: dict[str, list[str]] = {}
        for word in self._words:
            self._by_head.setdefault(word[:3], []).append(word)
        self._initials = {"".join(word[0] for word in run) for run in _capital_runs(text)}

    def has(self, word: str) -> bool:
        """Return whether the source has this word, an inflected form of it, or what it abbreviates."""
        folded = fold(word)
        if folded in self._words or any(_is_form(folded, other, self._inflected) for other in self._near(folded)):
            return True
        return word.isupper() and len(word) > 1 and any(folded in initials for initials in self._initials)

    def has_initials(self, names: list[Name]) -> bool:
        """Return whether the source abbreviates a run of names, as EU does "European Union"."""
        return len(names) > 1 and "".join(fold(name.text)[0] for name in names) in self._acronyms

    def _near(self, folded: str) -> list[str]:
        return self._by_head.get(folded[:3], [])


def find_names(text: str, language: str) -> list[list[Name]]:
    """Return the names of a sentence as runs of neighbouring words.

    Capital letters that say nothing are passed over: at the beginning of a sentence, in a heading in capitals, on the
    nouns of German, where only runs of two and more words count.

    :param text: One sentence or a few.
    :param language: BCP-47 code of the text.
    """
    words = [match for match in WORD.finditer(text) if len(match[0]) > 1 and not match[0][0].isdigit()]
    if _is_heading(text):
        return []
    runs: list[list[Name]] = []
    for match in words:
        if not _CAPITAL.match(match[0]) or _OPENING.search(text, 0, match.start()):
            continue
        name = Name(match.start(), match.end(), match[0])
        if runs and not text[runs[-1][-1].end : name.start].strip(" \u00a0-'’"):
            runs[-1].append(name)
        else:
            runs.append([name])
    least = 2 if base_code(language) in NOUNS_HAVE_CAPITALS else 1
    return [run for run in runs if len(run) >= least]


def _is_heading(text: str) -> bool:
    """Return whether a text is In Title Case: no full stop, and most longer words with a capital."""
    long = [word for word in WORD.findall(text) if len(word) > 3]
    capitals = sum(bool(_CAPITAL.match(word)) for word in long)
    return not _END.search(text) and len(long) > 3 and capitals > _MOST_CAPITALS * len(long)


def unsupported_names(text: str, language: str, source: Vocabulary) -> list[Name]:
    """Return the names of a sentence that the source does not have, neighbouring words as one.

    :param text: One sentence or a few.
    :param language: BCP-47 code of the text.
    :param source: The words of what it must rest on.
    """
    found: list[Name] = []
    for run in find_names(text, language):
        missing = [] if source.has_initials(run) else [name for name in run if not source.has(name.text)]
        for name in missing:
            if found and 0 <= name.start - found[-1].end <= 1:
                start = found.pop().start
                name = Name(start, name.end, text[start : name.end])
            found.append(name)
    return found


def _is_form(word: str, other: str, inflected: bool) -> bool:
    """Return whether two words are forms of one: "Germany" and "German", "Москва" and "Москве"."""
    shared = common_length(word, other)
    shorter, longer = sorted((len(word), len(other)))
    if not inflected:
        return shared >= 4 and shared == shorter and longer - shorter <= 3
    return shared >= 3 and shared >= shorter - 2 and longer - shared <= 4


def _capital_runs(text: str) -> Iterator[list[str]]:
    run: list[str] = []
    end = 0
    for match in WORD.finditer(text):
        if not _CAPITAL.match(match[0]):
            continue
        gap = text[end : match.start()]
        if run and (len(gap) > 8 or not _WITHIN_NAME.fullmatch(gap)):
            yield run
            run = []
        run.append(fold(match[0]))
        end = match.end()
    if run:
        yield run
