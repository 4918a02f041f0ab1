"""Tools for language models. The extra wants an older pydantic than the other tests have, so it may not be here."""

import json

import pytest
from serving import ARTICLE, GRADIO_WARNINGS, Caller, fake_summarizer, served

pytest.importorskip("mcp.server.lowlevel", reason="the extra [mcp] is not installed: it needs pydantic below 2.13")

pytestmark = [*GRADIO_WARNINGS, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


def ask(caller: Caller, method: str, **params) -> dict:
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    response = caller.post("/gradio_api/mcp/", message, Accept="application/json, text/event-stream")
    assert response.status_code == 200, response.text
    return json.loads(response.text.partition("data: ")[2])["result"]


@pytest.fixture(scope="module")
def caller():
    with served(fake_summarizer(), mcp=True) as server:
        yield Caller(server.url)


def test_the_four_functions_are_tools_whose_parameters_are_explained(caller):
    tools = {tool["name"]: tool for tool in ask(caller, "tools/list")["tools"]}

    assert sorted(tools) == ["clean", "models", "summarize", "translate"]
    parameters = tools["summarize"]["inputSchema"]["properties"]
    assert all(parameter["description"] for parameter in parameters.values())
    assert tools["translate"]["inputSchema"]["required"] == ["text", "target_language"]


def test_a_tool_summarizes_and_says_what_is_wrong(caller):
    done = ask(caller, "tools/call", name="summarize", arguments={"text": ARTICLE, "style": "extractive"})
    failed = ask(caller, "tools/call", name="clean", arguments={"text": " "})

    assert "Linnow" in done["content"][0]["text"]
    assert "empty_input" in failed["content"][0]["text"]
