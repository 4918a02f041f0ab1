"""Where the bytes of an input lie: on this machine, or in an object store."""

import io
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol, cast

from summarizer.batch.source_extras import load_extra
from summarizer.errors import BadOptionError, InputNotFoundError

_EDGE = 1 << 16
_STEP = 1 << 20


class Place(Protocol):
    """A file, wherever it is."""

    #: What it is called in messages.
    name: str

    def open(self) -> io.BufferedReader:
        """Open it at its beginning.

        :raises InputNotFoundError: If there is none, or it may not be read.
        """
        ...

    def size(self) -> int:
        """Return its number of bytes."""
        ...

    def fingerprint(self) -> str:
        """Return what changes with the file."""
        ...


class LocalFile:
    """A file on this machine."""

    def __init__(self, path: Path, name: str | None = None) -> None:
        self.name = name or str(path)
        self._path = path

    def open(self) -> io.BufferedReader:
        """Open it at its beginning.

        :raises InputNotFoundError: If there is none, or it may not be read.
        """
        try:
            if self._path.exists() and not self._path.is_file():
                raise InputNotFoundError(f"{self.name} is no file that can be read twice. Pipe it in, and name it -.")
            return self._path.open("rb")
        except FileNotFoundError as error:
            raise InputNotFoundError(
                f"There is no file {self.name}. Check the name and the folder you are in."
            ) from error
        except (OSError, ValueError) as error:
            raise _cannot_be_opened(self.name, error) from error

    def size(self) -> int:
        """Return its number of bytes."""
        return self._path.stat().st_size

    def fingerprint(self) -> str:
        """Return a digest of its size, its time of change, and the bytes at both ends."""
        status = self._path.stat()
        digest = sha256(f"{status.st_size} {status.st_mtime_ns} ".encode())
        with self.open() as stream:
            digest.update(stream.read(_EDGE))
            stream.seek(max(0, status.st_size - _EDGE))
            digest.update(stream.read(_EDGE))
        return digest.hexdigest()


class RemoteFile:
    """A file that fsspec reaches, such as ``s3://bucket/key`` or ``gs://bucket/key``.

    :param url: Its address.
    :raises BadOptionError: If fsspec, or its part for this kind of store, is missing.
    """

    def __init__(self, url: str) -> None:
        self.name = url
        fsspec = load_extra("fsspec.core", f"An address like {url!r}")
        try:
            self._store, self._path = cast(tuple[Any, str], fsspec.url_to_fs(url))
        except (ImportError, ValueError) as error:
            raise BadOptionError(f"{url!r} cannot be read here: {error}") from error

    def open(self) -> io.BufferedReader:
        """Open it at its beginning.

        :raises InputNotFoundError: If there is none, or it may not be read.
        """
        try:
            return io.BufferedReader(self._store.open(self._path, "rb"), _STEP)
        except Exception as error:  # each kind of store has errors of its own
            raise _cannot_be_opened(self.name, error) from error

    def size(self) -> int:
        """Return its number of bytes."""
        return int(self._store.size(self._path))

    def fingerprint(self) -> str:
        """Return what the store says of its version: size, time of change, checksum."""
        return str(self._store.ukey(self._path))


def _cannot_be_opened(name: str, error: Exception) -> InputNotFoundError:
    return InputNotFoundError(f"{name} cannot be opened ({error}). Check its name and who may read it.")
