"""A backend for tests of jobs: it works when it is let, so that what happens meanwhile can be looked at."""

import json
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from summarizer.article import Article
from summarizer.backends.base import Draft
from summarizer.backends.fake import FakeBackend

TEXT = """The {word} bridge reopened to traffic on Monday after a long winter of repairs, the county council said.

Engineers had closed it because of cracks in two of its steel supports. Bakers on both banks cheered when the first bus
came across the river, and the school beside the market rang its bell.

The council had planned to finish the work before the harvest, but heavy rain held it up for several weeks. Lorries have
to take the motorway until the spring, when the new surface of the road is dry enough for them.

People who live near the river said that they were glad to have the short way to the hospital back. The mayor thanked
everybody who had waited, and promised that the old ferry would stay in service on Sundays."""


class GatedBackend(FakeBackend):
    """Writes one step for each ``let(1)``; ``gate.set()`` lets all pass."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.begun = 0
        self.written: list[str] = []
        self._steps = threading.Semaphore(0)

    def let(self, steps: int) -> None:
        """Let steps pass."""
        for _ in range(steps):
            self._steps.release()

    def write(self, articles: Sequence[Article], *, language: str | None, sentences: int) -> list[Draft]:
        """Wait to be let, and write."""
        self.begun += 1
        while not (self.gate.is_set() or self._steps.acquire(timeout=0.01)):
            pass
        self.written += [article.text for article in articles]
        return super().write(articles, language=language, sentences=sentences)


def write_rows(path: Path, count: int, *bad: int) -> Path:
    """Write a table of JSON lines; the rows ``bad`` have no text."""
    rows = [
        {"id": f"a{n}", "title": f"Title {n}", "lang": "en", "text": TEXT.format(word=f"word{n}")} for n in range(count)
    ]
    for number in bad:
        rows[number]["text"] = ""
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def wait_until(holds: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait for something that other threads bring about."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.005)
