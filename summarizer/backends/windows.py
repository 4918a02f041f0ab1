"""Long articles for models of a short context: windows of whole sentences, then a summary of the summaries."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from summarizer.article import Article
from summarizer.backends.base import Draft
from summarizer.datamodels import Receipt
from summarizer.languages import get_language
from summarizer.sentences import split_sentences

#: Rounds of summaries of summaries; each shortens a text several times over.
MOST_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Written:
    """A text that a model wrote, with the mean log-probability of its tokens in nats."""

    text: str
    likelihood: float = 0.0


Count = Callable[[Sequence[str]], list[int]]
Write = Callable[[Sequence[str]], list[str]]
WriteScored = Callable[[Sequence[str]], list[Written]]

#: One article on its way: yields the texts to summarize next, is sent what was written, returns the draft.
_Way = Generator[list[str], list[Written], Draft]


def cut_windows(sizes: Sequence[int], limit: int) -> list[range]:
    """Cut a row of sentences into as few windows as it takes, of about the same size.

    :param sizes: Tokens of each sentence.
    :param limit: Most tokens of a window; a sentence that alone is longer has a window of its own.
    :return: The sentences of each window, in order; each is in exactly one.
    """
    total = sum(sizes)
    wanted = total / max(1, -(-total // limit))
    windows: list[range] = []
    start = size = 0
    for index, tokens in enumerate(sizes):
        # Windows of one size summarize better than full ones and a small rest.
        if index > start and (size + tokens > limit or size + tokens / 2 > wanted):
            windows.append(range(start, index))
            start, size = index, 0
        size += tokens
    return [*windows, range(start, len(sizes))] if sizes else []


def summarize_windows(article: Article, limit: int, count: Count, write: Write, *, language: str, most: int) -> Draft:
    """Summarize an article of any length with a model that reads a limited number of tokens.

    :param article: The article.
    :param limit: Most tokens that the model reads at once.
    :param count: Counts the tokens of each text.
    :param write: Summarizes each text.
    :param language: BCP-47 code of the language that is written.
    :param most: Most sentences of the summary.
    :return: The draft; its receipt says what was read. A sentence longer than a window counts as read up to the limit.
    """

    def write_scored(texts: Sequence[str]) -> list[Written]:
        return [Written(text) for text in write(texts)]

    return summarize_together([article], limit, count, write_scored, language=language, most=most)[0]


def summarize_together(
    articles: Sequence[Article], limit: int, count: Count, write: WriteScored, *, language: str, most: int
) -> list[Draft]:
    """Summarize articles as ``summarize_windows`` does, with the windows of all of them written in the same calls.

    :param articles: The articles.
    :param limit: Most tokens that the model reads at once.
    :param count: Counts the tokens of each text.
    :param write: Summarizes each text.
    :param language: BCP-47 code of the language that is written.
    :param most: Most sentences of a summary.
    :return: A draft for each, with the mean likelihood of its last round.
    """
    ways = [_follow(article, limit, count, language, most) for article in articles]
    asked = {place: next(way) for place, way in enumerate(ways)}
    drafts: dict[int, Draft] = {}
    while asked:
        written = iter(write([text for texts in asked.values() for text in texts]))
        for place, texts in list(asked.items()):
            try:
                asked[place] = ways[place].send([next(written) for _ in texts])
            except StopIteration as stop:
                drafts[place] = stop.value
                del asked[place]
    return [drafts[place] for place in range(len(articles))]


def _follow(article: Article, limit: int, count: Count, language: str, most: int) -> _Way:
    texts = [sentence.text for sentence in article.sentences]
    sizes = count(texts)
    skipped = tuple(index for index, size in enumerate(sizes) if size > limit)
    receipt = Receipt(sum(sizes), sum(min(size, limit) for size in sizes), skipped)
    code, likelihood = article.language, 0.0
    for _ in range(MOST_ROUNDS):
        windows = cut_windows(sizes, limit)
        joiner = get_language(code).sentence_joiner
        written = yield [joiner.join(texts[index] for index in window) for window in windows]
        code = language
        likelihood = sum(one.likelihood for one in written) / max(1, len(written))
        texts = [sentence.text for one in written for sentence in split_sentences(one.text, language)]
        if len(windows) <= 1 or not texts:
            break
        sizes = count(texts)
    return Draft(tuple(texts[:most]), receipt, likelihood=likelihood)
