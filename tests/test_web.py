import gc
import json
import os
import signal
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import get_args

import pytest
from conftest import ROOT

from summarizer import Summarizer, Summary
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
from summarizer.translation import Translator
from summarizer.web import build_page, launch, launch_options
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


def test_the_page_is_built_without_loading_what_models_need():
    code = "import sys; from summarizer.web import build_page; build_page(); print({'torch'} & {*sys.modules})"
    environment = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False"}

    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)

    assert loaded.stdout.strip() == "set()", loaded.stderr


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serve(page) -> Iterator[str]:
    _, url, _ = page.launch(server_name="127.0.0.1", server_port=free_port(), **launch_options())
    try:
        yield url
    finally:
        page.close(verbose=False)


@contextmanager
def connect(summarizer: Summarizer | None):
    from gradio_client import Client

    with serve(build_page(summarizer)) as url:
        client = Client(url, verbose=False, analytics_enabled=False, download_files=False)
        try:
            yield client
        finally:
            client.close()


@pytest.fixture(scope="module")
def client():
    with connect(None) as connected:
        yield connected


def test_the_api_has_two_typed_endpoints_and_no_other(client):
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]

    assert sorted(endpoints) == ["/clean", "/summarize"]
    parameters = {row["parameter_name"]: row["python_type"]["type"] for row in endpoints["/summarize"]["parameters"]}
    assert parameters["text"] == parameters["target_language"] == parameters["model"] == "str"
    assert parameters["force"] == "bool"


def test_the_api_returns_the_result_of_the_library(client, example_articles):
    text, _ = example_articles["en"]

    result = client.predict(text=text, model="extractive", length="medium", api_name="/summarize")

    expected = json.loads(json.dumps(Summarizer("extractive").summarize(text, length="medium").to_dict()))
    assert {**result, "seconds": 0} == {**expected, "seconds": 0}
    assert Summary.from_dict(result).article.language == "en"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"text": " "}, "empty_input"),
        ({"text": TEXT, "length": "endless"}, "bad_option"),
        ({"text": TEXT, "target_language": "Klingonese"}, "unknown_language"),
        ({"text": TEXT, "style": "abstractive"}, "unsupported_style"),
        ({"text": TEXT, "model": "no-such"}, "model_not_found"),
    ],
)
def test_the_api_returns_errors_in_the_result(client, options, code):
    result = client.predict(**{"model": "extractive", **options}, api_name="/summarize")

    assert result["error"]["code"] == code
    assert result["summary"] is None


def test_the_api_cleans_without_a_model(client, sample_page):
    result = client.predict(text=sample_page, api_name="/clean")

    assert result["title"] == "Kremlin says Russia is closely observing developments in Venezuela"
    assert {"legal", "comments"} <= {row["reason"] for row in result["removed"]}
    assert result["error"] is None
    assert client.predict(text="", api_name="/clean")["error"]["code"] == "empty_input"


def test_the_api_serves_a_backend_of_ones_own(example_articles):
    backend = FakeBackend([["The bridge in Ostrey reopened after 99 months."]])
    summarizer = Summarizer(backend, translator=Translator([FakeBackend()]))

    with connect(summarizer) as connected:
        result = connected.predict(
            text=example_articles["en"][0], style="abstractive", target_language="pt", api_name="/summarize"
        )

    assert result["summary"] == "The bridge in Ostrey reopened after 99 months."
    assert [flag["text"] for flag in result["flags"]] == ["99"]
    assert result["translation"]["text"] == "[pt: The bridge in Ostrey reopened after 99 months.]"
    assert ("write", 1) in backend.calls


def test_a_taken_port_is_an_error_that_says_what_to_do():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(BadOptionError, match="--port"):
            launch(port=taken.getsockname()[1], page=build_page(Summarizer(FakeBackend())))


@pytest.mark.slow
def test_the_page_is_served_until_it_is_interrupted():
    port = free_port()
    code = f"from summarizer.web import launch; launch(port={port})"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GRADIO")}
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        announced = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)

    assert f"http://127.0.0.1:{port}" in announced
    assert process.returncode == 0
    assert "Traceback" not in errors
