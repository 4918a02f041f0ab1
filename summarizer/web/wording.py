"""The words of the page: texts by key in the language of the interface, English where one is not translated yet."""

import json
import re
from collections.abc import Mapping
from functools import cached_property, lru_cache
from importlib.resources import files
from operator import itemgetter
from typing import Final

from icu4py.messageformat import MessageFormat

from summarizer.errors import UnknownLanguageError
from summarizer.languages import base_code, get_language

#: The language that has every text.
FALLBACK: Final = "en"

_FOLDER: Final = files("summarizer.web") / "texts"
#: More languages than this nobody reads, and longer tags name none that the page speaks.
_MAX_PREFERENCES: Final = 20
_TAG: Final = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}")


class Wording:
    """The texts of the page in one language; ``Wording.get`` finds it.

    :param language: A code of ``list_wordings``.
    :param texts: The texts by key, in the message format of ICU.
    :param fallback: Where texts are looked for that are not here.
    """

    def __init__(self, language: str, texts: Mapping[str, str], fallback: "Wording | None" = None) -> None:
        self.language = language
        self._texts = texts
        self._fallback = fallback

    @staticmethod
    def get(language: str) -> "Wording":
        """Return the texts in a language, or in English where nobody has translated them.

        :param language: A code of any kind; it may come from anywhere.
        """
        return _load(language if language in list_wordings() else FALLBACK)

    @cached_property
    def is_rtl(self) -> bool:
        """Whether the page runs from right to left."""
        return get_language(self.language).is_rtl

    def text(self, key: str, **values: str | float) -> str:
        """Return a text, with values in its places; plain text, not markup.

        :param key: Its key in ``texts/en.json``.
        :param values: What its places stand for; numbers choose the plural and are written as the language does.
        :raises KeyError: If there is no such text.
        """
        if key not in self._texts:
            if self._fallback is None:
                raise KeyError(key)
            return self._fallback.text(key, **values)
        return _find_format(self.language, self._texts[key]).format({**values}) if values else self._texts[key]

    def has(self, key: str) -> bool:
        """Tell whether there is such a text, here or in English."""
        return key in self._texts or (self._fallback is not None and self._fallback.has(key))


@lru_cache(maxsize=1)
def list_wordings() -> tuple[str, ...]:
    """Return the codes of the languages that the page speaks, English first."""
    codes = sorted(file.name.removesuffix(".json") for file in _FOLDER.iterdir() if file.name.endswith(".json"))
    return (FALLBACK, *(code for code in codes if code != FALLBACK))


def choose_wording(asked: str, accepted: str = "") -> Wording:
    """Return the texts in the language that was asked for, else in the first that the browser accepts.

    :param asked: The code in the page's address, empty if there is none.
    :param accepted: The browser's ``Accept-Language``.
    """
    preferences = map(_read_preference, accepted.split(",")[:_MAX_PREFERENCES])
    ranked = sorted(preferences, key=itemgetter(0), reverse=True)
    for tag in (asked, *(tag for quality, tag in ranked if quality > 0)):
        if language := _match(tag):
            return Wording.get(language)
    return Wording.get(FALLBACK)


def _match(tag: str) -> str | None:
    """Return the language of the page that a tag means: Portuguese for ``pt-BR``, ``zh-Hant`` for ``zh-TW``."""
    if not _TAG.fullmatch(tag):
        return None
    try:
        code = get_language(tag).code
    except UnknownLanguageError:
        return None
    return next((known for known in (code, base_code(code)) if known in list_wordings()), None)


def _read_preference(part: str) -> tuple[float, str]:
    tag, _, quality = part.partition(";")
    try:
        return float(quality.strip().removeprefix("q=") or 1), tag.strip()
    except ValueError:
        return 0.0, tag


@lru_cache
def _load(language: str) -> Wording:
    texts = json.loads((_FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return Wording(language, texts, None if language == FALLBACK else _load(FALLBACK))


@lru_cache(maxsize=1024)
def _find_format(language: str, pattern: str) -> MessageFormat:
    return MessageFormat(pattern, language)
