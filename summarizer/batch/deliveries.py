"""Where the results of a batch go: a file on this machine, or an object store that is sent them when they are done."""

import shutil
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any, Protocol, cast

from summarizer.backends.model_store import cache_dir
from summarizer.batch.source_extras import load_extra
from summarizer.errors import BadOptionError, UploadError

_STEP = 1 << 20


class Delivery(Protocol):
    """The way of a finished output to the place that was named."""

    #: The place, as the user named it.
    name: str
    #: The file that the run writes; journal, manifest and lock lie beside it.
    path: Path

    def deliver(self, files: Sequence[Path]) -> None:
        """Bring finished files to their place.

        :param files: Files beside ``path``, whose names begin with its name.
        :raises UploadError: If that cannot be done; the files stay where they are.
        """
        ...


class LocalDelivery:
    """An output on this machine: it is written where it belongs.

    :param path: The file.
    """

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self.path = path

    def deliver(self, files: Sequence[Path]) -> None:
        """Do nothing: they are there."""


class StoreDelivery:
    """An output in a store that fsspec reaches, made in a folder of this machine and sent when it is finished.

    A store has no appending and no locks: what has to survive a crash stays in the folder.

    :param url: Where the results go, such as ``s3://bucket/out.jsonl``.
    :param folder: The folder; by default one in the user's cache that is told from others by the address.
    :raises BadOptionError: If there is no such kind of store here, or the folder cannot be made.
    """

    def __init__(self, url: str, folder: Path | None = None) -> None:
        self.name = url
        fsspec = load_extra("fsspec.core", f"An address like {url!r}")
        try:
            self._store, self._place = cast(tuple[Any, str], fsspec.url_to_fs(url))
        except (ImportError, ValueError) as error:
            raise BadOptionError(f"{url!r} cannot be written from here: {error}") from error
        folder = folder or cache_dir() / "batches" / sha256(url.encode()).hexdigest()[:16]
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadOptionError(f"The folder {folder} cannot be made: {error.strerror}.") from error
        self.path = folder / PurePosixPath(self._place).name

    def deliver(self, files: Sequence[Path]) -> None:
        """Send files, all of them at once where the store has transactions, and each of them whole.

        :raises UploadError: If one cannot be sent.
        """
        try:
            with self._store.transaction:
                for file in files:
                    self._send(file)
        except Exception as error:  # each kind of store has errors of its own
            raise UploadError(
                f"The results are finished, and cannot be sent to {self.name}: {error}. They are in "
                f"{self.path.parent}; the same command tries again."
            ) from error

    def _send(self, file: Path) -> None:
        ending = file.name.removeprefix(self.path.name)
        self._store.makedirs(self._store._parent(self._place), exist_ok=True)
        with file.open("rb") as ours, self._store.open(self._place + ending, "wb") as theirs:
            shutil.copyfileobj(ours, theirs, _STEP)


def open_delivery(output: str, folder: Path | None = None) -> Delivery:
    """Return the way of an output.

    :param output: A file, or the address of an object in a store.
    :param folder: Where an output for a store is made.
    :raises BadOptionError: If it cannot be gone; a folder for a file of this machine is one such case.
    """
    if "://" in output:
        return StoreDelivery(output, folder)
    if folder is not None:
        raise BadOptionError(f"--work-dir is for outputs in a store, and {output} is a file: leave it out.")
    return LocalDelivery(Path(output))
