"""Tiny real summarizing models of every family: files, digest, windows, languages and what is written."""

import json
import re
from pathlib import Path
from types import MappingProxyType

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_models import copy_model, edit_json, make_card

from summarizer import Article, Summarizer
from summarizer.backends import load_backend, seq2seq_model
from summarizer.backends.base import EngineSettings, Preparable, SentenceTranslator, Writer
from summarizer.backends.seq2seq import (
    LEAST_PER_SENTENCE,
    TOKENS_PER_SENTENCE,
    Seq2SeqBackend,
    trim,
)
from summarizer.backends.seq2seq_engine import Search
from summarizer.backends.seq2seq_languages import Hints
from summarizer.backends.seq2seq_loading import load_model, load_tokenizer, read_config
from summarizer.backends.seq2seq_torch import TorchEngine
from summarizer.errors import BadOptionError, ModelDamagedError, ModelError, ModelNotFoundError, UnsupportedStyleError

TORCH = EngineSettings(engine="torch", device="cpu")
FAMILY = {"mt5": "", "bart": "", "pegasus": "", "mbart50": "mbart50", "mbart": "mbart50", "crosssum": "crosssum"}
GREEDY = MappingProxyType({"num_beams": 1})
TEXT = "The council closed the old harbour on Monday. Two ships were moved to another port. Nobody was hurt."


def make_article(text=TEXT, language="en"):
    return Article.from_text(text, language=language, clean=False, check=False)


@pytest.fixture(scope="module")
def make(tiny):
    """Return the writer of a tiny model; each is loaded once."""
    made = {}

    def make(name, **fields):
        key = f"{name} {fields}"
        if key not in made:
            fields = {"generation": GREEDY, "codes": FAMILY[name], **fields}
            made[key] = Seq2SeqBackend.from_card(make_card(tiny(name), "write", **fields), TORCH)
        return made[key]

    return make


@pytest.fixture
def damage(tiny, tmp_path):
    """Return a translator of a copy of a tiny model in which something was changed."""

    def damage(change, without=""):
        folder = copy_model(tiny("mt5"), tmp_path, without=without)
        change(folder)
        return Seq2SeqBackend.from_card(make_card(folder, "write"), TORCH)

    return damage


def test_a_card_decides_what_the_backend_can_do(make, tiny):
    assert isinstance(make("mt5"), Writer)
    assert not isinstance(make("mt5"), SentenceTranslator)
    assert isinstance(make("mt5"), Preparable)
    assert load_backend(make_card(tiny("mt5"), "write"), TORCH).digest == make("mt5").digest


@pytest.mark.parametrize("abilities", [("write", "translate"), ("extract",)])
def test_a_card_of_both_abilities_or_neither_is_refused(abilities):
    with pytest.raises(ModelError, match="write, translate"):
        Seq2SeqBackend.from_card(make_card("x", abilities=abilities), TORCH)


@pytest.mark.parametrize("name", sorted(FAMILY))
def test_an_article_goes_the_whole_way(name, make):
    summary = Summarizer(make(name)).summarize(make_article(), length="headline")

    assert len(summary.sentences) == 1
    assert summary.receipt.tokens == summary.receipt.tokens_read > 20
    assert summary.receipt.sentences_skipped == ()
    assert make(name).digest in summary.signature


@pytest.mark.parametrize("name", sorted(FAMILY))
def test_a_draft_tells_how_sure_the_model_was(name, make):
    [draft] = make(name).write([make_article()], language=None, sentences=1)

    assert len(draft.sentences) <= 1
    assert -20 < draft.likelihood < 0


def test_the_likelihood_is_that_of_the_tokens_written(tiny):
    folder = tiny("mt5")
    tokenizer, model = load_tokenizer(folder, "", read_config(folder)), load_model(folder)
    ids = tokenizer.encode(TEXT, Hints(), 100)
    [output] = TorchEngine(model).generate([ids], Hints(), Search(most=8, scored=True))

    total = 0.0
    with torch.inference_mode():
        for place, token in enumerate(output.ids):
            start = torch.tensor([[0, *output.ids[:place]]])
            logits = model(input_ids=torch.tensor([ids]), decoder_input_ids=start).logits[0, -1]
            total += float(logits.log_softmax(-1)[token])
    assert output.likelihood == pytest.approx(total / len(output.ids), abs=1e-4)


def test_a_batch_with_padding_writes_what_each_article_gets_alone(make):
    articles = [make_article(), make_article("Two ships met."), make_article("The mayor spoke. " * 5)]
    together = make("mt5").write(articles, language=None, sentences=1)

    alone = [make("mt5").write([article], language=None, sentences=1)[0] for article in articles]
    assert [draft.sentences for draft in together] == [draft.sentences for draft in alone]
    assert [draft.receipt for draft in together] == [draft.receipt for draft in alone]


def test_a_long_article_is_read_in_windows_to_its_end(make):
    text = " ".join(f"The council opened bridge number {place} on Monday." for place in range(20))
    [draft] = make("mt5", context=128).write([make_article(text)], language=None, sentences=1)

    assert draft.receipt.tokens == draft.receipt.tokens_read > 2 * 128
    assert draft.receipt.sentences_skipped == ()


def test_no_window_is_cut_by_the_tokens_around_it(make, tiny):
    folder = tiny("mt5")
    tokenizer = load_tokenizer(folder, "", read_config(folder))
    prompt = "summarize this article: {text}"
    text = " ".join(f"The council opened bridge number {place} on Monday." for place in range(20))
    backend, seen = make("mt5", context=128, prompt=prompt), []
    engine = backend.load().engine
    generate = engine.generate
    engine.generate = lambda inputs, *rest: seen.extend(inputs) or generate(inputs, *rest)

    backend.write([make_article(text)], language=None, sentences=1)

    assert max(map(len, seen)) <= 128
    read = "".join(tokenizer.decode(ids) for ids in sorted(seen, key=len))
    assert all(f"number {place} on" in read for place in range(20))
    assert read.count("summarize this article:") == len(seen)


def test_a_sentence_longer_than_the_context_is_told_in_the_receipt(make):
    article = make_article(f"The mayor spoke. Boats {'Word ' * 300}ended.")
    [draft] = make("mt5", context=128).write([article], language=None, sentences=1)

    assert draft.receipt.tokens_read < draft.receipt.tokens
    assert draft.receipt.sentences_skipped == (1,)


def test_a_text_is_never_taken_for_a_prompt(make):
    backend = make("mt5", prompt="summarize: {text}")
    assert backend._ask("a {text} b {0} {card}") == "summarize: a {text} b {0} {card}"


@pytest.mark.parametrize(("language", "sentences"), [("fr", 0), ("en", 1)])
def test_another_language_than_the_articles_gives_no_sentences(language, sentences, make):
    [draft] = make("mt5").write([make_article()], language=language, sentences=1)

    assert len(draft.sentences) == sentences
    assert (draft.receipt.tokens_read > 0) == bool(sentences)
    assert draft.receipt.tokens > 0


def test_a_language_that_the_model_does_not_write_is_refused_with_advice(make):
    backend = make("mt5", writes=("en",))
    article = make_article("O conselho fechou o porto.", language="pt")
    with pytest.raises(UnsupportedStyleError, match="Portuguese"):
        Summarizer(backend).summarize(article, style="abstractive")


def test_mbart_is_told_the_language_of_each_article(make, tiny):
    tokenizer = load_tokenizer(tiny("mbart50"), "mbart50", {})
    backend, seen = make("mbart50", prompt="{text}"), []
    engine = backend.load().engine
    generate = engine.generate
    engine.generate = lambda inputs, hints, search: seen.append((inputs, hints)) or generate(inputs, hints, search)

    backend.write([make_article(), make_article("O porto fechou.", "pt"), make_article()], language=None, sentences=1)

    found = {tuple(tokenizer.to_tokens([inputs[0][0], hints.first])): len(inputs) for inputs, hints in seen}
    assert found == {("en_XX", "en_XX"): 2, ("pt_XX", "pt_XX"): 1}


def test_crosssum_starts_from_the_token_of_the_language_to_write(make, tiny):
    folder = tiny("crosssum")
    tokenizer = load_tokenizer(folder, "crosssum", read_config(folder))
    hints = tokenizer.find_hints("en", "fr")
    assert tokenizer.to_tokens([hints.start]) == ["災"]

    backend = make("crosssum", abilities=("write", "cross-lingual"))
    article = make_article()
    french, english = (backend.write([article], language=code, sentences=1)[0] for code in ("fr", "en"))
    assert french.sentences != english.sentences
    assert backend.write([article], language=None, sentences=1)[0] == english


def test_crosssum_without_its_table_says_so(tiny, tmp_path):
    folder = copy_model(tiny("mt5"), tmp_path)
    backend = Seq2SeqBackend.from_card(make_card(folder, "write", codes="crosssum"), TORCH)
    with pytest.raises(ModelDamagedError, match="langid_map"):
        backend.write([make_article()], language=None, sentences=1)


def test_lines_of_pegasus_become_sentences(tiny):
    tokenizer = load_tokenizer(tiny("pegasus"), "", {})
    ids = tokenizer.encode("One ship", Hints(), 50)[:-1]
    [line] = tokenizer.to_ids(["<n>"])
    assert tokenizer.decode([*ids, line, *ids]).split("\n")[0].strip() == "One ship"
    assert "<n>" not in tokenizer.decode([*ids, line, *ids])


def test_how_long_is_written_follows_from_the_sentences_asked_for(make):
    backend = make("mt5", generation=MappingProxyType({"num_beams": 1, "min_length": 56, "max_length": 20}))
    assert backend._find_search(1).most == TOKENS_PER_SENTENCE
    assert backend._find_search(1).least == LEAST_PER_SENTENCE
    assert backend._find_search(3).least == 3 * LEAST_PER_SENTENCE
    assert backend._find_search(50).most == 510
    assert backend._find_search(1).no_repeat_ngram_size == 3


def test_a_sentence_that_was_cut_off_is_left_out_unless_it_is_the_only_one():
    assert trim("One ship sank. Two ships", "en", finished=False) == "One ship sank."
    assert trim("One ship sank. Two ships", "en", finished=True) == "One ship sank. Two ships"
    assert trim("Two ships", "en", finished=False) == "Two ships"
    assert trim("", "en", finished=False) == ""


def test_a_folder_with_nothing_but_the_sentencepiece_model_loads(tiny, tmp_path):
    bare = copy_model(tiny("mt5"), tmp_path, without="tokenizer*")
    assert (bare / "spiece.model").is_file()
    one, other = (load_tokenizer(folder, "", {}).encode(TEXT, Hints(), 100) for folder in (bare, tiny("mt5")))
    assert one == other


@pytest.mark.parametrize("without", ["tokenizer*", ""])
def test_characters_that_mt5_lacks_are_read_and_written_as_bytes(without, tiny, tmp_path):
    tokenizer = load_tokenizer(copy_model(tiny("mt5"), tmp_path, without=without), "", {})
    text = "Snow \N{SNOWMAN} fell on \U00020bb7 and 🎉 went home"
    assert tokenizer.decode(tokenizer.encode(text, Hints(), 100)) == text


def test_weights_in_float16_are_run_in_float32_on_a_cpu(tiny, tmp_path):
    folder = copy_model(tiny("mt5"), tmp_path)
    path = folder / "model.safetensors"
    save_file({name: tensor.half() for name, tensor in load_file(path).items()}, path, {"format": "pt"})
    edit_json(folder / "config.json", dtype="float16")
    assert {parameter.dtype for parameter in load_model(folder).parameters()} == {torch.float32}


def test_loading_shows_nothing_on_the_terminal(tiny, capfd):
    load_model(tiny("mt5"))
    load_tokenizer(tiny("mt5"), "", {})
    assert capfd.readouterr() == ("", "")


def test_the_backends_use_no_pipeline_and_run_no_code_of_strangers():
    sources = [path.read_text("utf-8") for path in Path(seq2seq_model.__file__).parent.glob("*.py")]
    assert not [source for source in sources if re.search(r"\bpipeline\(|trust_remote_code=True|torch\.load\(", source)]


def test_damaged_weights_say_so(damage):
    backend = damage(lambda folder: (folder / "model.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0not json"))
    with pytest.raises(ModelDamagedError, match="Get it again"):
        backend.write([make_article()], language=None, sentences=1)


def test_weights_cut_short_say_so(damage):
    def cut(folder):
        path = folder / "model.safetensors"
        path.write_bytes(path.read_bytes()[:-1000])

    with pytest.raises(ModelDamagedError, match="Get it again"):
        damage(cut).write([make_article()], language=None, sentences=1)


def test_a_missing_tensor_is_not_replaced_by_random_numbers(damage):
    def drop(folder):
        path = folder / "model.safetensors"
        tensors = load_file(path)
        del tensors["decoder.final_layer_norm.weight"]
        save_file(tensors, path, {"format": "pt"})

    with pytest.raises(ModelDamagedError, match=r"lacks 1 tensors, such as decoder\.final_layer_norm"):
        damage(drop).write([make_article()], language=None, sentences=1)


@pytest.mark.parametrize("pattern", ["config.json", "*.safetensors", "*token*", "spiece.model"])
def test_missing_files_say_so_or_are_not_needed(pattern, damage):
    backend = damage(lambda folder: None, without=pattern)
    if pattern in ("*token*", "spiece.model"):
        assert len(backend.write([make_article("Two ships.")], language=None, sentences=1)) == 1
    else:
        with pytest.raises(ModelError, match=r"no config\.json|no safetensors"):
            backend.write([make_article()], language=None, sentences=1)


def test_a_damaged_tokenizer_says_so(damage):
    backend = damage(lambda folder: (folder / "tokenizer.json").write_text("{"))
    with pytest.raises(ModelDamagedError, match="Get it again"):
        backend.write([make_article()], language=None, sentences=1)


def test_pickled_weights_are_refused(damage):
    backend = damage(lambda folder: (folder / "pytorch_model.bin").write_bytes(b"x"), without="*.safetensors")
    with pytest.raises(ModelError, match="pickled"):
        backend.write([make_article()], language=None, sentences=1)


def test_a_folder_that_is_not_there_says_so():
    backend = Seq2SeqBackend.from_card(make_card("/no/such/model", "write"), TORCH)
    with pytest.raises(ModelNotFoundError, match="/no/such/model"):
        backend.write([make_article()], language=None, sentences=1)


def test_the_digest_tells_weights_and_engines_apart(tiny, tmp_path):
    folder = copy_model(tiny("mt5"), tmp_path)
    first, same = (Seq2SeqBackend.from_card(make_card(folder, "write"), TORCH).digest for _ in range(2))
    assert first == same
    assert re.fullmatch(r"[0-9a-f]{16}:torch", first)
    (folder / "README.md").write_text("changed")
    assert Seq2SeqBackend.from_card(make_card(folder, "write"), TORCH).digest == first
    edit_json(folder / "config.json", d_model=16)
    assert Seq2SeqBackend.from_card(make_card(folder, "write"), TORCH).digest != first


def test_a_model_of_the_hub_is_known_by_name_and_revision(tiny, monkeypatch):
    monkeypatch.setattr(seq2seq_model, "find_files", lambda card: tiny("mt5"))
    backend = Seq2SeqBackend.from_card(make_card("someone/a-model", "write", revision="abc"), TORCH)
    assert backend.digest == "someone/a-model@abc:torch"


def test_an_engine_that_does_not_exist_is_refused():
    with pytest.raises(BadOptionError, match="auto, torch, ctranslate2"):
        EngineSettings(engine="onnx")


def test_configurations_that_are_no_json_object_say_so(tmp_path):
    for text in ("", "[1]", "{", json.dumps("x")):
        (tmp_path / "config.json").write_text(text)
        with pytest.raises(ModelDamagedError):
            read_config(tmp_path)
