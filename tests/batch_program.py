"""A batch as a program of its own, for tests that kill it: INPUT OUTPUT MODEL WORKERS [MOST_BYTES [STEP]]."""

import resource
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from summarizer import Summarizer
from summarizer.backends.fake import FakeBackend
from summarizer.batch.runner import Job, run_batch, stop_on_signals
from summarizer.batch.sources import open_source
from summarizer.errors import SummarizerError
from summarizer.languages import identify_language


class Silent:
    """Watches and says nothing."""

    def resume(self, result: Mapping[str, Any]) -> None:
        """Take a result of an earlier run."""

    def add(self, results: list[dict[str, Any]]) -> None:
        """Take results of this run."""


def limit_files(most_bytes: int) -> None:
    """Let no file grow beyond a size: what a full disk looks like to a program."""
    identify_language("The model of languages is unpacked into a file first.")
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))


def main(source: str, output: str, model: str, workers: str, most_bytes: str = "", step: str = "32") -> int:
    """Run the batch, and return 0 if it came to its end."""
    if most_bytes:
        limit_files(int(most_bytes))
    summarizer = Summarizer(FakeBackend() if model == "fake" else model)
    job = Job(summarizer, {"style": "extractive"}, {"check": False, "clean": False}, int(workers), step=int(step))
    try:
        with stop_on_signals(lambda text: None) as stopped:
            outcome = run_batch(open_source(source), Path(output), job, watcher=Silent(), stopped=stopped)
    except SummarizerError as error:
        sys.stderr.write(f"{error.message} [{error.code}]\n")
        return 1
    return 0 if outcome.finished else 3


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
