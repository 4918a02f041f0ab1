"""User names, passwords and keys in addresses are in nothing that a batch says or leaves."""

import json
import logging

import pytest

from summarizer import Summarizer
from summarizer.backends.fake import FakeBackend
from summarizer.batch.runner import Job
from summarizer.batch.source_feed import FeedSource
from summarizer.cli_batch import run_command
from summarizer.errors import ServerError

ADDRESS = "https://anna:hunter2@news.example/feed.xml?page=3&api_key=hunter2"
FEED = b"""<?xml version="1.0"?>
<rss version="2.0"><channel><title>News</title>
<item><guid isPermaLink="false">https://anna:hunter2@news.example/1</guid>
<description>The council voted. Nobody objected.</description></item>
<item><guid isPermaLink="false">2</guid><description>The ferry to Osk stays. The mayor is glad.</description></item>
</channel></rss>"""


class Telling(FakeBackend):
    """Fails over the second article, and tells more than it should."""

    def score(self, articles):
        logging.getLogger("summarizer.backends.telling").warning("%s is slow", ADDRESS)
        if any("ferry" in article.text for article in articles):
            raise ServerError(f"{ADDRESS} failed.")
        return super().score(articles)


@pytest.mark.parametrize("mode", ["json", "lines"])
def test_no_manifest_report_or_line_has_a_secret(tmp_path, capsys, mode):
    output = tmp_path / "out.jsonl"
    job = Job(Summarizer(Telling()), {"style": "extractive"}, {"check": False, "language": "en"})
    outcome = run_command(FeedSource(FEED, ADDRESS), output, job, mode=mode, restart=False, retry_failed=False)

    told = capsys.readouterr().err
    left = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir() if path != output}
    assert (outcome.done, outcome.failed) == (2, 1)
    assert {"out.jsonl.manifest.json", "out.jsonl.report.json", "out.jsonl.report.html"} <= set(left)
    for text in (told, *left.values()):
        assert "hunter2" not in text
    assert "https://news.example/feed.xml?page=3" in left["out.jsonl.manifest.json"]
    assert "https://news.example/feed.xml?page=3" in left["out.jsonl.report.html"]


def test_what_the_library_logs_is_a_note_among_the_lines_of_json(tmp_path, capsys):
    job = Job(Summarizer(Telling()), {"style": "extractive"}, {"check": False, "language": "en"})
    feed = FeedSource(FEED, "news.xml")
    run_command(feed, tmp_path / "out.jsonl", job, mode="json", restart=False, retry_failed=False)

    events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert {event["text"] for event in events if event["event"] == "note"} == {
        "https://news.example/feed.xml?page=3&api_key=… is slow"
    }
    assert not logging.getLogger("summarizer").handlers
