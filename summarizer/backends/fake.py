"""A backend for tests, ours and yours: no weights, no network, answers that are known in advance."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from summarizer.article import Article
from summarizer.backends.base import Draft, Reading
from summarizer.datamodels import Receipt
from summarizer.languages import base_code


class FakeBackend:
    """Scores by position, writes what it was told to, and translates by a function.

    :param drafts: The sentences of each draft to hand out, in turn; without them a draft is the article's first
        sentences.
    :param translate: What to do with a sentence; by default it is put in brackets behind the target's code.
    :param pairs: The language pairs it claims.
    """

    digest = "fake"

    def __init__(
        self,
        drafts: Iterable[Sequence[str]] = (),
        translate: Callable[[str, str, str], str] | None = None,
        pairs: Iterable[tuple[str, str]] = (("en", "pt"),),
    ) -> None:
        self.calls: list[tuple[str, int]] = []
        self._drafts = iter(drafts)
        self._translate = translate or (lambda sentence, _source, target: f"[{target}: {sentence}]")
        self._pairs = frozenset(pairs)

    def score(self, articles: Sequence[Article]) -> list[Reading]:
        """Score the first sentence highest."""
        self.calls.append(("score", len(articles)))
        return [Reading(tuple(-float(i) for i in range(len(a.sentences))), _receipt(a)) for a in articles]

    def write(self, articles: Sequence[Article], *, language: str | None, sentences: int) -> list[Draft]:
        """Hand out the next draft for each article."""
        self.calls.append(("write", len(articles)))
        return [self._draft(article, sentences) for article in articles]

    def write_stream(self, article: Article, *, language: str | None, sentences: int) -> Iterator[Draft]:
        """Hand out the next draft sentence by sentence."""
        [draft] = self.write([article], language=language, sentences=sentences)
        for number in range(len(draft.sentences) + 1):
            yield Draft(draft.sentences[:number], draft.receipt)

    def _draft(self, article: Article, most: int) -> Draft:
        own = [sentence.text for sentence in article.sentences[:most]]
        return Draft(tuple(next(self._drafts, own))[:most], _receipt(article))

    def pairs(self) -> frozenset[tuple[str, str]]:
        """Return the pairs it was given."""
        return self._pairs

    def translate(self, sentences: Sequence[str], source: str, target: str) -> list[str]:
        """Apply the function to each sentence."""
        self.calls.append(("translate", len(sentences)))
        return [self._translate(sentence, base_code(source), base_code(target)) for sentence in sentences]


def _receipt(article: Article) -> Receipt:
    tokens = len(article.text.split())
    return Receipt(tokens, tokens)
