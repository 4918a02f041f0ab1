"""Chat models that write summaries."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from summarizer.article import Article
from summarizer.backends.base import Draft
from summarizer.backends.chat_answers import clean_answer
from summarizer.backends.chat_model import Answer, ChatBackend, cut_text
from summarizer.backends.chat_prompts import ask_summary, fill_prompt
from summarizer.backends.windows import summarize_windows
from summarizer.datamodels import Receipt

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

    def write_stream(self, article: Article, *, language: str | None, sentences: int) -> Iterator[Draft]:
        """Write one draft and yield it as it grows; one of several windows comes at once.

        :param article: The article, already cleaned.
        :param language: As for ``write``, like ``sentences``.
        :raises ModelError: As ``write``.
        """
        task = _Task(self, article, language or article.language, sentences)
        [size] = self._model.count([article.text])
        if size > task.window:
            yield task.write_windows()
        else:
            yield from task.stream(size)


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

    def stream(self, size: int) -> Iterator[Draft]:
        """Yield what has come so far in whole sentences; the last one that has come may still grow."""
        text, finished = "", False
        for piece in self._model.stream(self.ask(self.article.text), self._answer_tokens):
            text, finished = text + piece.text, piece.finished
            whole = clean_answer(text, self.language, self._most + 1)[:-1]
            yield Draft(tuple(whole), Receipt(size, size))
            if len(whole) >= self._most:
                return
        yield self.draft(Answer(text, finished), size)

    def _clean(self, answer: Answer) -> list[str]:
        return clean_answer(answer.text, self.language, self._most, finished=answer.finished)
