"""Words of any script: one notion of a word for cleaning, scoring and checking."""

import re

import regex

#: Scripts written without spaces between words: Thai, Lao, Myanmar, Khmer, Kana, Han.
UNSPACED = regex.compile(r"[\p{Thai}\p{Lao}\p{Myanmar}\p{Khmer}\p{Hiragana}\p{Katakana}\p{Han}]")
#: Vowel signs and tone marks are part of the word (\w leaves them out), as are the joiners of Persian and Hindi.
WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:\u200c[\p{L}\p{M}\p{N}]+)*")
#: Text of the alphabets of Europe, in which no mark is a character of its own, and its words: found in half the time.
ALPHABETIC = re.compile("[\0-\u02ff\u0370-\u0482\u048a-\u058f\u1e00-\u200b\u200d-\u20cf\u2100-\u2bff]*")
ALPHABETIC_WORD = re.compile(r"[^\W_]+")
_LETTERS = regex.compile(r"\p{L}+")
_STEM = 5
#: The same for Korean, where a syllable is one character and a particle ends the word.
_DENSE_STEM = 2
DENSE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]")
#: A character of Chinese, Japanese or Korean says about as much as this many letters of an alphabet.
DENSE_WEIGHT = 2.5


def find_words(text: str) -> list[str]:
    """Return the runs of letters, marks and digits; a run of a script without spaces is one "word"."""
    return (ALPHABETIC_WORD if is_alphabetic(text) else WORD).findall(text)


def is_alphabetic(text: str) -> bool:
    """Whether the text has no other letters than those of the alphabets of Europe."""
    return text.isascii() or ALPHABETIC.fullmatch(text) is not None


def count_letters(text: str) -> int:
    """Return the number of letters, without marks."""
    return sum(map(len, _LETTERS.findall(text)))


def measure_letters(text: str) -> float:
    """Return the amount of writing in letters of an alphabet, to compare texts of all scripts."""
    dense = 0 if is_alphabetic(text) else len(DENSE.findall(text))
    return count_letters(text) + (DENSE_WEIGHT - 1) * dense


def is_unspaced(text: str) -> bool:
    """Whether most letters of the text are of a script without spaces between words."""
    unspaced = 0 if is_alphabetic(text) else len(UNSPACED.findall(text))
    return unspaced > 0 and unspaced * 2 > count_letters(text)


def find_terms(text: str) -> list[str]:
    """Return what to compare vocabularies by, in order, in lower case.

    Longer words count by their first five letters, which stands in for stemming in most inflected languages; scripts
    without spaces count by pairs of characters.
    """
    terms: list[str] = []
    folded = text.casefold()
    if is_alphabetic(folded):
        return [word[:_STEM] for word in find_words(folded) if len(word) >= 3 or word.isdigit()]
    for word in find_words(folded):
        if UNSPACED.search(word) and len(word) > 1:
            terms += [word[i : i + 2] for i in range(len(word) - 1)]
        elif DENSE.match(word):
            terms.append(word[:_DENSE_STEM])
        elif len(word) >= 3 or word.isdigit():
            terms.append(word[:_STEM])
    return terms
