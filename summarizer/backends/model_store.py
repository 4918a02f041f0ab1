"""The folder where prepared models live, and how one gets there whole or not at all.

A model is built in a hidden folder beside its final place, every file is flushed to disk and listed in a manifest, and
one rename makes it visible. A lock lets one process build while others wait for what it makes.
"""

import errno
import json
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout
from platformdirs import user_cache_path

from summarizer.errors import ModelDamagedError, ModelDownloadError

#: Called with the bytes done, the bytes in all (0 when that is not known) and what is being done.
Progress = Callable[[int, int, str], None]
#: Fills an empty folder with the files of a model.
Build = Callable[[Path, Progress], None]

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
CACHE_VARIABLE: Final = "SUMMARIZER_CACHE"

_BLOCK: Final = 1 << 20
_MEGABYTE: Final = 1_000_000
_REPAIR: Final = "Delete that folder, or run 'summarizer models get' with --force, and it is made anew."
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)

logger = logging.getLogger(__name__)


def cache_dir() -> Path:
    """Return the folder for prepared models: ``SUMMARIZER_CACHE`` where set, else the user's cache."""
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen).expanduser().absolute() if chosen else user_cache_path("news-summarizer")


def ensure_model(
    name: str,
    digest: str,
    build: Build,
    progress: Progress | None = None,
    *,
    size: int = 0,
    force: bool = False,
    verify: bool = False,
) -> Path:
    """Return the folder of a prepared model, building it first where it is not there yet.

    :param name: What the folder is called.
    :param digest: Digest of what the model is made from; another digest is another folder.
    :param build: Writes the files of the model into the folder it is given.
    :param progress: Told how far the work has come.
    :param size: How many bytes ``build`` will write, or 0 when that is not known.
    :param force: Build anew even if the model is there.
    :param verify: Read every file again and compare it with the digest recorded when it was built.
    :return: The folder, complete.
    :raises ModelDownloadError: if the folder cannot be written or the disk is full.
    :raises ModelDamagedError: if ``verify`` finds a file changed.
    """
    report = progress or (lambda done, total, what: None)
    folder = cache_dir() / "models" / f"{name}-{digest[:12]}-{FORMAT}"
    if force or not is_complete(folder, digest):
        with _explain(name, folder.parent, size):
            _build_locked(folder, digest, build, report, size, force)
    elif verify:
        verify_model(folder, report)
    return folder


def is_complete(folder: Path, digest: str) -> bool:
    """Tell whether a folder holds every file its manifest lists, in the right size, made from this digest."""
    try:
        manifest = _read_manifest(folder)
        files = manifest["files"].items()
        sizes_agree = all((folder / name).stat().st_size == entry["size"] for name, entry in files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    return sizes_agree and manifest.get("format") == FORMAT and manifest.get("source") == digest


def verify_model(folder: Path, progress: Progress | None = None) -> None:
    """Read every file of a prepared model and compare it with its recorded digest.

    :param folder: A folder as :func:`ensure_model` returns it.
    :param progress: Told how far the reading has come.
    :raises ModelDamagedError: if a file is missing or not what was written.
    """
    try:
        files = _read_manifest(folder)["files"]
        found = _describe(folder, sorted(files), progress or (lambda done, total, what: None))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelDamagedError(f"{folder} cannot be read ({error}). {_REPAIR}") from error
    wrong = [name for name in sorted(files) if found[name] != files[name]]
    if wrong:
        changed = ", ".join(wrong)
        raise ModelDamagedError(f"{changed} in {folder} changed after it was written. {_REPAIR}")


def _build_locked(folder: Path, digest: str, build: Build, report: Progress, size: int, force: bool) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    before = _stamp(folder)
    with _lock(folder.with_name(f".{folder.name}.lock"), report):
        # Another process may have built it, or built it anew, while this one waited for the lock.
        if is_complete(folder, digest) and (not force or _stamp(folder) != before):
            return
        if folder.exists() and not force:
            logger.warning("%s is incomplete and is made anew", folder)
        unfinished = folder.with_name(f".{folder.name}.unfinished")
        # Nobody else can be at work here under the lock: what lies there was left by a process that was killed.
        _remove(unfinished)
        if shutil.disk_usage(folder.parent).free < size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        _build_aside(folder, unfinished, digest, build, report)


def _build_aside(folder: Path, unfinished: Path, digest: str, build: Build, report: Progress) -> None:
    unfinished.mkdir()
    try:
        build(unfinished, report)
        _seal(unfinished, digest, report)
        _remove(folder)
        unfinished.rename(folder)
        _flush(folder.parent)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _seal(folder: Path, digest: str, report: Progress) -> None:
    names = sorted(path.name for path in folder.iterdir())
    for name in names:
        _flush(folder / name)
    manifest = {"format": FORMAT, "source": digest, "files": _describe(folder, names, report)}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    _flush(folder / MANIFEST)
    _flush(folder)


def _describe(folder: Path, names: list[str], report: Progress) -> dict[str, dict[str, Any]]:
    total = sum((folder / name).stat().st_size for name in names)
    done = 0
    files = {}
    for name in names:
        digest = sha256()
        size = 0
        with (folder / name).open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
                size += len(block)
                report(done + size, total, "checking")
        done += size
        files[name] = {"size": size, "sha256": digest.hexdigest()}
    return files


def _flush(path: Path) -> None:
    """Make a file or a folder survive a power cut; Windows cannot open folders and does not need it."""
    if os.name == "nt" and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(folder: Path) -> None:
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)


def _read_manifest(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return manifest


def _stamp(folder: Path) -> int | None:
    """Return when the manifest was written, which tells one build from the next."""
    try:
        return (folder / MANIFEST).stat().st_mtime_ns
    except OSError:
        return None


@contextmanager
def _lock(path: Path, report: Progress) -> Iterator[None]:
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        report(0, 0, "waiting for another process")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _explain(name: str, place: Path, size: int) -> Iterator[None]:
    """Turn what the operating system says into what the user can do."""
    move = f"set {CACHE_VARIABLE} to a folder elsewhere"
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            need = f"{size / _MEGABYTE:.0f} MB" if size else "more space"
            why = f"{name} needs {need} in {place} and the disk is full. Free some space there, or {move}."
        else:
            why = f"{name} cannot be written into {place}: {error.strerror or error}. Make it writable, or {move}."
        raise ModelDownloadError(why) from error
