"""Numbers are written only as the source has them: the digits, the magnitude after them, the month beside them.

Where a number may end is judged by the code that flags numbers in summaries, so the two agree. Where that code reads on
after the digits, as in "12 million", so does the constraint.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import numpy as np
import regex

from summarizer.backends.gemma_tokenizer import GemmaTokenizer
from summarizer.backends.magnitude_tokens import follow_words
from summarizer.backends.number_following import Following, Judged
from summarizer.backends.number_forms import CLUSTER, DIGIT, FormTables, find_forms
from summarizer.backends.number_place import Place, read_word
from summarizer.backends.number_tokens import Ids, gather, index_pieces, is_digit
from summarizer.number_finding import find_numbers, to_ascii_digits
from summarizer.numbers import Support

#: Tokens of the text that are looked at: more than any number with its surroundings takes.
_TAIL = 64
#: Characters of them.
_LENGTH = 100
#: Characters after a number that may still say something about it.
_REACH = 24
#: Most pieces of text whose judgement is remembered.
_MOST_KNOWN = 4096
#: The last numbers of a text, and what was written after them, as far as it can matter.
_LAST = regex.compile(rf"({CLUSTER})((?:(?!{DIGIT}).){{0,{_REACH}}})$", regex.DOTALL)
_NEAR = regex.compile(DIGIT)
#: What stands before a number and may change how it is read.
_CONTEXT = regex.compile(r"(?:[\p{L}\p{M}]+[ '’(\"“«/-]{1,2})?[.,]?$")
_SPACES = str.maketrans("\u00a0", " ")

#: What was written of a number already, with the beginnings that it must keep to.
Entries = dict[str, list[tuple[str, frozenset[str]]]]


class SourceNumbers:
    """Allows the numbers of a source, in digits of any script, grouped and scaled as languages do it.

    :param source: The text, with its title before it.
    :param tokenizer: The tokenizer that the tokens are from.
    :param language: BCP-47 code of the source.
    :param target: BCP-47 code of what is written; by default the language of the source.
    """

    def __init__(
        self, source: str, tokenizer: GemmaTokenizer, language: str | None = None, target: str | None = None
    ) -> None:
        self._tokenizer = tokenizer
        self._target = target or language or "en"
        self._support = Support(source, language)
        numbers = find_numbers(source, language)
        self._tables = FormTables(find_forms(source, numbers, self._target), numbers)
        self._index = index_pieces(tokenizer)
        self._words = follow_words(tokenizer, self._target)
        self._following = Following(self._support, self._holds, self._is_whole, self._index, self._words, self._target)
        self._verdicts: dict[str, bool] = {}
        self._beginnings: dict[tuple[tuple[int, ...], ...], Ids] = {}

    def banned(self, written: Sequence[int]) -> Ids:
        """Return the tokens that would write a number that the source does not have, or break one off.

        :param written: The tokens of the text so far.
        """
        tail = self._tokenizer.decode(written[-_TAIL:])
        text = to_ascii_digits(tail[-_LENGTH:]).translate(_SPACES)
        last = _LAST.search(text) if _NEAR.search(text, max(0, len(text) - _REACH)) else None
        if last is None:
            digits = self._ban_beginnings(text)
            return np.concatenate([digits, *self._ban_bytes(written)]) if tail.endswith("\ufffd") else digits
        context = _CONTEXT.search(text, max(0, last.start() - _REACH), last.start())
        return self._judge(Place(context[0] if context else "", last[1], last[2]))

    def _holds(self, text: str) -> bool:
        """Tell whether all the numbers of a piece of text are in the source."""
        if text not in self._verdicts:
            if len(self._verdicts) > _MOST_KNOWN:
                self._verdicts.clear()
            self._verdicts[text] = not self._support.find_missing(text, self._target)
        return self._verdicts[text]

    def _enter(self, text: str) -> Entries:
        """Return how digits can go on, by what stands before them in their token: a space or nothing."""
        if self._following.has_wrong_month(text):
            return {"": [], " ": []}
        return {lead: list(self._tables.enter(text + lead, self._holds)) for lead in ("", " ")}

    def _ban_beginnings(self, text: str) -> Ids:
        """Return the tokens that begin no number; far from others, that is the same nearly everywhere."""
        entries = self._enter(text)
        tables = tuple(tuple(id(table) for _, table in found) for found in entries.values())
        if tables not in self._beginnings:
            judged = self._judge_digits(entries)
            self._beginnings[tables] = np.concatenate([self._index.never, *(ids for ids, fits in judged if not fits)])
        return self._beginnings[tables]

    def _ban_bytes(self, written: Sequence[int]) -> Iterator[Ids]:
        """Yield the bytes that would complete a digit; each has a token of its own or is never needed."""
        octets = bytes(self._index.bytes.get(token, 0) for token in written[-3:])
        for token, octet in self._index.bytes.items():
            if 0x80 <= octet < 0xC0:
                endings = ((octets[-length:] + bytes([octet])).decode("utf-8", "ignore") for length in (1, 2, 3))
                if any(map(is_digit, chain.from_iterable(endings))):
                    yield gather([token])

    def _judge(self, place: Place) -> Ids:
        """Return the tokens that must not come after a number."""
        after = self._following
        word = read_word(place.after, self._words)
        if after.is_settled(place, word):
            banned = [self._ban_beginnings(place.text), *after.ban_months(place.after)]
        elif not self._is_whole(place, after.is_scaled(place, word)) or not self._holds(place.text):
            return self._ban_all_but(chain(self._continue(place), after.finish(place, word)))
        else:
            entries = self._enter(place.text)
            if after.is_within(place, word):
                entries[""] = [(begun, table) for begun, table in entries[""] if begun]
            judged = chain(self._judge_digits(entries), after.judge(place, word))
            wrong = (ids for ids, fits in judged if not fits)
            banned = [self._index.never, *wrong, *after.ban_beside(place, word)]
        # Bytes could spell anything; near a number they are not needed.
        return np.concatenate([*banned, self._index.byte_ids])

    def _is_whole(self, place: Place, scaled: bool) -> bool:
        return self._tables.is_whole(place.cluster, place.after, scaled=scaled)

    def _continue(self, place: Place) -> Iterator[Judged]:
        """Judge the tokens that go on with a number; no other can begin before it is complete."""
        found = self._enter(place.text).items()
        entries = {lead: [(begun, table) for begun, table in runs if begun] for lead, runs in found}
        yield from self._judge_digits(entries)
        for mark, ids in self._index.marks.items():
            yield ids, any(begun + mark in table for begun, table in entries[""])

    def _ban_all_but(self, judged: Iterable[Judged]) -> Ids:
        mask = np.ones(self._index.size, dtype=bool)
        for ids, fits in judged:
            if fits:
                mask[ids] = False
        return np.flatnonzero(mask)

    def _judge_digits(self, entries: Entries) -> Iterator[Judged]:
        for (lead, first), (tokens, ids) in self._index.plain_digits.items():
            runs = [(begun, table) for begun, table in entries[lead] if begun + first in table]
            if not runs:
                yield ids, False
                continue
            for digits, rest, token in tokens:
                fits = any(begun + digits in table and not (begun and rest) for begun, table in runs)
                yield token, fits and (not rest or self._is_alone(digits, rest))

    def _is_alone(self, digits: str, rest: str) -> bool:
        """Tell whether a token that writes a number with something after it can be written."""
        return self._tables.is_whole(digits, "", scaled=False) and self._holds(digits + rest)
