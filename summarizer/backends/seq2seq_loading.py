"""From a folder to a tokenizer and a model: safetensors only, nothing fetched, no code of strangers run."""

import json
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from summarizer.backends.seq2seq_tokenizer import Seq2SeqTokenizer
from summarizer.errors import ModelDamagedError, ModelError

#: Tables that transformers computes where a checkpoint leaves them out.
COMPUTED = ("embed_positions.weight", "embed_positions.weights", "final_logits_bias")

#: Tokenizers that are not what the files say: SMaLL-100 names one that comes as code of its own and has the vocabulary
#: of M2M100; NLLB has the architecture of M2M100, which names the wrong one where the files name none.
TOKENIZERS = {"small100": "M2M100Tokenizer", "nllb": "NllbTokenizer"}

#: The unknown token of T5 and mT5.
T5_UNKNOWN = 2

Loaded = TypeVar("Loaded")


def read_config(folder: Path) -> dict[str, Any]:
    """Return what the files say of the model and of how it writes.

    :param folder: The model's files.
    :raises ModelDamagedError: If there is no readable configuration.
    """
    try:
        config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        path = folder / "generation_config.json"
        return {**config, **json.loads(path.read_text(encoding="utf-8"))} if path.is_file() else dict(config)
    except (OSError, ValueError, TypeError) as error:
        raise ModelDamagedError(_explain(folder, error)) from error


def check_weights(folder: Path) -> None:
    """Raise unless there are weights in the one format that cannot run code.

    :param folder: The model's files.
    :raises ModelError: If they are pickled, or not there.
    """
    if any(folder.glob("*.safetensors")):
        return
    if any(folder.glob("*.bin")):
        raise ModelError(
            f"The weights in {folder} are pickled (.bin), which can run code when they are loaded. Choose a revision "
            "of the model with safetensors, or convert it with one that you trust."
        )
    raise ModelDamagedError(f"There are no weights (.safetensors) in {folder}. Get the model again.")


def load_tokenizer(folder: Path, codes: str, config: dict[str, Any]) -> Seq2SeqTokenizer:
    """Load the tokenizer of a model.

    :param folder: The model's files.
    :param codes: The family, as ``ModelCard.codes`` names it.
    :param config: What ``read_config`` returned.
    :raises ModelDamagedError: If its files are missing or cannot be read.
    """
    tokenizer = open_tokenizer(folder, codes)
    is_first_mbart = codes == "mbart50" and type(tokenizer).__name__.startswith("MBartTokenizer")
    return Seq2SeqTokenizer(tokenizer, "mbart" if is_first_mbart else codes, _read_names(codes, config))


def open_tokenizer(folder: Path, codes: str) -> Any:
    """Load the tokenizer of ``transformers`` that a model comes with.

    :param folder: The model's files.
    :param codes: The family, as ``ModelCard.codes`` names it.
    :raises ModelDamagedError: If its files are missing or cannot be read.
    """

    def load() -> Any:
        import transformers

        kind = getattr(transformers, TOKENIZERS.get(codes, "AutoTokenizer"))
        tokenizer = kind.from_pretrained(folder, local_files_only=True)
        if isinstance(tokenizer, transformers.T5Tokenizer):
            _mend_unknown(tokenizer)
        return tokenizer

    return _load(folder, load)


def load_model(folder: Path) -> Any:
    """Load the weights in float32, whatever they are stored in: CPUs are slow or wrong in float16.

    :param folder: The model's files.
    :return: A model of ``transformers`` that is ready to generate.
    :raises ModelError: If the weights are missing, damaged or pickled.
    """
    check_weights(folder)

    def load() -> Any:
        import torch
        from transformers import AutoModelForSeq2SeqLM

        model, report = AutoModelForSeq2SeqLM.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, dtype=torch.float32, output_loading_info=True
        )
        if missing := sorted(key for key in report["missing_keys"] if not key.endswith(COMPUTED)):
            # transformers would go on with random numbers in their place.
            raise ValueError(f"it lacks {len(missing)} tensors, such as {missing[0]}")
        return model.eval()

    return _load(folder, load)


def _load(folder: Path, load: Callable[[], Loaded]) -> Loaded:
    try:
        with warnings.catch_warnings(), _without_bars():
            warnings.simplefilter("ignore")
            return load()
    except Exception as error:  # the loaders of tokenizers and weights raise anything, bare exceptions too
        raise ModelDamagedError(_explain(folder, error)) from error


def _mend_unknown(tokenizer: Any) -> None:
    """Set right what becomes of characters that a T5 vocabulary lacks.

    transformers takes the third token for the unknown one and no bytes for what is rare, whatever the files say. In
    MADLAD the third token is the end of the text, so every unknown character would end it; mT5 has bytes, and emoji
    and rare Han characters would be lost.
    """
    has_bytes = tokenizer.convert_tokens_to_ids("<0x00>") != tokenizer.unk_token_id
    if tokenizer.unk_token_id == T5_UNKNOWN and not has_bytes:
        return
    from tokenizers import decoders
    from tokenizers.models import Unigram

    backend = tokenizer.backend_tokenizer
    pieces = [(piece, score) for piece, score in json.loads(backend.to_str())["model"]["vocab"]]
    backend.model = Unigram(pieces, unk_id=tokenizer.unk_token_id, byte_fallback=has_bytes)
    steps = [decoders.ByteFallback(), decoders.Fuse(), decoders.Replace("▁", " "), decoders.Strip(" ", 1, 0)]
    backend.decoder = decoders.Sequence(steps)


@contextmanager
def _without_bars() -> Iterator[None]:
    """Keep the progress bars of transformers off the user's terminal."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _read_names(codes: str, config: dict[str, Any]) -> dict[str, str] | None:
    """Return the token of each language that CrossSum keeps beside its configuration."""
    if codes != "crosssum":
        return None
    try:
        return {name: token for name, (_, token) in config["task_specific_params"]["langid_map"].items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelDamagedError(
            "This model does not say which tokens its languages have (langid_map in config.json), as CrossSum does. "
            "Get it again, or give it a card with other codes."
        ) from error


def _explain(folder: Path, error: Exception) -> str:
    reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return f"The model in {folder} cannot be loaded ({reason}). Get it again; its files are missing or damaged."
