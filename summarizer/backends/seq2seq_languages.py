"""How families of encoder-decoder models are told languages: tokens of their vocabularies, in one table."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations
from typing import Final, Literal

from summarizer.cards import ModelCard
from summarizer.errors import UnknownLanguageError, UnsupportedLanguageError
from summarizer.languages import Language, base_code, get_language, list_languages

#: The side of a translation whose token is meant; empty for neither.
Side = Literal["", "source", "target"]


@dataclass(frozen=True, slots=True)
class Family:
    """Where models of a family expect the tokens of languages, and how these are spelled.

    :param spell: Returns the tokens that may stand for a language, the likeliest first; none for one it lacks.
    :param before: Whose token stands before the text.
    :param after: Whose token stands behind the end of the text.
    :param first: Whose token is the first that is written.
    :param start: Whose token the decoder starts from, in place of its usual one.
    """

    spell: Callable[[Language], tuple[str, ...]]
    before: Side = ""
    after: Side = ""
    first: Side = ""
    start: Side = ""


@dataclass(frozen=True, slots=True)
class Hints:
    """The ids of the tokens that tell a model its languages; ``None`` where it takes none. See ``Family``."""

    before: int | None = None
    after: int | None = None
    first: int | None = None
    start: int | None = None


def _spell_column(column: str, form: str) -> Callable[[Language], tuple[str, ...]]:
    def spell(language: Language) -> tuple[str, ...]:
        code = getattr(language, column)
        return (form.format(code),) if code else ()

    return spell


def _spell_marian(language: Language) -> tuple[str, ...]:
    """Return the codes of OPUS-MT: ISO 639-3 with or without script in newer models, ISO 639-1 in older ones."""
    three = base_code(language.nllb or get_language(base_code(language.code)).nllb or language.code)
    # These write the macrolanguage's individual members.
    members = {"zho": ("cmn",), "arb": ("ara",), "azj": ("aze",), "pes": ("fas",), "als": ("sqi",), "lvs": ("lav",)}
    scripted = [f"{code}_{language.script}" for code in (three, *members.get(three, ()))]
    plain = [three, *members.get(three, ()), base_code(language.code), language.marian or ""]
    # Without its script the code of a language written in two means either.
    names = scripted if language.code != base_code(language.code) else [*scripted, *plain]
    return tuple(f">>{name}<<" for name in dict.fromkeys(names) if name)


def _spell_name(language: Language) -> tuple[str, ...]:
    """Return the names of XL-Sum, such as ``chinese_simplified``; they are no tokens yet."""
    name = re.sub(r"\W+", "_", language.name.lower()).strip("_")
    script = {"Cyrl": (f"{name}_cyrillic",)}.get(language.script, ())
    return (name, *script, name.rpartition("_")[2])


FAMILIES: Final = {
    "": Family(lambda language: ()),
    "m2m100": Family(_spell_column("m2m100", "__{}__"), before="source", first="target"),
    # The same vocabulary, but the encoder is told the language to write, and the decoder nothing.
    "small100": Family(_spell_column("m2m100", "__{}__"), before="target"),
    "nllb": Family(_spell_column("nllb", "{}"), before="source", first="target"),
    "mbart50": Family(_spell_column("mbart", "{}"), before="source", first="target"),
    # The first mBART, of 25 languages, has the same codes in other places.
    "mbart": Family(_spell_column("mbart", "{}"), after="source", start="target"),
    "madlad": Family(_spell_column("madlad", "<2{}>"), before="target"),
    "marian": Family(_spell_marian, before="target"),
    "crosssum": Family(_spell_name, start="target"),
}


def can_express(codes: str, language: str) -> bool:
    """Return whether a family has a code for a language, or needs none.

    :param codes: The family, as ``ModelCard.codes`` names it.
    :param language: BCP-47 code.
    """
    return not codes or bool(FAMILIES[codes].spell(get_language(language)))


def find_hints(codes: str, source: str, target: str, find_id: Callable[[str], int | None]) -> Hints:
    """Return the tokens that tell a model to read one language and write another.

    :param codes: The family, as ``ModelCard.codes`` names it.
    :param source: BCP-47 code of the text.
    :param target: BCP-47 code of what is to be written.
    :param find_id: Returns the id of a token, ``None`` for one that the vocabulary lacks.
    :raises UnsupportedLanguageError: If the vocabulary has no token for a language that has to be named.
    """
    family = FAMILIES[codes]
    languages = {"source": get_language(source), "target": get_language(target)}

    def find(side: Side) -> int | None:
        return _find_token(family, languages[side], find_id) if side else None

    return Hints(find(family.before), find(family.after), find(family.first), find(family.start))


def _find_token(family: Family, language: Language, find_id: Callable[[str], int | None]) -> int:
    tokens = family.spell(language)
    for token in tokens:
        if (found := find_id(token)) is not None:
            return found
    tried = f" (it lacks {', '.join(tokens)})" if tokens else ""
    raise UnsupportedLanguageError(
        f"This model has no token for {language.name} ({language.code}){tried}. If it should know the language, its "
        "tokenizer files are incomplete: get the model again, with tokenizer.json; else choose another model."
    )


def list_pairs(card: ModelCard) -> frozenset[tuple[str, str]]:
    """Return the (source, target) pairs that a model translates.

    They are those of its card; without any, each of its languages goes into each other one, and without languages
    those of its family do.

    :param card: The model's card.
    """
    if card.pairs:
        return frozenset(card.pairs)
    named = [_find_code(code) for code in card.languages] or [language.code for language in list_languages()]
    return frozenset(permutations((code for code in named if code and can_express(card.codes, code)), 2))


def _find_code(name: str) -> str | None:
    """Return our code of a language that a card names; ``None`` for one that we do not know."""
    try:
        return get_language(name).code
    except UnknownLanguageError:
        return None
