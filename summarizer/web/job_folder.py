"""A job of the page on the disk: a folder with what was uploaded, what is wanted, and the results so far."""

import json
import re
import secrets
import shutil
import time
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

from typing_extensions import Self

from summarizer.batch.journal import write_durably
from summarizer.batch.records import Row, RowSource
from summarizer.batch.source_folder import FolderSource
from summarizer.batch.sources import open_source
from summarizer.errors import BadOptionError, BadRowError, FetchRefusedError, JobNotFoundError, UnreadableInputError
from summarizer.reading import row_url
from summarizer.web.service import ReadOptions, SummaryOptions

#: Suffixes of tables; anything else is an article.
TABLES: Final = (".jsonl", ".ndjson", ".csv", ".tsv", ".parquet")

_ID = re.compile(r"[A-Za-z0-9_-]{22}")
_UNSAFE = re.compile(r"[^\w.-]+")
_MOST_LETTERS: Final = 60

#: ``open`` is what is to be worked on, now or when its turn has come.
Wish = Literal["open", "stopped", "done", "failed"]


@dataclass(frozen=True, slots=True)
class JobOrder:
    """What is asked for, and what has become of it.

    :param summary: What kind of summaries.
    :param reading: How the articles are read.
    :param name: What was uploaded, for people.
    :param total: Number of articles.
    :param created: Seconds since 1970.
    :param wish: What is to be done with it.
    :param retry: Whether articles that failed are to be tried again.
    :param error: Why it was interrupted, as ``SummarizerError.to_dict``.
    """

    summary: SummaryOptions
    reading: ReadOptions
    name: str
    total: int
    created: float
    wish: Wish = "open"
    retry: bool = False
    error: Mapping[str, str] | None = None


class JobFolder:
    """The folder of one job.

    :param path: The folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.id = path.name
        self.output = path / "results.jsonl"
        self._order = path / "job.json"
        self._uploads = path / "uploads"

    @classmethod
    def create(cls, parent: Path, uploads: Sequence[Path]) -> Self:
        """Make the folder of a new job; nobody else can read it or guess its name.

        :param parent: The folder of all jobs.
        :param uploads: Files to copy into it.
        """
        parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        job = cls(parent / secrets.token_urlsafe(16))
        job.path.mkdir(mode=0o700)
        job._uploads.mkdir()
        for upload in uploads:
            shutil.copyfile(upload, _find_room(job._uploads, _clean_name(upload.name)))
        return job

    @classmethod
    def find(cls, parent: Path, id: str) -> Self:  # noqa: A002
        """Return the folder of a job.

        :param parent: The folder of all jobs.
        :param id: Its id, which may come from anywhere.
        :raises JobNotFoundError: If there is no such job.
        """
        job = cls(parent / id) if _ID.fullmatch(id) else None
        if job is None or not job._order.is_file():
            raise JobNotFoundError("There is no such job here. It may have been deleted, or its address is incomplete.")
        return job

    @classmethod
    def find_all(cls, parent: Path) -> list[Self]:
        """Return the folders of all jobs."""
        found = [path.name for path in parent.iterdir()] if parent.is_dir() else []
        jobs = []
        for name in found:
            with suppress(JobNotFoundError):
                jobs.append(cls.find(parent, name))
        return jobs

    @staticmethod
    def remove_leftovers(parent: Path, age: float) -> None:
        """Remove folders that never became jobs, because the server ended while they were made.

        :param parent: The folder of all jobs.
        :param age: Seconds that they are left alone.
        """
        for path in parent.iterdir() if parent.is_dir() else ():
            if _ID.fullmatch(path.name) and not (path / "job.json").exists():
                with suppress(FileNotFoundError):
                    if time.time() - path.stat().st_mtime > age:
                        shutil.rmtree(path, ignore_errors=True)

    def read(self) -> JobOrder:
        """Return what is asked for.

        :raises JobNotFoundError: If it was deleted meanwhile.
        """
        try:
            data = json.loads(self._order.read_bytes())
        except FileNotFoundError as error:
            raise JobNotFoundError("This job has been deleted.") from error
        summary, reading = SummaryOptions(**data.pop("summary")), ReadOptions(**data.pop("reading"))
        return JobOrder(summary, reading, **data)

    def write(self, order: JobOrder) -> None:
        """Keep what is asked for.

        :raises DiskFullError: If it cannot be written.
        """
        write_durably(self._order, json.dumps(asdict(order), ensure_ascii=False).encode())

    def remove(self) -> None:
        """Remove the job and all that belongs to it; what cannot be removed now is no job any more."""
        self._order.unlink(missing_ok=True)
        shutil.rmtree(self.path, ignore_errors=True)

    def open(self, *, allow_fetch: bool) -> RowSource:
        """Return the rows of what was uploaded: those of a table, or the articles of several files.

        :param allow_fetch: Whether rows that only have an address may be fetched.
        :raises SummarizerError: If nothing in it can be read.
        """
        [*files] = self._uploads.iterdir()
        tables = [file for file in files if is_table(file)]
        if tables and len(files) > 1:
            raise BadOptionError("Give one table, or several articles; not a table among other files.")
        source = open_source(str(tables[0])) if tables else FolderSource(self._uploads)
        return _UploadedRows(source, self._uploads, allow_fetch)


def is_table(path: Path) -> bool:
    """Tell whether a file holds many articles, by its name."""
    return path.name.lower().removesuffix(".gz").endswith(TABLES)


def _clean_name(name: str) -> str:
    """Return a name that is nothing but a name, of letters of any script."""
    stem, dot, suffix = unicodedata.normalize("NFC", name).lower().partition(".")
    last = "".join(Path(f"x{dot}{suffix}").suffixes[-2:])
    return f"{_UNSAFE.sub('_', stem)[:_MOST_LETTERS] or 'article'}{_UNSAFE.sub('_', last)[-20:]}"


def _find_room(folder: Path, name: str) -> Path:
    """Return a path that is free: names can be the same once they are clean."""
    number, path = 1, folder / name
    while path.exists():
        number, path = number + 1, folder / f"{number}-{name}"
    return path


class _UploadedRows:
    """The rows of uploads: none is fetched where that is off, and no message tells where they lie on the server."""

    def __init__(self, source: RowSource, folder: Path, allow_fetch: bool) -> None:
        self.name = Path(source.name).name
        self.total = source.total
        self._source, self._folder, self._allow_fetch = source, folder, allow_fetch

    def fingerprint(self) -> str:
        return self._source.fingerprint()

    def rows(self, start: int = 0) -> Iterator[Row]:
        for row in self._source.rows(start):
            yield self._guard(row)

    def _guard(self, row: Row) -> Row:
        if row.error is not None:
            message = row.error.message.replace(f"{self._folder}/", "")
            error = UnreadableInputError(message) if message != row.error.message else row.error
            return Row(row.number, row.id, None, error)
        with suppress(BadRowError):
            if not self._allow_fetch and row.value is not None and row_url(row.value) is not None:
                refused = FetchRefusedError("This row has only an address, and addresses are not fetched here.")
                return Row(row.number, row.id, None, refused)
        return row


def count_rows(source: RowSource, most: int) -> int:
    """Count rows, up to one more than there may be."""
    if source.total is not None:
        return min(source.total, most + 1)
    return sum(1 for _, _ in zip(source.rows(), range(most + 1), strict=False))


def reading_options(reading: ReadOptions) -> dict[str, Any]:
    """Return them as ``Article.from_row`` takes them."""
    language = {"language": reading.language} if reading.language else {}
    return {**language, "clean": reading.clean, "check": not reading.force}
