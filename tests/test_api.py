import json
import re
import subprocess
import sys

import pytest
from conftest import ROOT
from gradio_client import Client
from serving import ARTICLE, GRADIO_WARNINGS, TEXT, Caller, fake_summarizer, served

from summarizer import Summarizer, Summary
from summarizer.backends.fake import FakeBackend
from summarizer.errors import SummarizerError
from summarizer.web.routes import STATUSES

pytestmark = GRADIO_WARNINGS

BAD_REQUESTS = [
    ({"text": " "}, "empty_input", 422),
    ({"text": TEXT, "length": "endless"}, "bad_option", 400),
    ({"text": TEXT, "target_language": "Klingonese"}, "unknown_language", 422),
    ({"text": TEXT, "style": "abstractive"}, "unsupported_style", 422),
    ({"text": TEXT, "model": "no-such"}, "model_not_found", 422),
    ({"text": TEXT, "url": "https://example.org"}, "bad_option", 400),
    ({"text": "404 Not Found"}, "not_an_article", 422),
]


@pytest.fixture(scope="module")
def url():
    with served(None) as server:
        yield server.url


@pytest.fixture(scope="module")
def client(url):
    connected = Client(url, verbose=False, analytics_enabled=False, download_files=False)
    yield connected
    connected.close()


@pytest.fixture(scope="module")
def caller(url):
    return Caller(url)


def test_the_endpoints_are_named_and_typed_and_there_is_no_other(client):
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]

    assert sorted(endpoints) == ["/clean", "/models", "/summarize", "/translate"]
    parameters = {row["parameter_name"]: row["python_type"]["type"] for row in endpoints["/summarize"]["parameters"]}
    assert parameters["text"] == parameters["target_language"] == parameters["model"] == "str"
    assert parameters["force"] == "bool"


def test_both_doors_return_the_result_of_the_library(client, caller, example_articles):
    text, _ = example_articles["en"]
    request = {"text": text, "model": "extractive", "length": "medium"}

    results = [client.predict(**request, api_name="/summarize"), caller.post("/api/summarize", request).json()]

    expected = json.loads(json.dumps(Summarizer("extractive").summarize(text, length="medium").to_dict()))
    assert [{**result, "seconds": 0} for result in results] == [{**expected, "seconds": 0}] * 2
    assert Summary.from_dict(results[0]).article.language == "en"


@pytest.mark.parametrize(("request_", "code", "status"), BAD_REQUESTS)
def test_errors_are_in_the_result_and_have_a_status(client, caller, request_, code, status):
    result = client.predict(**{"model": "extractive", **request_}, api_name="/summarize")
    response = caller.post("/api/summarize", {"model": "extractive", **request_})

    assert result["error"]["code"] == code
    assert result["summary"] is None
    assert (response.status_code, response.json()) == (status, result)


def test_every_code_with_a_status_is_that_of_an_error():
    def descend(kind):
        return [kind, *(found for child in kind.__subclasses__() for found in descend(child))]

    assert set(STATUSES) <= {kind.code for kind in descend(SummarizerError)}


def test_an_article_is_cleaned_without_a_model(client, caller, sample_page):
    result = client.predict(text=sample_page, api_name="/clean")

    assert result["title"] == "Kremlin says Russia is closely observing developments in Venezuela"
    assert {"legal", "comments"} <= {row["reason"] for row in result["removed"]}
    assert caller.post("/api/clean", {"text": sample_page}).json() == result
    assert client.predict(text="", api_name="/clean")["error"]["code"] == "empty_input"


def test_what_clean_returns_is_what_the_command_line_prints(caller, sample_page):
    command = [sys.executable, "-m", "summarizer", "clean", "examples/pasted-article.txt", "--format", "json"]
    printed = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout)

    result = caller.post("/api/clean", {"text": sample_page}).json()

    assert {**result, "source": None} == {**printed, "source": None, "error": None}


def test_a_text_is_translated_sentence_by_sentence(client, caller):
    request = {"text": TEXT, "target_language": "Portuguese", "language": "en"}

    result = caller.post("/api/translate", request).json()

    assert result["language"] == "pt"
    assert "ponte" in result["text"]
    assert len(result["text"].splitlines()) == 2
    assert result["error"] is None
    assert client.predict(**request, api_name="/translate") == result
    assert (
        caller.post("/api/translate", {**request, "model": "extractive"}).json()["error"]["code"] == "model_not_found"
    )
    assert caller.post("/api/translate", {**request, "model": "firefox"}).json() == result


def test_the_models_of_the_server_are_listed_with_their_licences(client, caller):
    listed = caller.get("/api/models").json()

    named = {row["name"]: row for row in listed}
    assert {"builtin", "extractive", "firefox"} <= set(named)
    assert "openai" not in named
    assert named["builtin"]["license_name"] == "Gemma Terms of Use"
    assert client.predict(api_name="/models") == listed


def test_a_backend_of_ones_own_is_served():
    summarizer = fake_summarizer(FakeBackend([["The pool in Linnow opened after 99 months."]]))
    request = {"text": ARTICLE, "style": "abstractive", "target_language": "pt"}

    with served(summarizer) as server:
        result = Caller(server.url).post("/api/summarize", request).json()

    assert result["summary"] == "The pool in Linnow opened after 99 months."
    assert [flag["text"] for flag in result["flags"]] == ["99"]
    assert result["translation"]["text"] == "[pt: The pool in Linnow opened after 99 months.]"


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b'{"text": 1}', "text"),
        (b'{"text": "a", "lenght": "short"}', "lenght"),
        (b"[]", "body"),
        (b"{", "JSON"),
        (b'{"text": "a", "url": null}', "url"),
    ],
)
def test_a_request_of_another_form_is_told_what_is_wrong(caller, content, named):
    response = caller.http.post("/api/summarize", content=content, headers={"Content-Type": "application/json"})

    assert response.status_code == 400
    assert response.json()["error"]["code"] == "bad_row"
    assert named in response.json()["error"]["message"]


def test_a_form_that_any_site_could_send_is_no_request(caller):
    response = caller.http.post("/api/clean", content=b'{"text": "a"}', headers={"Content-Type": "text/plain"})

    assert response.status_code == 400


def test_other_paths_and_methods_name_the_ones_there_are(caller):
    for response in (caller.get("/api/summarise"), caller.get("/api/summarize"), caller.post("/api/models", {})):
        assert response.status_code == 404
        assert "/api/summarize" in response.json()["error"]["message"]


def test_there_is_no_page_that_loads_scripts_from_elsewhere(caller):
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert caller.get(path).status_code == 404


def examples_of(language: str) -> list[str]:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize("code", examples_of("python"))
def test_the_python_examples_of_the_docs_run(url, code):
    program = code.replace("http://localhost:7860", url)

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert "bridge" in done.stdout.lower() or "ponte" in done.stdout.lower()


@pytest.mark.parametrize("command", examples_of("console"))
def test_the_curl_examples_of_the_docs_run(url, command):
    program = command.replace("http://localhost:7860", url)

    done = subprocess.run(["bash", "-euo", "pipefail", "-c", program], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert '"error"' not in done.stdout or '"error":null' in done.stdout
    assert len(done.stdout) > 40
