"""Examples to train on: rows of the licence classes that are asked for, kept where the article supports the target."""

import gzip
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from summarizer.article import Article
from summarizer.backends.prompts import SENTENCES, Form, ask_summary, ask_translation
from summarizer.errors import SummarizerError
from summarizer.evidence import find_flags
from summarizer.numbers import to_ascii_digits
from summarizer.sentences import split_sentences
from summarizer.tokens import find_terms

Task = Literal["summarize", "translate"]
#: Part of a target's terms that the article has to have; below it, a target teaches invention.
LEAST_SUPPORT = 0.6
#: Sentences of translation: shorter ones teach little, longer ones cost much.
LEAST_CHARACTERS, MOST_CHARACTERS = 20, 260


@dataclass(frozen=True, slots=True)
class Example:
    """One thing to learn: ``target`` follows ``prompt`` follows the article's sentences (none for translation)."""

    task: Task
    language: str
    prompt: str
    target: str
    source: str
    article: Article | None = None


def read_rows(folder: Path, part: str, task: Task, classes: Iterable[str]) -> list[dict[str, Any]]:
    """Read the rows of some licence classes.

    :param folder: The folder with ``train``, ``dev`` and ``licences.json``.
    :param part: ``train`` or ``dev``.
    :param task: Which file.
    :param classes: Licence classes to keep: ``open``, ``research``, ``nc``, ``unstated``.
    """
    licences = json.loads((folder / "licences.json").read_text(encoding="utf-8"))
    wanted = frozenset(classes)
    with gzip.open(folder / part / f"{task}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [row for row in map(json.loads, lines) if find_class(row["source"], licences) in wanted]


def find_class(source: str, licences: dict[str, Any]) -> str:
    """Return the licence class of a source: that of the longest prefix that is listed."""
    prefixes = [prefix for prefix in licences if source.startswith(prefix)]
    return str(licences[max(prefixes, key=len)]["class"]) if prefixes else "unstated"


def make_summaries(rows: list[dict[str, Any]], quota: dict[str, int], seed: int) -> Iterator[list[Example]]:
    """Yield the examples of one article at a time: its summary, and its headline where there is one.

    :param rows: Rows of ``summarize``.
    :param quota: Most articles for each target language; ``"*"`` for those that are not named.
    :param seed: Which rows come first.
    """
    rows = random.Random(seed).sample(rows, len(rows))
    taken: Counter[str] = Counter()
    for row in rows:
        language = row.get("summary_lang") or row["lang"]
        if taken[language] >= quota.get(language, quota["*"]):
            continue
        article = make_article(row)
        examples = [] if article is None else list(_examples_of(row, article, language))
        if examples:
            taken[language] += 1
            yield examples


def make_article(row: dict[str, Any]) -> Article | None:
    """Return the article of a row, without its title, or ``None`` where it cannot be read."""
    try:
        return Article.from_text(row["text"], language=row["lang"], clean=False, check=False)
    except SummarizerError:
        return None


def _examples_of(row: dict[str, Any], article: Article, language: str) -> Iterator[Example]:
    targets = [(row["summary"], row["kind"] == "headline")]
    if row.get("title") and row["kind"] != "headline" and language == row["lang"]:
        targets.append((row["title"], True))
    for text, headline in targets:
        form = _form_of(text, language, headline)
        if form and is_supported(text, article, language):
            yield Example("summarize", language, ask_summary(form, language), text.strip(), row["source"], article)


def _form_of(text: str, language: str, headline: bool) -> Form | None:
    if headline:
        return "headline" if len(text.strip()) >= 12 and "\n" not in text.strip() else None
    count = len(split_sentences(text, language))
    return next((form for form in ("short", "medium") if count <= SENTENCES[form]), None)


def is_supported(text: str, article: Article, language: str) -> bool:
    """Tell whether an article has the numbers, names and most words of a target; across languages, the numbers."""
    if language != article.language:
        known = Counter(_numbers(article.text))
        return all(number in known for number in _numbers(text))
    flags = find_flags(text, article, language=language, sentences=[text])
    terms = set(find_terms(text))
    own = set(find_terms(article.text))
    return not flags and bool(terms) and len(terms & own) >= LEAST_SUPPORT * len(terms)


def _numbers(text: str) -> list[str]:
    digits = "".join(character if character.isdigit() else " " for character in to_ascii_digits(text))
    return [number for number in digits.split() if len(number) > 1]


def make_translations(rows: list[dict[str, Any]], quota: dict[str, int], seed: int) -> Iterator[Example]:
    """Yield sentence pairs, in a random order.

    :param rows: Rows of ``translate``.
    :param quota: Most pairs for each direction, by the language that is not English; ``"*"`` for the others.
    :param seed: Which rows come first.
    """
    taken: Counter[tuple[str, str]] = Counter()
    for row in random.Random(seed).sample(rows, len(rows)):
        pair = (row["src_lang"], row["tgt_lang"])
        if "en" not in pair or taken[pair] >= quota.get(pair[pair[0] == "en"], quota["*"]):
            continue
        texts = (row["src"].strip(), row["tgt"].strip())
        if not all(LEAST_CHARACTERS <= len(text) <= MOST_CHARACTERS for text in texts):
            continue
        if sorted(_numbers(texts[0])) != sorted(_numbers(texts[1])):
            continue
        taken[pair] += 1
        yield Example("translate", pair[1], ask_translation(texts[0], *pair), texts[1], row["source"])
