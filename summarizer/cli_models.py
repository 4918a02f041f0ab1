"""What ``summarizer models`` does: list the models, show the card of one, make one ready for use."""

import warnings
from typing import TYPE_CHECKING

from summarizer.cards import ModelCard, list_models
from summarizer.errors import BadOptionError, ModelNotFoundError, UnknownLanguageError
from summarizer.languages import get_language
from summarizer.model_names import bare_card, find_card, is_hub_id
from summarizer.terminal import print_card, print_models, progress, to_json, warn, write

if TYPE_CHECKING:
    from summarizer.backends.firefox_models import Pair

_USAGE = "Use `summarizer models`, `summarizer models NAME` or `summarizer models get NAME`."
_PAIR_USAGE = "Name two languages, as in firefox:es-en, or one for both ways with English, as in firefox:es."


def run_models(
    names: list[str],
    *,
    language: str | None = None,
    ability: str | None = None,
    commercial_only: bool = False,
    force: bool = False,
    as_json: bool = False,
) -> None:
    """Do what was asked on the command line.

    :param names: Nothing for the list, one name for its card, or ``get`` and a name.
    :param language: List only models that serve this language.
    :param ability: List only models that can do this.
    :param commercial_only: List only models whose licence allows commercial use.
    :param force: Make the model ready again from scratch.
    :param as_json: Print the list or the card as JSON.
    :raises BadOptionError: If the words or the options mean nothing.
    """
    if not names:
        cards = list_models(language, ability=ability, commercial_only=commercial_only)
        write(to_json([card.to_dict() for card in cards])) if as_json else print_models(cards)
    elif len(names) == 1 and names[0] != "get":
        card = find_card(names[0])
        write(to_json(card.to_dict())) if as_json else print_card(card)
    elif len(names) == 2 and names[0] == "get":
        get_model(names[1], force=force)
    else:
        raise BadOptionError(_USAGE)


def get_model(name: str, *, force: bool = False) -> None:
    """Make a model ready for use, downloading it where it is not part of the package.

    :param name: Name of a model, a hub id, or ``firefox:`` and a pair of languages.
    :param force: Make it ready again from scratch.
    :raises ModelNotFoundError: If there is no such model.
    :raises ModelDownloadError: If it cannot be downloaded.
    """
    from summarizer.backends import load_backend
    from summarizer.backends.base import Preparable
    from summarizer.backends.hub import NonCommercialWarning, find_files, has_files

    family, _, pair = name.partition(":")
    if family == "firefox":
        _get_firefox(pair, force)
        return
    folder = None
    with progress() as report, warnings.catch_warnings():
        warnings.simplefilter("ignore", NonCommercialWarning)  # said below
        card = _find_card(name)
        if not card.commercial:
            warn(f"{card.name} is under {card.license_name}: commercial use is not allowed.")
        if has_files(card):
            folder = find_files(card, report, force=force)
        backend = load_backend(card if card.backend else find_card(name))
        if isinstance(backend, Preparable):
            folder = backend.prepare(report, force=force)
    warn(f"{card.name} is ready in {folder}." if folder else f"{card.name} needs no preparation.")


def _find_card(name: str) -> ModelCard:
    """Return the card of a model; of one that has none and is not here yet, where it lies on the hub."""
    try:
        return find_card(name)
    except ModelNotFoundError:
        if is_hub_id(name):
            return bare_card(name)
        raise


def _get_firefox(wanted: str, force: bool) -> None:
    """Get the models of a pair, or of both ways with English; without a pair, say which are there."""
    from summarizer.backends.firefox_download import download_pair
    from summarizer.backends.firefox_models import find_models

    if not wanted:
        pairs = ", ".join(map("-".join, sorted(find_models())))
        warn(f"firefox is ready for {pairs}. For more, name a pair: summarizer models get firefox:es-en")
    for source, target in _parse_wanted(wanted):
        with progress() as report:
            folders = download_pair(source, target, report, force=force)
        warn(f"firefox:{source}-{target} is ready in {' and '.join(map(str, folders))}.")


def _parse_wanted(wanted: str) -> "list[Pair]":
    from summarizer.backends.firefox_models import PIVOT, parse_pair

    if not wanted:
        return []
    if pair := parse_pair(wanted):
        return [pair]
    try:
        code = get_language(wanted).code
    except UnknownLanguageError as error:
        raise BadOptionError(f"{error} {_PAIR_USAGE}") from error
    if code == PIVOT or ("-" in wanted and code.lower() != wanted.lower()):
        raise BadOptionError(f"{wanted!r} is no pair of different languages. {_PAIR_USAGE}")
    return [(code, PIVOT), (PIVOT, code)]
