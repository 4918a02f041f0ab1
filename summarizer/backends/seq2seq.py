"""Encoder-decoder models of other people, run from their own files: summaries and translations.

Summaries: mT5 and what was trained from it, mBART, BART, PEGASUS. Translations: NLLB, M2M100, SMaLL-100, MADLAD,
mBART-50, Marian. What a model is, how it is asked and how it is told languages stands in its card.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Final

from summarizer.article import Article
from summarizer.backends.base import Draft, EngineSettings
from summarizer.backends.firefox_text import flatten, halve
from summarizer.backends.seq2seq_engine import Search, generate_all
from summarizer.backends.seq2seq_languages import Hints, can_express, list_pairs
from summarizer.backends.seq2seq_model import Seq2SeqModel
from summarizer.backends.windows import Written, summarize_together
from summarizer.cards import ModelCard
from summarizer.datamodels import Receipt
from summarizer.errors import ModelError, UnsupportedLanguageError
from summarizer.languages import get_language, is_same_language
from summarizer.sentences import split_sentences

#: Tokens that a sentence of a summary takes at most, and those that it hardly goes without.
TOKENS_PER_SENTENCE, LEAST_PER_SENTENCE = 60, 10
#: A translation may have so many times the tokens of its source, and a few more; what goes on has run away.
GROWTH, SPARE = 3, 20


class Seq2SeqBackend(Seq2SeqModel):
    """An encoder-decoder model; ``from_card`` returns the kind that its card describes."""

    @classmethod
    def from_card(cls, card: ModelCard, settings: EngineSettings) -> "Seq2SeqBackend":
        """Return the backend for what a model can do: a ``Writer`` or a ``SentenceTranslator``.

        :param card: The model's card.
        :param settings: Where and how it runs.
        :raises ModelError: If the card states neither ability, or both: these models are trained for one.
        """
        kinds = [kind for ability, kind in _KINDS.items() if ability in card.abilities]
        if len(kinds) != 1:
            raise ModelError(f"The card of {card.name!r} must state one of these abilities: {', '.join(_KINDS)}.")
        return kinds[0](card, settings)


class Seq2SeqWriter(Seq2SeqBackend):
    """Writes summaries; articles longer than its context are read in windows."""

    def write(self, articles: Sequence[Article], *, language: str | None, sentences: int) -> list[Draft]:
        """Write one draft for each article.

        An article that the model cannot summarize in the language wanted comes back unread, without sentences.

        :param articles: The articles, already cleaned.
        :param language: BCP-47 code of the summaries, or ``None`` for each article's own language.
        :param sentences: The most sentences a draft may have.
        :raises ModelError: If the model cannot be loaded.
        :raises UnsupportedLanguageError: If its vocabulary lacks the token of a language that its card names.
        """
        groups: dict[tuple[str, str], list[int]] = {}
        for place, article in enumerate(articles):
            groups.setdefault((article.language, language or article.language), []).append(place)
        drafts: dict[int, Draft] = {}
        for (source, target), places in groups.items():
            chosen = [articles[place] for place in places]
            write = self._write_all if self.can_write(source, target) else self._skip_all
            drafts.update(zip(places, write(chosen, target, sentences), strict=True))
        return [drafts[place] for place in range(len(articles))]

    def can_write(self, source: str, target: str) -> bool:
        """Return whether articles in one language can be summarized in another or the same, by what the card says.

        :param source: BCP-47 code of the articles.
        :param target: BCP-47 code of the summaries.
        """
        card = self.card
        known = card.writes or card.languages
        return (
            (is_same_language(source, target) or "cross-lingual" in card.abilities)
            and (not known or any(is_same_language(target, code) for code in known))
            and can_express(card.codes, source)
            and can_express(card.codes, target)
        )

    def _skip_all(self, articles: Sequence[Article], target: str, sentences: int) -> list[Draft]:
        tokenizer = self.load().tokenizer
        sizes = [sum(tokenizer.count([one.text for one in article.sentences])) for article in articles]
        skipped = [tuple(range(len(article.sentences))) for article in articles]
        return [Draft((), Receipt(size, 0, places)) for size, places in zip(sizes, skipped, strict=True)]

    def _write_all(self, articles: Sequence[Article], target: str, sentences: int) -> list[Draft]:
        parts, search = self.load(), self._find_search(sentences)
        hints = parts.tokenizer.find_hints(articles[0].language, target)
        frame = parts.tokenizer.count_frame(hints) + parts.tokenizer.count([self._ask("")])[0]

        def write(texts: Sequence[str]) -> list[Written]:
            inputs = [parts.tokenizer.encode(self._ask(text), hints, parts.context) for text in texts]
            outputs = generate_all(parts.engine, inputs, hints, search)
            return [
                Written(trim(parts.tokenizer.decode(output.ids), target, output.finished), output.likelihood)
                for output in outputs
            ]

        limit = max(1, parts.context - frame)
        return summarize_together(articles, limit, parts.tokenizer.count, write, language=target, most=sentences)

    def _ask(self, text: str) -> str:
        return self.card.prompt.replace("{text}", text) if self.card.prompt else text

    def _find_search(self, sentences: int) -> Search:
        given, own = self.card.generation, self.load().config
        most = min(TOKENS_PER_SENTENCE * sentences, self.load().context - 2)
        # BART writes at least 56 tokens of news, which a headline has not.
        least = min(given.get("min_length") or own.get("min_length") or 0, LEAST_PER_SENTENCE * sentences)
        extent = {"least": least, "most": most, "scored": True}
        return Search.from_settings(extent, given, own, num_beams=4, no_repeat_ngram_size=3)


class Seq2SeqTranslator(Seq2SeqBackend):
    """Translates sentences."""

    def pairs(self) -> frozenset[tuple[str, str]]:
        """Return the (source, target) pairs of the model, without any pivot."""
        return self._pairs

    @cached_property
    def _pairs(self) -> frozenset[tuple[str, str]]:
        return list_pairs(self.card)

    def translate(self, sentences: Sequence[str], source: str, target: str) -> list[str]:
        """Translate each sentence; one without letters comes back as it is.

        :param sentences: Single sentences; those longer than the model's context are translated clause by clause.
        :param source: BCP-47 code of their language.
        :param target: BCP-47 code of the language to translate into.
        :return: As many as went in, in the same order.
        :raises UnsupportedLanguageError: If this is no pair of the model, or its vocabulary lacks a language.
        :raises ModelError: If the model cannot be loaded.
        """
        if (source, target) not in self._pairs:
            raise UnsupportedLanguageError(f"The model {self.card.name!r} does not translate {source} into {target}.")
        parts = self.load()
        hints = parts.tokenizer.find_hints(source, target)
        limit = max(1, parts.context - parts.tokenizer.count_frame(hints))
        clauses = [self._cut(flatten(one), limit) if any(map(str.isalpha, one)) else [] for one in sentences]
        written = iter(self._translate_all([clause for cut in clauses for clause in cut], hints))
        joiner = get_language(target).sentence_joiner
        return [
            joiner.join(next(written) for _ in cut) if cut else sentence
            for sentence, cut in zip(sentences, clauses, strict=True)
        ]

    def _cut(self, text: str, limit: int) -> list[str]:
        """Cut a text at the ends of its clauses until the model reads each piece whole."""
        if len(text) < 2 or self.load().tokenizer.count([text])[0] <= limit:
            return [text]
        middle = len(text) // 2
        halves = halve(text) or (text[:middle], text[middle:])
        return [piece for half in halves if half.strip() for piece in self._cut(half.strip(), limit)]

    def _translate_all(self, texts: Sequence[str], hints: Hints) -> list[str]:
        parts = self.load()
        search = Search.from_settings(self.card.generation, parts.config)
        inputs = [parts.tokenizer.encode(text, hints, parts.context) for text in texts]
        # Decoders of a fixed number of positions fail beyond it.
        outputs = generate_all(
            parts.engine, inputs, hints, search, lambda longest: min(GROWTH * longest + SPARE, parts.context - 2)
        )
        return [parts.tokenizer.decode(output.ids) for output in outputs]


_KINDS: Final = {"write": Seq2SeqWriter, "translate": Seq2SeqTranslator}


def trim(text: str, language: str, finished: bool) -> str:
    """Return a text without its last sentence where that was cut off, if there is another.

    :param text: What was written.
    :param language: BCP-47 code of its language.
    :param finished: Whether the model came to an end by itself.
    """
    found = [] if finished else split_sentences(text, language)
    return text[: found[-2].end] if len(found) > 1 else text
