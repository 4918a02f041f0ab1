"""What encoder-decoder models share: where their files lie, what identifies them, and which engine runs them."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from threading import RLock
from typing import Any, Final

from summarizer.backends.base import EngineSettings
from summarizer.backends.batching import choose_device
from summarizer.backends.ctranslate import CTranslateEngine, can_convert, is_installed, prepare_conversion
from summarizer.backends.hub import find_files
from summarizer.backends.seq2seq_engine import Engine
from summarizer.backends.seq2seq_loading import load_model, load_tokenizer, read_config
from summarizer.backends.seq2seq_tokenizer import Seq2SeqTokenizer
from summarizer.cards import ModelCard
from summarizer.errors import BadOptionError, ModelDamagedError

#: Tokens read at once by models that do not say.
CONTEXT: Final = 512

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What is loaded when the first text comes."""

    tokenizer: Seq2SeqTokenizer
    engine: Engine
    config: dict[str, Any]
    context: int


class Seq2SeqModel:
    """What all encoder-decoder models share: files, digest, engine and loading.

    :param card: The model's card.
    :param settings: Where and how it runs.
    """

    def __init__(self, card: ModelCard, settings: EngineSettings) -> None:
        self.card = card
        self._settings = settings
        self._lock = RLock()
        self._loaded: Parts | None = None

    @property
    def name(self) -> str:
        """The name of the model's card."""
        return self.card.name

    @property
    def digest(self) -> str:
        """What the results depend on: the weights and the engine that runs them."""
        with self._lock:
            return f"{self._weights}:{self._engine_name}"

    def prepare(self, progress: Callable[[int, int, str], None] | None = None, *, force: bool = False) -> Path:
        """Make the weights ready for the engine, and return the folder they lie in.

        :param progress: Told how far the work has come.
        :param force: Convert them anew where they are converted.
        :raises ModelError: If the files are missing or damaged, or the cache cannot be written.
        """
        if self._engine_name == "torch":
            return self._folder
        card = self.card
        return prepare_conversion(card.name, self._weights, self._folder, card.codes, progress, force=force)

    @cached_property
    def _folder(self) -> Path:
        return find_files(self.card)

    @cached_property
    def _weights(self) -> str:
        """Identify the weights: by source and revision, those of a local folder by their bytes."""
        if not Path(self.card.source).is_dir():
            return f"{self.card.source}@{self.card.revision}"
        digest = sha256()
        for path in sorted(self._folder.iterdir()):
            if path.suffix in (".safetensors", ".json", ".model", ".spm"):
                digest.update(path.name.encode())
                with path.open("rb") as file:
                    while block := file.read(1 << 20):
                        digest.update(block)
        return digest.hexdigest()[:16]

    @cached_property
    def _engine_name(self) -> str:
        return choose_engine(self._settings, can_convert(read_config(self._folder), self.card.codes), self.card.name)

    def load(self) -> Parts:
        """Return the loaded model; the first call loads it.

        :raises ModelError: If files are missing or damaged.
        """
        with self._lock:
            if self._loaded is None:
                config = read_config(self._folder)
                tokenizer = load_tokenizer(self._folder, self.card.codes, config)
                known = [self.card.context, config.get("max_position_embeddings") or 0]
                context = min(filter(None, known), default=CONTEXT)
                self._loaded = Parts(tokenizer, self._make_engine(tokenizer), config, context)
                logger.info("loaded %s with %s", self._folder, self._engine_name)
            return self._loaded

    def _make_engine(self, tokenizer: Seq2SeqTokenizer) -> Engine:
        device = choose_device(self._settings.device)
        if self._engine_name == "ctranslate2":
            try:
                return CTranslateEngine(self.prepare(), tokenizer, device)
            except ModelDamagedError as error:
                if self._settings.engine != "auto":
                    raise
                logger.warning("%s runs with PyTorch: %s", self.card.name, error)
                self._engine_name = "torch"
        from summarizer.backends.seq2seq_torch import TorchEngine

        return TorchEngine(load_model(self._folder), device)


def choose_engine(settings: EngineSettings, converts: bool, name: str) -> str:
    """Return ``torch`` or ``ctranslate2``.

    :param settings: What was asked for; ``auto`` is CTranslate2 on a CPU where it is installed and can run the model.
    :param converts: Whether CTranslate2 can run the model.
    :param name: Name of the model.
    :raises BadOptionError: If the engine does not exist, is not installed or cannot run the model.
    """
    engine = settings.engine
    if engine == "auto":
        fast = converts and is_installed() and choose_device(settings.device) == "cpu"
        return "ctranslate2" if fast else "torch"
    if engine == "ctranslate2" and not converts:
        raise BadOptionError(f"CTranslate2 cannot run the model {name!r}: use --engine torch or auto.")
    if engine == "ctranslate2" and not is_installed():
        raise BadOptionError(
            "CTranslate2 is not installed: pip install 'news-summarizer[fast]', or use --engine torch."
        )
    return engine
