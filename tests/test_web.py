import gc
import socket
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import get_args

import pytest
from conftest import ROOT

from summarizer import Summarizer
from summarizer.backends.fake import FakeBackend
from summarizer.cards import get_card
from summarizer.cleaning import REASONS
from summarizer.datamodels import FlagKind
from summarizer.errors import (
    BadOptionError,
    ModelNotFoundError,
    NotAnArticleError,
    SummarizerError,
    UnknownLanguageError,
)
from summarizer.web import ServerSettings, build_page, launch
from summarizer.web.marks import fill_marks
from summarizer.web.models import Models
from summarizer.web.naming import describe_model, explain_error, label_model
from summarizer.web.tab_summarize import find_examples
from summarizer.web.wording import Wording

# Gradio leaves sockets and event loops to the garbage collector, and counts requests with what pandas gives up.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:gradio.queueing"),
]

ENGLISH = Wording.get("en")
TEXT = "The bridge reopened on Monday. It cost 38 million.\nBakers cheered. Buses came back."


@pytest.fixture(scope="module", autouse=True)
def leave_nothing_behind() -> Iterator[None]:
    """Collect what Gradio left here, rather than in the middle of a test that knows nothing of it."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def test_every_keyword_has_a_name_in_plain_words():
    for key in (*(f"flags.{kind}" for kind in get_args(FlagKind)), *(f"reasons.{reason}" for reason in REASONS)):
        assert ENGLISH.has(key)


@pytest.mark.parametrize(
    "error",
    [
        NotAnArticleError("Not an article. Switch the check off (--force).", "too-short"),
        NotAnArticleError("Nothing is left; try it without (--no-clean).", "no-text"),
        UnknownLanguageError("Name it, for example with --language en."),
        SummarizerError("Use --style extractive or another model."),
        NotAnArticleError("Fetch it with Article.from_url.", "address"),
    ],
)
def test_messages_name_what_is_on_the_page(error):
    message = explain_error(error, ENGLISH)

    assert "--" not in message
    assert "from_url" not in message
    assert "“" in message or "paste" in message


def test_a_licence_that_forbids_commercial_use_is_shown_where_the_model_is_chosen():
    card = replace(get_card("builtin"), commercial=False)

    assert fill_marks(label_model(card), ENGLISH) == "builtin (non-commercial use only)"
    assert "Gemma Terms of Use, non-commercial use only" in describe_model(card, ENGLISH.text)
    assert label_model(get_card("builtin")) == "builtin"


def test_the_page_offers_the_models_that_summarize_and_the_styles_they_make():
    models = Models()

    assert models.choices()[0][1] == models.default == "builtin"
    assert "firefox" not in [name for _, name in models.choices()]
    assert models.styles("extractive") == ["auto", "extractive"]
    assert Models(Summarizer(FakeBackend())).styles("fake") == ["auto", "extractive", "abstractive"]


def test_a_summarizer_is_made_once_for_each_model():
    models = Models()
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: id(models.get("extractive")), range(32)))

    assert len(made) == 1
    with pytest.raises(ModelNotFoundError, match="builtin, extractive"):
        models.get("firefox")


def test_examples_are_named_by_language_in_a_checkout_and_absent_elsewhere(tmp_path):
    assert [path.stem for path in find_examples(ROOT)][:3] == ["am", "ar", "bn"]
    (tmp_path / "examples" / "articles").mkdir(parents=True)
    (tmp_path / "examples" / "articles" / "en.txt").write_text("Not ours.")
    assert find_examples(tmp_path) == []


def test_a_taken_port_is_an_error_that_says_what_to_do():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(BadOptionError, match="--port"):
            launch(ServerSettings(port=taken.getsockname()[1]), page=build_page(Summarizer(FakeBackend())))
