import numpy as np
import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import Gemma3ForCausalLM, Gemma3TextConfig

from summarizer.backends.gemma_layers import GemmaLayers
from summarizer.backends.gemma_writer import GemmaWriter, Order

VOCABULARY, END = 60, 1


class Forbid:
    """Forbids some tokens always."""

    def __init__(self, *tokens):
        self.tokens = tokens

    def banned(self, written):
        return self.tokens


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A tiny Gemma 3 of random weights and an adapter for it."""
    torch.manual_seed(3)
    config = Gemma3TextConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        query_pre_attn_scalar=16,
        sliding_window=16,
    )
    base, adapter = tmp_path_factory.mktemp("base"), tmp_path_factory.mktemp("adapter")
    Gemma3ForCausalLM(config).save_pretrained(base)
    adapted = get_peft_model(
        Gemma3ForCausalLM.from_pretrained(base), LoraConfig(r=2, target_modules=["q_proj", "down_proj"])
    )
    adapted.save_pretrained(str(adapter))
    return base, adapter


@pytest.fixture(scope="module")
def writer(folders):
    return GemmaWriter(*folders, END)


@pytest.fixture(scope="module")
def reader(folders):
    return GemmaLayers(folders[0], torch.float32)


def make_order(reader, article, *constraints, prompt=(5, 6), choices=range(VOCABULARY), most=8):
    memory = reader.remember([[2, *article]], 1)[0][1]
    return Order(memory, tuple(prompt), np.array(sorted(choices)), constraints, most)


def test_each_text_is_what_is_written_when_it_is_alone(writer, reader):
    orders = [make_order(reader, range(10, 10 + length), Forbid(END)) for length in (1, 7, 20)]

    together = writer.write(orders)

    assert [len(text.tokens) for text in together] == [8, 8, 8]
    alone = [writer.write([order])[0] for order in orders]
    assert [text.tokens for text in together] == [text.tokens for text in alone]


def test_only_the_shortlist_is_written_and_nothing_that_is_forbidden(writer, reader):
    order = make_order(reader, (10, 11), Forbid(END, 20, 59), choices=(END, 20, 21, 22, 23))

    [text] = writer.write([order])

    assert set(text.tokens) <= {21, 22, 23}
    assert not text.ended


def test_where_everything_is_forbidden_the_text_ends(writer, reader):
    [text] = writer.write([make_order(reader, (10, 11), Forbid(*range(VOCABULARY)))])

    assert text.tokens == []
    assert text.ended


def test_the_end_ends_a_row_while_the_others_go_on(writer, reader):
    ending = make_order(reader, (10, 11), choices=(END,))
    going = make_order(reader, (12, 13), Forbid(END), most=5)

    ended, gone = writer.write([ending, going])

    assert (ended.tokens, ended.ended) == ([], True)
    assert len(gone.tokens) == 5


def test_the_likelihood_is_that_of_the_chosen_among_the_choices(writer, reader):
    [text] = writer.write([make_order(reader, (10, 11), choices=(END,))])

    assert text.mean_likelihood == pytest.approx(0.0, abs=1e-5)
    [free] = writer.write([make_order(reader, (10, 11), Forbid(END))])
    assert free.mean_likelihood < -0.5


def test_an_order_can_be_given_twice(writer, reader):
    order = make_order(reader, (10, 11, 12), Forbid(END))

    assert writer.write([order]) == writer.write([order])


def test_nothing_is_written_for_no_orders(writer):
    assert writer.write([]) == []
