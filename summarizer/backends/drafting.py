"""From an article that was read to a summary in words, and from a sentence to its translation, both checked."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from summarizer.article import Article
from summarizer.backends.constraints import Length, NoRepeat, cut_at_sentence_end
from summarizer.backends.gemma_memory import Memory
from summarizer.backends.gemma_reader import GemmaReader, Read
from summarizer.backends.gemma_writer import GemmaWriter, Order, Written
from summarizer.backends.number_constraint import SourceNumbers
from summarizer.backends.prompts import Form, ask_summary, ask_translation
from summarizer.backends.shortlist import make_shortlist
from summarizer.evidence import flag_language
from summarizer.sentences import split_sentences

#: Least and most tokens of each form of summary, the end left out.
TOKENS: dict[Form, tuple[int, int]] = {"headline": (3, 48), "short": (8, 110), "medium": (20, 200)}
#: No run of so many tokens is written twice.
REPEAT = 6
#: Tokens of an article beyond one window that are read again to write after: its most telling sentences.
EXTRACT = 1024
#: Sentences that are translated at once.
BATCH = 8


@dataclass(frozen=True, slots=True)
class Task:
    """An article to summarize.

    :param article: The article.
    :param read: What reading it gave.
    :param scores: How telling each of its sentences is.
    :param language: BCP-47 code of the summary.
    """

    article: Article
    read: Read
    scores: tuple[float, ...]
    language: str


@dataclass(frozen=True, slots=True)
class Text:
    """What was written: its sentences (none where nothing came that can stand) and the model's mean log-probability."""

    sentences: tuple[str, ...]
    likelihood: float


class Drafter:
    """Writes after what was read.

    :param reader: Reads articles with the base model.
    :param writer: Writes with the adapter on.
    """

    def __init__(self, reader: GemmaReader, writer: GemmaWriter) -> None:
        self._reader, self._writer = reader, writer
        self._tokenizer = reader.tokenizer
        self._nothing: Memory | None = None

    def summarize(self, tasks: Sequence[Task], form: Form, sentences: int) -> list[Text]:
        """Write one summary for each article.

        :param tasks: What to summarize, and in which languages.
        :param form: What is asked for.
        :param sentences: Most sentences of it.
        """

        def finish(written: Written, place: int) -> Text:
            return self._finish(written, tasks[place].language, form, sentences)

        orders = [self.order_summary(task, form) for task in tasks]
        return self._write_checked(orders, [task.language for task in tasks], finish)

    def stream_summary(self, task: Task, form: Form, sentences: int) -> Iterator[Text]:
        """Write one summary and yield it after each token, in whole sentences; the last is what ``summarize`` returns.

        :param task: What to summarize.
        :param form: What is asked for.
        :param sentences: Most sentences of it.
        """
        order, text = self.order_summary(task, form), Text((), 0.0)
        for choices in (order, self._restrict(order, task.language)):
            for [written] in self._writer.stream([choices]):
                text = self._finish(written, task.language, form, sentences)
                # What comes next may still belong to the last sentence.
                yield Text(text.sentences[:-1], text.likelihood)
            if _is_in(text, task.language):
                yield text
                return
        yield Text((), text.likelihood)

    def _finish(self, written: Written, language: str, form: Form, sentences: int) -> Text:
        text = self._tokenizer.decode(written.tokens).strip()
        text = cut_at_sentence_end(text, language, sentences, headline=form == "headline")
        found = [text] if form == "headline" else [sentence.text for sentence in split_sentences(text, language)]
        return Text(tuple(filter(None, found)), written.mean_likelihood)

    def translate(self, sentences: Sequence[str], source: str, target: str) -> list[str]:
        """Translate each sentence; one that cannot be comes back empty.

        :param sentences: Single sentences.
        :param source: BCP-47 code of their language.
        :param target: BCP-47 code of the language to translate into.
        """
        order = sorted(range(len(sentences)), key=lambda index: len(sentences[index]))
        translated = [""] * len(sentences)
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            orders = [self._order_translation(sentences[index], source, target) for index in batch]
            for index, text in zip(batch, self._write_checked(orders, [target] * len(batch), self._whole), strict=True):
                translated[index] = " ".join(text.sentences)
        return translated

    def _whole(self, written: Written, place: int) -> Text:
        text = " ".join(self._tokenizer.decode(written.tokens).split())
        return Text((text,) if text and written.ended else (), written.mean_likelihood)

    def _write_checked(
        self, orders: list[Order], languages: Sequence[str], finish: Callable[[Written, int], Text]
    ) -> list[Text]:
        """Write, and where another language came out, once more with the tokens of the right one only."""
        texts = [finish(written, place) for place, written in enumerate(self._writer.write(orders))]
        strayed = [place for place, text in enumerate(texts) if not _is_in(text, languages[place])]
        again = [self._restrict(orders[place], languages[place]) for place in strayed]
        for place, written in zip(strayed, self._writer.write(again), strict=True):
            text = finish(written, place)
            texts[place] = text if _is_in(text, languages[place]) else Text((), text.likelihood)
        return texts

    def _restrict(self, order: Order, language: str) -> Order:
        choices = make_shortlist((self._tokenizer.eos_id,), language)
        return Order(order.memory, order.prompt, choices, order.constraints, order.most)

    def order_summary(self, task: Task, form: Form) -> Order:
        """Return what the writer needs to write a summary."""
        article, language = task.article, task.language
        least, most = TOKENS[form]
        source = f"{article.title or ''}\n{article.text}"
        constraints = (
            Length(self._tokenizer.eos_id, least, most),
            NoRepeat(REPEAT),
            SourceNumbers(source, self._tokenizer, article.language, language),
        )
        prompt = tuple(self._tokenizer.encode(ask_summary(form, language)))
        choices = self._choose(chain.from_iterable(task.read.tokens), language)
        return Order(self._recall(task.read, task.scores), prompt, choices, constraints, most)

    def _order_translation(self, sentence: str, source: str, target: str) -> Order:
        tokens = self._tokenizer.encode(sentence)
        most = 16 + 3 * len(tokens)
        constraints = (
            Length(self._tokenizer.eos_id, 1, most),
            NoRepeat(REPEAT),
            SourceNumbers(sentence, self._tokenizer, source, target),
        )
        if self._nothing is None:
            self._nothing = self._reader.remember([])
        prompt = tuple(self._tokenizer.encode(ask_translation(sentence, source, target)))
        return Order(self._nothing, prompt, self._choose(tokens, target), constraints, most)

    def _choose(self, tokens: Iterable[int], language: str) -> NDArray[np.int64]:
        return make_shortlist((*tokens, self._tokenizer.eos_id), language)

    def _recall(self, read: Read, scores: Sequence[float]) -> Memory:
        """Return what to write after; of an article that is longer than a window, its most telling sentences."""
        if read.memory is not None:
            return read.memory
        kept: set[int] = set()
        room = EXTRACT
        for index in sorted(range(len(scores)), key=lambda index: -scores[index]):
            if len(read.tokens[index]) <= room:
                kept.add(index)
                room -= len(read.tokens[index])
        return self._reader.remember(token for index in sorted(kept) for token in read.tokens[index])


def _is_in(text: Text, language: str) -> bool:
    """Tell whether a text is not clearly in another language; nothing written is in any."""
    return not any(flag_language(" ".join(text.sentences), language))
