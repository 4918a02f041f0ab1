"""The vocabulary shortlist: the few tokens that can come next at all, out of a quarter of a million.

The output layer of a small model is larger than the rest of it. What a summary needs are the tokens of its source and
the common ones of the language it is written in (cf. Jean et al., 2015, arXiv:1412.2007).
"""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from summarizer.languages import base_code

FILE = "vocabulary.npz"


@cache
def _tables() -> dict[str, NDArray[np.int32]]:
    path = files("summarizer") / "data" / FILE
    with path.open("rb") as file, np.load(file) as stored:
        return {language: np.cumsum(stored[language], dtype=np.int32) for language in stored.files}


def has_table(language: str) -> bool:
    """Tell whether the common tokens of a language are known."""
    return _key(language) in _tables()


def list_languages() -> list[str]:
    """Return the languages whose common tokens are known, as BCP-47 codes."""
    return sorted(_tables())


def make_shortlist(tokens: Iterable[int], language: str) -> NDArray[np.int64]:
    """Return the ids of the tokens that may be written, in order.

    :param tokens: Tokens of the source, and control tokens that are needed.
    :param language: BCP-47 code of the language that is written; see ``has_table``.
    """
    own = np.fromiter(tokens, dtype=np.int64)
    return np.union1d(own, _tables()[_key(language)].astype(np.int64))


def pack_table(tokens: Iterable[int]) -> NDArray[np.int32]:
    """Return a table as it is stored: the first id, and the step to each next one."""
    return np.diff(np.array(sorted(tokens), dtype=np.int32), prepend=np.int32(0)).astype(np.int32)


def _key(language: str) -> str:
    return language if language in _tables() else base_code(language)
