"""Gemma's tokenizer in two forms: a SentencePiece model that loads at once, and ``tokenizer.json`` for transformers.

Both are made from the vocabulary in the GGUF. Loading ``tokenizer.json`` takes seconds and hundreds of megabytes, the
SentencePiece model a tenth of a second; the program reads articles with the latter.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

import sentencepiece

MODEL_FILE: Final = "tokenizer.model"
JSON_FILE: Final = "tokenizer.json"
CONFIG_FILE: Final = "tokenizer_config.json"

_SPACE: Final = "▁"
#: What a control token may look like; whether it is one, the vocabulary tells.
_MARK: Final = re.compile(r"<[a-z_]+\d*>")


class GemmaTokenizer:
    """Turns text into Gemma's token ids and back.

    Text is data: ``<bos>`` or ``<start_of_turn>`` written in an article are cut into ordinary pieces, unless
    ``special=True`` says that the text is a prompt of the program's own making.

    :param folder: A folder with ``tokenizer.model``.
    """

    def __init__(self, folder: Path) -> None:
        self._model = sentencepiece.SentencePieceProcessor(model_file=str(folder / MODEL_FILE))
        self.bos_id: int = self._model.bos_id()
        self.eos_id: int = self._model.eos_id()
        self.pad_id: int = self._model.pad_id()
        self._unk_id: int = self._model.unk_id()
        self.vocab_size: int = self._model.vocab_size()

    def encode(self, text: str, *, bos: bool = False, special: bool = False) -> list[int]:
        """Return the token ids of a text.

        :param text: Any text.
        :param bos: Put the begin-of-sequence token first.
        :param special: Read control tokens that are written in the text as such.
        """
        ids = [self.bos_id] if bos else []
        start = 0
        for mark in _MARK.finditer(text) if special else ():
            token = self._model.piece_to_id(mark[0])
            if self._is_control(token, mark[0]):
                ids += [*self._encode(text[start : mark.start()]), token]
                start = mark.end()
        return ids + self._encode(text[start:])

    def encode_with_offsets(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """Return the token ids of a text and, for each, the characters it stands for, as (start, end).

        Where one character takes several tokens, all but the last are empty spans at its start.
        """
        found = self._model.encode(_without_surrogates(text), out_type="offset_mapping")
        return found["ids"], found["offsets"]

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of token ids; control tokens leave nothing."""
        text: str = self._model.decode(list(ids))
        return text

    def token_id(self, piece: str) -> int:
        """Return the id of one piece of the vocabulary, such as ``<start_of_turn>``.

        :param piece: The piece, with ``▁`` for a space.
        :raises KeyError: if the vocabulary has no such piece.
        """
        token: int = self._model.piece_to_id(piece)
        if self.piece(token) != piece:
            raise KeyError(piece)
        return token

    def piece(self, token: int) -> str:
        """Return the piece that an id stands for, with ``▁`` for a space."""
        piece: str = self._model.id_to_piece(token)
        return piece

    def _encode(self, text: str) -> list[int]:
        ids: list[int] = self._model.encode(_without_surrogates(text))
        return ids

    def _is_control(self, token: int, piece: str) -> bool:
        # Every piece that is not in the vocabulary has the id of <unk>.
        return bool(self._model.is_control(token)) or (
            token == self._unk_id and piece == self._model.id_to_piece(token)
        )


def _without_surrogates(text: str) -> str:
    """Replace lone surrogates, which UTF-8 cannot hold, one by one, so that offsets stay right."""
    return text.encode("utf-8", "replace").decode("utf-8")


class _Kind(IntEnum):
    """What a piece is; GGUF and SentencePiece number the kinds alike."""

    UNKNOWN = 2
    CONTROL = 3
    USER_DEFINED = 4


def write_tokenizer(metadata: Mapping[str, Any], folder: Path) -> None:
    """Write the tokenizer of a Gemma GGUF in both forms.

    :param metadata: The values of the GGUF, ``tokenizer.ggml.tokens`` and so on.
    :param folder: Where to write ``tokenizer.model``, ``tokenizer.json`` and ``tokenizer_config.json``.
    """
    values = {key.removeprefix("tokenizer.ggml."): value for key, value in metadata.items()}
    kinds: list[int] = list(values["token_type"])
    # GGUF calls the unknown piece a control token, and writes runs of spaces as they are.
    kinds[values["unknown_token_id"]] = _Kind.UNKNOWN
    pieces = [
        piece.replace(" ", _SPACE) if kind == _Kind.USER_DEFINED else piece
        for piece, kind in zip(values["tokens"], kinds, strict=True)
    ]
    roles = {role: values[f"{name}_token_id"] for role, name in _ROLES.items()}
    (folder / MODEL_FILE).write_bytes(_make_sentencepiece(pieces, values["scores"], kinds, roles))
    names = {role: pieces[token] for role, token in roles.items()}
    _write_json(folder / JSON_FILE, _make_tokenizer_json(pieces, kinds, names["bos"]))
    _write_json(folder / CONFIG_FILE, _make_tokenizer_config(names))


_ROLES: Final = {"bos": "bos", "eos": "eos", "unk": "unknown", "pad": "padding"}


def _make_sentencepiece(
    pieces: Sequence[str], scores: Sequence[float], kinds: Sequence[int], roles: Mapping[str, int]
) -> bytes:
    # Needed once, when the model is unpacked; protobuf would slow down every start.
    from sentencepiece import sentencepiece_model_pb2 as schema

    model = schema.ModelProto()
    for piece, score, kind in zip(pieces, scores, kinds, strict=True):
        model.pieces.add(piece=piece, score=score, type=kind)
    trainer = model.trainer_spec
    trainer.model_type = schema.TrainerSpec.BPE
    trainer.vocab_size = len(pieces)
    trainer.byte_fallback = True
    for role, token in roles.items():
        setattr(trainer, f"{role}_id", token)
        setattr(trainer, f"{role}_piece", pieces[token])
    normalizer = model.normalizer_spec
    normalizer.name = "identity"
    normalizer.add_dummy_prefix = False
    normalizer.remove_extra_whitespaces = False
    data: bytes = model.SerializeToString()
    return data


def find_merges(pieces: Sequence[str]) -> list[tuple[str, str]]:
    """Return every pair of pieces that makes a third, the earlier in the vocabulary first.

    :param pieces: The vocabulary in the order in which byte-pair encoding learned it.
    """
    known = set(pieces)
    return [
        (piece[:cut], piece[cut:])
        for piece in pieces
        for cut in range(len(piece) - 1, 0, -1)
        if piece[:cut] in known and piece[cut:] in known
    ]


def _make_tokenizer_json(pieces: Sequence[str], kinds: Sequence[int], bos: str) -> dict[str, Any]:
    added = [
        _make_added_token(token, piece, special=kind != _Kind.USER_DEFINED)
        for token, (piece, kind) in enumerate(zip(pieces, kinds, strict=True))
        # Text has no ▁ before it is normalized: runs of spaces are found by their merges.
        if kind in tuple(_Kind) and _SPACE not in piece
    ]
    bos_id = pieces.index(bos)
    bos_entry = {"SpecialToken": {"id": bos, "type_id": 0}}
    second = [{"SpecialToken": {"id": bos, "type_id": 1}}, {"Sequence": {"id": "B", "type_id": 1}}]
    single = [bos_entry, {"Sequence": {"id": "A", "type_id": 0}}]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": _SPACE},
        "pre_tokenizer": None,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": single,
            "pair": [*single, *second],
            "special_tokens": {bos: {"id": bos, "ids": [bos_id], "tokens": [bos]}},
        },
        "decoder": {
            "type": "Sequence",
            "decoders": [
                {"type": "Replace", "pattern": {"String": _SPACE}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
            ],
        },
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": "<unk>",
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": True,
            "byte_fallback": True,
            "ignore_merges": False,
            "vocab": {piece: token for token, piece in enumerate(pieces)},
            "merges": find_merges(pieces),
        },
    }


def _make_added_token(token: int, piece: str, special: bool) -> dict[str, Any]:
    layout = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    return {"id": token, "content": piece, **layout, "special": special}


def _make_tokenizer_config(names: Mapping[str, str]) -> dict[str, Any]:
    return {"tokenizer_class": "GemmaTokenizer", **{f"{role}_token": name for role, name in names.items()}}


def _write_json(path: Path, data: dict[str, Any]) -> None:
    # json.dump, which writes bit by bit, takes ten times as long.
    path.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
