"""Headers and tensors are read as ``gguf`` itself reads them."""

import gguf
import numpy as np
import pytest
from gguf import GGMLQuantizationType as Kind

from summarizer.backends.gguf_file import GGUFFile

VALUES = np.random.default_rng(7).normal(size=(96, 256)).astype(np.float32)
KINDS = [Kind.F32, Kind.F16, Kind.BF16, Kind.Q8_0, Kind.Q5_0, Kind.Q4_0]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("gguf") / "tiny.gguf"
    writer = gguf.GGUFWriter(path, "gemma3")
    writer.add_string("text", "नमस्ते ▁ world")
    writer.add_uint8("small", 200)
    writer.add_int32("negative", -5)
    writer.add_uint64("large", 1 << 40)
    writer.add_float32("fraction", 0.5)
    writer.add_bool("flag", True)
    writer.add_array("words", ["a", "", "字"])
    writer.add_array("numbers", [1, -2, 3])
    writer.add_array("fractions", [0.25, -1.5])
    for kind in KINDS:
        writer.add_tensor(kind.name, gguf.quantize(VALUES, kind), raw_dtype=kind)
    writer.add_tensor("vector", VALUES[0])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture(scope="module")
def source(path):
    return GGUFFile(bytearray(path.read_bytes()))


def test_metadata_of_every_kind(source):
    assert source.metadata == {
        "general.architecture": "gemma3",
        "text": "नमस्ते ▁ world",
        "small": 200,
        "negative": -5,
        "large": 1 << 40,
        "fraction": 0.5,
        "flag": True,
        "words": ("a", "", "字"),
        "numbers": (1, -2, 3),
        "fractions": (0.25, -1.5),
    }


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_rows_are_what_the_reader_of_gguf_gives(path, source, kind):
    expected = next(tensor for tensor in gguf.GGUFReader(path).tensors if tensor.name == kind.name)
    tensor = source.tensors[kind.name]
    assert tensor.shape == VALUES.shape
    rows = source.rows(tensor, 17, 65)
    assert np.array_equal(rows, gguf.dequantize(expected.data, kind)[17:65])
    assert np.abs(rows - VALUES[17:65]).max() < 0.5


def test_vector_is_one_row(source):
    assert source.tensors["vector"].shape == (256,)
    assert np.array_equal(source.rows(source.tensors["vector"], 0, 1), VALUES[:1])


@pytest.mark.parametrize("start", [b"GGML\x03", b"GGUF\x01", b"GGUF\x63"])
def test_other_files_are_refused(start):
    with pytest.raises(ValueError, match="not a GGUF file"):
        GGUFFile(bytearray(start + bytes(60)))
