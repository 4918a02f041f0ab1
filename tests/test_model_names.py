import json
import subprocess
import sys
from pathlib import Path

import huggingface_hub.constants
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from summarizer.cards import ModelCard, get_card
from summarizer.errors import BadOptionError, ModelError, ModelNotFoundError, SummarizerError, UnknownLanguageError
from summarizer.model_names import bare_card, card_from_config, find_card, is_hub_id

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory):
    """Real checkpoints of a few kilobytes, as transformers saves them."""
    import transformers as hf

    tiny = {"d_model": 8, "encoder_ffn_dim": 8, "decoder_ffn_dim": 8, "vocab_size": 32, "max_position_embeddings": 64}
    tiny |= {"encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2, "decoder_attention_heads": 2}
    tiny |= {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2, "decoder_start_token_id": 2}
    t5 = {"d_model": 8, "d_kv": 4, "d_ff": 8, "num_layers": 1, "num_heads": 2, "vocab_size": 32}
    decoder = {"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2}
    decoder |= {"num_key_value_heads": 2, "vocab_size": 32, "max_position_embeddings": 4096}
    encoder = {"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2}
    encoder |= {"vocab_size": 32}
    models = {
        "t5": hf.T5ForConditionalGeneration(hf.T5Config(**t5)),
        "mt5": hf.MT5ForConditionalGeneration(hf.MT5Config(**t5)),
        "bart": hf.BartForConditionalGeneration(hf.BartConfig(**tiny)),
        "mbart": hf.MBartForConditionalGeneration(hf.MBartConfig(**tiny)),
        "pegasus": hf.PegasusForConditionalGeneration(hf.PegasusConfig(**tiny)),
        "m2m100": hf.M2M100ForConditionalGeneration(hf.M2M100Config(**tiny)),
        "nllb": hf.M2M100ForConditionalGeneration(hf.M2M100Config(**tiny)),
        "opus-mt-en-es": hf.MarianMTModel(hf.MarianConfig(**tiny)),
        "llama": hf.LlamaForCausalLM(hf.LlamaConfig(**decoder)),
        "bert": hf.BertModel(hf.BertConfig(**encoder)),
        "bert-masked": hf.BertForMaskedLM(hf.BertConfig(**encoder)),
        "bart-classifier": hf.BartForSequenceClassification(hf.BartConfig(**tiny)),
    }
    folder = tmp_path_factory.mktemp("checkpoints")
    for name, model in models.items():
        model.save_pretrained(folder / name)
    (folder / "m2m100" / "vocab.json").write_text("{}")
    for name in ("m2m100", "nllb"):
        (folder / name / "sentencepiece.bpe.model").write_bytes(b"")
    return folder


def make_card(config, files=("model.safetensors",), **said):
    return card_from_config("mine", "mine", config, files, **said)


def test_a_card_is_found_by_its_name_and_by_the_hub_id_of_its_weights():
    assert find_card("nllb-600m") is get_card("nllb-600m")
    assert find_card("facebook/nllb-200-distilled-600M") is get_card("nllb-600m")


def test_a_model_of_a_server_is_named_after_a_colon():
    card = find_card("openai:llama3.1:8b")

    assert (card.name, card.source, card.backend) == ("openai:llama3.1:8b", "llama3.1:8b", "openai")


@pytest.mark.parametrize(
    ("name", "pair"),
    [
        ("firefox:es-en", ("es", "en")),
        ("firefox:en-zh-Hant", ("en", "zh-Hant")),
        ("firefox:sr-Latn-en", ("sr-Latn", "en")),
        ("firefox:pt-BR-en", ("pt", "en")),
    ],
)
def test_a_pair_of_firefox_is_named_after_a_colon(name, pair):
    card = find_card(name)

    assert (card.name, card.backend, card.pairs, card.languages) == (name, "firefox", (pair,), pair)


@pytest.mark.parametrize("name", ["firefox:es", "firefox:xx-yy", "firefox:en-en", "firefox:-"])
def test_what_is_no_pair_is_answered_with_how_to_write_one(name):
    with pytest.raises(ModelNotFoundError, match="firefox:es-en"):
        find_card(name)


@pytest.mark.parametrize("name", ["openai:", "firefox:", "mistral:7b", "", " ", "~nobody-here", "bultin", "a/b/c"])
def test_a_name_that_means_nothing_is_answered_with_those_that_do(name):
    with pytest.raises(ModelNotFoundError, match=r"Did you mean|Known models"):
        find_card(name)


@pytest.mark.parametrize(
    ("folder", "backend", "abilities", "codes"),
    [
        ("t5", "seq2seq", ("write",), ""),
        ("mt5", "seq2seq", ("write",), ""),
        ("bart", "seq2seq", ("write",), ""),
        ("mbart", "seq2seq", ("write",), ""),
        ("pegasus", "seq2seq", ("write",), ""),
        ("m2m100", "seq2seq", ("translate",), "m2m100"),
        ("nllb", "seq2seq", ("translate",), "nllb"),
        ("opus-mt-en-es", "seq2seq", ("translate",), "marian"),
        ("llama", "causal", ("write", "translate", "cross-lingual"), ""),
    ],
)
def test_a_folder_without_a_card_is_told_by_its_architecture(checkpoints, folder, backend, abilities, codes):
    card = find_card(str(checkpoints / folder))

    assert (card.backend, card.abilities, card.codes) == (backend, abilities, codes)
    assert card.source == str(checkpoints / folder)
    assert card.context == {"llama": 4096, "t5": 512, "mt5": 512}.get(folder, 64)


def test_a_translator_knows_the_languages_of_its_family_or_of_its_name(checkpoints):
    m2m100, nllb = find_card(str(checkpoints / "m2m100")), find_card(str(checkpoints / "nllb"))

    assert "ti" in nllb.languages and "ti" not in m2m100.languages
    assert m2m100.pairs == ()
    assert find_card(str(checkpoints / "opus-mt-en-es")).pairs == (("en", "es"),)


def test_the_user_says_what_the_files_do_not(checkpoints):
    translator = find_card(str(checkpoints / "t5"), task="translate", languages=["English", "de", "fr"], codes="")

    assert (translator.abilities, translator.pairs) == (("translate",), (("en", "de"), ("en", "fr")))
    assert find_card(str(checkpoints / "mbart"), task="translate").codes == "mbart50"
    assert find_card(str(checkpoints / "t5"), task="translate").codes == "madlad"
    assert find_card(str(checkpoints / "llama"), task="summarize").abilities == ("write", "cross-lingual")
    assert find_card(str(checkpoints / "mt5"), languages=["hi"]).writes == ("hi",)
    assert find_card(str(checkpoints / "mt5"), codes="crosssum").abilities == ("write", "cross-lingual")


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"task": "sing"}, BadOptionError),
        ({"codes": "morse"}, BadOptionError),
        ({"languages": ["Klingon"]}, UnknownLanguageError),
    ],
)
def test_what_the_user_says_has_to_exist(checkpoints, said, error):
    with pytest.raises(error):
        find_card(str(checkpoints / "t5"), **said)


@pytest.mark.parametrize(
    ("folder", "message"),
    [
        ("bert", "BertModel: it reads text and cannot write"),
        ("bert-masked", "BertForMaskedLM: it reads text and cannot write"),
        ("bart-classifier", "BartForSequenceClassification: it reads text and cannot write"),
    ],
)
def test_an_architecture_that_cannot_work_is_refused_with_the_reason(checkpoints, folder, message):
    with pytest.raises(ModelError, match=message):
        find_card(str(checkpoints / folder))


@pytest.mark.parametrize(
    ("config", "files", "message"),
    [
        (None, ["model.safetensors"], "no config.json"),
        (None, ["adapter_config.json", "adapter_model.safetensors"], "is an adapter"),
        ({"model_type": "t5"}, ["pytorch_model.bin", "spiece.model"], r"pytorch_model\.bin only.*docs/models\.md"),
        ({"model_type": "t5"}, ["spiece.model"], "no weights"),
        ({"model_type": "t5", "auto_map": {"AutoModel": "x.T5"}}, ["model.safetensors"], "never run here"),
        ({}, ["model.safetensors"], "unknown architecture"),
        ({"model_type": ["t5"], "architectures": "T5"}, ["model.safetensors"], "unknown architecture"),
        ({"model_type": "prophetnet"}, ["model.safetensors"], "is a prophetnet, which is not run here"),
        ({"model_type": "marian"}, ["model.safetensors"], "which languages"),
    ],
)
def test_a_model_that_is_not_whole_safe_and_known_is_refused(config, files, message):
    with pytest.raises(ModelError, match=message):
        make_card(config, files)


def test_small100_is_told_from_m2m100_by_the_tokenizer_that_it_brings():
    files = ["model.safetensors", "vocab.json", "tokenization_small100.py"]

    assert make_card({"model_type": "m2m_100"}, files).codes == "small100"


def test_mbart_50_is_told_the_language_that_it_writes_and_the_older_mbart_is_not():
    assert make_card({"model_type": "mbart", "vocab_size": 250_054}).codes == "mbart50"
    assert make_card({"model_type": "mbart", "vocab_size": 250_027}).codes == ""


def test_of_a_model_for_text_and_images_the_text_is_used():
    config = {"model_type": "gemma3", "architectures": ["Gemma3ForConditionalGeneration"]}

    card = make_card(config | {"text_config": {"max_position_embeddings": 131_072}})

    assert (card.backend, card.context) == ("causal", 131_072)


def test_a_gguf_file_is_a_chat_model(tmp_path):
    (tmp_path / "tiny.gguf").write_bytes(b"GGUF")

    for name in (tmp_path / "tiny.gguf", tmp_path):
        card = find_card(str(name))
        assert (card.backend, card.source, card.file, card.size) == ("causal", str(tmp_path), "tiny.gguf", 4)

    (tmp_path / "other.gguf").write_bytes(b"GGUF")
    with pytest.raises(ModelError, match=r"other\.gguf, tiny\.gguf"):
        find_card(str(tmp_path))


@pytest.mark.parametrize("name", ["./nowhere", "/no/such/folder", "missing.gguf"])
def test_a_path_where_nothing_lies_is_said_to_be_one(name):
    with pytest.raises(ModelNotFoundError, match="There is no folder or file"):
        find_card(name)


def test_a_file_that_is_no_model_is_refused(tmp_path):
    (tmp_path / "model.bin").write_bytes(b"")
    with pytest.raises(ModelError, match=r"folder with config\.json"):
        find_card(str(tmp_path / "model.bin"))


@pytest.mark.parametrize("text", ["{", "[]", "\udcff"])
def test_a_damaged_config_is_named(tmp_path, text):
    (tmp_path / "config.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    (tmp_path / "model.safetensors").write_bytes(b"")

    with pytest.raises(ModelError, match=r"config\.json cannot be read"):
        find_card(str(tmp_path))


def test_a_folder_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)  # root, who runs the tests in a container, may read everything

    with pytest.raises(ModelError, match="cannot be read: Permission denied"):
        find_card(str(tmp_path))


def test_a_folder_does_not_take_the_name_of_a_card(tmp_path, monkeypatch):
    (tmp_path / "builtin").mkdir()
    monkeypatch.chdir(tmp_path)

    assert find_card("builtin") is get_card("builtin")


def test_a_hub_id_that_is_not_on_this_machine_is_answered_with_the_command_that_gets_it(tmp_path, monkeypatch):
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))

    with pytest.raises(ModelNotFoundError, match="`summarizer models get someone/some-model`"):
        find_card("someone/some-model")
    assert list(tmp_path.iterdir()) == []


def test_a_hub_id_that_was_downloaded_is_told_by_its_architecture(tmp_path, monkeypatch):
    repository = tmp_path / "models--someone--some-model"
    snapshot = repository / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(COMMIT)
    config = {"model_type": "llama", "architectures": ["LlamaForCausalLM"]}
    (snapshot / "config.json").write_text(json.dumps(config))
    (snapshot / "model.safetensors").write_bytes(b"")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))

    card = find_card("someone/some-model")

    assert (card.backend, card.source, card.revision) == ("causal", "someone/some-model", COMMIT)
    assert card.license == "unknown"


def test_a_bare_card_says_where_a_model_of_the_hub_lies():
    card = bare_card("someone/some-model")

    assert (card.source, card.backend, card.abilities) == ("someone/some-model", "", ())
    with pytest.raises(ModelNotFoundError, match="ORGANIZATION/NAME"):
        bare_card("some-model")


@pytest.mark.parametrize("name", ["a/b", "google/madlad400-3b-mt", "facebook/m2m100_1.2B"])
def test_hub_ids_are_an_organization_and_a_name(name):
    assert is_hub_id(name)


@pytest.mark.parametrize(
    "name", ["a", "a/b/c", "../b", "a/..", "a/b--c", "a/.b", "a/b-", "a b/c", "a/b\n", "a/" + "b" * 96]
)
def test_what_is_no_hub_id_never_reaches_the_hub(name):
    assert not is_hub_id(name)


@given(name=st.text() | st.from_regex(r"(openai|firefox):.*|[a-z./~-]+/[\w.-]*", fullmatch=True))
def test_any_name_gives_a_card_or_an_error_of_ours(name):
    try:
        card = find_card(name)
    except SummarizerError as error:
        assert error.message
    else:
        assert isinstance(card, ModelCard)


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5)
KEYS = st.sampled_from(["model_type", "architectures", "auto_map", "vocab_size", "text_config", "n_positions"])


@given(
    config=st.dictionaries(KEYS, JSON | st.sampled_from(["t5", "m2m_100", ["LlamaForCausalLM"]])),
    files=st.sets(st.sampled_from(["model.safetensors", "vocab.json", "pytorch_model.bin"])),
    task=st.sampled_from([None, "summarize", "translate"]),
)
def test_any_config_gives_a_card_or_an_error_of_ours(config, files, task):
    try:
        card = make_card(config, files, task=task)
    except SummarizerError as error:
        assert error.message
    else:
        assert card.backend in ("seq2seq", "causal") and card.context > 0


def test_finding_a_card_loads_no_library_of_models():
    code = (
        "import sys; from summarizer.model_names import find_card; find_card('mt5-xlsum'); find_card('openai:x')\n"
        "print([name for name in ('torch', 'transformers', 'huggingface_hub', 'openai') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)

    assert run.stdout.strip() == "[]"
