"""Encoder-decoder models run by CTranslate2 in int8: several times as fast on a CPU, for the families it converts."""

import os
import re
from collections.abc import Sequence
from hashlib import sha256
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from summarizer.backends.model_store import Progress, ensure_model
from summarizer.backends.seq2seq_engine import BATCH_TOKENS, Output, Search
from summarizer.backends.seq2seq_languages import Hints
from summarizer.backends.seq2seq_loading import check_weights, load_model, open_tokenizer
from summarizer.backends.seq2seq_tokenizer import Seq2SeqTokenizer
from summarizer.errors import ModelDamagedError

#: Architectures whose conversion writes the same tokens as the original; that of mBART, BART and PEGASUS fails.
CONVERTED: Final = ("mt5", "t5", "m2m_100", "marian")
#: Changes when a conversion of the same weights by the same release comes out differently.
RECIPE: Final = 1


def is_installed() -> bool:
    """Return whether the package is there."""
    return find_spec("ctranslate2") is not None


def can_convert(config: dict[str, Any], codes: str) -> bool:
    """Return whether a model can be converted.

    :param config: The model's configuration.
    :param codes: Its family, as ``ModelCard.codes`` names it.
    """
    # The first token of CrossSum's decoder changes from call to call, and two vocabularies are more than it takes.
    return (
        config.get("model_type") in CONVERTED
        and codes != "crosssum"
        and config.get("share_encoder_decoder_embeddings", True) is not False
    )


def prepare_conversion(
    name: str,
    digest: str,
    folder: Path,
    codes: str,
    progress: Progress | None = None,
    *,
    quantization: str = "int8",
    force: bool = False,
) -> Path:
    """Return the folder of the converted model in the user's cache; the first call converts it.

    :param name: What the folder is called.
    :param digest: Identifies the weights.
    :param folder: The model's files, as ``transformers`` reads them.
    :param codes: The family, as ``ModelCard.codes`` names it.
    :param progress: Told what is being done.
    :param quantization: ``int8``, or ``float32`` for the same numbers as before.
    :param force: Convert anew.
    :raises ModelError: If the weights are missing, damaged or pickled, or the cache cannot be written.
    """
    check_weights(folder)

    def build(place: Path, report: Progress) -> None:
        report(0, 0, "converting")
        _convert(folder, place, codes, quantization)

    size = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    key = sha256(f"{digest}|{version('ctranslate2')}|{quantization}|{RECIPE}".encode()).hexdigest()
    safe = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[-60:] or "model"
    return ensure_model(f"{safe}-{quantization}", key, build, progress, size=size, force=force)


def _convert(folder: Path, place: Path, codes: str, quantization: str) -> None:
    converter = import_module("ctranslate2.converters").TransformersConverter(str(folder))
    # Loaded as we do: safetensors only, float32, complete, no code of strangers.
    converter.load_model = lambda *_, **__: _adapt(load_model(folder))
    converter.load_tokenizer = lambda *_, **__: open_tokenizer(folder, codes)
    try:
        converter.convert(str(place), quantization=quantization, force=True)
    except (ValueError, KeyError, AttributeError, TypeError, RuntimeError) as error:
        raise ModelDamagedError(
            f"The model in {folder} cannot be converted for CTranslate2 ({error}). Get it again, or run it with "
            "--engine torch."
        ) from error


def _adapt(model: Any) -> Any:
    """Tell the converter whether the outputs of a T5 are scaled, which it reads from another setting.

    transformers ties the embeddings of every T5 since version 5, and to the converter tied means scaled: the tokens of
    greedy search would be the same, beams and likelihoods wrong.
    """
    if model.config.model_type in ("t5", "mt5"):
        model.config.tie_word_embeddings = getattr(model.config, "scale_decoder_outputs", False)
    return model


class CTranslateEngine:
    """Runs a converted model.

    :param folder: The converted model.
    :param tokenizer: Its tokenizer: the model is told tokens by name.
    :param device: ``cpu`` or ``cuda``.
    :raises ModelDamagedError: If the files cannot be read.
    """

    def __init__(self, folder: Path, tokenizer: Seq2SeqTokenizer, device: str = "cpu") -> None:
        translator = import_module("ctranslate2").Translator
        try:
            self._translator = translator(str(folder), device=device, intra_threads=_count_threads())
        except (RuntimeError, ValueError) as error:
            raise ModelDamagedError(f"The converted model in {folder} cannot be read ({error}). Delete it.") from error
        self._tokenizer = tokenizer
        self.budget = BATCH_TOKENS

    def generate(self, inputs: Sequence[Sequence[int]], hints: Hints, search: Search) -> list[Output]:
        """Write one text for each input; see ``Engine``."""
        tokens = [self._tokenizer.to_tokens(ids) for ids in inputs]
        first = [] if hints.first is None else self._tokenizer.to_tokens([hints.first])
        results = self._translator.translate_batch(
            tokens,
            [first] * len(tokens) if first else None,
            beam_size=search.num_beams,
            length_penalty=search.length_penalty,
            repetition_penalty=search.repetition_penalty,
            no_repeat_ngram_size=search.no_repeat_ngram_size,
            min_decoding_length=search.least,
            max_decoding_length=search.most,
            max_input_length=0,  # by default what is longer than 1024 tokens is cut silently
            return_end_token=True,
        )
        written = [result.hypotheses[0] for result in results]
        end = self._tokenizer.end
        outputs = [Output(tuple(self._tokenizer.to_ids([t for t in row if t != end])), end in row) for row in written]
        return self._score(tokens, written, outputs, len(first)) if search.scored else outputs

    def _score(
        self, tokens: list[list[str]], written: list[list[str]], outputs: list[Output], skip: int
    ) -> list[Output]:
        bare = [row[:-1] if output.finished else row for row, output in zip(written, outputs, strict=True)]
        scores = self._translator.score_batch(tokens, bare, max_input_length=0)
        rows = [list(score.log_probs) for score in scores]
        found = [row[skip : len(row) if output.finished else -1] for row, output in zip(rows, outputs, strict=True)]
        return [
            Output(output.ids, output.finished, sum(row) / len(row) if row else 0.0)
            for output, row in zip(outputs, found, strict=True)
        ]


def _count_threads() -> int:
    """Return the threads to use; CTranslate2 takes four where there may be two cores, unless it is told."""
    if "OMP_NUM_THREADS" in os.environ:
        return 0
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 0
