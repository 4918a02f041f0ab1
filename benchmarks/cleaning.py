"""Cleaning: speed by length, and quality against gold bodies: ``python -m benchmarks.cleaning [ROWS.jsonl ...]``.

Speed is measured on the pages of the tests, repeated with other numbers up to 10 MB; the baseline is ``str.split``.
Rows have ``pasted`` and ``body``, and maybe ``html/ID.html.gz`` beside the file. The measure is that of the Scrapinghub
article extraction benchmark: 4-token shingles, mean precision and recall over pages, F1 of the means. The baseline is
the page as it was pasted, and for HTML what trafilatura makes of it alone. Where the block model was trained on these
very pages, ``python -m training.cleaning`` gives the honest figures, by cross-validation.
"""

import gzip
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from trafilatura import extract

from benchmarks.machine import describe_machine
from summarizer.article import Article
from summarizer.cleaning import clean_text
from summarizer.cleaning.guard import find_refusal
from summarizer.decoding import normalize
from summarizer.errors import NotAnArticleError, SummarizerError
from summarizer.evaluation.metrics import TOKEN

PAGES = Path(__file__).resolve().parent.parent / "tests" / "pages" / "pasted"
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)


def main() -> None:
    """Print the speed of cleaning, and for each file of rows its quality."""
    print(describe_machine())
    show_speed()
    for path in map(Path, sys.argv[1:]):
        with path.open(encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        show_pasted(path.parent.name, rows)
        if (path.parent / "html").is_dir():
            show_html(path.parent.name, rows, path.parent / "html")


def show_speed() -> None:
    """Print seconds for pages of 10 kB to 10 MB, and their ratio to the time of splitting them into words."""
    pages = "\n".join(path.read_text(encoding="utf-8") for path in sorted(PAGES.glob("*.txt")))
    clean_text(pages[: SIZES[0]])
    for size in SIZES:
        page = normalize("\n".join(_repeat(pages, size))[:size])
        started = time.perf_counter()
        page.split()
        split = time.perf_counter()
        clean_text(page)
        seconds = time.perf_counter() - split
        ratio = seconds / (split - started)
        per = 1e5 * seconds / len(page)
        print(f"{size:>11,} characters: {seconds:8.3f} s, {1000 * per:4.0f} ms for 100,000; {ratio:.0f} x split()")


def _repeat(pages: str, size: int) -> Iterator[str]:
    """Yield the pages until there is enough, each time with another number in each line, so that no line repeats."""
    length = number = 0
    while length < size:
        copy = "\n".join(f"{line} {number}" if len(line) > 40 else line for line in pages.split("\n"))
        yield copy
        length += len(copy)
        number += 1


def show_pasted(name: str, rows: list[dict[str, Any]]) -> None:
    """Print precision, recall and F1 of cleaning and of no cleaning."""
    started = time.perf_counter()
    cleaned = [clean_text(normalize(row["pasted"])).text for row in rows]
    seconds = time.perf_counter() - started
    refused = sum(find_refusal(row["pasted"], text) is not None for row, text in zip(rows, cleaned, strict=True))
    print(f"{name}, pasted: {len(rows)} pages, {1000 * seconds / len(rows):.0f} ms a page, {refused} refused")
    _show_score("as pasted", rows, [row["pasted"] for row in rows])
    _show_score("cleaned", rows, cleaned)


def show_html(name: str, rows: list[dict[str, Any]], folder: Path) -> None:
    """Print precision, recall and F1 of the article that is found in HTML."""
    sources = [gzip.decompress((folder / f"{row['id']}.html.gz").read_bytes()) for row in rows]
    started = time.perf_counter()
    articles = [_read(source, row.get("url")) for source, row in zip(sources, rows, strict=True)]
    seconds = time.perf_counter() - started
    refused = sum(article is None for article in articles)
    print(f"{name}, HTML: {len(rows)} pages, {1000 * seconds / len(rows):.0f} ms a page, {refused} refused")
    _show_score("trafilatura", rows, [extract(source, include_comments=False) or "" for source in sources])
    _show_score("article", rows, [article or "" for article in articles])


def _read(source: bytes, url: str | None) -> str | None:
    try:
        return Article.from_html(source, url=url).text
    except NotAnArticleError:
        return None
    except SummarizerError:
        return Article.from_html(source, url=url, language="en").text


def _show_score(name: str, rows: list[dict[str, Any]], texts: list[str]) -> None:
    precision, recall, f1 = score([(row["body"], text) for row, text in zip(rows, texts, strict=True)])
    print(f"  {name:11} precision {precision:.3f}  recall {recall:.3f}  F1 {f1:.3f}")


def score(pairs: list[tuple[str, str]]) -> tuple[float, float, float]:
    """Return mean precision, mean recall and their F1 over (gold, predicted) pairs."""
    counts = [(_shingles(gold), _shingles(predicted)) for gold, predicted in pairs]
    precision = statistics.mean((gold & found).total() / found.total() for gold, found in counts if found)
    recall = statistics.mean((gold & found).total() / gold.total() for gold, found in counts if gold)
    return precision, recall, 2 * precision * recall / (precision + recall)


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    tokens = TOKEN.findall(text.casefold())
    return Counter(tuple(tokens[i : i + 4]) for i in range(max(1, len(tokens) - 3))) if tokens else Counter()


if __name__ == "__main__":
    main()
