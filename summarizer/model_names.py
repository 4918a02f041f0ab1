"""What users may write as a model's name.

A card's name (``nllb-600m``), a model of a server (``openai:llama3.1:8b``), a pair of Firefox Translations
(``firefox:es-en``), a hub id (``facebook/bart-large-cnn``), a folder, or a GGUF file. Nothing is downloaded here.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from summarizer.cards import ModelCard, get_card, list_models
from summarizer.errors import ModelError, ModelNotFoundError, UnknownLanguageError
from summarizer.languages import get_language
from summarizer.model_configs import CAUSAL_CONTEXT, card_from_config

__all__ = ["bare_card", "card_from_config", "find_card", "is_hub_id"]

_PART: Final = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?"
_HUB_ID: Final = re.compile(rf"{_PART}/{_PART}")
_MOST_CHARACTERS: Final = 96


def find_card(
    name: str, *, task: str | None = None, languages: Sequence[str] = (), codes: str | None = None
) -> ModelCard:
    """Return the card of the model that a user names, or make one.

    The last three say what the files of a model without a card do not; a model with a card needs none of them.

    :param name: A name as described above. A card's own name goes first, then the hub id that a card has as its source.
    :param task: ``summarize`` or ``translate``.
    :param languages: Codes or names; for a translator of one direction the source, then the targets.
    :param codes: How it is told languages, of ``summarizer.cards.CODES``.
    :raises ModelNotFoundError: If there is no such model on this machine; the message says how to get it, or what is
        named nearly so.
    :raises ModelError: If this program cannot run it; the message says why.
    :raises UnknownLanguageError: If a language is named that does not exist.
    """
    cards = {card.name: card for card in list_models()}
    sources = {card.source: card for card in cards.values() if is_hub_id(card.source)}
    service, _, rest = name.partition(":")
    if name in cards or name in sources:
        return cards.get(name) or sources[name]
    if service == "openai" and rest:
        return replace(cards["openai"], name=name, source=rest)
    if service == "firefox" and rest:
        return _pair_card(cards["firefox"], name, rest)
    if name and (path := _find_path(name)) is not None:
        return _local_card(name, path, task=task, languages=languages, codes=codes)
    if is_hub_id(name):
        return _cached_card(name, task=task, languages=languages, codes=codes)
    return get_card(name)


def is_hub_id(name: str) -> bool:
    """Return whether a name has the form of a hub id, ``ORGANIZATION/NAME``."""
    return len(name) <= _MOST_CHARACTERS and _HUB_ID.fullmatch(name) is not None and not re.search(r"\.\.|--", name)


def bare_card(name: str) -> ModelCard:
    """Return a card that says where a model of the hub lies and nothing else.

    It is for the download of a model without a card: what the model is can be told from its files alone, so that
    afterwards ``find_card`` knows it. No backend runs a bare card.

    :param name: A hub id.
    :raises ModelNotFoundError: If the name is not a hub id.
    """
    if not is_hub_id(name):
        raise ModelNotFoundError(f"{name!r} is not the name of a model on the hub; such a name is ORGANIZATION/NAME.")
    return ModelCard(name, "A model of the hub without a card", backend="", source=name)


def _pair_card(firefox: ModelCard, name: str, pair: str) -> ModelCard:
    """Return the card of Firefox Translations for one pair; codes may have hyphens themselves."""
    parts = pair.split("-")
    for cut in range(1, len(parts)):
        try:
            source, target = (get_language("-".join(side)).code for side in (parts[:cut], parts[cut:]))
        except UnknownLanguageError:
            continue
        if source != target:
            return replace(firefox, name=name, languages=(source, target), pairs=((source, target),))
    raise ModelNotFoundError(f"{pair!r} is not a pair of two languages. Write it as in firefox:es-en.")


def _find_path(name: str) -> Path | None:
    """Return the folder or GGUF file that a name means.

    :raises ModelNotFoundError: If the name can only be a path, and nothing is there.
    """
    try:
        path = Path(name).expanduser()
        if path.is_dir() or path.is_file():
            return path.resolve()
    except (OSError, RuntimeError, ValueError):
        return None
    if path.is_absolute() or name.startswith(("./", "../")) or path.suffix == ".gguf":
        raise ModelNotFoundError(f"There is no folder or file {name}.")
    return None


def _local_card(name: str, path: Path, **said: Any) -> ModelCard:
    if path.is_file():
        if path.suffix != ".gguf":
            raise ModelError(
                f"{name} is a file. A model is a folder with config.json and safetensors, or a .gguf file."
            )
        return _gguf_card(name, path)
    files = _list_files(path)
    ggufs = [file for file in files if file.endswith(".gguf")]
    config = _read_config(path / "config.json")
    if ggufs and not any(file.endswith(".safetensors") for file in files):
        if len(ggufs) > 1:
            raise ModelError(f"{name} has several GGUF files; name one of them: {', '.join(ggufs)}.")
        return _gguf_card(name, path / ggufs[0])
    return card_from_config(name, str(path), config, files, **said)


def _cached_card(name: str, **said: Any) -> ModelCard:
    """Return the card of a model of the hub that has been downloaded before."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(name, "config.json")
    if not isinstance(found, str):
        raise ModelNotFoundError(
            f"The model {name} has no card and is not on this machine. If it is on the Hugging Face hub, "
            f"`summarizer models get {name}` downloads it."
        )
    folder = Path(found).parent
    config = _read_config(Path(found))
    return card_from_config(name, name, config, _list_files(folder), revision=folder.name, **said)


def _list_files(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir() if entry.is_file())
    except OSError as error:
        raise ModelError(f"{folder} cannot be read: {error.strerror}.") from error


def _read_config(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path} cannot be read: {error}.") from error
    if not isinstance(config, dict):
        raise ModelError(f"{path} cannot be read: it is not a JSON object.")
    return config


def _gguf_card(name: str, path: Path) -> ModelCard:
    """Return the card of a GGUF file, which is taken for a chat model; its backend looks inside."""
    return ModelCard(
        name,
        "A GGUF file without a card",
        backend="causal",
        source=str(path.parent),
        file=path.name,
        size=path.stat().st_size,
        abilities=("write", "translate", "cross-lingual"),
        context=CAUSAL_CONTEXT,
    )
