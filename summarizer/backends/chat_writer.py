"""Chat models that write summaries."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from summarizer.article import Article
from summarizer.backends.base import Draft
from summarizer.backends.chat_answers import clean_answer
from summarizer.backends.chat_model import Answer, ChatBackend, cut_text
from summarizer.backends.chat_prompts import ask_summary, fill_prompt
from summarizer.backends.windows import summarize_windows
from summarizer.datamodels import Receipt
from summarizer.languages import get_language

#: Tokens that an answer may have for each sentence; scripts that a tokenizer knows badly take up to three a letter.
TOKENS_PER_SENTENCE = 160


class ChatWriter(ChatBackend):
    """A chat model that writes summaries."""

    def write(self, articles: Sequence[Article], *, language: str | None, sentences: int) -> list[Draft]:
        """Write one draft for each article; articles longer than the model's context are read in windows.

        :param articles: The articles, already cleaned.
        :param language: BCP-47 code of the summaries, or ``None`` for each article's own language.
        :param sentences: The most sentences a draft may have.
        :return: The drafts, in order; without sentences where the model gave no usable answer.
        :raises ModelError: If the model cannot be loaded, reached or asked.
        """
        sizes = self._model.count([article.text for article in articles])
        tasks = [_Task(self, article, language or article.language, sentences) for article in articles]
        whole = [task.ask(task.article.text) for task, size in zip(tasks, sizes, strict=True) if size <= task.window]
        answers = iter(self._model.answer(whole, self._answer_tokens(sentences)) if whole else ())
        return [
            task.draft(next(answers), size) if size <= task.window else task.write_windows()
            for task, size in zip(tasks, sizes, strict=True)
        ]

    def _answer_tokens(self, sentences: int) -> int:
        """Return the tokens for an answer; at least half of the context is for the request."""
        return min(sentences * TOKENS_PER_SENTENCE, self._model.context // 2)

    def write_stream(self, article: Article, *, language: str | None, sentences: int) -> Iterator[str]:
        """Write a draft sentence by sentence, as soon as each is whole.

        :param article: The article, already cleaned.
        :param language: As for ``write``, like ``sentences``.
        :return: Pieces of text that together are the summary.
        :raises ModelError: As ``write``.
        """
        task = _Task(self, article, language or article.language, sentences)
        joiner = get_language(task.language).sentence_joiner
        if self._model.count([article.text])[0] > task.window:
            yield from _with_joiners(task.write_windows().sentences, joiner)
        else:
            yield from _with_joiners(task.stream(), joiner)


class _Task:
    """One summary to be written."""

    def __init__(self, backend: ChatWriter, article: Article, language: str, most: int) -> None:
        self.article = article
        self.language = language
        self._model = backend._model
        self._prompt = backend._card.prompt
        self._most = most
        self._answer_tokens = backend._answer_tokens(most)
        self.window = backend._window(self.ask(""), self._answer_tokens)

    def ask(self, text: str) -> str:
        if self._prompt:
            return fill_prompt(self._prompt, text)
        return ask_summary(text, self.language, self._most)

    def draft(self, answer: Answer, size: int) -> Draft:
        return Draft(tuple(self._clean(answer)), Receipt(size, size), likelihood=answer.likelihood)

    def write_windows(self) -> Draft:
        likelihood = 0.0

        def write(texts: Sequence[str]) -> list[str]:
            nonlocal likelihood
            requests = [self.ask(cut_text(text, self.window, self._model.count)) for text in texts]
            answers = self._model.answer(requests, self._answer_tokens)
            likelihood = sum(answer.likelihood for answer in answers) / len(answers)
            return ["\n".join(self._clean(answer)) for answer in answers]

        draft = summarize_windows(
            self.article, self.window, self._model.count, write, language=self.language, most=self._most
        )
        return replace(draft, likelihood=likelihood)

    def stream(self) -> Iterator[str]:
        """Yield whole sentences; the last one of what has come so far may still grow."""
        text, finished, done = "", False, 0
        for piece in self._model.stream(self.ask(self.article.text), self._answer_tokens):
            text, finished = text + piece.text, piece.finished
            whole = clean_answer(text, self.language, self._most + 1)[:-1]
            yield from whole[done:]
            done = max(done, len(whole))
            if done >= self._most:
                return
        yield from self._clean(Answer(text, finished))[done:]

    def _clean(self, answer: Answer) -> list[str]:
        return clean_answer(answer.text, self.language, self._most, finished=answer.finished)


def _with_joiners(sentences: Iterable[str], joiner: str) -> Iterator[str]:
    for index, sentence in enumerate(sentences):
        yield joiner + sentence if index else sentence
