"""What may not be written next: repeats, an early end, and numbers that the source does not have.

A constraint belongs to one text that is being written. The loop that writes asks it before each token.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

import regex

from summarizer.backends.number_constraint import SourceNumbers
from summarizer.languages import base_code
from summarizer.sentences import CLOSERS, THAI_LETTER, split_sentences

__all__ = ["Constraint", "Length", "NoRepeat", "SourceNumbers", "cut_at_sentence_end", "ends_sentence"]

#: Terminal punctuation of all scripts (Unicode's own property), the ellipsis, and a bar or colons typed for a danda
#: or for the end marks of Ethiopic and Armenian.
_END = regex.compile(
    rf"(?:\p{{Sentence_Terminal}}|…|(?<=[\u0900-\u0dff])\||(?<=[\u1200-\u135a])(?:፡፡|::)|(?<=[\u0561-\u0587]):)"
    rf"[{regex.escape(CLOSERS)}\s]*$"
)
#: These are as likely the end of a sentence as not.
_DOTTED = regex.compile(r"\b(?:(?:\p{Lu}\.){2,}|[ap]\.m\.)\P{L}*$")
#: Burmese ends clauses with this mark, and Unicode counts it as the end of a sentence.
_CLAUSE = "၊"
#: What asks in Greek.
_GREEK_END = regex.compile(rf";[{regex.escape(CLOSERS)}\s]*$")


class Constraint(Protocol):
    """Forbids some of the tokens that could come next."""

    def banned(self, written: Sequence[int]) -> Iterable[int]:
        """Return the ids of the tokens that must not come next.

        :param written: The tokens of the text so far, without those of the prompt.
        """
        ...


class NoRepeat:
    """No run of so many tokens comes twice (Paulus et al., 2017, arXiv:1705.04304).

    Numbers are no exception: with the words around them they make longer runs than any number does.

    :param size: Tokens of the run.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._read: list[int] = []
        self._followers: dict[tuple[int, ...], list[int]] = {}

    def banned(self, written: Sequence[int]) -> Iterable[int]:
        """Return the tokens that would complete a run that was written before.

        :param written: The tokens of the text so far.
        """
        known = len(self._read)
        if list(written[:known]) != self._read:
            known = 0
            self._followers.clear()
        for end in range(max(known, self._size - 1), len(written)):
            run = tuple(written[end - self._size + 1 : end])
            self._followers.setdefault(run, []).append(written[end])
        self._read = list(written)
        return tuple(self._followers.get(tuple(written[max(0, len(written) - self._size + 1) :]), ()))


class Length:
    """A text does not end before it has a least length.

    :param eos: Id of the token that ends a text.
    :param least: Fewest tokens before it.
    :param most: Most tokens; the loop itself stops there.
    """

    def __init__(self, eos: int, least: int, most: int) -> None:
        self._eos, self._least = eos, least
        self.most = most

    def banned(self, written: Sequence[int]) -> Iterable[int]:
        """Return the end token as long as the text is too short.

        :param written: The tokens of the text so far.
        """
        return (self._eos,) if len(written) < self._least else ()


def ends_sentence(text: str, language: str) -> bool:
    """Tell whether a text ends with the end of a sentence; Thai and Lao, which mark none, always do.

    :param text: Text in any script.
    :param language: BCP-47 code; a full stop after one of the language's abbreviations ends nothing.
    """
    stripped = text.rstrip()
    if 3 * len(THAI_LETTER.findall(stripped)) > len(stripped):
        return True
    if base_code(language) == "el" and _GREEK_END.search(stripped):
        return True
    end = _END.search(stripped)
    if end is None or stripped[end.start()] == _CLAUSE:
        return False
    if stripped[end.start()] != "." or _DOTTED.search(stripped):
        return True
    # An abbreviation or an initial is no end, whatever comes after it.
    return len(split_sentences(f"{stripped} Xyz xyz.", language)) > len(split_sentences(stripped, language))


def cut_at_sentence_end(text: str, language: str, sentences: int, *, headline: bool = False) -> str:
    """Return a text up to its last whole sentence.

    :param text: What was written, which may break off anywhere.
    :param language: BCP-47 code of the text.
    :param sentences: Most sentences to keep.
    :param headline: Keep the first line, whether it ends or not.
    :return: The beginning of the text; empty where no sentence is whole.
    """
    if headline:
        text = text.strip().split("\n", 1)[0]
    kept = list(split_sentences(text, language)[:sentences])
    while kept and not headline and not ends_sentence(kept[-1].text, language):
        kept.pop()
    return text[kept[0].start : kept[-1].end] if kept else ""
