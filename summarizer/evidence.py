"""What a summary rests on: the article's sentences that support it, and what the article does not have.

Everything here compares words, numbers and names. That tells what to look at, not what is true.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from math import log

from summarizer.article import Article
from summarizer.datamodels import Evidence, Flag, FlagKind
from summarizer.languages import base_code, get_language, identify_language
from summarizer.names import Vocabulary, find_names, unsupported_names
from summarizer.number_words import fold, weekdays
from summarizer.numbers import Support, to_ascii_digits
from summarizer.repetition import find_loop
from summarizer.tokens import find_terms, measure_letters

#: Below this score a sentence of the article is no evidence.
LEAST_SCORE = 0.18
#: The part of the summary sentence that each further piece of evidence has to add.
LEAST_GAIN = 0.12
#: The most that numbers and names alone can score, where the words themselves do not compare.
ANCHOR_SCORE = 0.5
_PAIR_SHARE = 0.25
_ANCHOR_WEIGHT = 2.0

_LEAST_LETTERS = 40
_LEAST_CONFIDENCE = 0.8
_REPEATED = 0.9
_SAME = {"hr": "sh", "bs": "sh", "sr": "sh", "id": "ms", "nb": "da", "nn": "da", "no": "da"}


@dataclass(frozen=True, slots=True)
class _Terms:
    """The terms of one sentence, and its pairs of neighbouring terms."""

    single: frozenset[str]
    pairs: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Index:
    """The terms of an article's sentences, and what each term is worth in it."""

    sentences: tuple[_Terms, ...]
    frequency: Counter[str]

    def weight(self, term: str) -> float:
        return log(1 + len(self.sentences) / (self.frequency[term] or 0.5))


def find_evidence(sentence: str, article: Article, *, most: int = 3) -> tuple[Evidence, ...]:
    """Find the sentences of the article that a summary sentence rests on, best first.

    The first is the one that covers most of the sentence's terms, weighted by how rare they are in the article, numbers
    and names twice; each further one must cover a part that is not covered yet. Where the words do not compare, as
    across languages, shared numbers and names are weak evidence. Nothing is returned rather than something unlikely.

    :param sentence: A sentence of the summary, in any language.
    :param article: The article it is about.
    :param most: The most pieces of evidence.
    :return: Spans of whole sentences of the article; a score of 1 is word for word.
    """
    index = _index(article)
    wanted = _terms(sentence)
    names = {term for run in find_names(sentence, article.language) for name in run for term in find_terms(name.text)}
    weights = {term: index.weight(term) * (_ANCHOR_WEIGHT if _is_anchor(term, names) else 1) for term in wanted.single}
    chosen = _cover(wanted, weights, index, most)
    if not chosen:
        anchors = {term: weight for term, weight in weights.items() if _is_anchor(term, names)}
        chosen = _match_anchors(anchors, index)[:most]
    spans = ((article.sentences[number], score) for number, score in chosen)
    return tuple(Evidence(span.start, span.end, round(score, 3)) for span, score in spans)


def find_flags(text: str, article: Article, *, language: str, sentences: Sequence[str]) -> tuple[Flag, ...]:
    """Find what a reader should check in a summary.

    :param text: The summary.
    :param article: The article; its title counts as part of it.
    :param language: BCP-47 code of the language that the summary should be in.
    :param sentences: The sentences of the summary, in order, as they stand in ``text``.
    :return: Flags in the order of the text, with offsets into it.
    """
    source = f"{article.title or ''}\n{article.text}"
    flat = " ".join(source.split())
    flags = [*flag_language(text, language), *_flag_repetition(text, sentences)]
    spans = [span for span in locate_sentences(text, sentences) if " ".join(text[slice(*span)].split()) not in flat]
    if spans:
        support = _support(source, article.language)
        # Names of one language are not written alike in another.
        vocabulary = _vocabulary(source, language) if same_language(language, article.language) else None
        for start, end in spans:
            found = list(_flag_numbers(text[start:end], language, support))
            if vocabulary is not None:
                names = _flag_names(text[start:end], language, vocabulary)
                found += [name for name in names if not any(_overlap(name, other) for other in found)]
            flags += [replace(flag, start=flag.start + start, end=flag.end + start) for flag in found]
    return tuple(sorted(flags, key=lambda flag: (flag.start, flag.end)))


def locate_sentences(text: str, sentences: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the span of each sentence in the text that they were joined to; what is not in it is passed over."""
    position = 0
    for sentence in sentences:
        start = text.find(sentence, position)
        if start >= 0:
            position = start + len(sentence)
            yield start, position


def same_language(one: str, other: str) -> bool:
    """Return whether two codes are one language, or languages that identification confuses."""
    first, second = base_code(one), base_code(other)
    return first == second or _SAME.get(first, first) == _SAME.get(second, second)


def flag_language(text: str, language: str) -> Iterator[Flag]:
    """Flag a text that is surely in another language than it should be."""
    if measure_letters(text) < _LEAST_LETTERS:
        return
    identified = identify_language(text)
    if identified.language is None or identified.confidence < _LEAST_CONFIDENCE:
        return
    if not same_language(identified.language, language):
        name = get_language(identified.language).name
        wanted = get_language(language).name
        yield Flag(0, len(text), "language", f"this seems to be {name}, not {wanted}")


def _absent(words: str) -> str:
    return f'"{words}" is not in the article'


def _flag_numbers(sentence: str, language: str, support: Support) -> Iterator[Flag]:
    for number in support.find_missing(sentence, language):
        kind: FlagKind = "number" if number.kind == "number" else "date"
        yield Flag(number.start, number.end, kind, _absent(number.text))


def _flag_names(sentence: str, language: str, vocabulary: Vocabulary) -> Iterator[Flag]:
    for name in unsupported_names(sentence, language, vocabulary):
        kind: FlagKind = "date" if fold(name.text) in weekdays(language) else "name"
        yield Flag(name.start, name.end, kind, _absent(name.text))


def _overlap(one: Flag, other: Flag) -> bool:
    return one.start < other.end and other.start < one.end


def _flag_repetition(text: str, sentences: Sequence[str]) -> Iterator[Flag]:
    seen: list[frozenset[str]] = []
    for start, end in locate_sentences(text, sentences):
        terms = frozenset(find_terms(text[start:end]))
        if any(terms and len(terms & other) >= _REPEATED * len(terms | other) for other in seen):
            yield Flag(start, end, "repetition", "this sentence says again what was said before")
        seen.append(terms)
    if loop := find_loop(text):
        yield Flag(*loop, "repetition", "the same words come again and again")


@lru_cache(maxsize=8)
def _support(source: str, language: str) -> Support:
    return Support(source, language)


@lru_cache(maxsize=8)
def _vocabulary(source: str, language: str) -> Vocabulary:
    return Vocabulary(source, language)


@lru_cache(maxsize=8)
def _index(article: Article) -> _Index:
    sentences = tuple(_terms(sentence.text) for sentence in article.sentences)
    return _Index(sentences, Counter(term for sentence in sentences for term in sentence.single))


def _terms(text: str) -> _Terms:
    terms = find_terms(to_ascii_digits(text))
    return _Terms(frozenset(terms), frozenset(pairwise(terms)))


def _is_anchor(term: str, names: set[str]) -> bool:
    return term in names or any(character.isdigit() for character in term)


def _cover(wanted: _Terms, weights: dict[str, float], index: _Index, most: int) -> list[tuple[int, float]]:
    """Choose sentences greedily by what they add to the part of the terms that is covered."""
    total = sum(weights.values())
    if not total:
        return []
    scores = [_score(wanted, weights, total, sentence) for sentence in index.sentences]
    chosen: list[int] = []
    uncovered = set(wanted.single)
    while len(chosen) < min(most, len(scores)):
        gains = [sum(weights[term] for term in uncovered & sentence.single) / total for sentence in index.sentences]
        # The first is the best as a whole, word order counted; ties go to the earlier sentence.
        best = max(range(len(scores)), key=lambda i: ((gains[i] if chosen else scores[i]), scores[i], -i))
        if scores[best] < LEAST_SCORE or gains[best] < LEAST_GAIN:
            break
        chosen.append(best)
        uncovered -= index.sentences[best].single
    return sorted(((number, scores[number]) for number in chosen), key=lambda pair: -pair[1])


def _score(wanted: _Terms, weights: dict[str, float], total: float, sentence: _Terms) -> float:
    single = sum(weights[term] for term in wanted.single & sentence.single) / total
    if not wanted.pairs:
        return single
    pairs = len(wanted.pairs & sentence.pairs) / len(wanted.pairs)
    return (1 - _PAIR_SHARE) * single + _PAIR_SHARE * pairs


def _match_anchors(anchors: dict[str, float], index: _Index) -> list[tuple[int, float]]:
    """Rank sentences by the numbers and names they share; one that is all over the article says nothing."""
    total = sum(anchors.values())
    ranked = []
    for number, sentence in enumerate(index.sentences):
        shared = anchors.keys() & sentence.single
        if len(shared) > 1 or any(index.frequency[term] <= 2 for term in shared):
            ranked.append((number, ANCHOR_SCORE * sum(anchors[term] for term in shared) / total))
    return sorted((pair for pair in ranked if pair[1] >= LEAST_SCORE), key=lambda pair: -pair[1])
