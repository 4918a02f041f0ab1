"""Chat models of safetensors, run by transformers."""

import logging
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from queue import Queue
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any

from summarizer.backends.batching import choose_device, cut_batches, find_budget
from summarizer.backends.chat_model import DEFAULT_CONTEXT, Answer, digest_files
from summarizer.backends.hub import find_files
from summarizer.cards import ModelCard
from summarizer.errors import ModelDamagedError, ModelError

if TYPE_CHECKING:
    from torch import FloatTensor, LongTensor, Tensor

logger = logging.getLogger(__name__)

#: Tokens of the requests and answers that are worked on at once on a CPU.
BATCH_TOKENS = 8192
#: What a token of them takes on a GPU: its keys and values in each layer.
TOKEN_BYTES = 2**20
_LOCAL_ONLY = {"local_files_only": True, "trust_remote_code": False}


class TransformersChat:
    """A decoder model with its chat template, greedy; loaded when it is first used.

    :param card: Its card; the prompt there stands in for a template, ``generation`` goes to ``generate``.
    :param device: ``cpu``, ``cuda``, or ``auto`` for a GPU where there is one.
    """

    def __init__(self, card: ModelCard, device: str) -> None:
        self._card = card
        self._device = device
        self._lock = Lock()

    @cached_property
    def _folder(self) -> Path:
        return find_files(self._card)

    @cached_property
    def digest(self) -> str:
        """The beginning of the SHA-256 of the weights."""
        return digest_files(sorted(self._folder.glob("*.safetensors")))

    @cached_property
    def context(self) -> int:
        """Tokens of a request and its answer together: those of the card, else of the model up to 8192."""
        own = getattr(self._model.config.get_text_config(), "max_position_embeddings", None)
        return self._card.context or min(own or DEFAULT_CONTEXT, DEFAULT_CONTEXT)

    def count(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text, special tokens left out."""
        if not texts:
            return []
        encoded = self._tokenizer(list(texts), add_special_tokens=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def answer(self, requests: Sequence[str], most_tokens: int) -> list[Answer]:
        """Answer each request, several at once, those of about one length together."""
        answers: dict[int, Answer] = {}
        for batch in cut_batches([size + most_tokens for size in self.count(requests)], self._find_budget()):
            answers.update(zip(batch, self._answer_batch([requests[i] for i in batch], most_tokens), strict=True))
        return [answers[index] for index in range(len(requests))]

    def _find_budget(self) -> int:
        return find_budget(self._model.device.type, BATCH_TOKENS, TOKEN_BYTES)

    def stream(self, request: str, most_tokens: int) -> Iterator[Answer]:
        """Answer a request piece by piece; only the last one can be finished."""
        from transformers import TextIteratorStreamer

        encoded = self._encode([request])
        streamer = TextIteratorStreamer(self._tokenizer, skip_prompt=True)
        stopped = Event()
        outcome: Queue[Tensor | Exception] = Queue()

        def run() -> None:
            try:
                outcome.put(self._generate(encoded, most_tokens, streamer=streamer, stopping_criteria=[_Stop(stopped)]))
            except Exception as error:
                outcome.put(error)
            finally:
                streamer.end()

        Thread(target=run, name="stream", daemon=True).start()
        try:
            for piece in streamer:
                yield Answer(piece.replace(self._tokenizer.eos_token, ""), finished=False)
        finally:
            stopped.set()
            result = outcome.get()
        if isinstance(result, Exception):
            raise result
        yield Answer("", finished=int(result[0, -1]) in self._end_tokens)

    def _answer_batch(self, requests: Sequence[str], most_tokens: int) -> list[Answer]:
        from transformers import LogitsProcessorList

        encoded = self._encode(requests)
        recorder = _LikelihoodRecorder()
        output = self._generate(encoded, most_tokens, logits_processor=LogitsProcessorList([recorder]))
        likelihoods = recorder.steps.T.tolist()
        written = output[:, encoded["input_ids"].shape[1] :].tolist()
        return [self._read(ids, values) for ids, values in zip(written, likelihoods, strict=True)]

    def _read(self, ids: list[int], likelihoods: list[float]) -> Answer:
        end = next((place for place, token in enumerate(ids) if token in self._end_tokens), None)
        text = self._tokenizer.decode(ids[:end], skip_special_tokens=False)
        told = likelihoods[: len(ids) if end is None else end + 1]
        return Answer(text, end is not None, sum(told) / len(told))

    def _encode(self, requests: Sequence[str]) -> Any:
        with_template = bool(self._tokenizer.chat_template)
        texts = [self._apply_template(request) if with_template else request for request in requests]
        # A template writes the special tokens itself.
        encoded = self._tokenizer(texts, add_special_tokens=not with_template, padding=True, return_tensors="pt")
        return {name: encoded[name].to(self._model.device) for name in ("input_ids", "attention_mask")}

    def _apply_template(self, request: str) -> str:
        text: str = self._tokenizer.apply_chat_template(
            [{"role": "user", "content": request}], tokenize=False, add_generation_prompt=True, enable_thinking=False
        )
        return text

    def _generate(self, encoded: dict[str, "Tensor"], most_tokens: int, **options: Any) -> "Tensor":
        import torch

        settings = {"do_sample": False, "num_beams": 1, "max_new_tokens": most_tokens, **self._card.generation}
        # What the model was shipped with is for sampling.
        unset = dict.fromkeys(("temperature", "top_p", "top_k", "min_p", "max_length"))
        options.update({**unset, **settings, "pad_token_id": self._tokenizer.pad_token_id})
        try:
            with torch.inference_mode():
                output: Tensor = self._model.generate(**encoded, **options)
        except (ValueError, TypeError, RuntimeError) as error:
            raise ModelError(f"Model {self._card.name!r} cannot answer: {error}") from error
        return output

    @cached_property
    def _end_tokens(self) -> frozenset[int]:
        ids = self._model.generation_config.eos_token_id
        ids = [ids] if isinstance(ids, int) else ids or []
        return frozenset([*ids, self._tokenizer.eos_token_id])

    @property
    def _tokenizer(self) -> Any:
        return self._loaded[0]

    @property
    def _model(self) -> Any:
        return self._loaded[1]

    @property
    def _loaded(self) -> tuple[Any, Any]:
        with self._lock:
            return self._pair

    @cached_property
    def _pair(self) -> tuple[Any, Any]:
        """The tokenizer and the model."""
        from safetensors import SafetensorError

        try:
            return self._load_tokenizer(), self._load_model()
        except SafetensorError as error:
            raise ModelDamagedError(f"The weights in {self._folder} cannot be read: {error}") from error
        except (OSError, ValueError, KeyError, ImportError) as error:
            raise ModelError(f"Model {self._card.name!r} cannot be loaded from {self._folder}: {error}") from error

    def _load_tokenizer(self) -> Any:
        from transformers import AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(self._folder, padding_side="left", **_LOCAL_ONLY)
        if not tokenizer.chat_template and not self._card.prompt:
            raise ValueError("it has no chat template, and its card no prompt that could stand in for one")
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token
        return tokenizer

    def _load_model(self) -> Any:
        import torch
        from transformers import AutoModelForCausalLM

        device = choose_device(self._device)
        # The default would be the type of the file, and float16 on a CPU is slow.
        dtype = torch.float32 if device == "cpu" else torch.bfloat16
        model = AutoModelForCausalLM.from_pretrained(self._folder, dtype=dtype, use_safetensors=True, **_LOCAL_ONLY)
        logger.info("loaded %s on %s", self._folder, device)
        return model.to(device).eval()


class _LikelihoodRecorder:
    """Notes how likely the token is that greedy decoding takes at each step; keeping all scores takes gigabytes."""

    def __init__(self) -> None:
        self._steps: list[Tensor] = []

    def __call__(self, _input_ids: "LongTensor", scores: "FloatTensor") -> "FloatTensor":
        self._steps.append(scores.float().log_softmax(-1).amax(-1))
        return scores

    @property
    def steps(self) -> "Tensor":
        """Log-probabilities in nats: one row for each step, one column for each answer."""
        import torch

        return torch.stack(self._steps)


class _Stop:
    """Ends the writing of what nobody reads any more."""

    def __init__(self, stopped: Event) -> None:
        self._stopped = stopped

    def __call__(self, input_ids: "LongTensor", _scores: "FloatTensor", **_options: Any) -> "Tensor":
        import torch

        return torch.full((input_ids.shape[0],), self._stopped.is_set(), device=input_ids.device)
