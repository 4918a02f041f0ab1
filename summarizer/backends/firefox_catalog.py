"""The list of Firefox Translations models that a server offers: which there are, and the files each is made of.

The list has the form of Mozilla's Remote Settings collection ``translations-models-v2``: one record for each file, with
its pair, version, place, size and SHA-256.
"""

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

from summarizer.backends.firefox_models import PIVOT, Pair, list_legs
from summarizer.errors import ModelDownloadError, UnknownLanguageError, UnsupportedLanguageError
from summarizer.languages import get_language

#: The first number of the versions that the engine reads.
MAJOR = 3

# A lexical shortlist is offered too. It is left where it is: the engine does without.
_KINDS = ("model", "vocab", "srcvocab", "trgvocab")
_NAME = re.compile(r"(?:model|vocab|srcvocab|trgvocab)\.[\w-]+\.[\w.-]*(?:bin|spm)", re.ASCII)
_LOCATION = re.compile(r"(?:[\w-][\w.-]*/)*[\w-][\w.-]*", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_VERSION = re.compile(rf"{MAJOR}\.(\d{{1,4}})([a-z]\w*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as it is offered: packed with zstd, with the SHA-256 of what is packed in it."""

    name: str
    location: str
    size: int
    digest: str
    packed_digest: str


@dataclass(frozen=True, slots=True)
class RemoteModel:
    """A model as it is offered."""

    source: str
    target: str
    version: str
    architecture: str
    files: tuple[RemoteFile, ...]

    @property
    def size(self) -> int:
        """Bytes to download."""
        return sum(file.size for file in self.files)

    @property
    def digest(self) -> str:
        """The SHA-256 of the digests of its files."""
        return sha256("".join(file.digest for file in self.files).encode()).hexdigest()


class _Variant(NamedTuple):
    """What the files of one model have in common; one pair may be offered in several variants."""

    pair: Pair
    written: Pair
    minor: int
    trial: str
    architecture: str
    condition: str

    def rank(self, size: int) -> tuple[Any, ...]:
        """Order variants from the least wanted to the best."""
        # Norwegian is offered under three codes, and what has a condition may be for phones or for testers.
        return not self.trial, not self.condition, self.pair == self.written, self.minor, self.trial, size, self


def read_catalog(body: bytes) -> dict[Pair, RemoteModel]:
    """Choose the best variant of each pair: a released one, for every Firefox, the newest, the largest.

    :param body: The list as JSON; records that are damaged, of another version or of unknown languages are left out.
    :return: The models by (source, target) language code.
    :raises ModelDownloadError: If it is no such list.
    """
    try:
        records = [record for record in json.loads(body)["data"] if isinstance(record, dict)]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelDownloadError("The server's answer is no list of Firefox models; is the address right?") from error
    variants: defaultdict[_Variant, dict[str, RemoteFile]] = defaultdict(dict)
    for record in records:
        variant, file = _read_variant(record), _read_file(record)
        if variant and file:
            variants[variant][record["fileType"]] = file
    models = [
        (variant, _make_model(variant, files))
        for variant, files in variants.items()
        if "model" in files and ("vocab" in files or {"srcvocab", "trgvocab"} <= files.keys())
    ]
    return {variant.pair: model for variant, model in sorted(models, key=lambda item: item[0].rank(item[1].size))}


def _make_model(variant: _Variant, files: Mapping[str, RemoteFile]) -> RemoteModel:
    chosen = tuple(files[kind] for kind in _KINDS if kind in files)
    version = f"{MAJOR}.{variant.minor}{variant.trial}"
    return RemoteModel(*variant.pair, version=version, architecture=variant.architecture, files=chosen)


def find_route(catalog: Mapping[Pair, RemoteModel], source: str, target: str) -> list[RemoteModel]:
    """Return the models that translate a pair: one, or two that go through English.

    :raises UnsupportedLanguageError: If there are none; the message names what there is for these languages.
    """
    if legs := list_legs(catalog, source, target):
        return [catalog[pair] for pair in legs]
    near = sorted(pair for pair in catalog if ({source, target} - {PIVOT}) & set(pair))
    offered = near or sorted(catalog)
    raise UnsupportedLanguageError(
        f"There is no Firefox model from {source} to {target}, and no way through English. "
        f"{'For these languages there are' if near else 'There are'}: {', '.join(map('-'.join, offered)) or 'none'}."
    )


def _read_file(record: Mapping[str, Any]) -> RemoteFile | None:
    """Read one record; what it names becomes a path and an address, so it may only be made of harmless letters."""
    attachment = record.get("attachment")
    if not isinstance(attachment, dict) or record.get("fileType") not in _KINDS:
        return None
    file = RemoteFile(
        name=str(record.get("name")),
        location=str(attachment.get("location")),
        size=int(attachment["size"]) if isinstance(attachment.get("size"), int) else 0,
        digest=str(record.get("decompressedHash")),
        packed_digest=str(attachment.get("hash")),
    )
    sound = (
        _NAME.fullmatch(file.name)
        and _LOCATION.fullmatch(file.location)
        and _DIGEST.fullmatch(file.digest)
        and _DIGEST.fullmatch(file.packed_digest)
    )
    return file if sound else None


def _read_variant(record: Mapping[str, Any]) -> _Variant | None:
    written = str(record.get("sourceLanguage")), str(record.get("targetLanguage"))
    version = _VERSION.fullmatch(str(record.get("version")))
    try:
        pair = get_language(written[0]).code, get_language(written[1]).code
    except UnknownLanguageError:
        return None
    if version is None:
        return None
    architecture, condition = str(record.get("architecture") or ""), str(record.get("filter_expression") or "")
    return _Variant(pair, written, int(version[1]), version[2] or "", architecture, condition)
