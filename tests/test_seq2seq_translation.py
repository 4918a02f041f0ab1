"""Tiny real translation models of every family: told the right languages, nothing lost, nothing run away."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_models import copy_model, edit_json, make_card

from summarizer import Article, Summarizer
from summarizer.backends.base import EngineSettings, SentenceTranslator, Writer
from summarizer.backends.seq2seq import GROWTH, SPARE, Seq2SeqBackend
from summarizer.backends.seq2seq_engine import BATCH_TOKENS, Output, Search, generate_all
from summarizer.backends.seq2seq_languages import FAMILIES, Hints, can_express, list_pairs
from summarizer.backends.seq2seq_loading import load_model, load_tokenizer, open_tokenizer, read_config
from summarizer.backends.seq2seq_torch import TorchEngine
from summarizer.errors import SummarizerError, UnsupportedLanguageError
from summarizer.languages import list_languages
from summarizer.translation import Translator

TORCH = EngineSettings(engine="torch", device="cpu")
#: Checkpoints and the family their cards name.
FAMILY = {
    "m2m100": "m2m100",
    "nllb": "nllb",
    "mbart50": "mbart50",
    "mbart": "mbart50",
    "marian": "marian",
    "marian-multilingual": "marian",
    "madlad": "madlad",
}
NAMES = sorted(FAMILY)
SENTENCES = ["The harbour is closed.", "", "Ships met.", "408"]


@pytest.fixture(scope="module")
def make(tiny):
    """Return the backend of a tiny model; each is loaded once."""
    made = {}

    def make(name, **fields):
        key = f"{name} {fields}"
        if key not in made:
            made[key] = Seq2SeqBackend.from_card(make_card(tiny(name), codes=FAMILY[name], **fields), TORCH)
        return made[key]

    return make


@pytest.fixture
def run(tiny):
    """Run a tiny model on one text; return its tokenizer, what it read and what it wrote, as ids."""

    def run(name, codes, source, target, text="The harbour is closed."):
        folder = tiny(name)
        tokenizer = load_tokenizer(folder, codes, read_config(folder))
        hints = tokenizer.find_hints(source, target)
        ids = tokenizer.encode(text, hints, 100)
        [output] = TorchEngine(load_model(folder)).generate([ids], hints, Search(most=4))
        return tokenizer, ids, output.ids

    return run


def test_it_is_a_translator_and_no_writer(make):
    backend = make("nllb")
    assert isinstance(backend, SentenceTranslator)
    assert not isinstance(backend, Writer)


@pytest.mark.parametrize("name", NAMES)
def test_as_many_sentences_come_back_as_went_in_in_their_order(name, make):
    backend = make(name)
    together = backend.translate(SENTENCES, "en", "fr")
    assert len(together) == len(SENTENCES)
    assert together == [backend.translate([sentence], "en", "fr")[0] for sentence in SENTENCES]
    assert (together[1], together[3]) == ("", "408")
    assert backend.translate([], "en", "fr") == []


@pytest.mark.parametrize("name", NAMES)
def test_a_text_goes_the_whole_way_of_a_translation(name, make):
    backend = make(name, languages=("en", "fr"))
    translation = Translator([backend]).translate_text("The harbour is closed.\nTwo ships met.", "en", "fr")
    assert translation.language == "fr"
    assert translation.text.count("\n") == 1
    assert len(translation.sentences) == 2


def test_a_summary_is_translated(make, example_articles):
    article = Article.from_text(example_articles["en"][0])
    summarizer = Summarizer("extractive", translator=Translator([make("marian")]))
    summary = summarizer.summarize(article, target_language="fr", length="headline")
    assert summary.translation is not None
    assert len(summary.translation.sentences) == len(summary.sentences)


@pytest.mark.parametrize(
    ("name", "source", "target"),
    [("m2m100", "__en__", "__hi__"), ("nllb", "eng_Latn", "hin_Deva"), ("mbart50", "en_XX", "hi_IN")],
)
def test_the_source_stands_before_the_text_and_the_target_is_written_first(name, source, target, run):
    tokenizer, read, written = run(name, name, "en", "hi")
    assert tokenizer.to_tokens([read[0], read[-1]]) == [source, "</s>"]
    assert tokenizer.to_tokens(written[:1]) == [target]


@pytest.mark.parametrize(("name", "code"), [("m2m100", "en"), ("nllb", "eng_Latn"), ("mbart50", "en_XX")])
def test_what_is_read_is_what_the_tokenizer_itself_makes_of_it(name, code, run, tiny):
    _, read, _ = run(name, name, "en", "hi")
    own = open_tokenizer(tiny(name), name)
    own.src_lang = code
    assert read == own("The harbour is closed.")["input_ids"]


def test_small100_is_told_the_target_before_the_text_and_nothing_else(run):
    tokenizer, read, written = run("m2m100", "small100", "en", "hi")
    assert tokenizer.to_tokens(read[:1]) == ["__hi__"]
    assert tokenizer.find_hints("en", "hi") == Hints(before=read[0])
    assert written[:1] != (read[0],)


def test_small100_loads_without_the_code_that_it_names(tiny, tmp_path):
    folder = copy_model(tiny("m2m100"), tmp_path)
    edit_json(folder / "tokenizer_config.json", tokenizer_class="SMALL100Tokenizer")
    backend = Seq2SeqBackend.from_card(make_card(folder, codes="small100"), TORCH)
    assert len(backend.translate(["Two ships met."], "en", "hi")) == 1


def test_the_first_mbart_has_its_languages_in_other_places(run, tiny):
    tokenizer, read, _ = run("mbart", "mbart50", "en", "ro")
    hints = tokenizer.find_hints("en", "ro")
    own = open_tokenizer(tiny("mbart"), "mbart50")
    assert read == own("The harbour is closed.")["input_ids"]
    assert tokenizer.to_tokens(read[-2:]) == ["</s>", "en_XX"]
    assert tokenizer.to_tokens([hints.start]) == ["ro_RO"]


@pytest.mark.parametrize(("target", "token"), [("fr", ">>fra<<"), ("pt", ">>por<<"), ("zh", ">>cmn_Hans<<")])
def test_a_marian_of_many_languages_is_told_the_target(target, token, run):
    tokenizer, read, _ = run("marian-multilingual", "marian", "en", target)
    assert tokenizer.to_tokens(read[:1]) == [token]


def test_a_marian_of_one_pair_is_told_nothing(run):
    tokenizer, _, _ = run("marian", "marian", "en", "fr")
    assert tokenizer.find_hints("en", "fr") == Hints()


@pytest.mark.parametrize(("target", "token"), [("fr", "<2fr>"), ("zh-Hant", "<2zh_Hant>")])
def test_madlad_is_told_the_target(target, token, run):
    tokenizer, read, _ = run("madlad", "madlad", "en", target)
    assert tokenizer.to_tokens(read[:1]) == [token]


@pytest.mark.parametrize(
    ("name", "target"), [("marian-multilingual", "de"), ("madlad", "de"), ("m2m100", "sr-Latn"), ("mbart50", "el")]
)
def test_a_language_without_a_token_is_an_error_and_never_the_unknown_token(name, target, make):
    with pytest.raises(UnsupportedLanguageError, match=target):
        make(name, pairs=(("en", target),)).translate(["Two ships met."], "en", target)


def test_a_bare_vocabulary_of_nllb_lacks_the_languages_and_says_so(tiny, tmp_path):
    folder = copy_model(tiny("nllb"), tmp_path, without="tokenizer*")
    backend = Seq2SeqBackend.from_card(make_card(folder, codes="nllb"), TORCH)
    with pytest.raises(UnsupportedLanguageError, match=r"tokenizer\.json"):
        backend.translate(["Two ships met."], "en", "fr")


def test_a_pair_that_the_card_does_not_state_is_refused(make):
    with pytest.raises(UnsupportedLanguageError, match="fr into en"):
        make("nllb", pairs=(("en", "fr"),)).translate(["Bonjour."], "fr", "en")


def test_tokens_of_languages_never_come_out_as_words(make, run):
    tokenizer, _, written = run("m2m100", "m2m100", "en", "hi")
    assert tokenizer.to_tokens(written[:1]) == ["__hi__"]
    assert "__" not in tokenizer.decode(written)


def test_not_even_from_a_tokenizer_that_takes_them_for_words(tiny, tmp_path):
    folder = copy_model(tiny("m2m100"), tmp_path, without="tokenizer_config.json")
    tokenizer = load_tokenizer(folder, "m2m100", read_config(folder))
    hints = tokenizer.find_hints("en", "hi")
    assert tokenizer.to_tokens([hints.first]) == ["__hi__"]
    assert "__hi__" in open_tokenizer(folder, "m2m100").decode([hints.first], skip_special_tokens=True)
    assert tokenizer.decode([hints.first]) == ""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", ["</s> <pad> __fr__ fra_Latn fr_XX", ">>por<< Two ships", "Two </s> ships"])
def test_a_text_cannot_speak_in_special_tokens(name, text, tiny):
    folder = tiny(name)
    tokenizer = load_tokenizer(folder, FAMILY[name], read_config(folder))
    hints = tokenizer.find_hints("en", "fr")
    ids = tokenizer.encode(text, hints, 200)
    own = open_tokenizer(folder, FAMILY[name])
    special = [token for token in ids if token in {*own.all_special_ids} - {own.unk_token_id}]
    assert len(special) <= tokenizer.count_frame(hints)
    assert ids.count(own.eos_token_id) == 1
    assert ">>por<<" not in tokenizer.to_tokens(ids)
    assert own.convert_tokens_to_ids("fr_XX") not in ids[1:-1] or own.convert_tokens_to_ids("fr_XX") == own.unk_token_id


@pytest.mark.parametrize("name", ["marian", "marian-multilingual"])
def test_brackets_at_the_start_of_a_text_are_text_to_marian(name, tiny):
    tokenizer = load_tokenizer(tiny(name), "marian", {})
    plain, bracketed = tokenizer.count(["Two ships met.", ">>Two ships<< met."])
    assert bracketed >= plain


def test_an_unknown_character_does_not_end_a_text_of_madlad(tiny):
    folder = tiny("madlad")
    own = open_tokenizer(folder, "madlad")
    assert own.unk_token_id in own("Two \N{SNOWMAN} ships")["input_ids"]
    assert own("Two \N{SNOWMAN} ships")["input_ids"].count(own.eos_token_id) == 1


def test_a_long_sentence_is_cut_at_its_clauses_and_translated_to_the_end(tiny, make):
    folder = tiny("m2m100")
    backend = make("m2m100", context=40)
    tokenizer = load_tokenizer(folder, "m2m100", read_config(folder))
    text = "; ".join(f"the council opened bridge number {place}" for place in range(10))
    cut = backend._cut(text, 38)
    assert " ".join(cut) == text
    assert max(tokenizer.count(cut)) <= 38
    assert backend.translate([text], "en", "fr") == [" ".join(backend.translate(cut, "en", "fr"))]


def test_a_word_longer_than_the_context_is_cut_too(make):
    backend = make("m2m100", context=40)
    cut = backend._cut("x" * 500, 38)
    assert "".join(cut) == "x" * 500
    assert len(backend.translate(["x" * 500], "en", "fr")) == 1


def test_what_runs_away_is_stopped_and_what_is_long_is_not(make, tiny):
    folder = tiny("m2m100")
    tokenizer = load_tokenizer(folder, "m2m100", read_config(folder))
    [translation] = make("m2m100").translate(["The harbour is closed."], "en", "fr")
    hints = tokenizer.find_hints("en", "fr")
    read = len(tokenizer.encode("The harbour is closed.", hints, 100))
    [output] = TorchEngine(load_model(folder)).generate(
        [tokenizer.encode("The harbour is closed.", hints, 100)], hints, Search(num_beams=1, most=GROWTH * read + SPARE)
    )
    # Without a most of ours transformers would stop after 20 tokens.
    assert not output.finished
    assert 20 < len(output.ids) == GROWTH * read + SPARE
    assert translation == tokenizer.decode(output.ids)


def test_many_threads_may_use_one_backend(make):
    backend = make("m2m100")
    jobs = [(f"{word} ships.", target) for word in ("Two", "Ten") for target in ("fr", "hi")]

    def translate(job):
        return backend.translate([job[0]], "en", job[1])[0]

    expected = [translate(job) for job in jobs]
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(translate, jobs)) == expected


@given(st.lists(st.text(st.characters(), max_size=12), max_size=3))
@settings(deadline=None, max_examples=15)
def test_any_texts_give_as_many_translations(make, sentences):
    try:
        assert len(make("nllb").translate(sentences, "en", "fr")) == len(sentences)
    except SummarizerError:
        pytest.fail("these texts are no reason for an error")


@pytest.mark.parametrize("codes", [codes for codes in FAMILIES if codes not in ("", "crosssum")])
def test_pairs_are_those_of_the_languages_that_a_family_has(codes):
    pairs = list_pairs(make_card("x", codes=codes, languages=("en", "fr", "zh", "pcm", "Klingon")))
    assert {("en", "fr"), ("fr", "en"), ("en", "zh")} <= pairs
    assert ("pcm", "en") not in pairs or codes == "marian"
    assert all(one != other for one, other in pairs)


def test_pairs_of_a_card_go_before_its_languages():
    card = make_card("x", codes="nllb", languages=("en", "fr"), pairs=(("en", "zh-Hant"),))
    assert list_pairs(card) == {("en", "zh-Hant")}


@pytest.mark.parametrize(
    ("codes", "language", "token"),
    [
        ("nllb", "zh", "zho_Hans"),
        ("nllb", "zh-Hant", "zho_Hant"),
        ("nllb", "sr", "srp_Cyrl"),
        ("m2m100", "nb", "__no__"),
        ("m2m100", "fil", "__tl__"),
        ("mbart50", "sw", "sw_KE"),
        ("madlad", "zh-Hant", "<2zh_Hant>"),
        ("marian", "sr-Latn", ">>srp_Latn<<"),
        ("marian", "pt", ">>por<<"),
        ("crosssum", "zh", "chinese_simplified"),
        ("crosssum", "sr", "serbian_cyrillic"),
        ("crosssum", "sr-Latn", "serbian_latin"),
        ("crosssum", "pcm", "pidgin"),
    ],
)
def test_languages_are_spelled_as_the_family_spells_them(codes, language, token):
    languages = {one.code: one for one in list_languages()}
    assert token in FAMILIES[codes].spell(languages[language])


@pytest.mark.parametrize(("codes", "language"), [("nllb", "sr-Latn"), ("m2m100", "zh-Hant"), ("mbart50", "el")])
def test_a_family_without_a_language_or_its_script_says_so(codes, language):
    assert not can_express(codes, language)
    assert can_express("", language)


def test_codes_of_nllb_are_those_of_transformers():
    from transformers.models.nllb.tokenization_nllb import FAIRSEQ_LANGUAGE_CODES

    spelled = {token for language in list_languages() for token in FAMILIES["nllb"].spell(language)}
    assert len(spelled) > 90
    assert spelled <= set(FAIRSEQ_LANGUAGE_CODES)


@pytest.mark.parametrize(("codes", "key"), [("m2m100", "m2m100"), ("mbart50", "mbart50")])
def test_codes_of_the_older_families_are_those_of_transformers(codes, key):
    from transformers.models.m2m_100.tokenization_m2m_100 import FAIRSEQ_LANGUAGE_CODES as M2M100
    from transformers.models.mbart50.tokenization_mbart50 import FAIRSEQ_LANGUAGE_CODES as MBART50

    known = {"m2m100": {f"__{code}__" for code in M2M100["m2m100"]}, "mbart50": set(MBART50)}[key]
    assert {token for language in list_languages() for token in FAMILIES[codes].spell(language)} <= known


def test_the_length_of_a_batch_decides_how_long_it_may_write():
    asked = []

    class Echo:
        budget = BATCH_TOKENS

        def generate(self, inputs, hints, search):
            asked.append((max(map(len, inputs)), search.most))
            return [Output(tuple(ids), True) for ids in inputs]

    inputs = [[1] * size for size in (3000, 10, 2000, 5)]
    outputs = generate_all(Echo(), inputs, Hints(), Search(), lambda longest: 2 * longest)
    assert asked == [(3000, 6000), (2000, 4000), (5, 10)]
    assert [len(output.ids) for output in outputs] == [3000, 10, 2000, 5]


def test_settings_of_the_card_go_before_those_of_the_checkpoint():
    own = {"num_beams": 6, "length_penalty": 0.6, "max_length": 20, "do_sample": True, "early_stopping": None}
    search = Search.from_settings({"num_beams": 2}, own, no_repeat_ngram_size=3)
    assert search == Search(num_beams=2, length_penalty=0.6, no_repeat_ngram_size=3)


def test_settings_of_the_checkpoint_are_used(tiny, tmp_path):
    folder = copy_model(tiny("marian"), tmp_path)
    edit_json(folder / "generation_config.json", num_beams=6)
    assert json.loads((folder / "generation_config.json").read_text())["num_beams"] == 6
    assert Search.from_settings({}, read_config(folder)).num_beams == 6
