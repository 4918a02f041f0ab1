import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from summarizer import Article
from summarizer.backends.salience import SalienceHead, SalienceNetwork
from summarizer.backends.sentence_features import NAMES

WIDTH = 12


def save_networks(networks, path):
    save_file(
        {
            f"{number}.{name}": weight
            for number, one in enumerate(networks)
            for name, weight in one.state_dict().items()
        },
        path,
    )


@pytest.fixture
def network():
    torch.manual_seed(0)
    return SalienceNetwork(WIDTH).eval()


def test_sentences_that_are_not_there_change_nothing(network):
    features, states = torch.randn(1, 5, len(NAMES)), torch.randn(1, 5, WIDTH)
    real = torch.tensor([[True, True, True, False, False]])

    padded = network(features, states, real)[0, :3]
    alone = network(features[:, :3], states[:, :3], real[:, :3])[0]

    assert torch.allclose(padded, alone, atol=1e-5)


def test_scores_are_the_chances_of_each_sentence_to_be_the_best(network):
    scores = network(torch.randn(2, 4, len(NAMES)), torch.randn(2, 4, WIDTH), torch.ones(2, 4).bool())

    assert torch.allclose(scores.exp().sum(-1), torch.ones(2), atol=1e-5)


def test_an_unknown_state_is_none(network):
    scores = network(torch.randn(1, 3, len(NAMES)), torch.zeros(1, 3, WIDTH), torch.ones(1, 3).bool())

    assert scores.isfinite().all()


def test_a_head_is_loaded_from_its_file_and_scores_each_sentence(network, tmp_path):
    save_networks([network], tmp_path / "salience.safetensors")
    article = Article.from_text("The ferry stays. It rained. The mayor left.", language="en", check=False)
    states = np.random.default_rng(0).normal(size=(3, WIDTH)).astype(np.float32)

    [scores] = SalienceHead(tmp_path / "salience.safetensors").score([article], [states])

    assert len(scores) == 3
    assert [scores] == SalienceHead(tmp_path / "salience.safetensors").score([article], [states])


def test_the_order_of_the_states_matters(network, tmp_path):
    save_networks([network], tmp_path / "salience.safetensors")
    head = SalienceHead(tmp_path / "salience.safetensors")
    article = Article.from_text("The ferry stays. It rained. The mayor left.", language="en", check=False)
    states = np.random.default_rng(0).normal(size=(3, WIDTH)).astype(np.float32)

    assert head.score([article], [states]) != head.score([article], [states[::-1].copy()])


def test_the_scores_of_several_networks_are_averaged(network, tmp_path):
    torch.manual_seed(1)
    other = SalienceNetwork(WIDTH).eval()
    article = Article.from_text("The ferry stays. It rained. The mayor left.", language="en", check=False)
    states = np.random.default_rng(0).normal(size=(3, WIDTH)).astype(np.float32)
    for name, networks in (("one", [network]), ("other", [other]), ("both", [network, other])):
        save_networks(networks, tmp_path / name)
    one, mean, two = (SalienceHead(tmp_path / name).score([article], [states])[0] for name in ("one", "both", "other"))

    assert mean == pytest.approx([(first + second) / 2 for first, second in zip(one, two, strict=True)], abs=1e-5)


def test_articles_scored_together_are_scored_as_each_alone(network, tmp_path):
    save_networks([network], tmp_path / "salience.safetensors")
    head, generator = SalienceHead(tmp_path / "salience.safetensors"), np.random.default_rng(1)
    texts = ["It rained.", "The ferry stays. It rained. The mayor left.", "The mayor left. It rained."]
    articles = [Article.from_text(text, language="en", check=False) for text in texts]
    states = [generator.normal(size=(len(article.sentences), WIDTH)).astype(np.float32) for article in articles]

    together = head.score(articles, states)

    for article, state, scores in zip(articles, states, together, strict=True):
        assert scores == pytest.approx(head.score([article], [state])[0], abs=1e-5)
