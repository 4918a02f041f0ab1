"""Cards for models that have none, made from what a model's own files say of it.

The architecture decides which backend runs it, the family how it is told languages and what it is for. What cannot work
is refused here, before anything is loaded.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from summarizer.cards import CODES, ModelCard
from summarizer.errors import BadOptionError, ModelError
from summarizer.languages import get_language, list_languages

TASKS = ("summarize", "translate")
#: Families of encoder-decoder models, by ``model_type``, that the backend seq2seq runs.
WRITERS = frozenset({"bart", "mbart", "mt5", "pegasus", "t5", "umt5"})
TRANSLATORS = frozenset({"m2m_100", "marian"})
#: Models of text and images, whose decoder alone is used.
MULTIMODAL = frozenset({"gemma3", "gemma3n", "gemma4"})
#: Columns of the language table: a translator of one of these schemes knows every language that has a code there.
COLUMNS = {"m2m100": "m2m100", "small100": "m2m100", "nllb": "nllb", "mbart50": "mbart", "madlad": "madlad"}
#: Pieces in the vocabulary of mBART-50; the older mBART has fewer and is told no language when it summarizes.
MBART50_VOCABULARY = 250_054
#: Tokens read at once by a model whose config does not say: what T5 was trained with, and what any chat model takes.
SEQ2SEQ_CONTEXT = 512
CAUSAL_CONTEXT = 2048

_READERS = ("MaskedLM", "Classification", "QuestionAnswering", "MultipleChoice", "EncoderModel")
_ENCODERS = ("albert", "bert", "camembert", "deberta", "distilbert", "electra", "modernbert", "roberta", "xlm-roberta")
_SAFE = (".safetensors", ".gguf")
_PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".h5", ".msgpack", ".ot", ".pkl")
_LENGTHS = ("max_position_embeddings", "n_positions", "seq_length", "n_ctx")


def card_from_config(
    name: str,
    source: str,
    config: Mapping[str, Any] | None,
    files: Collection[str],
    *,
    revision: str = "",
    task: str | None = None,
    languages: Sequence[str] = (),
    codes: str | None = None,
) -> ModelCard:
    """Make the card of a model that has none.

    :param name: What the user calls it.
    :param source: The hub id or folder that it lies in.
    :param config: What its ``config.json`` says, or ``None`` if it has none.
    :param files: Names of its files.
    :param revision: Commit of the hub, if it comes from there.
    :param task: What it is for, of ``TASKS``, if the family does not tell.
    :param languages: Codes or names of its languages; for a translator of one direction the source, then the targets.
    :param codes: How it is told languages, of ``CODES``, if the family does not tell.
    :raises ModelError: If this program cannot run the model; the message says why.
    :raises UnknownLanguageError: If there is no such language.
    :raises BadOptionError: If there is no such task or scheme of codes.
    """
    if task is not None and task not in TASKS:
        raise BadOptionError(f"There is no task {task!r} for models; there are: {', '.join(TASKS)}.")
    if codes is not None and codes not in CODES:
        raise BadOptionError(f"There are no language codes {codes!r}; there are: {', '.join(filter(None, CODES))}.")
    config = _check_files(name, config, files)
    kind, architecture = _read_kind(config)
    backend = _choose_backend(name, kind, architecture)
    abilities = _choose_abilities(backend, kind, task, codes)
    scheme = _choose_codes(kind, config, files, "translate" in abilities) if codes is None else codes
    known = tuple(get_language(language).code for language in languages) or _known_languages(source, scheme, abilities)
    return ModelCard(
        name=name,
        summary=f"{architecture or kind} without a card; what it can do follows from its own files",
        backend=backend,
        source=source,
        revision=revision,
        abilities=abilities,
        languages=known,
        context=_read_context(config, SEQ2SEQ_CONTEXT if backend == "seq2seq" else CAUSAL_CONTEXT),
        writes=known if "write" in abilities else (),
        pairs=_choose_pairs(name, scheme, known) if abilities == ("translate",) and backend == "seq2seq" else (),
        codes=scheme,
    )


def _check_files(name: str, config: Mapping[str, Any] | None, files: Collection[str]) -> Mapping[str, Any]:
    """Return the config of a model that is complete, safe to load and needs no code of its own."""
    if config is None:
        if "adapter_config.json" in files:
            raise ModelError(f"{name} is an adapter, not a model: merge it into its base model and save that.")
        raise ModelError(f"{name} has no config.json, so it is not a model that transformers can load.")
    if config.get("auto_map"):
        raise ModelError(
            f"{name} needs program code that comes with it (auto_map in its config). Such code is never run here, for "
            "it could do anything on this machine; use a model of an architecture that transformers has built in."
        )
    if any(file.endswith(_SAFE) for file in files):
        return config
    if pickled := sorted(file for file in files if file.endswith(_PICKLED)):
        raise ModelError(
            f"{name} has its weights as {pickled[0]} only, which can run code when it is opened and is never loaded "
            'here. Use a revision with safetensors, or convert it: "Converting weights" in docs/models.md says how.'
        )
    raise ModelError(f"{name} has a config but no weights; there has to be a .safetensors file.")


def _read_kind(config: Mapping[str, Any]) -> tuple[str, str]:
    """Return the model type and the architecture; empty where the config does not say."""
    kind, architectures = config.get("model_type"), config.get("architectures")
    first = architectures[0] if isinstance(architectures, list) and architectures else ""
    return (kind if isinstance(kind, str) else ""), (first if isinstance(first, str) else "")


def _choose_backend(name: str, kind: str, architecture: str) -> str:
    if kind in WRITERS | TRANSLATORS and (not architecture or architecture.endswith(("Generation", "MTModel"))):
        return "seq2seq"
    if architecture.endswith(("ForCausalLM", "GPT2LMHeadModel")) or (
        kind in MULTIMODAL and architecture.endswith("Generation")
    ):
        return "causal"
    if architecture.endswith(_READERS) or (kind in _ENCODERS and not architecture.endswith("Generation")):
        raise ModelError(
            f"{name} is a {architecture or kind}: it reads text and cannot write any. A model that summarizes or "
            "translates has an architecture that ends in ForConditionalGeneration or ForCausalLM."
        )
    families = ", ".join(sorted(WRITERS | TRANSLATORS))
    raise ModelError(
        f"{name} is a {architecture or kind or 'model of unknown architecture'}, which is not run here. What is run: "
        f"{families}, and chat models whose architecture ends in ForCausalLM."
    )


def _choose_abilities(backend: str, kind: str, task: str | None, codes: str | None) -> tuple[str, ...]:
    if task == "translate" or (task is None and kind in TRANSLATORS):
        return ("translate",)
    if backend == "causal" and task is None:
        return ("write", "translate", "cross-lingual")
    return ("write", "cross-lingual") if backend == "causal" or codes == "crosssum" else ("write",)


def _choose_codes(kind: str, config: Mapping[str, Any], files: Collection[str], translates: bool) -> str:
    if kind == "m2m_100":
        # M2M100 and NLLB share an architecture, but not a tokenizer; SMaLL-100 brings one in Python, which is not run.
        if "tokenization_small100.py" in files:
            return "small100"
        return "m2m100" if "vocab.json" in files else "nllb"
    if kind == "mbart":
        vocabulary = config.get("vocab_size")
        return "mbart50" if translates or vocabulary == MBART50_VOCABULARY else ""
    if kind in ("mt5", "t5", "umt5") and translates:
        return "madlad"
    return "marian" if kind == "marian" else ""


def _known_languages(source: str, codes: str, abilities: tuple[str, ...]) -> tuple[str, ...]:
    """Return the languages of a translator whose user names none; a writer is not asked."""
    if abilities != ("translate",):
        return ()
    if codes == "marian":
        # OPUS-MT models are named for their languages: opus-mt-en-es, opus-mt-tc-big-fr-en.
        parts = source.rstrip("/").rpartition("/")[2].split("-")[-2:]
        by_code = {language.marian: language.code for language in reversed(list_languages()) if language.marian}
        return tuple(by_code[part] for part in parts) if len(parts) == 2 and set(parts) <= by_code.keys() else ()
    column = COLUMNS.get(codes)
    return tuple(language.code for language in list_languages() if column and getattr(language, column))


def _choose_pairs(name: str, codes: str, languages: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return the directions of a translator; none where every language goes into every other one."""
    if codes in COLUMNS:
        return ()
    if len(languages) < 2:
        raise ModelError(
            f"It cannot be told which languages {name} translates. Say so, for a model from English into Spanish with "
            "`translate --from en --to es`; in Python with languages=('en', 'es') of find_card, and codes=... if the "
            "model is told the language to write."
        )
    return tuple((languages[0], target) for target in languages[1:])


def _read_context(config: Mapping[str, Any], default: int) -> int:
    inner = config.get("text_config")
    for values in (inner if isinstance(inner, Mapping) else {}, config):
        for key in _LENGTHS:
            value = values.get(key)
            if isinstance(value, int) and not isinstance(value, bool) and value > 0:
                return value
    return default
