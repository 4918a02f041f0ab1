"""A folder of articles: every file of text in it, in the order of their names."""

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from summarizer.batch.records import Row
from summarizer.errors import EmptyInputError, SummarizerError, UnreadableInputError
from summarizer.reading import read_file

_SUFFIXES = (".txt", ".md", ".markdown", ".html", ".htm", ".xhtml", ".json", ".pdf", ".docx")


class FolderSource:
    """The files of a folder and of all folders in it, one article each; the id is the path inside the folder.

    :param folder: The folder. What begins with a dot is passed over, and folders that are links are not entered.
    :raises EmptyInputError: If there is no file of a known kind.
    """

    def __init__(self, folder: Path) -> None:
        self.name = str(folder)
        self._folder = folder
        self._paths = sorted(_find_files(folder))
        self.total: int | None = len(self._paths)
        if not self._paths:
            raise EmptyInputError(f"There are no articles in {folder}: no file ends in {', '.join(_SUFFIXES)}.")

    def fingerprint(self) -> str:
        """Return a digest of the names, sizes and times of change of all files."""
        digest = sha256()
        for path in self._paths:
            digest.update(f"{_identify(path)}\0{_describe(self._folder / path)}\n".encode())
        return digest.hexdigest()

    def rows(self, start: int = 0) -> Iterator[Row]:
        """Yield the files from a place on; those before are not opened."""
        for number in range(start, len(self._paths)):
            yield self._read(number, self._paths[number])

    def _read(self, number: int, path: str) -> Row:
        identity, file = _identify(path), self._folder / path
        try:
            if file.exists() and not file.is_file():
                raise UnreadableInputError(f"{file} is not a file but a pipe, a device or a folder.")
            raw = read_file(file)
        except SummarizerError as error:
            return Row(number, identity, None, error)
        value = {raw.kind: raw.text, "title": raw.title, "lang": raw.language}
        return Row(number, identity, {name: found for name, found in value.items() if found is not None})


def _find_files(folder: Path) -> Iterator[str]:
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if name.lower().removesuffix(".gz").endswith(_SUFFIXES) and not name.startswith("."):
                yield (Path(parent) / name).relative_to(folder).as_posix()


def _describe(file: Path) -> str:
    try:
        status = file.stat()
    except OSError:  # a link that leads nowhere
        return ""
    return f"{status.st_size} {status.st_mtime_ns}"


def _identify(path: str) -> str:
    """Return a path as text that can be written; names of files may hold any bytes."""
    return path.encode("utf-8", "backslashreplace").decode()
