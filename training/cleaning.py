"""Train the models of cleaning: ``python -m training.cleaning ROWS.jsonl ... [--output FOLDER]``.

Rows have ``pasted`` (the visible text of a page) and ``body`` (its article), and maybe ``html/ID.html.gz`` beside the
file. Each line of a page is labelled by the share of its 4-token shingles that the body has; the headline is the one
that the row or the page's metadata names. Without ``--output`` the models are judged by five-fold cross-validation,
with all pages of a publisher in one fold: shingle precision, recall and F1 of the whole of cleaning, pasted and HTML.
"""

import argparse
import gzip
import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urlsplit

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.cleaning import score
from summarizer.cleaning import block_model, clean_text, titles
from summarizer.cleaning.block_model import CLIP, Network
from summarizer.cleaning.blocks import Block, split_blocks
from summarizer.cleaning.features import WORDED
from summarizer.cleaning.labels import find_first, first_look, measure_page
from summarizer.cleaning.titles import find_candidates, measure_candidates
from summarizer.decoding import normalize
from summarizer.evaluation.metrics import TOKEN
from summarizer.extraction import Page, extract_page
from summarizer.page_tree import only_letters
from summarizer.sentences import split_sentences

FOLDS, NETWORKS = 5, 3
HIDDEN, WIDTH, DROPOUT, EPOCHS, RATE, DECAY, BATCH = 32, 5, 0.4, 20, 3e-3, 0.02, 4
TITLE_DECAY = 3e-3
#: Letters of the shortest headline to learn from.
LEAST_TITLE = 8
#: Blocks of fewer tokens are labelled by what stands around them.
LEAST_TOKENS, NEAR = 6, 4
#: Tokens from which a block weighs no more.
MOST_TOKENS = 80


@dataclass(frozen=True, slots=True)
class Sample:
    """A page to learn from: the features of its blocks, whether they are of the story, how much they weigh."""

    publisher: str
    features: Tensor
    labels: Tensor
    weights: Tensor


def make_page(publisher: str, text: str, body: str, *, extracted: bool = False) -> Sample:
    """Measure and label the blocks of a page."""
    blocks = split_blocks(text)
    labels = label(blocks, body)
    tokens = np.array([len(TOKEN.findall(block.text)) for block in blocks])
    weights = np.sqrt(np.minimum(tokens, MOST_TOKENS) + 0.5) / max(1.0, tokens.sum()) ** 0.25
    features = torch.from_numpy(measure_page(blocks, extracted=extracted))
    return Sample(publisher, features, torch.from_numpy(labels), torch.from_numpy(weights.astype(np.float32)))


def label(blocks: Sequence[Block], body: str) -> NDArray[np.float32]:
    """Return 1 for the blocks that the body has, else 0."""
    gold = _tokens(body)
    shingles = {tuple(gold[i : i + 4]) for i in range(len(gold) - 3)}
    joined = f" {' '.join(gold)} "
    lines = {" ".join(_tokens(line)) for line in body.split("\n")}
    rows = [_tokens(block.text) for block in blocks]
    labels = np.array([len(row) >= LEAST_TOKENS and _share(row, shingles) > 0.5 for row in rows], np.float32)
    known = np.flatnonzero(labels)
    for index, row in enumerate(rows):
        if not 0 < len(row) < LEAST_TOKENS or not len(known) or np.abs(known - index).min() > NEAR:
            continue
        text = " ".join(row)
        inside = known[0] < index < known[-1] and len(row) > 1
        labels[index] = text in lines or (inside and f" {text} " in joined)
    return labels


def _tokens(text: str) -> list[str]:
    return TOKEN.findall(text.casefold())


def _share(tokens: list[str], shingles: set[tuple[str, ...]]) -> float:
    own = [tuple(tokens[i : i + 4]) for i in range(len(tokens) - 3)]
    return sum(shingle in shingles for shingle in own) / len(own)


def make_variants(
    publisher: str, text: str, body: str, extracted: str | None, generator: random.Random
) -> Iterator[Sample]:
    """Yield a page as it is, its article alone, its article with some of the rest, and as it is found in HTML.

    People select in many ways. Two more are for pages that are rare here: one in a language without word lists, and
    one made of short pieces, such as a live blog or a list.
    """
    if extracted and extracted.strip():
        yield make_page(publisher, extracted, body, extracted=True)
    page = make_page(publisher, text, body)
    yield page
    yield replace(page, features=hide_words(page.features))
    blocks = split_blocks(text)
    own = label(blocks, body) > 0
    lines = [block.text for block in blocks]
    yield make_page(publisher, "\n".join(loosen(lines, own, generator)), body)
    story = np.flatnonzero(own)
    if len(story):
        yield make_page(publisher, "\n".join(line for line, kept in zip(lines, own, strict=True) if kept), body)
        above, below = (generator.randint(0, 12) for _ in range(2))
        yield make_page(publisher, "\n".join(lines[max(0, story[0] - above) : story[-1] + 1 + below]), body)


def hide_words(features: Tensor) -> Tensor:
    """Return features as they would be in a language without word lists."""
    hidden = features.clone()
    hidden[:, WORDED] = 0
    return hidden


def loosen(lines: Sequence[str], own: NDArray[np.bool_], generator: random.Random) -> Iterator[str]:
    """Yield the lines of a page, some of the story's cut into sentences or items, some under the time of day."""
    for line, inside in zip(lines, own, strict=True):
        if inside and generator.random() < 0.25:
            yield f"{generator.randint(0, 23)}:{generator.randint(0, 59):02}"
        if inside and generator.random() < 0.3:
            for sentence in split_sentences(line):
                yield sentence.text.rstrip(".。।") if generator.random() < 0.4 else sentence.text
        else:
            yield line


class Net(nn.Module):
    """The network in torch; ``block_model.Network`` is the same in numpy."""

    def __init__(self, mean: Tensor, deviation: Tensor) -> None:
        super().__init__()
        size = len(mean)
        self.mean, self.scale = mean, 1 / (deviation + 1e-3)
        self.first = nn.Conv1d(size, HIDDEN, WIDTH, padding=WIDTH // 2)
        self.second = nn.Conv1d(HIDDEN, HIDDEN, WIDTH, padding=WIDTH // 2)
        self.output = nn.Linear(HIDDEN, 1)
        self.direct = nn.Linear(size, 1, bias=False)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, features: Tensor) -> Tensor:
        """Return the log-odds of the blocks of one page."""
        inputs = ((features - self.mean) * self.scale).clamp(-CLIP, CLIP)
        hidden = self.dropout(torch.relu(self.first(self.dropout(inputs).T[None])))
        hidden = hidden + torch.relu(self.second(hidden))
        scores: Tensor = self.output(self.dropout(hidden)[0].T) + self.direct(inputs)
        return scores[:, 0]

    def to_network(self) -> Network:
        """Return the weights for numpy."""
        parts = (
            self.mean, self.scale,
            self.first.weight.permute(2, 1, 0), self.first.bias,
            self.second.weight.permute(2, 1, 0), self.second.bias,
            self.output.weight[0], self.direct.weight[0], self.output.bias[0],
        )  # fmt: skip
        return Network(*(part.detach().numpy() for part in parts))


def train(pages: Sequence[Sample], seed: int) -> Network:
    """Train one network."""
    torch.manual_seed(seed)
    generator = random.Random(seed)
    everything = torch.cat([page.features for page in pages])
    net = Net(everything.mean(0), everything.std(0))
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    steps = EPOCHS * -(-len(pages) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    for _ in range(EPOCHS):
        order = generator.sample(pages, len(pages))
        for start in range(0, len(order), BATCH):
            losses = torch.stack([_loss(net, page) for page in order[start : start + BATCH]])
            optimizer.zero_grad()
            (losses.sum() / 100).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    return net.eval().to_network()


def _loss(net: Net, page: Sample) -> Tensor:
    scores = net(page.features)
    return functional.binary_cross_entropy_with_logits(scores, page.labels, page.weights, reduction="sum")


@dataclass(frozen=True, slots=True)
class Headline:
    """The lines of a page that may be its headline, by their features, and which of them is (``None``: none)."""

    publisher: str
    features: Tensor
    index: int | None


def make_headlines(publisher: str, text: str, body: str, title: str) -> Iterator[Headline]:
    """Yield the candidates of a page, of its article below the headline, and of its article without one."""
    if len(only_letters(title)) < LEAST_TITLE:
        return
    blocks = split_blocks(text)
    story = "\n".join(block.text for block, own in zip(blocks, label(blocks, body), strict=True) if own)
    for page, wanted in ((text, title), (f"{title}\n{story}", title), (story, "")):
        headline = _make_headline(publisher, page, only_letters(wanted))
        if headline is not None:
            yield headline


def _make_headline(publisher: str, text: str, wanted: str) -> Headline | None:
    blocks = split_blocks(text)
    story = first_look(blocks)
    first = find_first(blocks, story)
    candidates = find_candidates(blocks, first)
    if not candidates:
        return None
    members = [block for block, inside in zip(blocks, story, strict=True) if inside]
    features = torch.from_numpy(measure_candidates(blocks, candidates, first, members))
    names = [only_letters(blocks[index].text) for index in candidates]
    found = [rank for rank, name in enumerate(names) if wanted and (name in wanted or wanted in name)]
    return Headline(publisher, features, found[0] if found else None)


def train_titles(headlines: Sequence[Headline]) -> tuple[NDArray[np.float32], float]:
    """Return the weights and the threshold of a conditional logit, with "none of them" as one of the choices."""
    weights = torch.zeros(headlines[0].features.shape[1], requires_grad=True)
    threshold = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights, threshold], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        losses = []
        for page in headlines:
            scores = torch.cat([page.features @ weights, threshold])
            wanted = len(page.features) if page.index is None else page.index
            losses.append(functional.cross_entropy(scores, torch.tensor(wanted)))
        loss = torch.stack(losses).mean() + TITLE_DECAY * (weights**2).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return weights.detach().numpy(), threshold.item()


def find_publisher(row: dict[str, str]) -> str:
    """Return who published a page, by its address or the name of its file."""
    if row.get("url"):
        labels = [part for part in urlsplit(row["url"]).netloc.split(".") if part not in ("www", "com", "co")]
        return max(labels, key=len)
    return re.sub(r"_\d.*", "", row["id"])


@dataclass(frozen=True, slots=True)
class Source:
    """A page as it comes: pasted, and as it was found in HTML where that is at hand."""

    file: str
    publisher: str
    text: str
    body: str
    title: str
    found: Page | None

    @property
    def extracted(self) -> str | None:
        """The text found in HTML."""
        return normalize(self.found.text) if self.found and self.found.found else None


def read_sources(paths: Sequence[Path]) -> Iterator[Source]:
    """Read the pages of some files."""
    for path in paths:
        with path.open(encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                html = path.parent / "html" / f"{row['id']}.html.gz"
                found = extract_page(gzip.decompress(html.read_bytes()), row.get("url")) if html.exists() else None
                title = row.get("title") or (found.title if found else None) or ""
                yield Source(path.parent.name, find_publisher(row), normalize(row["pasted"]), row["body"], title, found)


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is learned from a page: its variants, and its headline in some of them."""

    source: Source
    pages: tuple[Sample, ...]
    headlines: tuple[Headline, ...]


def make_lessons(sources: Iterable[Source], seed: int) -> list[Lesson]:
    """Measure and label pages."""
    generator = random.Random(seed)
    return [
        Lesson(
            source,
            tuple(make_variants(source.publisher, source.text, source.body, source.extracted, generator)),
            tuple(make_headlines(source.publisher, source.text, source.body, source.title)),
        )
        for source in sources
    ]


def train_all(lessons: Sequence[Lesson]) -> tuple[tuple[Network, ...], tuple[NDArray[np.float32], float]]:
    """Train the networks of the block model, and the weights for headlines."""
    pages = [page for lesson in lessons for page in lesson.pages]
    headlines = [headline for lesson in lessons for headline in lesson.headlines]
    return tuple(train(pages, seed) for seed in range(NETWORKS)), train_titles(headlines)


def main() -> None:
    """Judge the models, or train them on all pages and write them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("rows", type=Path, nargs="+")
    parser.add_argument("--output", type=Path, help="folder for blocks.npz and titles.npz")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    lessons = make_lessons(read_sources(arguments.rows), arguments.seed)
    if arguments.output:
        networks, (weights, threshold) = train_all(lessons)
        write(networks, arguments.output / "blocks.npz")
        np.savez_compressed(arguments.output / "titles.npz", weights=weights, threshold=np.float32(threshold))
    else:
        cross_validate(lessons, arguments.seed)


def write(networks: Sequence[Network], path: Path) -> None:
    """Write networks as half-precision arrays, those of one name stacked."""
    names = Network.__dataclass_fields__
    stacked = {name: np.stack([getattr(network, name) for network in networks]) for name in names}
    # The scales of rare features are too large for half precision.
    np.savez_compressed(path, **{k: v if k in ("mean", "scale") else v.astype(np.float16) for k, v in stacked.items()})


def cross_validate(lessons: Sequence[Lesson], seed: int) -> None:
    """Print the scores of cleaning with the models of each page's fold."""
    publishers = sorted({lesson.source.publisher for lesson in lessons})
    random.Random(seed).shuffle(publishers)
    folds = {publisher: index % FOLDS for index, publisher in enumerate(publishers)}
    cleaned: dict[str, list[tuple[str, str]]] = {}
    named: list[bool] = []
    for fold in range(FOLDS):
        networks, title = train_all([lesson for lesson in lessons if folds[lesson.source.publisher] != fold])
        with (
            patch.object(block_model, "load_networks", lambda networks=networks: networks),
            patch.object(titles, "load_weights", lambda title=title: title),
        ):
            for source in (lesson.source for lesson in lessons if folds[lesson.source.publisher] == fold):
                found = clean_text(source.text)
                cleaned.setdefault(f"{source.file}, pasted", []).append((source.body, found.text))
                if only_letters(source.title) in only_letters(source.text):
                    names = only_letters(found.title or ""), only_letters(source.title)
                    named.append(bool(names[0]) and (names[0] in names[1] or names[1] in names[0]))
                if source.extracted:
                    text = clean_text(source.extracted, title=source.title, extracted=True).text
                    cleaned.setdefault(f"{source.file}, HTML", []).append((source.body, text))
    for name, pairs in cleaned.items():
        precision, recall, f1 = score(pairs)
        print(f"{name}: {len(pairs)} pages, precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}")
    print(f"headlines found: {sum(named)} of {len(named)}")


if __name__ == "__main__":
    main()
