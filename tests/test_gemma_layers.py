import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from summarizer.backends import gemma_memory
from summarizer.backends.gemma_layers import GemmaLayers
from summarizer.backends.gemma_matrices import choose_dtype, choose_writing_dtype, make_matrix
from summarizer.backends.gemma_memory import BLOCK_TOKENS, Memory
from summarizer.backends.gemma_tokenizer import GemmaTokenizer

VOCABULARY = 97
SPAN = 8


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A Gemma 3 of random weights: its folder, and the model as transformers runs it."""
    from transformers import Gemma3ForCausalLM, Gemma3TextConfig

    torch.manual_seed(1)
    config = Gemma3TextConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=6,
        num_attention_heads=4,
        num_key_value_heads=1,
        head_dim=16,
        query_pre_attn_scalar=16,
        sliding_window=SPAN,
        max_position_embeddings=256,
    )
    folder = tmp_path_factory.mktemp("tiny-gemma")
    model = Gemma3ForCausalLM(config).eval()
    model.save_pretrained(folder)
    return folder, model


@pytest.fixture(scope="module")
def layers(tiny):
    return GemmaLayers(tiny[0], torch.float32)


def reference_states(model, tokens):
    with torch.inference_mode():
        return model.model(torch.tensor([tokens]), output_hidden_states=True)


def some_tokens(count, seed=0):
    return torch.randint(0, VOCABULARY, (count,), generator=torch.Generator().manual_seed(seed)).tolist()


@pytest.mark.parametrize("length", [1, SPAN, SPAN + 1, 40, BLOCK_TOKENS, 2 * BLOCK_TOKENS + 5])
def test_states_are_those_of_transformers_also_beyond_the_sliding_window(tiny, layers, length):
    tokens = some_tokens(length)
    expected = reference_states(tiny[1], tokens).hidden_states

    for depth, states in zip((2, 4, 5), layers.trace(tokens, (2, 4, 5)), strict=True):
        # The factor of the embeddings is rounded to bfloat16, as the real weights were trained with.
        assert torch.allclose(states, expected[depth][0], rtol=0.02, atol=0.02)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 30), min_size=1, max_size=4), st.integers(1, 12), st.integers(0, 3))
def test_rows_written_together_are_what_each_is_by_itself(tiny, layers, lengths, asked, more):
    articles = [some_tokens(length, seed) for seed, length in enumerate(lengths)]
    prompt, next_tokens = some_tokens(asked, 50), some_tokens(more, 51)
    memory = Memory.join([memory for _, memory in layers.remember(articles, 2)], room=asked + more)

    state = layers.write(torch.tensor([prompt] * len(articles)), memory)
    for token in next_tokens:
        state = layers.write(torch.tensor([[token]] * len(articles)), memory)

    for row, article in enumerate(articles):
        expected = reference_states(tiny[1], article + prompt + next_tokens).last_hidden_state[0, -1]
        assert torch.allclose(state[row], expected, rtol=0.03, atol=0.03)


def test_the_first_layers_can_be_had_before_the_others_are_run(tiny, monkeypatch):
    rows = [some_tokens(length, length) for length in (7, 30)]
    layers = GemmaLayers(tiny[0], torch.float32)
    ran = []
    load = layers._layer
    monkeypatch.setattr(layers, "_layer", lambda number: ran.append(number) or load(number))

    states, complete = layers.begin(rows, 2)

    assert set(ran) == {0, 1}
    memories = complete()
    assert max(ran) == layers.count - 1
    for found, memory, (wanted, remembered) in zip(states, memories, layers.remember(rows, 2), strict=True):
        assert torch.equal(found, wanted)
        assert all(map(torch.equal, memory.keys, remembered.keys))


@pytest.mark.parametrize("size", [1, 3, SPAN, SPAN + 3])
def test_the_size_of_blocks_changes_nothing(layers, monkeypatch, size):
    articles = [some_tokens(length, length) for length in (5, 2 * SPAN + 1)]

    def states():
        read = layers.remember(articles, 3)
        memory = Memory.join([memory for _, memory in read], room=30)
        prompt = torch.tensor([some_tokens(2 * SPAN + 2, 7)] * 2)
        return [*(states for states, _ in read), layers.write(prompt, memory)]

    expected = states()
    monkeypatch.setattr(gemma_memory, "BLOCK_TOKENS", size)

    for found, wanted in zip(states(), expected, strict=True):
        assert torch.allclose(found, wanted, atol=1e-4)


def test_a_copy_of_a_memory_goes_its_own_way(layers):
    memory = layers.remember([some_tokens(12)], 2)[0][1]
    one, other = memory.copy(), memory.copy()

    first = layers.write(torch.tensor([[3, 4]]), one)
    layers.write(torch.tensor([[7, 8, 9]]), other)

    assert torch.equal(first, layers.write(torch.tensor([[3, 4]]), memory.copy()))
    assert (memory.length, one.length, other.length) == (12, 14, 15)


def test_rows_can_be_dropped_while_the_others_go_on(layers):
    articles = [some_tokens(length, length) for length in (5, 9, 14)]
    memories = [memory for _, memory in layers.remember(articles, 2)]
    memory = Memory.join(memories, room=4)
    layers.write(torch.tensor([[1]] * 3), memory)

    memory.choose([0, 2])
    left = layers.write(torch.tensor([[2]] * 2), memory)

    for row, kept in enumerate((0, 2)):
        alone = memories[kept].copy()
        layers.write(torch.tensor([[1]]), alone)
        assert torch.allclose(left[row], layers.write(torch.tensor([[2]]), alone)[0], atol=1e-4)


def test_memories_are_joined_only_after_every_layer_has_read():
    with pytest.raises(ValueError, match="every layer"):
        Memory.join([Memory(1, 2)], room=1)


def test_an_adapter_changes_the_states_as_peft_does(tiny, tmp_path):
    from peft import LoraConfig, get_peft_model
    from transformers import Gemma3ForCausalLM

    folder, _ = tiny
    targets = ["q_proj", "v_proj", "o_proj", "gate_proj", "down_proj"]
    adapted = get_peft_model(
        Gemma3ForCausalLM.from_pretrained(folder), LoraConfig(r=4, lora_alpha=8, target_modules=targets)
    ).eval()
    for name, weight in adapted.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.3, generator=torch.Generator().manual_seed(len(name)))
    adapted.save_pretrained(str(tmp_path))
    tokens = some_tokens(20)
    with torch.inference_mode():
        expected = adapted.base_model.model.model(torch.tensor([tokens]), output_hidden_states=True).hidden_states[5][0]

    states = GemmaLayers(folder, torch.float32, tmp_path).read([tokens], 5)[0]

    assert torch.allclose(states, expected, rtol=0.03, atol=0.05)
    assert not torch.allclose(states, GemmaLayers(folder, torch.float32).read([tokens], 5)[0], atol=0.2)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 40), min_size=1, max_size=4))
def test_rows_read_together_are_what_each_is_by_itself(layers, lengths):
    rows = [some_tokens(length, seed) for seed, length in enumerate(lengths)]

    together, remembered = layers.read(rows, 4), layers.remember(rows, 4)

    for row, states, (same, memory) in zip(rows, together, remembered, strict=True):
        assert torch.allclose(states, layers.read([row], 4)[0], atol=1e-4)
        assert torch.allclose(states, same, atol=1e-4)
        assert memory.length == len(row)


def test_exact_products_are_taken_in_a_type_of_16_or_32_bits():
    assert choose_dtype() in (torch.bfloat16, torch.float32)
    assert choose_dtype("cuda") is torch.bfloat16
    assert choose_writing_dtype("cuda") is torch.bfloat16


@pytest.mark.skipif(choose_writing_dtype() is not torch.int8, reason="this build of PyTorch has no products of 8 bits")
def test_products_of_8_bits_are_near_and_do_not_depend_on_the_other_rows():
    generator = torch.Generator().manual_seed(8)
    weight, states = (torch.randn(shape, generator=generator) for shape in ((96, 64), (5, 64)))
    # One huge state, as language models have them, must not spoil the others.
    states[2, 7] = 3000.0
    exact, packed = (make_matrix(weight, dtype) for dtype in (torch.float32, torch.int8))

    found = packed(states)

    assert torch.cosine_similarity(found, exact(states)).min() > 0.999
    for row in range(5):
        assert torch.equal(found[row], packed(states[row : row + 1])[0])


@pytest.mark.model
@pytest.mark.parametrize("length", [1, 60, 900])
def test_the_real_model_computes_what_transformers_computes(length, builtin_folder, example_articles):
    from transformers import Gemma3TextModel

    text = " ".join(example_articles[code][0] for code in ("de", "zh", "ar", "hi"))
    tokens = GemmaTokenizer(builtin_folder).encode(text, bos=True)[:length]
    reference = Gemma3TextModel.from_pretrained(builtin_folder, dtype=torch.float32)
    with torch.inference_mode():
        expected = reference(torch.tensor([tokens]), output_hidden_states=True).hidden_states[9][0]

    states = GemmaLayers(builtin_folder, torch.float32).read([tokens], 9)[0]

    assert len(tokens) == length
    assert torch.nn.functional.cosine_similarity(states, expected).min() > 0.9999
