"""Encoder-decoder models run by ``transformers``: every family, on CPUs and GPUs."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from transformers import GenerationConfig
from transformers.modeling_outputs import BaseModelOutput

from summarizer.backends.batching import find_budget
from summarizer.backends.seq2seq_engine import BATCH_TOKENS, Output, Search
from summarizer.backends.seq2seq_languages import Hints

#: What is kept of a checkpoint's own generation settings: ids. How to search is ours to say.
_KEPT = ("decoder_start_token_id", "eos_token_id", "pad_token_id", "forced_bos_token_id", "bad_words_ids")

#: What a token of an input takes on a GPU: its keys and values in each layer of the decoder, for several beams.
_TOKEN_BYTES = 2**20


class TorchEngine:
    """Runs a model of ``transformers``.

    :param model: The model, ready to generate.
    :param device: ``cpu`` or ``cuda``.
    """

    def __init__(self, model: Any, device: str = "cpu") -> None:
        # bfloat16 has the range of float32; T5 overflows in float16.
        self._model = model.to(device, torch.bfloat16 if device == "cuda" else torch.float32)
        self._device = device
        self.budget = find_budget(device, BATCH_TOKENS, _TOKEN_BYTES)
        own = model.generation_config
        self._ids = {name: value for name in _KEPT if (value := getattr(own, name, None)) is not None}
        # Whatever is left in there would be mixed into every call, such as a most of 20 tokens.
        model.generation_config = GenerationConfig(**self._ids)

    def generate(self, inputs: Sequence[Sequence[int]], hints: Hints, search: Search) -> list[Output]:
        """Write one text for each input; see ``Engine``."""
        ids, mask = self._pad(inputs)
        with torch.inference_mode():
            states = self._model.get_encoder()(input_ids=ids, attention_mask=mask).last_hidden_state
            written = self._model.generate(
                encoder_outputs=BaseModelOutput(last_hidden_state=states),
                attention_mask=mask,
                generation_config=self._configure(hints, search),
            )
            outputs = [self._read(row.tolist()) for row in written]
            if not search.scored:
                return outputs
            # What the model was made to write first says nothing of how sure it is.
            skip = int(hints.first is not None or "forced_bos_token_id" in self._ids)
            return [
                replace(output, likelihood=self._score(states[[row]], mask[[row]], written[row], output, skip))
                for row, output in enumerate(outputs)
            ]

    def _pad(self, inputs: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
        width = max(map(len, inputs))
        pad = self._ids.get("pad_token_id", 0)
        ids = torch.tensor([[*row, *[pad] * (width - len(row))] for row in inputs], device=self._device)
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in inputs], device=self._device)
        return ids, mask

    def _configure(self, hints: Hints, search: Search) -> GenerationConfig:
        told = {"forced_bos_token_id": hints.first, "decoder_start_token_id": hints.start}
        return GenerationConfig(
            do_sample=False,
            max_new_tokens=search.most,
            min_new_tokens=search.least or None,
            num_beams=search.num_beams,
            length_penalty=search.length_penalty,
            repetition_penalty=search.repetition_penalty,
            no_repeat_ngram_size=search.no_repeat_ngram_size,
            early_stopping=search.early_stopping,
            **{**self._ids, **{name: value for name, value in told.items() if value is not None}},
        )

    def _read(self, row: list[int]) -> Output:
        """Read a row of ids: the start of the decoder, what was written, maybe the end, padding."""
        ends = self._ids["eos_token_id"]
        ends = set(ends) if isinstance(ends, list) else {ends}
        end = next((place for place, token in enumerate(row[1:], 1) if token in ends), None)
        ids = row[1:end]
        while end is None and ids and ids[-1] == self._ids.get("pad_token_id"):
            ids.pop()
        return Output(tuple(ids), end is not None)

    def _score(self, states: torch.Tensor, mask: torch.Tensor, row: torch.Tensor, output: Output, skip: int) -> float:
        """Return the mean log-probability of what was written after the first tokens, read again in one pass."""
        length = len(output.ids) + output.finished
        logits = self._model(
            encoder_outputs=BaseModelOutput(last_hidden_state=states),
            attention_mask=mask,
            decoder_input_ids=row[None, :length],
        ).logits[0]
        found = logits.float().log_softmax(-1).gather(1, row[1 : length + 1, None])
        return float(found[skip:].mean()) if length > skip else 0.0
