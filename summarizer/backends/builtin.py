"""The built-in model: Gemma 3 270M reads the article once, and its hidden states help to score the sentences.

Nothing is generated, and the base model is used as it is; ``salience`` says how.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from summarizer.article import Article
from summarizer.backends.base import Reading
from summarizer.backends.gemma_weights import SOURCE_SHA256, prepare_builtin
from summarizer.backends.salience import score_sentences
from summarizer.datamodels import Receipt

if TYPE_CHECKING:
    from summarizer.backends.gemma_tokenizer import GemmaTokenizer

Vectors = npt.NDArray[np.float32]

#: Tokens read at once, headline and overlap included.
WINDOW = 2048
#: Tokens of the text before that a later window reads again, so that its first sentences have a context.
OVERLAP = 128
#: Tokens of the headline that every window begins with.
TITLE = 64
#: Layers that are run; the later ones serve the next token, and cost a third of the time.
LAYERS = 12


@dataclass(frozen=True, slots=True)
class Window:
    """A run of an article's tokens: ``context`` are read again, ``tokens[start:end]`` for the first time."""

    context: tuple[int, ...]
    start: int
    end: int


class BuiltinBackend:
    """Scores sentences with Gemma 3 270M; weights are mapped into memory when the first article comes."""

    digest = f"gemma-3-270m:{SOURCE_SHA256[:8]}:layer-{LAYERS}"

    def __init__(self) -> None:
        self._loading = threading.Lock()
        self._model: Any = None
        self._tokenizer: GemmaTokenizer | None = None

    def prepare(self, progress: Callable[[int, int, str], None] | None = None, *, force: bool = False) -> Path:
        """Unpack the weights into the user's cache unless they are there, and return their folder.

        :raises ModelError: If the packages are missing or damaged, or the cache cannot be written.
        """
        return prepare_builtin(progress, force=force)

    def score(self, articles: Sequence[Article]) -> list[Reading]:
        """Score every sentence of every article; every token of an article is read."""
        return [self._read(article) for article in articles]

    def _read(self, article: Article) -> Reading:
        tokenizer, model = self._load()
        tokens, owners = tokenize_sentences(tokenizer, article)
        title = tokenizer.encode(article.title or "")[:TITLE]
        head = [tokenizer.bos_id, *title, *(tokenizer.encode("\n\n") if title else [])]
        sums = np.zeros((len(article.sentences), model.config.hidden_size), dtype=np.float32)
        read = 0
        for window in cut_windows(tokens, owners, WINDOW - len(head), OVERLAP):
            states = run_layers(model, [*head, *window.context, *tokens[window.start : window.end]])
            np.add.at(sums, owners[window.start : window.end], states[len(head) + len(window.context) :])
            read += window.end - window.start
        counts = np.bincount(owners, minlength=len(sums)).clip(1)[:, None]
        return Reading(score_sentences(article, sums / counts), Receipt(len(tokens), read))

    def _load(self) -> "tuple[GemmaTokenizer, Any]":
        with self._loading:
            if self._model is None or self._tokenizer is None:
                from summarizer.backends.gemma_tokenizer import GemmaTokenizer

                folder = prepare_builtin()
                self._tokenizer = GemmaTokenizer(folder)
                self._model = load_layers(folder, LAYERS)
            return self._tokenizer, self._model


def tokenize_sentences(tokenizer: "GemmaTokenizer", article: Article) -> tuple[list[int], list[int]]:
    """Return the tokens of all sentences in a row, and for each token the index of its sentence."""
    tokens: list[int] = []
    owners: list[int] = []
    for index, sentence in enumerate(article.sentences):
        found = tokenizer.encode(sentence.text if index == 0 else f" {sentence.text}")
        tokens += found
        owners += [index] * len(found)
    return tokens, owners


def cut_windows(tokens: Sequence[int], owners: Sequence[int], size: int, overlap: int) -> Iterator[Window]:
    """Cut a row of tokens into windows that end with a sentence where they can; every token is new in exactly one.

    :param tokens: All tokens of an article.
    :param owners: Index of the sentence of each token.
    :param size: Most tokens of a window, its context included.
    :param overlap: Most tokens of context.
    """
    start = 0
    while start < len(tokens):
        context = tuple(tokens[max(0, start - overlap) : start])
        end = min(len(tokens), start + size - len(context))
        if end < len(tokens):
            cut = end
            while cut > start and owners[cut] == owners[cut - 1]:
                cut -= 1
            # A sentence that is longer than a window is read in pieces.
            end = cut if cut > start else end
        yield Window(context, start, end)
        start = end


def load_layers(folder: Path, layers: int) -> Any:
    """Map the first layers of the model into memory, with no final norm: its output is what the last layer wrote.

    The weights are bound to a model without storage, which takes a tenth of the time of ``from_pretrained`` and copies
    nothing; only the tables that are not in the file are computed.

    :param folder: A folder as ``prepare_builtin`` returns it.
    :param layers: How many layers to keep.
    :return: A ``Gemma3TextModel`` in bfloat16.
    """
    import torch
    from safetensors.torch import load_file
    from transformers.models.gemma3.configuration_gemma3 import Gemma3TextConfig
    from transformers.models.gemma3.modeling_gemma3 import Gemma3RotaryEmbedding, Gemma3TextModel

    config = Gemma3TextConfig.from_pretrained(folder)
    config.num_hidden_layers = layers
    config.layer_types = config.layer_types[:layers]
    with torch.device("meta"):
        model = Gemma3TextModel(config)
    model.norm = torch.nn.Identity()
    wanted = {f"model.{name}": name for name, _ in model.named_parameters()}
    weights = load_file(folder / "model.safetensors")
    model.load_state_dict({wanted[name]: weights[name] for name in wanted}, assign=True)
    model.rotary_emb = Gemma3RotaryEmbedding(config)
    model.embed_tokens.embed_scale = torch.tensor(config.hidden_size**0.5)
    return model.eval().requires_grad_(False)


def run_layers(model: Any, tokens: Sequence[int]) -> Vectors:
    """Return the hidden state of every token, shape (tokens, width)."""
    import torch

    with torch.inference_mode():
        states = model(input_ids=torch.tensor([tokens]), use_cache=False).last_hidden_state
    result: Vectors = states[0].float().numpy()
    return result
