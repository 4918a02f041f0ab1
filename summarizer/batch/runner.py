"""A batch from its first row to its last, over as many runs as it takes."""

import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from filelock import FileLock, Timeout

from summarizer.addresses import hide_secrets
from summarizer.article import Article
from summarizer.backends.base import preferred_batch
from summarizer.batch.cache import Answer, ResultCache
from summarizer.batch.journal import Journal, is_sorted, read_results, rewrite, sort_results
from summarizer.batch.manifest import Manifest
from summarizer.batch.preparation import Preparation
from summarizer.batch.records import Row, RowSource
from summarizer.batch.steps import AHEAD, STEP, bring_together, cut_steps
from summarizer.errors import DiskFullError, OutputInUseError, OutputMismatchError, SummarizerError
from summarizer.pipeline import Summarizer
from summarizer.summary import Summary, error_to_dict

Prepared = tuple[Row, Article | SummarizerError]


class Watcher(Protocol):
    """Is told of every result, those of earlier runs first."""

    def resume(self, result: Mapping[str, Any]) -> None:
        """Take a result of an earlier run."""
        ...

    def add(self, results: list[dict[str, Any]]) -> None:
        """Take results that are on the disk now."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """What is asked of every article of a batch.

    :param summarizer: What summarizes.
    :param request: Keyword arguments of ``Summarizer.summarize_many``: target language, length and style.
    :param reading: Keyword arguments of ``Article.from_row``.
    :param workers: Processes that clean ahead of the model.
    :param batch_size: Articles that the model is given at once; by default what suits it.
    :param columns: What the input calls our columns.
    :param ordered: Leave the results in the order of the input; else in that in which they are done, for which rows of
        about the same length are brought together.
    :param cache: Results of earlier runs, which are not made again.
    :param step: Rows whose results are made durable at once, at most; by default 32, or what the model is given.
    """

    summarizer: Summarizer
    request: Mapping[str, Any] = field(default_factory=dict)
    reading: Mapping[str, Any] = field(default_factory=dict)
    workers: int = 0
    batch_size: int | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    ordered: bool = True
    cache: ResultCache | None = None
    step: int | None = None

    @property
    def together(self) -> int:
        """Articles that the model is given at once."""
        return self.batch_size or preferred_batch(self.summarizer.backend)

    @property
    def most(self) -> int:
        """Rows of a step, at most."""
        return self.step or max(STEP, self.together)

    def options(self) -> dict[str, Any]:
        """Return what the results depend on, by name."""
        reading = {name: sorted(value) if name == "keep" else value for name, value in self.reading.items()}
        return {
            "signature": self.summarizer.sign(**self.request),
            **self.request,
            **reading,
            "columns": dict(self.columns),
        }

    def summarize(self, prepared: list[Prepared]) -> list[dict[str, Any]]:
        """Return the result of each row, in order."""
        articles = [article for _, article in prepared if isinstance(article, Article)]
        answers = iter(self._answer(articles))
        return [to_result(row, next(answers) if isinstance(article, Article) else article) for row, article in prepared]

    def _answer(self, articles: list[Article]) -> Iterable[Answer]:
        if self.cache is None:
            return self._compute(articles)
        request = {"signature": self.summarizer.sign(**self.request), **self.request}
        if self.request.get("target_language") is not None:
            request["translator"] = self.summarizer.translator.digest
        return self.cache.complete(articles, request, self._compute)

    def _compute(self, articles: list[Article]) -> Iterator[Summary | SummarizerError]:
        return self.summarizer.summarize_many(articles, errors="yield", batch_size=self.batch_size, **self.request)


def to_result(row: Row, answer: Answer) -> dict[str, Any]:
    """Return the result of a row: the JSON of every result, and its place in the input."""
    if isinstance(answer, SummarizerError):
        return {"row": row.number, **error_to_dict(answer, row.id)}
    result = answer.to_dict() if isinstance(answer, Summary) else answer
    return {"row": row.number, **result, "id": row.id}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended.

    :param done: Rows that are done, in this run and before.
    :param failed: How many of them have an error.
    :param finished: Whether there are no more; else the run was interrupted.
    """

    done: int
    failed: int
    finished: bool


@dataclass(frozen=True, slots=True)
class Places:
    """The files of an output."""

    output: Path
    journal: Path
    manifest: Path
    lock: Path

    @classmethod
    def of(cls, output: Path) -> "Places":
        """Return them: results go into the output itself where it is JSON lines, else into a journal beside it."""
        is_lines = output.suffix.lower() in (".jsonl", ".ndjson")
        journal = output if is_lines else output.with_name(f"{output.name}.journal.jsonl")
        manifest, lock = (output.with_name(f"{output.name}.{name}") for name in ("manifest.json", "lock"))
        return cls(output, journal, manifest, lock)


def run_batch(
    source: RowSource,
    output: Path,
    job: Job,
    *,
    watcher: Watcher,
    restart: bool = False,
    retry_failed: bool = False,
    stopped: threading.Event | None = None,
) -> Outcome:
    """Summarize every row of an input that has no result yet.

    :param source: The input.
    :param output: The file that the results go to.
    :param job: What is asked of every article.
    :param watcher: Is told of every result.
    :param restart: Throw away what earlier runs did.
    :param retry_failed: Try the rows again that have an error.
    :param stopped: Ends the run when set, after the step in hand.
    :raises OutputInUseError: If another run is writing to this output.
    :raises OutputMismatchError: If the output is of another input or of other options.
    :raises DiskFullError: If there is no room for more results; what was done is safe.
    """
    places = Places.of(output)
    with _hold(places.lock, output):
        manifest = _open_manifest(
            places, Manifest(hide_secrets(source.name), source.fingerprint(), job.options()), restart
        )
        manifest.write(places.manifest)
        if retry_failed and places.journal.exists():
            rewrite(places.journal, (result for result in read_results(places.journal) if result["error"] is None))
        with Journal(places.journal) as journal:
            failed = 0
            for result in journal.recover():
                failed += result["error"] is not None
                watcher.resume(result)
            stopped = stopped or threading.Event()
            for results in _work(source, job, journal, stopped):
                failed += sum(result["error"] is not None for result in results)
                watcher.add(results)
            outcome = Outcome(len(journal.done), failed, not stopped.is_set())
        if outcome.finished:
            _finish(places, job.ordered)
            replace(manifest, finished=True).write(places.manifest)
        return outcome


def _work(source: RowSource, job: Job, journal: Journal, stopped: threading.Event) -> Iterator[list[dict[str, Any]]]:
    """Yield the results of the rows that are not done, step by step, as they are on the disk."""
    rows = (row for row in source.rows(journal.done.first_missing()) if row.number not in journal.done)
    prepared = Preparation(job.reading, job.workers).run(rows)
    arranged = prepared if job.ordered else bring_together(prepared, _measure, job.most, AHEAD * job.most)
    try:
        for step in cut_steps(arranged, min(job.together, job.most), job.most):
            if stopped.is_set():
                return
            results = job.summarize(step)
            journal.append(results)
            yield results
    finally:
        prepared.close()  # type: ignore[attr-defined]


def _measure(prepared: Prepared) -> int:
    """Return the characters of an article; a row without one costs nothing."""
    _, article = prepared
    return len(article.text) if isinstance(article, Article) else 0


def _open_manifest(places: Places, wanted: Manifest, restart: bool) -> Manifest:
    if places.manifest.exists() and restart:
        places.journal.unlink(missing_ok=True)
        places.output.unlink(missing_ok=True)
        places.manifest.unlink()
    found = Manifest.read(places.manifest)
    if found is not None:
        found.check_same(wanted, places.output)
    elif places.output.exists() or places.journal.exists():
        raise OutputMismatchError(
            f"{places.output} is there already and no {places.manifest.name} beside it, so it is not of this command. "
            "Name another output, or remove it."
        )
    return wanted


def _finish(places: Places, ordered: bool) -> None:
    """Put the results into the order of the input if it is wanted, and into the format that was asked for."""
    if ordered and not is_sorted(places.journal):
        rewrite(places.journal, sort_results(places.journal))
    if places.output != places.journal:
        from summarizer.batch.tables import write_table

        try:
            write_table(read_results(places.journal), places.output)
        except OSError as error:
            raise DiskFullError(
                f"{places.output} cannot be written: {error.strerror}. All results are safe in {places.journal}; make "
                "room and run the same command again."
            ) from error


@contextmanager
def _hold(lock: Path, output: Path) -> Iterator[None]:
    """Keep other runs away from an output; a run that was killed holds nothing."""
    try:
        with FileLock(lock, timeout=0):
            yield
    except Timeout as error:
        raise OutputInUseError(f"Another run is writing to {output}. Wait for it, or name another output.") from error


@contextmanager
def stop_on_signals(note: Callable[[str], None]) -> Iterator[threading.Event]:
    """Yield an event that is set by SIGINT or SIGTERM; the second signal ends the program at once.

    :param note: Told that the run is ending.
    """
    stopped = threading.Event()

    def stop(number: int, _frame: object) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()
        note(f"{signal.Signals(number).name}: finishing the articles in hand; once more ends at once.")

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
