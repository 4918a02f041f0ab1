"""What is asked of every article of a batch, and the results that come of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from summarizer.article import Article
from summarizer.backends.base import preferred_batch
from summarizer.batch.cache import Answer, ResultCache
from summarizer.batch.preparation import Prepared
from summarizer.batch.records import Row
from summarizer.batch.steps import STEP
from summarizer.errors import SummarizerError
from summarizer.pipeline import Summarizer
from summarizer.summary import Summary, error_to_dict


@dataclass(frozen=True, slots=True)
class Job:
    """What is asked of every article of a batch.

    :param summarizer: What summarizes.
    :param request: Keyword arguments of ``Summarizer.summarize_many``: target language, length and style.
    :param reading: Keyword arguments of ``Article.from_row``.
    :param workers: Processes that clean ahead of the model.
    :param batch_size: Articles that the model is given at once; by default what suits it.
    :param columns: What the input calls our columns.
    :param ordered: Leave the results in the order of the input; else in that in which they are done, for which rows of
        about the same length are brought together.
    :param cache: Results of earlier runs, which are not made again.
    :param step: Rows whose results are made durable at once, at most; by default 32, or what the model is given.
    """

    summarizer: Summarizer
    request: Mapping[str, Any] = field(default_factory=dict)
    reading: Mapping[str, Any] = field(default_factory=dict)
    workers: int = 0
    batch_size: int | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    ordered: bool = True
    cache: ResultCache | None = None
    step: int | None = None

    @property
    def together(self) -> int:
        """Articles that the model is given at once."""
        return self.batch_size or preferred_batch(self.summarizer.backend)

    @property
    def most(self) -> int:
        """Rows of a step, at most."""
        return self.step or max(STEP, self.together)

    def options(self) -> dict[str, Any]:
        """Return what the results depend on, by name."""
        reading = {name: sorted(value) if name == "keep" else value for name, value in self.reading.items()}
        return {
            "signature": self.summarizer.sign(**self.request),
            **self.request,
            "translator": self.summarizer.translator_name,
            **reading,
            "columns": dict(self.columns),
        }

    def summarize(self, prepared: list[Prepared]) -> list[dict[str, Any]]:
        """Return the result of each row, in order."""
        articles = [article for _, article in prepared if isinstance(article, Article)]
        answers = iter(self._answer(articles))
        return [to_result(row, next(answers) if isinstance(article, Article) else article) for row, article in prepared]

    def _answer(self, articles: list[Article]) -> Iterable[Answer]:
        if self.cache is None:
            return self._compute(articles)
        request = {"signature": self.summarizer.sign(**self.request), **self.request}
        if self.request.get("target_language") is not None:
            request["translator"] = self.summarizer.translator.digest
        return self.cache.complete(articles, request, self._compute)

    def _compute(self, articles: list[Article]) -> Iterator[Summary | SummarizerError]:
        return self.summarizer.summarize_many(articles, errors="yield", batch_size=self.batch_size, **self.request)


def to_result(row: Row, answer: Answer) -> dict[str, Any]:
    """Return the result of a row: the JSON of every result, and its place in the input."""
    if isinstance(answer, SummarizerError):
        return {"row": row.number, **error_to_dict(answer, row.id)}
    result = answer.to_dict() if isinstance(answer, Summary) else answer
    return {"row": row.number, **result, "id": row.id}
