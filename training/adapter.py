"""Train the writing adapter: ``python -m training.adapter --data FOLDER --output FOLDER``.

The adapter is a LoRA (Hu et al., 2021, arXiv:2106.09685) that acts on the prompt and what is written after it, not on
the article: an activated LoRA (Greenewald et al., 2025, arXiv:2504.12397). So the article is read once, without a
gradient, by the code that reads it in the package, and one reading serves the salience head and every form of summary.
Sentences to translate belong to the prompt. The loss is taken over the shortlist that the decoder chooses from, not
over the whole vocabulary.

A run that was stopped goes on from its last checkpoint. Curves are written to ``log.jsonl`` beside the weights.
"""

import argparse
import json
import math
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from peft import LoraConfig, PeftModel, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional
from transformers import DynamicCache, Gemma3ForCausalLM

from summarizer.backends.gemma_layers import GemmaLayers
from summarizer.backends.gemma_memory import Memory
from summarizer.backends.gemma_reader import tokenize_sentences
from summarizer.backends.gemma_tokenizer import GemmaTokenizer
from summarizer.backends.gemma_weights import prepare_builtin
from summarizer.backends.shortlist import has_table, make_shortlist
from training.data import Example, make_summaries, make_translations, read_rows

#: Articles for each target language, and pairs for each direction from or to English.
ARTICLES = {
    "*": 24,
    **dict.fromkeys(("es", "fr", "de", "pt", "it", "ru", "zh", "ja", "ar", "fa", "tr", "hi"), 70),
    "en": 220,
    "fr": 110,
}
PAIRS = {"*": 24, **dict.fromkeys(["es", "fr", "pt", "it"], 300), "de": 400}
#: Most tokens of an article that are read in training: drawn anew for each, so that no length is special.
READ = (128, 400)
#: Most tokens of a target.
WRITTEN = 110
#: Most tokens to choose from in a batch; one of many languages has more common tokens than one summary ever has.
CHOICES = 20_000
#: Articles, or sentence pairs, of one step.
STEP_ARTICLES, STEP_PAIRS = 6, 16
TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
LOG_EVERY, SAVE_EVERY = 5, 25


@dataclass(frozen=True, slots=True)
class Item:
    """An example as tokens."""

    language: str
    article: tuple[int, ...]
    prompt: tuple[int, ...]
    target: tuple[int, ...]


class Trainer:
    """Base model with a trainable adapter, and one step of its training."""

    def __init__(self, rank: int, rate: float, steps: int, seed: int, targets: Sequence[str] = TARGETS) -> None:
        torch.manual_seed(seed)
        folder = prepare_builtin()
        self.generator = random.Random(seed)
        self.numbers = np.random.default_rng(seed)
        self.tokenizer = GemmaTokenizer(folder)
        self.reader = GemmaLayers(folder, torch.float32)
        base = Gemma3ForCausalLM.from_pretrained(folder, dtype=torch.float32)
        config = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=list(targets), task_type="CAUSAL_LM")
        self.model: PeftModel = get_peft_model(base, config)
        self.embeddings: Tensor = base.get_input_embeddings().weight
        self.decoder = base.model
        trainable = [parameter for parameter in self.model.parameters() if parameter.requires_grad]
        self.optimizer = torch.optim.AdamW(trainable, lr=rate, weight_decay=0.01, betas=(0.9, 0.98))
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, lambda step: _rate(step, steps))

    def encode(self, examples: Iterable[Example]) -> list[Item]:
        """Return examples of one article as tokens; those that are too long are left out."""
        size = self.generator.randint(*READ)
        found = (self._encode(example, size) for example in examples if has_table(example.language))
        return [item for item in found if item is not None]

    def _encode(self, example: Example, size: int) -> Item | None:
        article: list[int] = []
        if example.article is not None:
            article = list(chain.from_iterable(tokenize_sentences(self.tokenizer, example.article)))[:size]
        prompt = self.tokenizer.encode(example.prompt)
        target = [*self.tokenizer.encode(example.target), self.tokenizer.eos_id]
        if len(target) > WRITTEN or len(prompt) > 2 * WRITTEN:
            return None
        return Item(example.language, tuple(article), tuple(prompt), tuple(target))

    def step(self, items: Sequence[Item]) -> float:
        """Learn from a batch, and return its mean loss in nats for each token."""
        self.model.train()
        loss = self.loss(items)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.schedule.step()
        return loss.item()

    def loss(self, items: Sequence[Item]) -> Tensor:
        """Return the mean loss of the targets' tokens, over the shortlists of the batch."""
        memory = self._read(items)
        length = max(len(item.prompt) + len(item.target) for item in items)
        rows = [[*item.prompt, *item.target, *[0] * (length - len(item.prompt) - len(item.target))] for item in items]
        tokens = torch.tensor(rows)
        seen = torch.arange(memory.length + length) >= memory.padding[:, None]
        states = self.decoder(
            input_ids=tokens[:, :-1],
            attention_mask=seen[:, :-1].long(),
            position_ids=memory.positions(length - 1),
            past_key_values=_as_cache(memory),
        ).last_hidden_state
        wanted = torch.zeros_like(tokens, dtype=torch.bool)
        for row, item in enumerate(items):
            wanted[row, len(item.prompt) : len(item.prompt) + len(item.target)] = True
        choices = self._choices(items)
        logits = states[wanted[:, 1:]] @ self.embeddings[choices].T
        return functional.cross_entropy(logits, torch.searchsorted(choices, tokens[wanted]))

    def _read(self, items: Sequence[Item]) -> Memory:
        read: dict[tuple[int, ...], Memory] = {}
        for item in items:
            if item.article not in read:
                read[item.article] = self.reader.remember([[self.tokenizer.bos_id, *item.article]], 1)[0][1]
        return Memory.join([read[item.article] for item in items], 0)

    def _choices(self, items: Sequence[Item]) -> Tensor:
        own = np.unique([token for item in items for token in (*item.article, *item.prompt, *item.target)])
        common = np.unique(np.concatenate([make_shortlist((), item.language) for item in items]))
        if len(common) > CHOICES:
            common = self.numbers.choice(common, CHOICES, replace=False)
        return torch.from_numpy(np.union1d(own, common))

    def save(self, folder: Path, step: int) -> None:
        """Write the adapter and all that is needed to go on from here."""
        self.model.save_pretrained(str(folder / "adapter"), save_embedding_layers=False)
        state = {"step": step, "optimizer": self.optimizer.state_dict(), "schedule": self.schedule.state_dict()}
        torch.save(state, folder / "state.unfinished")
        (folder / "state.unfinished").replace(folder / "state.pt")

    def load(self, adapter: Path) -> None:
        """Take the weights of an adapter of the same rank and targets."""
        set_peft_model_state_dict(self.model, load_file(adapter / "adapter_model.safetensors"))

    def resume(self, folder: Path) -> int:
        """Go on from a checkpoint, and return how many steps were done; 0 if there is none."""
        if not (folder / "state.pt").exists():
            return 0
        self.load(folder / "adapter")
        state = torch.load(folder / "state.pt", weights_only=True)
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        return int(state["step"])


def _as_cache(memory: Memory) -> DynamicCache:
    cache = DynamicCache()
    for layer, (keys, values) in enumerate(zip(memory.keys, memory.values, strict=True)):
        # Tensors made in inference mode cannot take part in a backward pass; copies can.
        cache.update(keys.clone(), values.clone(), layer)
    return cache


def _rate(step: int, steps: int, warmup: int = 20) -> float:
    """Return the part of the learning rate: up in a line, down along half a cosine to a twentieth."""
    if step < warmup:
        return (step + 1) / warmup
    return 0.05 + 0.475 * (1 + math.cos(math.pi * min(1.0, (step - warmup) / max(1, steps - warmup))))


def make_batches(
    trainer: Trainer, data: Path, classes: list[str], scales: tuple[float, float], seed: int
) -> list[list[Item]]:
    """Return the batches of one pass, articles and sentences mixed, each of similar lengths.

    :param scales: How much of the quota of articles, and of sentence pairs.
    """
    generator = random.Random(seed)
    articles = make_summaries(read_rows(data, "train", "summarize", classes), _scaled(ARTICLES, scales[0]), seed)
    groups = [items for items in map(trainer.encode, articles) if items]
    pairs = make_translations(read_rows(data, "train", "translate", classes), _scaled(PAIRS, scales[1]), seed)
    sentences = [[item] for item in trainer.encode(pairs)]
    batches = [*_bucket(groups, STEP_ARTICLES, generator), *_bucket(sentences, STEP_PAIRS, generator)]
    generator.shuffle(batches)
    return batches


def _scaled(quota: dict[str, int], scale: float) -> dict[str, int]:
    return {language: max(1, round(count * scale)) for language, count in quota.items()}


def _bucket(groups: list[list[Item]], size: int, generator: random.Random) -> list[list[Item]]:
    """Put groups of similar length together; within a pool of 20 batches, so that the order stays random."""
    generator.shuffle(groups)
    batches = []
    for start in range(0, len(groups), 20 * size):
        pool = sorted(groups[start : start + 20 * size], key=lambda group: len(group[0].article or group[0].prompt))
        batches += [[item for group in pool[i : i + size] for item in group] for i in range(0, len(pool), size)]
    return batches


def main() -> None:
    """Train, with a line of the log every few steps."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--classes", nargs="*", default=["open"])
    parser.add_argument("--start", type=Path, help="an adapter to go on from, on data of another seed")
    parser.add_argument("--scale", type=float, default=1.0, help="how much of the articles, 1 for all of the quotas")
    parser.add_argument("--pair-scale", type=float, default=1.0, help="how much of the sentence pairs")
    parser.add_argument("--steps", type=int, help="most steps, over which the learning rate falls")
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--package", type=Path, help="where to put the adapter as it is shipped, in bfloat16")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(arguments.rank, arguments.rate, 1, arguments.seed)
    if arguments.start:
        trainer.load(arguments.start)
    scales = (arguments.scale, arguments.pair_scale)
    batches = make_batches(trainer, arguments.data, arguments.classes, scales, arguments.seed)
    batches = batches[: arguments.steps]
    trainer.schedule.lr_lambdas = [lambda step: _rate(step, len(batches))]
    run(trainer, batches, arguments.output)
    if arguments.package:
        ship(arguments.output / "adapter", arguments.package, arguments.start)


def ship(trained: Path, package: Path, start: Path | None = None) -> None:
    """Write an adapter in bfloat16, with the part of its configuration that says how to use it.

    :param trained: Where the adapter is.
    :param package: Where it goes.
    :param start: The adapter that the run went on from, to ship the mean of the weights of both (Wortsman et al., 2022,
        arXiv:2203.05482): what the second run learned is kept, and less of the first is forgotten.
    """
    package.mkdir(parents=True, exist_ok=True)
    weights = load_file(trained / "adapter_model.safetensors")
    if start is not None:
        before = load_file(start / "adapter_model.safetensors")
        weights = {name: (weight + before[name]) / 2 for name, weight in weights.items()}
    halved = {name: weight.bfloat16().contiguous() for name, weight in weights.items()}
    save_file(halved, package / "adapter_model.safetensors", {"format": "pt"})
    config = json.loads((trained / "adapter_config.json").read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = "google/gemma-3-270m"
    config["target_modules"].sort()
    text = json.dumps(config, indent=2, sort_keys=True)
    (package / "adapter_config.json").write_text(text + "\n", encoding="utf-8")


def run(trainer: Trainer, batches: list[list[Item]], folder: Path) -> None:
    """Go through the batches from where the last checkpoint was made."""
    done = trainer.resume(folder)
    print(f"{len(batches)} steps, {done} of them done", flush=True)
    losses: list[float] = []
    tokens, started = 0, time.monotonic()
    with (folder / "log.jsonl").open("a", encoding="utf-8") as log:
        for number, batch in enumerate(batches[done:], done + 1):
            losses.append(trainer.step(batch))
            tokens += sum(len(item.target) for item in batch)
            if number % LOG_EVERY == 0 or number == len(batches):
                seconds = round(time.monotonic() - started, 1)
                line = {"step": number, "loss": sum(losses) / len(losses), "tokens": tokens, "seconds": seconds}
                print(json.dumps(line), file=log, flush=True)
                losses = []
            if number % SAVE_EVERY == 0 or number == len(batches):
                trainer.save(folder, number)


if __name__ == "__main__":
    main()
