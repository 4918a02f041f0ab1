"""Many users at once: nothing lost, nothing mixed up, memory stable.

    python -m benchmarks.load [--users 50] [--requests 200] [--model fake|extractive] [--delay SECONDS]

Every request carries a marker of its own that has to come back. All of them are sent twice; the second time shows
whether memory goes on growing. The baseline is the same work without a server, one article after the other.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from statistics import median
from typing import Any

from gradio_client import Client
from gradio_client.utils import QueueError

from summarizer import Summarizer
from summarizer.article import Article
from summarizer.backends.base import Reading
from summarizer.backends.fake import FakeBackend
from summarizer.web import PageServer, ServerSettings, build_page, page_options
from summarizer.web.settings import Limits


class SlowBackend(FakeBackend):
    """Takes as long as a model does.

    :param delay: Seconds for each article.
    """

    def __init__(self, delay: float) -> None:
        super().__init__()
        self._delay = delay

    def score(self, articles: Sequence[Article]) -> list[Reading]:
        """Score the first sentence highest, after a while."""
        time.sleep(self._delay * len(articles))
        return super().score(articles)


def make_article(number: int) -> str:
    """Return an article that says its number in every sentence."""
    marker = f"Marker{number:05d}"
    return (
        f"{marker} opens its tidal pool\n"
        f"The town of {marker} opened a tidal pool on Saturday after three years of work. "
        f"About 900 people came to {marker} on the first day, the harbour office said. "
        f"The mayor of {marker} said that the pool would stay free of charge all year.\n"
    )


def run_users(url: str, numbers: range, users: int) -> tuple[Counter[str], list[float]]:
    """Let users send requests, each one after the other, all at the same time.

    :param url: Of the server.
    :param numbers: One for each request.
    :param users: How many there are.
    :return: What came of the requests, and the seconds that each took.
    """
    outcomes: Counter[str] = Counter()
    seconds: list[float] = []

    def work(user: int) -> None:
        # Its own limit of five seconds for each step is too short where users and server share two cores.
        more = {"timeout": 60}
        client = Client(url, verbose=False, analytics_enabled=False, download_files=False, httpx_kwargs=more)
        for number in numbers[user::users]:
            started = time.perf_counter()
            outcomes[ask(client, number)] += 1
            seconds.append(time.perf_counter() - started)
        client.close()

    with ThreadPoolExecutor(users) as pool:
        for done in [pool.submit(work, user) for user in range(users)]:
            done.result()
    return outcomes, seconds


def ask(client: Client, number: int) -> str:
    """Send a request and judge the answer: ``answered``, ``told to wait``, ``failed`` or ``mixed up``."""
    try:
        result: dict[str, Any] = client.predict(
            text=make_article(number), style="extractive", length="medium", api_name="/summarize"
        )
    except QueueError:
        return "told to wait"
    if result["error"] is not None:
        return "failed"
    own = all(f"Marker{number:05d}" in sentence["text"] for sentence in result["sentences"])
    return "answered" if own and result["sentences"] else "mixed up"


def measure(summarizer: Summarizer, users: int, requests: int, limits: Limits) -> list[dict[str, Any]]:
    """Serve a page and load it twice.

    :return: Figures of each time.
    """
    server = PageServer(build_page(summarizer, limits), page_options(), ServerSettings(port=0, limits=limits))
    figures = []
    with server.running() as url:
        for turn in range(2):
            before, started = server.describe()["memory_mb"], time.perf_counter()
            numbers = range(turn * requests, (turn + 1) * requests)
            # In a process of their own, so that the memory is that of the server.
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as elsewhere:
                outcomes, seconds = elsewhere.submit(run_users, url, numbers, users).result()
            figures.append(
                {
                    **outcomes,
                    "seconds": round(time.perf_counter() - started, 1),
                    "median_s": round(median(seconds), 2),
                    "slowest_s": round(max(seconds), 2),
                    "memory_mb": [before, server.describe()["memory_mb"]],
                }
            )
    return figures


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--model", choices=("fake", "extractive"), default="fake")
    parser.add_argument("--delay", type=float, default=0.1)
    arguments = parser.parse_args()
    summarizer = Summarizer(SlowBackend(arguments.delay) if arguments.model == "fake" else arguments.model)
    started = time.perf_counter()
    for number in range(arguments.requests):
        summarizer.summarize(make_article(number), style="extractive", length="medium")
    alone = round(time.perf_counter() - started, 1)
    turns = measure(summarizer, arguments.users, arguments.requests, Limits())
    print(json.dumps({"without_server_s": alone, "turns": turns}, indent=2))


if __name__ == "__main__":
    main()
