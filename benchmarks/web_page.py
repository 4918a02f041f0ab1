"""What a reader waits for: ``python -m benchmarks.web_page [--articles 5] [--words 500] [--output DIR]``.

The page is served by this process with the built-in model, which is warm, and opened in headless Chromium. Every
article is another one, pasted and summarized in style ``auto``: first comes the cleaned article, then its own
sentences, then what the model writes. While it works, the page is asked for its next frame and the server for its
health. The baseline is the same article quoted by ``Summarizer`` in the same process, without a page.
"""

import argparse
import shutil
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Page, sync_playwright

from benchmarks.articles import make_text
from benchmarks.figures import save_figures
from benchmarks.machine import describe_machine
from summarizer import Summarizer
from summarizer.web import PageServer, ServerSettings, build_page, page_options

#: Notes the longest time between two frames from now on.
_WATCH_FRAMES = """() => { let last = performance.now(); window.longest = 0; const next = () => {
    const now = performance.now(); window.longest = Math.max(window.longest, now - last); last = now;
    requestAnimationFrame(next); }; requestAnimationFrame(next); }"""


@dataclass(frozen=True, slots=True)
class Visit:
    """What one reader waited for, in seconds.

    :param paint: From the address to the first paint.
    :param usable: From the address to a box that can be typed into.
    :param article: From the click to the cleaned article.
    :param quoted: From the click to the article's own sentences.
    :param done: From the click to the end.
    :param frame: Longest time between two frames of the page meanwhile.
    :param health: Longest answer of ``/health`` meanwhile.
    :param direct: The same article quoted without a page.
    """

    paint: float
    usable: float
    article: float
    quoted: float
    done: float
    frame: float
    health: float
    direct: float


def main() -> None:
    """Print the median and the most of everything that is waited for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=5)
    parser.add_argument("--words", type=int, default=500)
    parser.add_argument("--output", type=Path, help="folder for web_page.json")
    arguments = parser.parse_args()
    print(describe_machine())
    summarizer = Summarizer()
    summarizer.summarize(make_text("en", arguments.words))
    visits = list(measure(summarizer, [make_text("en", arguments.words, n + 1) for n in range(arguments.articles)]))
    print(f"{'seconds':12}{'median':>8}{'most':>8}")
    for name in (field.name for field in fields(Visit)):
        values = [getattr(visit, name) for visit in visits]
        print(f"{name:12}{statistics.median(values):8.2f}{max(values):8.2f}")
    print(f"quoted / direct: {statistics.median(visit.quoted / visit.direct for visit in visits):.2f}")
    if arguments.output:
        save_figures(arguments.output, "web_page", {"visits": [asdict(visit) for visit in visits]})


def measure(summarizer: Summarizer, texts: Sequence[str]) -> Iterator[Visit]:
    """Yield one visit for each text, each in a new page.

    :param summarizer: Summarizes them, for the page and without it.
    :param texts: Dirty or clean articles.
    """
    server = PageServer(build_page(summarizer), page_options(), ServerSettings(port=0))
    with server.running() as home, sync_playwright() as driver:
        chromium = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-background-networking"]
        )
        for text in texts:
            yield _visit(chromium.new_context(locale="en-US").new_page(), home, summarizer, text)
        chromium.close()


def _visit(page: Page, home: str, summarizer: Summarizer, text: str) -> Visit:
    started = time.perf_counter()
    page.goto(home)
    page.wait_for_selector("#ns-input textarea")
    usable = time.perf_counter() - started
    painted = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
    page.wait_for_function(painted)
    paint = page.evaluate(painted) / 1000
    page.fill("#ns-input textarea", text)
    page.evaluate(_WATCH_FRAMES)
    with _asking(f"{home}/health") as answers:
        started = time.perf_counter()
        page.click("#ns-start")
        waited = [
            _wait(page, selector, started)
            for selector in (".ns-article p", ".ns-result .ns-sentence", '.ns-result[aria-busy="false"]')
        ]
    frame = page.evaluate("window.longest") / 1000
    page.close()
    started = time.perf_counter()
    summarizer.summarize(text, style="extractive")
    return Visit(paint, usable, *waited, frame, max(answers), time.perf_counter() - started)


def _wait(page: Page, selector: str, started: float) -> float:
    page.wait_for_selector(selector)
    return time.perf_counter() - started


@contextmanager
def _asking(address: str) -> Iterator[list[float]]:
    """Yield how long a server took for each of the answers that it is asked for meanwhile, four a second."""
    answers: list[float] = []
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            started = time.perf_counter()
            with urlopen(address, timeout=60) as answer:
                answer.read()
            answers.append(time.perf_counter() - started)
            ended.wait(0.25)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    try:
        yield answers
    finally:
        ended.set()
        thread.join()


if __name__ == "__main__":
    main()
