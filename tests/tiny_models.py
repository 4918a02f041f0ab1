"""Tiny real checkpoints of other people's families of models: random weights, real files, made in about a second each.

The fixtures are imported by the tests that use them.
"""

import json
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

import torch
from sentencepiece import SentencePieceTrainer

from summarizer.cards import ModelCard

ARTICLES = Path(__file__).resolve().parent.parent / "examples" / "articles"
MARIAN_TOKENS = (">>fra<<", ">>por<<", ">>cmn_Hans<<")
SMALL = {
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64,
    "max_position_embeddings": 128,
}


def make_card(source: Path | str, ability: str = "translate", **fields) -> ModelCard:
    """Return the card of a tiny model."""
    plain = {
        **{"name": Path(source).name, "summary": "", "backend": "seq2seq", "source": str(source), "revision": "1"},
        **{"abilities": (ability,), "languages": (), "license": "mit", "license_name": "MIT", "commercial": True},
        **{"size": 0, "context": 0, "writes": (), "pairs": (), "base_model": None, "file": "", "codes": ""},
        **{"prompt": "", "generation": MappingProxyType({}), "prose": ""},
    }
    return ModelCard(**{**plain, **fields})


def copy_model(folder: Path, place: Path, *, without: str = "") -> Path:
    """Copy a checkpoint to change it, without the files of one pattern."""
    return Path(shutil.copytree(folder, place / folder.name, ignore=shutil.ignore_patterns(without)))


def edit_json(path: Path, **changes) -> None:
    """Change keys of a JSON file."""
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changes}), encoding="utf-8")


def read_lines() -> list[str]:
    """Return the lines of the example articles, in all their languages."""
    return [line for path in sorted(ARTICLES.glob("*.txt")) for line in path.read_text("utf-8").splitlines() if line]


def train_pieces(folder: Path, name: str, kind: str, **options) -> Path:
    """Train a vocabulary on the example articles."""
    SentencePieceTrainer.train(
        sentence_iterator=iter(read_lines()),
        model_prefix=str(folder / name),
        model_type=kind,
        character_coverage=0.98,
        hard_vocab_limit=False,
        minloglevel=2,
        num_threads=1,
        **{"vocab_size": 1500, **options},
    )
    (folder / f"{name}.vocab").unlink()
    return folder / f"{name}.model"


def write_vocabulary(model: Path, path: Path, first: list[str], last: list[str]) -> None:
    """Write the pieces of a SentencePiece model as the JSON that M2M100 and Marian read."""
    from sentencepiece import SentencePieceProcessor

    pieces = SentencePieceProcessor(model_file=str(model))
    names = [pieces.id_to_piece(index) for index in range(len(pieces))]
    tokens = [*first, *(name for name in names if name not in {*first, *last, "<s>", "</s>", "<unk>"}), *last]
    path.write_text(json.dumps({token: index for index, token in enumerate(dict.fromkeys(tokens))}), encoding="utf-8")


def save(folder: Path, tokenizer, model, zero: int | None = None) -> Path:
    """Save a checkpoint as its publisher would; wide random weights make the outputs differ from text to text.

    The embedding of the token ``zero`` is nothing, as that of Marian's padding is.
    """
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.normal_(0, 0.3)
        if zero is not None:
            model.get_input_embeddings().weight[zero] = 0
    tokenizer.save_pretrained(folder)
    model.save_pretrained(folder)
    return folder


def build_mt5(folder: Path) -> Path:
    from transformers import MT5Config, MT5ForConditionalGeneration, T5Tokenizer

    train_pieces(
        folder, "spiece", "unigram", pad_id=0, eos_id=1, unk_id=2, bos_id=-1, vocab_size=1800, byte_fallback=True
    )
    tokenizer = T5Tokenizer.from_pretrained(folder, extra_ids=0)
    size = {"d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4}
    config = MT5Config(vocab_size=len(tokenizer), decoder_start_token_id=0, **size)
    return save(folder, tokenizer, MT5ForConditionalGeneration(config))


def build_crosssum(folder: Path) -> Path:
    """An mT5 whose decoder starts from the token of the language to write."""
    build_mt5(folder)
    names = {"english": [0, "▁Belediye"], "french": [1, "災"], "chinese_simplified": [2, "ዒ"]}
    edit_json(folder / "config.json", task_specific_params={"langid_map": names})
    return folder


def build_m2m100(folder: Path) -> Path:
    from transformers import M2M100Config, M2M100ForConditionalGeneration, M2M100Tokenizer
    from transformers.models.m2m_100.tokenization_m2m_100 import FAIRSEQ_LANGUAGE_CODES

    model = train_pieces(folder, "pieces", "bpe").rename(folder / "sentencepiece.bpe.model")
    write_vocabulary(model, folder / "vocab.json", ["<s>", "<pad>", "</s>", "<unk>"], [])
    # As the published tokenizers have them; without, language tokens pass for words.
    tokens = [f"__{code}__" for code in FAIRSEQ_LANGUAGE_CODES["m2m100"]]
    tokenizer = M2M100Tokenizer(folder / "vocab.json", model, additional_special_tokens=tokens)
    config = M2M100Config(vocab_size=tokenizer.encoder_size + 100 + 8, decoder_start_token_id=2, **SMALL)
    return save(folder, tokenizer, M2M100ForConditionalGeneration(config))


def build_nllb(folder: Path) -> Path:
    from transformers import M2M100Config, M2M100ForConditionalGeneration, NllbTokenizer
    from transformers.models.nllb.tokenization_nllb import FAIRSEQ_LANGUAGE_CODES

    train_pieces(folder, "pieces", "bpe").rename(folder / "sentencepiece.bpe.model")
    tokenizer = NllbTokenizer.from_pretrained(folder, extra_special_tokens=list(FAIRSEQ_LANGUAGE_CODES))
    config = M2M100Config(vocab_size=len(tokenizer), decoder_start_token_id=2, **SMALL)
    return save(folder, tokenizer, M2M100ForConditionalGeneration(config))


def build_mbart50(folder: Path) -> Path:
    from transformers import MBart50Tokenizer, MBartConfig, MBartForConditionalGeneration

    train_pieces(folder, "pieces", "unigram").rename(folder / "sentencepiece.bpe.model")
    tokenizer = MBart50Tokenizer.from_pretrained(folder, src_lang="en_XX", tgt_lang="en_XX")
    config = MBartConfig(vocab_size=len(tokenizer), decoder_start_token_id=2, **SMALL)
    return save(folder, tokenizer, MBartForConditionalGeneration(config))


def build_mbart(folder: Path) -> Path:
    from transformers import MBartConfig, MBartForConditionalGeneration, MBartTokenizer

    train_pieces(folder, "pieces", "unigram").rename(folder / "sentencepiece.bpe.model")
    tokenizer = MBartTokenizer.from_pretrained(folder, src_lang="en_XX", tgt_lang="ro_RO")
    return save(folder, tokenizer, MBartForConditionalGeneration(MBartConfig(vocab_size=len(tokenizer), **SMALL)))


def build_marian(folder: Path, languages: tuple[str, ...] = ()) -> Path:
    from transformers import MarianConfig, MarianMTModel, MarianTokenizer

    source = train_pieces(folder, "pieces", "unigram").rename(folder / "source.spm")
    shutil.copy(source, folder / "target.spm")
    write_vocabulary(source, folder / "vocab.json", ["</s>", "<unk>"], [*languages, "<pad>"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # recommends sacremoses
        tokenizer = MarianTokenizer.from_pretrained(folder)
    pad = tokenizer.pad_token_id
    ids = {"pad_token_id": pad, "decoder_start_token_id": pad, "eos_token_id": 0, "forced_eos_token_id": 0}
    config = MarianConfig(
        vocab_size=len(tokenizer), bad_words_ids=[[pad]], static_position_embeddings=True, **ids, **SMALL
    )
    model = MarianMTModel(config)
    # Translations that come to an end.
    model.final_logits_bias[0, config.eos_token_id] = 5
    return save(folder, tokenizer, model, pad)


def build_multilingual_marian(folder: Path) -> Path:
    return build_marian(folder, MARIAN_TOKENS)


def build_madlad(folder: Path) -> Path:
    from transformers import T5Config, T5ForConditionalGeneration, T5Tokenizer

    symbols = ["<2fr>", "<2hi>", "<2zh_Hant>"]
    train_pieces(folder, "spiece", "unigram", pad_id=1, eos_id=2, unk_id=0, bos_id=-1, user_defined_symbols=symbols)
    tokenizer = T5Tokenizer.from_pretrained(folder, extra_ids=0)
    size = {"d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4}
    config = T5Config(
        vocab_size=len(tokenizer),
        pad_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=0,
        tie_word_embeddings=False,
        **size,
    )
    return save(folder, tokenizer, T5ForConditionalGeneration(config))


def build_pegasus(folder: Path) -> Path:
    from transformers import PegasusConfig, PegasusForConditionalGeneration, PegasusTokenizer

    train_pieces(folder, "spiece", "unigram", pad_id=0, eos_id=1, unk_id=2, bos_id=-1, user_defined_symbols=["<n>"])
    tokenizer = PegasusTokenizer.from_pretrained(folder)
    config = PegasusConfig(vocab_size=len(tokenizer), decoder_start_token_id=0, pad_token_id=0, eos_token_id=1, **SMALL)
    return save(folder, tokenizer, PegasusForConditionalGeneration(config))


def build_bart(folder: Path) -> Path:
    from tokenizers import ByteLevelBPETokenizer
    from transformers import BartConfig, BartForConditionalGeneration, BartTokenizer

    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator(
        read_lines(), 1500, special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"], show_progress=False
    )
    trained.save_model(str(folder))
    tokenizer = BartTokenizer.from_pretrained(folder)
    config = BartConfig(vocab_size=len(tokenizer), forced_bos_token_id=0, **SMALL)
    return save(folder, tokenizer, BartForConditionalGeneration(config))


BUILDERS: dict[str, Callable[[Path], Path]] = {
    "mt5": build_mt5,
    "crosssum": build_crosssum,
    "m2m100": build_m2m100,
    "nllb": build_nllb,
    "mbart50": build_mbart50,
    "mbart": build_mbart,
    "marian": build_marian,
    "marian-multilingual": build_multilingual_marian,
    "madlad": build_madlad,
    "pegasus": build_pegasus,
    "bart": build_bart,
}


def make_finder(root: Path) -> Callable[[str], Path]:
    """Return what finds the folder of a tiny checkpoint by the name of its family; each is built once."""
    built: dict[str, Path] = {}

    def find(name: str) -> Path:
        if name not in built:
            folder = root / name
            folder.mkdir()
            torch.manual_seed(7)
            built[name] = BUILDERS[name](folder)
        return built[name]

    return find
