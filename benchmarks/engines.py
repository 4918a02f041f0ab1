"""Engines of encoder-decoder models: ``python -m benchmarks.engines [--batch 8] [--repeat 3]``.

One model of the size and shape of NLLB-200 600M with fewer layers and random weights is run on the same inputs by
transformers in float32, the baseline, and by CTranslate2 in float32 and int8. Printed for each: seconds, the best of
the runs, their ratio to the baseline in the same run, and how many of the tokens are those of the baseline. Random
weights say nothing of the quality of int8.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.machine import describe_machine
from summarizer.backends.ctranslate import CTranslateEngine, prepare_conversion
from summarizer.backends.seq2seq_engine import Engine, Output, Search
from summarizer.backends.seq2seq_loading import load_model, load_tokenizer, read_config
from tests.tiny_models import build_nllb

#: Encoder and decoder layers, and the widths of NLLB-200 600M.
SHAPE = {
    "encoder_layers": 4,
    "decoder_layers": 4,
    "d_model": 1024,
    "encoder_attention_heads": 16,
    "decoder_attention_heads": 16,
    "encoder_ffn_dim": 4096,
    "decoder_ffn_dim": 4096,
    "vocab_size": 64_000,
}
TEXT = "The council closed the old harbour on Monday because two of its walls had moved after the flood. "


def main() -> None:
    """Print a line for each engine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=8, help="sentences at once")
    parser.add_argument("--tokens", type=int, default=24, help="tokens written for each")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each engine, taken in turns")
    arguments = parser.parse_args()
    print(describe_machine())
    with tempfile.TemporaryDirectory() as place:
        os.environ["SUMMARIZER_CACHE"] = place
        compare(Path(place), arguments.batch, arguments.tokens, arguments.repeat)


def compare(place: Path, batch: int, tokens: int, repeat: int) -> None:
    """Run every engine on the same inputs, in turns, so that other work on the machine slows all alike."""
    from summarizer.backends.seq2seq_torch import TorchEngine

    folder = build_model(place / "model")
    tokenizer = load_tokenizer(folder, "nllb", read_config(folder))
    hints = tokenizer.find_hints("en", "fr")
    inputs = [tokenizer.encode(TEXT, hints, 500) for _ in range(batch)]
    search = Search(least=tokens, most=tokens)
    engines: dict[str, Engine] = {"transformers float32 (baseline)": TorchEngine(load_model(folder))}
    for kind in ("float32", "int8"):
        converted = prepare_conversion("benchmark", "benchmark", folder, "nllb", quantization=kind)
        engines[f"CTranslate2 {kind}"] = CTranslateEngine(converted, tokenizer)
    seconds: dict[str, float] = dict.fromkeys(engines, float("inf"))
    outputs: dict[str, Sequence[Output]] = {}
    for _ in range(repeat):
        for name, engine in engines.items():
            outputs[name], spent = clock(lambda engine=engine: engine.generate(inputs, hints, search))
            seconds[name] = min(seconds[name], spent)
    baseline = next(iter(engines))
    print(f"{batch} x {len(inputs[0])} tokens in, {tokens} out, greedy")
    for name in engines:
        equal = share_equal(outputs[baseline], outputs[name])
        print(f"{name:34} {seconds[name]:7.2f} s  x {seconds[name] / seconds[baseline]:.2f}  tokens equal {equal:.0%}")


def clock(run: Callable[[], Sequence[Output]]) -> tuple[Sequence[Output], float]:
    """Return what a run gives, and its seconds."""
    started = time.perf_counter()
    outputs = run()
    return outputs, time.perf_counter() - started


def share_equal(one: Sequence[Output], other: Sequence[Output]) -> float:
    """Return the part of the tokens that are equal at the same place."""
    pairs = [pair for a, b in zip(one, other, strict=True) for pair in zip(a.ids, b.ids, strict=False)]
    return sum(first == second for first, second in pairs) / max(1, len(pairs))


def build_model(folder: Path) -> Path:
    """Build a checkpoint with a real tokenizer and random weights of the usual width."""
    import torch
    from transformers import M2M100Config, M2M100ForConditionalGeneration

    folder.mkdir()
    torch.manual_seed(7)
    build_nllb(folder)
    config = M2M100Config(decoder_start_token_id=2, max_position_embeddings=1024, **SHAPE)
    M2M100ForConditionalGeneration(config).save_pretrained(folder)
    return folder


if __name__ == "__main__":
    main()
