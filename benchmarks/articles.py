"""What the benchmarks are run on: articles of realistic lengths in 25 languages, the same ones every time.

They are the examples, cut or repeated sentence by sentence. An example is about 300 words of English; a length in words
is that of English, and an article in another language gets the same share of its own example. Lengths are log-normal,
as those of news are: with median 500 and spread 0.6, two of three are between 270 and 910 words.
"""

import json
import math
import random
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import count as count_from
from itertools import islice
from pathlib import Path

import regex

from summarizer.article import Article
from summarizer.languages import get_language

EXAMPLES = Path(__file__).resolve().parent.parent / "examples" / "articles"
#: Words of the English example, whose share the others are given.
EXAMPLE_WORDS = 300
MEDIAN_WORDS = 500
SPREAD = 0.6
SHORTEST, LONGEST = 60, 2000
_PARAGRAPH = 3
#: What tells articles apart begins here, and what tells repetitions apart ends before.
_FIRST_NUMBER = 1000
_END = regex.compile(r"[\p{P}\s]*$")


def list_languages() -> list[str]:
    """Return the codes of the examples, in order."""
    return sorted(path.stem for path in EXAMPLES.glob("*.txt"))


def draw_lengths(count: int, *, median: float = MEDIAN_WORDS, spread: float = SPREAD, seed: int = 0) -> list[int]:
    """Return log-normal lengths in words, from ``SHORTEST`` to ``LONGEST``.

    :param count: How many.
    :param median: Their median.
    :param spread: Standard deviation of their natural logarithms.
    :param seed: Other lengths for another seed.
    """
    numbers = random.Random(seed)
    drawn = (numbers.lognormvariate(math.log(median), spread) for _ in range(count))
    return [round(min(LONGEST, max(SHORTEST, length))) for length in drawn]


def make_articles(count: int, seed: int = 0) -> list[Article]:
    """Return so many cleaned articles, the languages in turn."""
    languages = list_languages()
    return [
        make_article(languages[number % len(languages)], length, number)
        for number, length in enumerate(draw_lengths(count, seed=seed))
    ]


def make_article(language: str, words: int, number: int = 0) -> Article:
    """Return an article of one language, as if it had been cleaned.

    :param language: Code of an example.
    :param words: Its length, in words of English.
    :param number: Articles of different numbers differ.
    """
    text = make_text(language, words, number)
    return Article.from_text(text, language=language, clean=False, check=False, id=str(number))


def make_text(language: str, words: int, number: int = 0) -> str:
    """Return the text of such an article; no two sentences are the same, for cleaning takes those for repetitions."""
    sentences = _example(language)
    wanted = words / EXAMPLE_WORDS * sum(map(len, sentences))
    chosen: list[str] = []
    length = 0
    for place in count_from():
        if length >= wanted:
            break
        again, index = divmod(place, len(sentences))
        chosen.append(_mark(sentences[index], again + 1 if place else _FIRST_NUMBER + number))
        length += len(sentences[index])
    joiner = get_language(language).sentence_joiner
    paragraphs = (chosen[start : start + _PARAGRAPH] for start in range(0, len(chosen), _PARAGRAPH))
    return "\n\n".join(map(joiner.join, paragraphs))


def write_rows(path: Path, articles: Sequence[Article]) -> None:
    """Write articles as JSON lines, without their languages: these are to be identified."""
    rows = ({"id": article.id, "text": article.text} for article in articles)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def write_short_rows(path: Path, count: int, words: int) -> None:
    """Write so many rows of English articles of about the same length, one by one; there may be any number."""
    with path.open("w", encoding="utf-8") as lines:
        for row in islice(_short_rows(words), count):
            lines.write(json.dumps(row) + "\n")


def _short_rows(words: int) -> Iterator[dict[str, str]]:
    for number in count_from():
        yield {"id": f"article-{number}", "text": make_text("en", words, number + 1), "lang": "en"}


@cache
def _example(language: str) -> tuple[str, ...]:
    """Return the sentences of an example, its headline left out."""
    text = (EXAMPLES / f"{language}.txt").read_text(encoding="utf-8").partition("\n")[2]
    article = Article.from_text(text, language=language, clean=False, check=False)
    return tuple(sentence.text for sentence in article.sentences)


def _mark(sentence: str, number: int) -> str:
    """Put a number behind the last word of a sentence, before the marks that end it."""
    return _END.sub(rf" {number}\g<0>", sentence, count=1)
