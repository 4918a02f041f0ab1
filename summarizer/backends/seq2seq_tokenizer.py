"""Text to token ids and back, for every family of encoder-decoder models; what a text says is never a command."""

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

from summarizer.backends.firefox_text import flatten
from summarizer.backends.seq2seq_languages import FAMILIES, Hints, find_hints
from summarizer.languages import list_languages


class Seq2SeqTokenizer:
    """A tokenizer of ``transformers`` that is told languages token by token, so that threads may share it.

    :param tokenizer: The tokenizer.
    :param codes: The family, as ``ModelCard.codes`` names it.
    :param names: For CrossSum: the token of each language by its name.
    """

    def __init__(self, tokenizer: Any, codes: str = "", names: Mapping[str, str] | None = None) -> None:
        self._tokenizer = tokenizer
        self._codes = codes
        self._names = names
        self._lock = Lock()
        self._prefix, self._suffix = self._find_frame()
        self._is_single = codes == "marian" and not any(map(_is_marian_code, tokenizer.get_vocab()))
        self._silent = self._find_silent()
        self._reserved = (self._silent | frozenset(tokenizer.all_special_ids)) - {tokenizer.unk_token_id}

    def find_hints(self, source: str, target: str) -> Hints:
        """Return what tells the model its languages, as BCP-47 codes.

        :raises UnsupportedLanguageError: If the vocabulary has no token for one of them.
        """
        # A model of one pair has nothing to be told.
        return Hints() if self._is_single else find_hints(self._codes, source, target, self._find_id)

    def count(self, texts: Sequence[str]) -> list[int]:
        """Return the tokens of each text, without those around it."""
        return [len(self._tokenize(text)) for text in texts]

    def count_frame(self, hints: Hints) -> int:
        """Return how many tokens stand around every text."""
        return sum(map(len, self._frame(hints)))

    def encode(self, text: str, hints: Hints, most: int) -> list[int]:
        """Return the ids that the encoder reads.

        :param text: Any text; names of special tokens in it are no special tokens.
        :param hints: The languages.
        :param most: Most ids, those around the text included; a longer text is cut.
        """
        prefix, suffix = self._frame(hints)
        return [*prefix, *self._tokenize(text)[: most - len(prefix) - len(suffix)], *suffix]

    def decode(self, ids: Sequence[int]) -> str:
        """Return what was written, without special tokens and tokens of languages."""
        kept = [token for token in ids if token not in self._silent]
        with self._lock:
            text = self._tokenizer.decode(kept, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        # What PEGASUS writes for the end of a line.
        return str(text).replace("<n>", "\n").strip()

    @property
    def end(self) -> str:
        """The token that ends a text, by name."""
        return str(self._tokenizer.eos_token)

    def to_tokens(self, ids: Sequence[int]) -> list[str]:
        """Return the tokens by name."""
        tokens: list[str] = self._tokenizer.convert_ids_to_tokens(list(ids))
        return tokens

    def to_ids(self, tokens: Sequence[str]) -> list[int]:
        """Return the ids of tokens."""
        ids: list[int] = self._tokenizer.convert_tokens_to_ids(list(tokens))
        return ids

    def _tokenize(self, text: str) -> list[int]:
        flat = flatten(text.encode("utf-8", "replace").decode())
        # Marian takes what stands first between such brackets for the name of a language.
        flat = f" {flat}" if flat.startswith(">>") else flat
        with self._lock:
            ids: list[int] = self._tokenizer.encode(flat, add_special_tokens=False, split_special_tokens=True)
        # Some vocabularies find the names of special tokens in plain text all the same.
        return [token for token in ids if token not in self._reserved]

    def _frame(self, hints: Hints) -> tuple[list[int], list[int]]:
        end = [self._tokenizer.eos_token_id]
        if hints.before is not None:
            return [hints.before], end
        if hints.after is not None:
            return [], [*end, hints.after]
        return self._prefix, self._suffix

    def _find_frame(self) -> tuple[list[int], list[int]]:
        """Return the ids that the tokenizer itself puts around a text."""
        bare: list[int] = self._tokenizer.encode("a", add_special_tokens=False)
        full: list[int] = self._tokenizer.encode("a")
        start = next(place for place in range(len(full)) if full[place : place + len(bare)] == bare)
        return full[:start], full[start + len(bare) :]

    def _find_id(self, token: str) -> int | None:
        if self._names is not None:
            token = self._names.get(token, "")
        found: int | None = self._tokenizer.convert_tokens_to_ids(token) if token else None
        return None if found == self._tokenizer.unk_token_id else found

    def _find_silent(self) -> frozenset[int]:
        """Return the ids of all languages; some tokenizers take them for words."""
        tokens = (token for language in list_languages() for token in FAMILIES[self._codes].spell(language))
        return frozenset(found for token in tokens if (found := self._find_id(token)) is not None)


def _is_marian_code(token: str) -> bool:
    return token.startswith(">>") and token.endswith("<<")
