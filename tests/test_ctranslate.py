"""CTranslate2 on tiny real checkpoints: the same tokens as transformers, converted once, only what converts."""

import sys

import pytest
import torch
from tiny_models import copy_model, edit_json, make_card

from summarizer import Article, Summarizer
from summarizer.backends import ctranslate
from summarizer.backends.base import EngineSettings
from summarizer.backends.ctranslate import CTranslateEngine, can_convert, prepare_conversion
from summarizer.backends.seq2seq import Seq2SeqBackend
from summarizer.backends.seq2seq_engine import Search
from summarizer.backends.seq2seq_loading import load_model, load_tokenizer, read_config
from summarizer.backends.seq2seq_torch import TorchEngine
from summarizer.errors import BadOptionError, ModelDamagedError, ModelError
from summarizer.translation import Translator

FAST = EngineSettings(engine="ctranslate2", device="cpu")
AUTO = EngineSettings(device="cpu")
#: Checkpoints and the family their cards name.
MODELS = [
    ("mt5", ""),
    ("m2m100", "m2m100"),
    ("m2m100", "small100"),
    ("nllb", "nllb"),
    ("marian", "marian"),
    ("marian-multilingual", "marian"),
    ("madlad", "madlad"),
]
TEXTS = ["The harbour is closed.", "Two ships met at sea on Monday.", "O porto foi fechado.", "Nine people"]


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SUMMARIZER_CACHE", str(tmp_path / "cache"))


def make(folder, settings=FAST, codes="nllb", **fields):
    return Seq2SeqBackend.from_card(make_card(folder, codes=codes, **fields), settings)


@pytest.mark.parametrize(("name", "codes"), MODELS)
def test_it_writes_the_tokens_that_transformers_writes(name, codes, tiny):
    folder = tiny(name)
    tokenizer = load_tokenizer(folder, codes, read_config(folder))
    hints = tokenizer.find_hints("en", "fr")
    inputs = [tokenizer.encode(text, hints, 100) for text in TEXTS]
    original = TorchEngine(load_model(folder))
    converted = CTranslateEngine(prepare_conversion(name, name, folder, codes, quantization="float32"), tokenizer)

    for search in (Search(most=12, scored=True), Search(num_beams=3, most=12, scored=True)):
        expected = original.generate(inputs, hints, search)
        found = converted.generate(inputs, hints, search)
        assert [output.ids for output in found] == [output.ids for output in expected]
        assert [output.finished for output in found] == [output.finished for output in expected]
        assert [output.likelihood for output in found] == pytest.approx([one.likelihood for one in expected], abs=2e-3)
        if hints.first is not None:
            assert {output.ids[0] for output in found} == {hints.first}


def test_an_end_is_told_from_a_cut(tiny):
    folder = tiny("marian")
    tokenizer = load_tokenizer(folder, "marian", read_config(folder))
    hints = tokenizer.find_hints("en", "fr")
    inputs = [tokenizer.encode(text, hints, 100) for text in TEXTS]
    converted = prepare_conversion("marian", "x", folder, "marian", quantization="float32")
    for engine in (CTranslateEngine(converted, tokenizer), TorchEngine(load_model(folder))):
        whole = engine.generate(inputs, hints, Search(most=100, no_repeat_ngram_size=2))
        longest = max(len(output.ids) for output in whole if output.finished)
        cut = engine.generate(inputs, hints, Search(most=longest, no_repeat_ngram_size=2))
        # The end takes a token too.
        assert [output.finished for output in cut] == [len(output.ids) < longest for output in whole]
        assert [output.ids for output in cut] == [output.ids[:longest] for output in whole]


@pytest.mark.parametrize(("name", "codes"), MODELS[1:])
def test_int8_goes_the_whole_way_of_a_translation(name, codes, tiny):
    backend = make(tiny(name), codes=codes)
    translated = Translator([backend]).translate_sentences(["Two ships met.", "It rains."], "en", "fr")
    assert len(translated.sentences) == 2
    assert backend.digest.endswith(":ctranslate2")


def test_int8_goes_the_whole_way_of_a_summary(tiny):
    backend = make(tiny("mt5"), codes="", abilities=("write",))
    article = Article.from_text("The harbour is closed. Two ships met.", language="en", check=False)
    summary = Summarizer(backend).summarize(article, length="headline")
    assert len(summary.sentences) == 1
    assert summary.receipt.tokens == summary.receipt.tokens_read > 0


def test_an_input_longer_than_1024_tokens_is_read_whole(tiny):
    folder = tiny("mt5")
    tokenizer = load_tokenizer(folder, "", read_config(folder))
    hints = tokenizer.find_hints("en", "en")
    long = tokenizer.encode("The harbour is closed. " * 400, hints, 1500)
    assert len(long) == 1500
    engine = CTranslateEngine(prepare_conversion("mt5", "x", folder, "", quantization="float32"), tokenizer)
    search = Search(most=4)
    [found] = engine.generate([long], hints, search)
    assert [found] == TorchEngine(load_model(folder)).generate([long], hints, search)
    assert found != engine.generate([long[:1024]], hints, search)[0]


def test_a_model_is_converted_once(tiny, monkeypatch):
    folder = make(tiny("nllb")).prepare()
    monkeypatch.setattr(ctranslate, "_convert", lambda *_: pytest.fail("it was converted again"))
    assert make(tiny("nllb")).prepare() == folder
    assert len(make(tiny("nllb")).translate(["Two ships met."], "en", "fr")) == 1


def test_other_weights_are_another_conversion(tiny, tmp_path):
    folder = copy_model(tiny("nllb"), tmp_path)
    first = make(folder).prepare()
    edit_json(folder / "generation_config.json", num_beams=2)
    assert make(folder).prepare() != first


def test_the_name_of_a_model_is_no_path(tiny):
    folder = prepare_conversion("../../../etc/x y", "1", tiny("nllb"), "nllb")
    assert folder.parent.name == "models"
    assert folder.name.startswith("etc-x-y-int8-")


def test_progress_is_told(tiny):
    told = []
    make(tiny("nllb")).prepare(lambda done, total, what: told.append(what), force=True)
    assert "converting" in told


@pytest.mark.parametrize(
    ("name", "codes"), [("mbart50", "mbart50"), ("pegasus", ""), ("bart", ""), ("crosssum", "crosssum")]
)
def test_a_family_that_does_not_convert_is_refused_by_name_and_left_to_torch_by_auto(name, codes, tiny):
    with pytest.raises(BadOptionError, match=f"{name}.*--engine torch"):
        make(tiny(name), codes=codes).prepare()
    assert make(tiny(name), AUTO, codes).digest.endswith(":torch")


def test_a_model_of_two_vocabularies_does_not_convert():
    assert can_convert({"model_type": "marian", "share_encoder_decoder_embeddings": True}, "marian")
    assert not can_convert({"model_type": "marian", "share_encoder_decoder_embeddings": False}, "marian")


def test_auto_takes_it_on_a_cpu(tiny):
    assert make(tiny("nllb"), AUTO).digest.endswith(":ctranslate2")


def test_without_the_package_auto_takes_torch_and_its_name_is_an_error(tiny, monkeypatch):
    monkeypatch.setitem(sys.modules, "ctranslate2", None)
    monkeypatch.setattr("summarizer.backends.seq2seq_model.is_installed", lambda: False)
    assert make(tiny("nllb"), AUTO).digest.endswith(":torch")
    assert len(make(tiny("nllb"), AUTO).translate(["Two ships met."], "en", "fr")) == 1
    with pytest.raises(BadOptionError, match=r"news-summarizer\[fast\]"):
        make(tiny("nllb")).prepare()


def test_on_a_gpu_auto_takes_torch(tiny, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert make(tiny("nllb"), EngineSettings()).digest.endswith(":torch")


def test_auto_falls_back_where_a_conversion_fails(tiny, monkeypatch, caplog):
    def fail(*_):
        raise ModelDamagedError("it is of a new kind")

    monkeypatch.setattr(ctranslate, "_convert", fail)
    backend = make(tiny("nllb"), AUTO)
    assert len(backend.translate(["Two ships met."], "en", "fr")) == 1
    assert backend.digest.endswith(":torch")
    assert "it is of a new kind" in caplog.text
    with pytest.raises(ModelDamagedError, match="new kind"):
        make(tiny("nllb")).translate(["Two ships met."], "en", "fr")


def test_a_damaged_conversion_says_so(tiny, tmp_path):
    tokenizer = load_tokenizer(tiny("nllb"), "nllb", {})
    with pytest.raises(ModelDamagedError, match="Delete it"):
        CTranslateEngine(tmp_path, tokenizer)


def test_pickled_weights_are_not_converted(tiny, tmp_path):
    folder = copy_model(tiny("nllb"), tmp_path, without="*.safetensors")
    (folder / "pytorch_model.bin").write_bytes(b"x")
    with pytest.raises(ModelError, match="pickled"):
        make(folder).prepare()
