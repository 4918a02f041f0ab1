"""Which tokens of Gemma's vocabulary write digits, magnitudes ("million", 万) and months, whole or in part."""

import sys
from collections.abc import Iterable
from functools import cached_property, lru_cache
from unicodedata import category

import numpy as np
import regex
from numpy.typing import NDArray

from summarizer.backends.gemma_tokenizer import GemmaTokenizer
from summarizer.backends.number_forms import HAN_UNITS
from summarizer.number_finding import to_ascii_digits
from summarizer.number_values import FRACTIONS
from summarizer.number_words import fold

Ids = NDArray[np.int64]

#: After a Han unit these make metres, grams and watts of it.
NOT_HAN = "米克瓦卡"
_FRACTIONS = "".join(FRACTIONS)
_HAN_RUN = regex.compile(rf" ?([{HAN_UNITS}]{{1,9}})(?![{NOT_HAN}])")
_BYTE = regex.compile(r"<0x([0-9A-F]{2})>")
#: Tokens that no text was ever cut into.
_UNUSED = regex.compile(r"<unused\d+>")
#: Letters that pieces are searched by, and bits for each.
_WIDTH, _BITS = 3, 21
_WRITES_NUMBER = regex.compile(rf"( ?)([\d{_FRACTIONS}]+)([^\d{_FRACTIONS}]*)")


def gather(ids: Iterable[int]) -> Ids:
    """Return token ids as an array."""
    return np.fromiter(ids, dtype=np.int64)


class PieceIndex:
    """A vocabulary that can be searched by the first three letters of its pieces, folded.

    :param tokenizer: Whose vocabulary it is.
    """

    def __init__(self, tokenizer: GemmaTokenizer) -> None:
        self.piece = tokenizer.piece
        self._token_id = tokenizer.token_id
        self.size = tokenizer.vocab_size
        pieces = [self.piece(token) for token in range(self.size)]
        lengths = np.fromiter(map(len, pieces), dtype=np.int64, count=self.size)
        starts = np.cumsum(lengths + _WIDTH) - lengths - _WIDTH
        padding = "\0" * _WIDTH
        codes = np.frombuffer((padding.join(pieces) + padding).encode("utf-32-le"), dtype=np.uint32)
        led = np.isin(codes[starts], [ord(sign) for sign in "▁-"])
        known = _distinct(codes)
        self._heads = _pack(codes, starts + led, known)
        self._lengths = lengths - led
        #: The tokens that go on with the word before them.
        self.glued: Ids = np.flatnonzero((self._heads > 0) & ~led)
        #: The tokens that begin with a full stop.
        self.stops: Ids = np.flatnonzero(np.isin(codes[starts], [ord(sign) for sign in ".．٫"]))
        #: The tokens that stand for one byte each, and the bytes.
        self.bytes = {
            token: int(mark[1], 16) for token, piece in enumerate(pieces[:512]) if (mark := _BYTE.fullmatch(piece))
        }
        #: The tokens that write digits of any script, by their text in ASCII digits.
        self.digits = self._find_digits(codes, starts, [code for code in known if is_digit(chr(code))])

    def _find_digits(self, codes: NDArray[np.uint32], starts: Ids, digits: list[int]) -> dict[str, Ids]:
        is_digit = np.zeros(sys.maxunicode + 1, dtype=bool)
        is_digit[digits] = True
        places = np.flatnonzero(is_digit[codes])
        texts: dict[str, list[int]] = {}
        for token in np.unique(np.searchsorted(starts, places, side="right") - 1).tolist():
            if token not in self.bytes and not _UNUSED.fullmatch(self.piece(token)):
                texts.setdefault(self.text(token), []).append(token)
        return {text: gather(ids) for text, ids in texts.items()}

    def text(self, token: int) -> str:
        """Return the text of a token, with ASCII digits."""
        return to_ascii_digits(self.piece(token)).replace("▁", " ").replace("\u00a0", " ")

    def find(self, names: Iterable[str], endings: int = 0) -> Ids:
        """Return the tokens that may be, or begin, one of some folded words.

        Three letters tell enough. Fewer, which are the beginning of too many words, must be all there is, but for an
        ending.

        :param names: The words.
        :param endings: Most letters of an ending that a word of one or two letters may have.
        """
        names = set(names)
        heads = {_pack_word(name[:length]) for name in names for length in (1, 2, 3)}
        mask = np.isin(self._heads, list(heads))
        for name in (name for name in names if endings and len(name) < _WIDTH):
            shift = _BITS * (_WIDTH - len(name))
            same = self._heads >> shift == _pack_word(name) >> shift
            mask |= same & (self._lengths <= len(name) + endings)
        return np.flatnonzero(mask)

    def find_first(self, letters: str) -> Ids:
        """Return the tokens that begin with one of some letters, after a space or without one."""
        return np.flatnonzero(np.isin(self._heads >> _BITS * (_WIDTH - 1), [ord(letter) for letter in letters]))

    def exact(self, piece: str) -> Ids:
        """Return the token of one piece, if there is one."""
        try:
            return gather([self._token_id(piece)])
        except KeyError:
            return gather([])

    @cached_property
    def marks(self) -> dict[str, Ids]:
        """The tokens that write one mark or unit within a number, or a space, by what they write in ASCII."""
        found: dict[str, list[Ids]] = {}
        for mark in f".．٫,，٬'’:/-▁\u00a0\u202f\u2009{HAN_UNITS}":
            plain = to_ascii_digits(mark).replace("▁", " ").replace("\u00a0", " ")
            found.setdefault(plain, []).append(self.exact(mark))
        return {plain: np.concatenate(ids) for plain, ids in found.items()}

    @cached_property
    def byte_ids(self) -> Ids:
        """The tokens that stand for one byte each."""
        return gather(self.bytes)

    @cached_property
    def plain_digits(self) -> dict[tuple[str, str], tuple[list[tuple[str, str, Ids]], Ids]]:
        """The tokens that write one run of digits, by the space before it and the first digit.

        For each: the digits, what comes after them, and the tokens; then all the tokens together.
        """
        groups: dict[tuple[str, str], list[tuple[str, str, Ids]]] = {}
        for text, ids in self.digits.items():
            if match := _WRITES_NUMBER.fullmatch(text):
                groups.setdefault((match[1], match[2][0]), []).append((match[2], match[3], ids))
        return {key: (group, np.concatenate([ids for _, _, ids in group])) for key, group in groups.items()}

    @cached_property
    def never(self) -> Ids:
        """The tokens that write digits in ways that cannot be followed: ``<h1>``, and digits as single bytes."""
        tags = [ids for text, ids in self.digits.items() if not _WRITES_NUMBER.fullmatch(text)]
        octets = gather(token for token, byte in self.bytes.items() if byte in b"0123456789")
        return np.concatenate([*tags, octets])

    @cached_property
    def han(self) -> dict[str, tuple[Ids, Ids]]:
        """The tokens that begin with units of Han or Hangul, by these: those with a space before, those without."""
        runs: dict[str, tuple[list[int], list[int]]] = {}
        for token in self.find_first(HAN_UNITS).tolist():
            text = self.text(token)
            if run := _HAN_RUN.match(text):
                runs.setdefault(run[1], ([], []))[text[0] != " "].append(token)
        return {run: (gather(spaced), gather(plain)) for run, (spaced, plain) in runs.items()}

    @cached_property
    def han_ids(self) -> Ids:
        """All of these tokens."""
        return gather(token for both in self.han.values() for ids in both for token in ids.tolist())

    @cached_property
    def not_han(self) -> Ids:
        """The tokens that make a measure of the unit before them: metres of thousands."""
        return self.find_first(NOT_HAN)


def _distinct(codes: NDArray[np.uint32]) -> list[int]:
    seen = np.zeros(sys.maxunicode + 1, dtype=bool)
    seen[codes] = True
    found: list[int] = np.flatnonzero(seen).tolist()
    return found


def _pack(codes: NDArray[np.uint32], starts: Ids, known: list[int]) -> Ids:
    """Return the first letters of each piece, folded, as one number; other characters end a word."""
    folded = np.zeros(sys.maxunicode + 1, dtype=np.uint32)
    folded[known] = [_fold_letter(chr(code)) for code in known]
    heads = np.zeros(len(starts), dtype=np.int64)
    within = np.ones(len(starts), dtype=bool)
    for place in range(_WIDTH):
        letter = folded[codes[np.minimum(starts + place, len(codes) - 1)]]
        within &= letter > 0
        heads = (heads << _BITS) | np.where(within, letter, 0)
    return heads


def _pack_word(word: str) -> int:
    packed = 0
    for place in range(_WIDTH):
        packed = packed << _BITS | (ord(word[place]) if place < len(word) else 0)
    return packed


def _fold_letter(character: str) -> int:
    """Return the code of a letter or mark, folded; 0 for anything else."""
    if category(character)[0] not in "LMN":
        return 0
    return ord((fold(character) or character)[0])


def is_digit(character: str) -> bool:
    """Tell whether a character is a digit of any script, or one half and the like."""
    return category(character) == "Nd" or character in FRACTIONS


@lru_cache(maxsize=2)
def index_pieces(tokenizer: GemmaTokenizer) -> PieceIndex:
    """Return the index of a vocabulary, which takes a fraction of a second to make."""
    return PieceIndex(tokenizer)
