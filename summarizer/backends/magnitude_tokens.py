"""Which tokens of Gemma's vocabulary write the magnitudes ("million") and months of a language, whole or in part."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import TypeVar

import numpy as np

from summarizer.backends.gemma_tokenizer import GemmaTokenizer
from summarizer.backends.number_tokens import Ids, PieceIndex, gather, index_pieces
from summarizer.number_words import NumberWords, fold, number_words
from summarizer.tokens import WORD

Key = TypeVar("Key")

#: How many beginnings of words are remembered for a language.
_MOST_KNOWN = 256
_MOST_WORDS = 4096


@dataclass(frozen=True, slots=True)
class Follow:
    """Tokens by what they make of the word after a number.

    :param magnitudes: By factor, and whether the word may mean something else ("5 m"): tokens that write one.
    :param partial: Tokens after which the word can still become a magnitude, by the factors that it can get.
    :param months: By month: tokens that write its name.
    """

    magnitudes: Mapping[tuple[Decimal, bool], Ids]
    partial: Mapping[frozenset[Decimal], Ids]
    months: Mapping[int, Ids]


class FollowWords:
    """The tokens that write the magnitudes and months of a language.

    :param index: The vocabulary.
    :param language: BCP-47 code.
    """

    def __init__(self, index: PieceIndex, language: str) -> None:
        self.words: NumberWords = number_words(language)
        self._index = index
        self._names = sorted(name for name in self.words.magnitudes if " " not in name)
        months = chain(self.words.months, self.words.full_months)
        self._months = sorted({name.split(" ")[0] for name in months} - {""})
        self._month_of: dict[str, int | None] = {}
        self.factors = frozenset(self.words.magnitudes.values())
        self._first: list[int] = self._index.find((*self._names, *self._months)).tolist()
        self._known: dict[tuple[str, str], Follow] = {}

    def magnitude(self, word: str) -> Decimal | None:
        """Return the power of ten that a word stands for, or that a text without spaces begins with."""
        found = self.words.magnitude(fold(word))
        if found is None and (beginning := self.words.unspaced_magnitude(word)):
            found, rest = self.words.magnitudes[beginning], word[len(beginning) :]
            return found * (self.magnitude(rest) or 1) if rest else found
        return found

    def is_open(self, pending: str) -> bool:
        """Tell whether it depends on the letters to come if the beginning of a word is a magnitude."""
        beginning = self.words.unspaced_magnitude(pending)
        rest = fold(pending[len(beginning) :] if beginning else pending)
        return (not beginning and self.magnitude(pending) is not None) or any(
            name.startswith(rest) for name in self._names
        )

    def after(self, pending: str, leads: str) -> Follow:
        """Return what tokens make of the word after a number.

        :param pending: The letters of the word that are written already.
        :param leads: What tokens may begin with before the letters: " " for a space or hyphen, "|" for nothing.
        """
        if (pending, leads) not in self._known:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            self._known[pending, leads] = self._sort(pending, leads)
        return self._known[pending, leads]

    def _complete(self, folded: str) -> frozenset[Decimal]:
        """Return what the words are worth that go on with some letters."""
        names = (name for name in self._names if name.startswith(folded) and name != folded)
        return frozenset(self.words.magnitudes[name] for name in names)

    def _candidates(self, pending: str) -> Iterable[int]:
        if not pending:
            return self._first
        folded = fold(pending)
        names = (name for name in (*self._names, *self._months) if name.startswith(folded))
        rests = {name[len(folded) :] for name in names} - {""}
        found = self._index.find(rests, endings=3).tolist() if rests else []
        # Scripts without spaces write one magnitude after the other: ล้านล้าน.
        return chain(found, self._first) if self.words.unspaced_magnitude(pending) else found

    def _sort(self, pending: str, leads: str) -> Follow:
        magnitudes: dict[tuple[Decimal, bool], list[int]] = {}
        partial: dict[frozenset[Decimal], list[int]] = {}
        months: dict[int, list[int]] = {}
        for token in self._candidates(pending):
            text = self._index.text(token)
            core = text[text[0] in " -" :]
            word = WORD.match(core)
            if word is None or (" " if core != text else "|") not in leads:
                continue
            whole = pending + word[0]
            folded = fold(whole)
            if factor := self.magnitude(whole):
                magnitudes.setdefault((factor, folded in self.words.doubtful), []).append(token)
            if word[0] == core and (factors := self._complete(folded)):
                partial.setdefault(factors, []).append(token)
            if month := self.month(whole):
                months.setdefault(month, []).append(token)
        return Follow(_arrays(magnitudes), _arrays(partial), _arrays(months))

    def month(self, word: str) -> int | None:
        """Return the month that a word beside a number names."""
        if self.words.months_have_capitals and not word[0].isupper():
            return None
        if word not in self._month_of:
            if len(self._month_of) > _MOST_WORDS:
                self._month_of.clear()
            self._month_of[word] = self.words.month(fold(word), inflected=True)
        return self._month_of[word]


def _arrays(lists: Mapping[Key, list[int]]) -> dict[Key, Ids]:
    return {key: np.unique(gather(ids)) for key, ids in lists.items()}


@lru_cache(maxsize=64)
def follow_words(tokenizer: GemmaTokenizer, language: str) -> FollowWords:
    """Return the tokens that write the magnitudes and months of a language (BCP-47 code)."""
    words = FollowWords(index_pieces(tokenizer), language)
    for leads in (" |", "|", " "):
        words.after("", leads)
    return words
