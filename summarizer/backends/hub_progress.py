"""Progress of the model hub's client, told to a function instead of drawn."""

from threading import Lock
from typing import Any

from summarizer.backends.model_store import Progress


def make_bar(report: Progress, total: int, what: str) -> type:
    """Return a class that the hub's client takes for a progress bar.

    :param report: Told the bytes done, the bytes in all and what is being done.
    :param total: Bytes in all.
    :param what: What is being done.
    """
    from huggingface_hub.utils.tqdm import tqdm

    lock = Lock()
    done = 0

    class Bar(tqdm):
        """Counts, and draws nothing; of the bars for bytes received and bytes written, the one ahead is told."""

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **{**options, "disable": True})  # type: ignore[no-untyped-call]
            self.counts_bytes = options.get("unit") == "B"

        def update(self, n: float | None = 1) -> None:
            nonlocal done
            with lock:
                self.n += n or 0
                if self.counts_bytes and self.n > done:
                    done = min(int(self.n), total)
                    report(done, total, what)

    return Bar
