"""Firefox Translations models from a server, on the user's word: Mozilla's own, or a copy in one's own network.

Every file is compared with the SHA-256 that the server's list gives for it, and a model is there whole or not at all.
"""

import json
import logging
import os
import shutil
from functools import partial
from hashlib import sha256
from pathlib import Path

from summarizer.backends.firefox_catalog import RemoteFile, RemoteModel, find_route, read_catalog
from summarizer.backends.firefox_http import fetch_file
from summarizer.backends.firefox_models import Pair, downloaded_pair, find_models, list_legs
from summarizer.backends.model_store import Progress, ensure_model
from summarizer.errors import ModelDamagedError

#: Root of a copy: there lie ``records.json`` and, at the ``location`` of each record, the files.
URL_VARIABLE = "SUMMARIZER_FIREFOX_URL"
#: Where Mozilla keeps the files; where it keeps the list, ``fxtranslate`` says.
ATTACHMENTS = "https://firefox-settings-attachments.cdn.mozilla.net"

_MOST_LIST_BYTES = 50_000_000
_MOST_FILE_BYTES = 500_000_000

logger = logging.getLogger(__name__)


def fetch_catalog(url: str | None = None) -> dict[Pair, RemoteModel]:
    """Fetch the list of the models that can be downloaded.

    :param url: Root of a copy of the service; if not given, ``SUMMARIZER_FIREFOX_URL`` where set, else Mozilla's.
    :return: The models by (source, target) language code.
    :raises ModelDownloadError: If the server cannot be reached or has no such list.
    """
    return read_catalog(fetch_file(_addresses(url)[0], _MOST_LIST_BYTES))


def download_pair(
    source: str, target: str, progress: Progress | None = None, *, url: str | None = None, force: bool = False
) -> list[Path]:
    """Get what translates a pair, its model or the two that go through English, downloading those that are not here.

    :param source: Language code to translate from.
    :param target: Language code to translate into.
    :param progress: Told the bytes done, the bytes in all and what is being done.
    :param url: Root of a copy of the service; if not given, ``SUMMARIZER_FIREFOX_URL`` where set, else Mozilla's.
    :param force: Download even what is here, as the server's models may be newer.
    :return: The folders of the models.
    :raises UnsupportedLanguageError: If the server has no models for the pair.
    :raises ModelDownloadError: If the server cannot be reached or the files cannot be written.
    :raises ModelDamagedError: If a file is not what the server's list says; nothing is kept of the model then.
    """
    found = {} if force else find_models()
    here = list_legs(found, source, target)
    if here:
        return [found[pair].model.parent for pair in here]
    root = _addresses(url)[1]
    folders = []
    for model in find_route(fetch_catalog(url), source, target):
        files = found.get((model.source, model.target))
        folders.append(files.model.parent if files else _download(model, root, progress, force))
    return folders


def _addresses(url: str | None) -> tuple[str, str]:
    """Return the address of the list and the root of the files."""
    copy = url or os.environ.get(URL_VARIABLE)
    if copy:
        return f"{copy.rstrip('/')}/records.json", copy.rstrip("/")
    from fxtranslate import discovery

    return discovery.records_url(), ATTACHMENTS


def _download(model: RemoteModel, root: str, progress: Progress | None, force: bool) -> Path:
    def build(folder: Path, report: Progress) -> None:
        done = 0
        for file in model.files:
            tell = partial(_report_bytes, report, model, done)
            data = fetch_file(f"{root}/{file.location}", _MOST_FILE_BYTES, tell)
            (folder / file.name).write_bytes(_unpack(file, data))
            done += len(data)
        origin = {"server": root, "version": model.version, "architecture": model.architecture}
        (folder / "origin.json").write_text(json.dumps(origin, indent=2) + "\n", encoding="utf-8")

    # Unpacked, a model takes half as much again.
    size = model.size * 3 // 2
    name = f"firefox-{model.source}-{model.target}"
    folder = ensure_model(name, model.digest, build, progress, size=size, force=force)
    _remove_older(folder)
    return folder


def _report_bytes(report: Progress, model: RemoteModel, before: int, count: int) -> None:
    report(before + count, model.size, f"downloading {model.source}-{model.target}")


def _unpack(file: RemoteFile, data: bytes) -> bytes:
    from fxtranslate import discovery

    if sha256(data).hexdigest() != file.packed_digest:
        raise ModelDamagedError(
            f"{file.name} was not downloaded: what the server sent is not what its list says (SHA-256). Try again; if "
            "it happens again, the copy on the server or something on the way is damaged."
        )
    try:
        return discovery.verify_and_decompress(data, file.digest)
    except ValueError as error:
        raise ModelDamagedError(f"{file.name} was not downloaded: it cannot be unpacked ({error}).") from error


def _remove_older(folder: Path) -> None:
    """Remove earlier versions of the same model."""
    for other in folder.parent.glob("firefox-*"):
        if other != folder and downloaded_pair(other) == downloaded_pair(folder):
            logger.info("%s is replaced by %s", other, folder)
            shutil.rmtree(other, ignore_errors=True)
