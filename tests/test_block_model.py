import numpy as np
import pytest
import torch

from summarizer.cleaning.block_model import load_networks, score_features
from summarizer.cleaning.blocks import split_blocks
from summarizer.cleaning.features import WORDED
from summarizer.cleaning.labels import measure_page
from training.cleaning import Net, hide_words, label, make_page, train

PAGE = """Home
News
Share
The council of Marlen voted on Tuesday to keep the ferry running through the winter months.
About 900 people use the ferry each day, most of them on their way to work or to school.
Read also: Fuel prices rise again
All rights reserved. Contact"""
BODY = "\n".join(PAGE.split("\n")[3:5])


def test_the_network_in_numpy_is_the_one_in_torch():
    torch.manual_seed(0)
    features = torch.randn(9, 12)
    net = Net(features.mean(0), features.std(0)).eval()

    assert net.to_network().score(features.numpy()) == pytest.approx(net(features).detach().numpy(), abs=1e-5)


def test_each_block_is_seen_in_its_place():
    features = measure_page(split_blocks(PAGE))

    assert features.shape == (7, load_networks()[0].mean.shape[0])
    assert np.isfinite(features).all()
    scores = score_features(features)
    assert min(scores[3:5]) > max(scores[[0, 1, 2, 5, 6]])


def test_lines_of_the_article_are_labelled_and_only_those():
    assert label(split_blocks(PAGE), BODY).tolist() == [0, 0, 0, 1, 1, 0, 0]


def test_hidden_words_leave_the_form_and_the_place():
    features = make_page("marlen", PAGE, BODY).features

    hidden = hide_words(features)

    assert not hidden[:, list(WORDED)].any()
    assert (hidden[:, 0] == features[:, 0]).all()


def test_a_network_learns_a_page():
    page = make_page("marlen", PAGE, BODY)

    network = train([page] * 8, 0)

    assert ((network.score(page.features.numpy()) > 0) == (page.labels.numpy() > 0)).all()
