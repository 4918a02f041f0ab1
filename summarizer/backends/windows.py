"""Long articles for models of a short context: windows of whole sentences, then a summary of the summaries."""

from collections.abc import Callable, Sequence

from summarizer.article import Article
from summarizer.backends.base import Draft
from summarizer.datamodels import Receipt
from summarizer.languages import get_language
from summarizer.sentences import split_sentences

#: Rounds of summaries of summaries; each shortens a text several times over.
MOST_ROUNDS = 4

Count = Callable[[Sequence[str]], list[int]]
Write = Callable[[Sequence[str]], list[str]]


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
    texts = [sentence.text for sentence in article.sentences]
    sizes = count(texts)
    skipped = tuple(index for index, size in enumerate(sizes) if size > limit)
    receipt = Receipt(sum(sizes), sum(min(size, limit) for size in sizes), skipped)
    code = article.language
    for _ in range(MOST_ROUNDS):
        windows = cut_windows(sizes, limit)
        joiner = get_language(code).sentence_joiner
        written = write([joiner.join(texts[index] for index in window) for window in windows])
        code = language
        texts = [sentence.text for text in written for sentence in split_sentences(text, language)]
        if len(windows) <= 1 or not texts:
            break
        sizes = count(texts)
    return Draft(tuple(texts[:most]), receipt)
