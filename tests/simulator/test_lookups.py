"""What clients look up without asking for an answer, in the fields that their own models require."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import anthropic
import cohere
import httpx
import huggingface_hub
import openai
import pytest
import requests
from google import genai
from google.genai import types

from core.records import Message
from core.simulator import tokens
from tests.simulator.conftest import Served

PROMPT = "How many tokens am I?"
COUNTED = tokens.count_prompt((Message("user", PROMPT),))
MODELS = ["quick", "steady", "slow", "flaky", "thinker"]
DETAILS = {"parent_model", "format", "family", "families", "parameter_size", "quantization_level"}


def get(served: Served, path: str, **headers: str) -> requests.Response:
    return requests.get(served.url + path, headers=headers, timeout=20)


def post(served: Served, path: str, body: dict[str, Any], **headers: str) -> requests.Response:
    return requests.post(served.url + path, json=body, headers=headers, timeout=20)


@pytest.fixture
def openai_client(served: Served) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key="any", max_retries=0) as client:
        yield client


@pytest.fixture
def anthropic_client(served: Served) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=served.url, api_key="any", max_retries=0) as client:
        yield client


@pytest.fixture
def gemini_client(served: Served) -> Iterator[genai.Client]:
    options = types.HttpOptions(base_url=served.url, api_version="v1beta")
    with genai.Client(api_key="any", http_options=options) as client:
        yield client


def test_each_client_finds_one_model(
    served: Served, openai_client: openai.OpenAI, anthropic_client: anthropic.Anthropic, gemini_client: genai.Client
) -> None:
    assert openai_client.models.retrieve("thinker").id == "thinker"
    assert openai_client.models.retrieve("flaky:429").owned_by == "simulator"
    model = anthropic_client.models.retrieve("thinker")
    assert (model.id, model.type, model.created_at.year) == ("thinker", "model", 2026)
    assert gemini_client.models.get(model="thinker").name == "models/thinker"
    assert gemini_client.models.get(model="thinker").input_token_limit
    with httpx.Client() as http:
        client = cohere.ClientV2(api_key="any", base_url=served.url, httpx_client=http)
        assert client.models.get("thinker").endpoints == ["chat"]


def test_a_model_that_is_not_there_is_the_vendors_404(
    openai_client: openai.OpenAI, anthropic_client: anthropic.Anthropic, gemini_client: genai.Client
) -> None:
    with pytest.raises(openai.NotFoundError, match="nobody"):
        openai_client.models.retrieve("nobody")
    with pytest.raises(anthropic.NotFoundError, match="not_found_error"):
        anthropic_client.models.retrieve("nobody")
    with pytest.raises(genai.errors.ClientError, match="NOT_FOUND"):
        gemini_client.models.get(model="nobody")


def test_the_list_has_what_mistrals_client_requires_of_a_base_model(served: Served) -> None:
    rows = get(served, "/v1/models").json()["data"]
    assert [row["id"] for row in rows] == MODELS
    for row in rows:
        assert (row["type"], row["object"], row["capabilities"]["completion_chat"]) == ("base", "model", True)
    assert get(served, "/v1/models/quick").json()["type"] == "base"


def test_anthropics_list_is_told_by_its_version_header(served: Served) -> None:
    listed = get(served, "/v1/models", **{"anthropic-version": "2023-06-01"}).json()
    assert [(row["id"], row["type"]) for row in listed["data"]] == [(name, "model") for name in MODELS]
    assert (listed["first_id"], listed["last_id"], listed["has_more"]) == ("quick", "thinker", False)


def test_anthropic_counts_tokens(anthropic_client: anthropic.Anthropic) -> None:
    messages: Any = [{"role": "user", "content": PROMPT}]
    assert anthropic_client.messages.count_tokens(model="quick", messages=messages).input_tokens == COUNTED
    more = anthropic_client.messages.count_tokens(model="quick", messages=messages, system="Be brief.")
    assert more.input_tokens > COUNTED
    with pytest.raises(anthropic.NotFoundError):
        anthropic_client.messages.count_tokens(model="nobody", messages=messages)
    with pytest.raises(anthropic.BadRequestError):
        anthropic_client.messages.count_tokens(model="quick", messages=[{}])  # type: ignore[list-item]


def test_gemini_counts_tokens_of_contents_and_of_a_whole_request(served: Served, gemini_client: genai.Client) -> None:
    assert gemini_client.models.count_tokens(model="quick", contents=PROMPT).total_tokens == COUNTED
    body = {"contents": [{"role": "user", "parts": [{"text": PROMPT}]}]}
    path = "/v1beta/models/flaky:429:countTokens"
    assert post(served, path, {"generateContentRequest": body}).json()["totalTokens"] == COUNTED


def test_openai_counts_tokens_of_an_input(openai_client: openai.OpenAI) -> None:
    assert openai_client.responses.input_tokens.count(model="quick", input=PROMPT).input_tokens == COUNTED


def test_a_count_equals_the_usage_of_the_answer(anthropic_client: anthropic.Anthropic) -> None:
    messages: Any = [{"role": "user", "content": "Does the count before equal the one after?"}]
    counted = anthropic_client.messages.count_tokens(model="quick", messages=messages).input_tokens
    reply = anthropic_client.messages.create(model="quick", messages=messages, max_tokens=50)
    assert reply.usage.input_tokens == counted


@pytest.mark.parametrize(
    ("method", "path", "word"),
    [
        ("GET", "/v1/models", "invalid_api_key"),
        ("GET", "/v1/models/quick", "invalid_api_key"),
        ("GET", "/v1beta/models", "UNAUTHENTICATED"),
        ("GET", "/api/tags", "Incorrect API key"),
        ("POST", "/v1/messages/count_tokens", "authentication_error"),
        ("POST", "/v1beta/models/quick:countTokens", "UNAUTHENTICATED"),
        ("POST", "/v1/responses/input_tokens", "invalid_api_key"),
        ("POST", "/api/show", "Incorrect API key"),
        ("POST", "/api/generate", "Incorrect API key"),
    ],
)
def test_a_bad_key_looks_nothing_up(served: Served, method: str, path: str, word: str) -> None:
    body = {"model": "quick", "messages": [{"role": "user", "content": PROMPT}]}
    headers = {"Authorization": "Bearer bad-key-1"}
    reply = requests.request(method, served.url + path, json=body, headers=headers, timeout=20)
    assert reply.status_code == 401
    assert word in reply.text


def test_health_wants_no_key(served: Served) -> None:
    assert get(served, "/health", Authorization="Bearer bad-key-1").status_code == 200


def test_ollamas_list_tells_details(served: Served) -> None:
    rows = get(served, "/api/tags").json()["models"]
    assert [row["name"] for row in rows] == [row["model"] for row in rows] == MODELS
    for row in rows:
        assert datetime.fromisoformat(row["modified_at"])
        assert set(row["details"]) == DETAILS
        assert isinstance(row["size"], int)
        assert len(row["digest"]) == 64
    assert len({row["digest"] for row in rows}) == len(rows)


def test_ollamas_running_models_have_an_end_and_a_size(served: Served) -> None:
    rows = get(served, "/api/ps").json()["models"]
    assert [row["name"] for row in rows] == MODELS
    for row in rows:
        assert datetime.fromisoformat(row["expires_at"])
        assert {"size", "size_vram", "context_length", "details", "digest"} <= set(row)


@pytest.mark.parametrize("name", ["thinker", "thinker:latest", "sim/thinker"])
def test_ollama_shows_a_model(served: Served, name: str) -> None:
    details = post(served, "/api/show", {"model": name}).json()
    assert details["capabilities"] == ["completion", "tools", "vision", "thinking"]
    family = details["model_info"]["general.architecture"]
    assert details["model_info"][f"{family}.context_length"] > 0
    assert set(details["details"]) == DETAILS
    assert {"modelfile", "template", "parameters", "license", "modified_at"} <= set(details)


def test_ollama_shows_only_what_there_is(served: Served) -> None:
    assert post(served, "/api/show", {"name": "quick"}).json()["capabilities"] == ["completion", "tools", "vision"]
    reply = post(served, "/api/show", {"model": "nobody"})
    assert (reply.status_code, reply.json()) == (404, {"error": "model 'nobody' not found"})


@pytest.mark.parametrize(
    ("path", "body"), [("/api/generate", {}), ("/api/generate", {"prompt": ""}), ("/api/chat", {"messages": []})]
)
def test_ollama_loads_a_model_when_there_is_nothing_to_answer(served: Served, path: str, body: dict[str, Any]) -> None:
    details = post(served, path, {"model": "quick", **body}).json()
    assert (details["model"], details["done"], details["done_reason"]) == ("quick", True, "load")
    assert post(served, path, {"model": "nobody", **body}).status_code == 404


@pytest.mark.parametrize("path", ["/health", "/healthz", "/ping", "/v1/health", "/version", "/api/version", "/info"])
def test_what_clients_probe_is_there(served: Served, path: str) -> None:
    reply = get(served, path)
    assert reply.status_code == 200
    assert isinstance(reply.json(), dict)


def test_versions_are_numbers_with_dots(served: Served) -> None:
    for path in ("/version", "/api/version"):
        assert all(part.isdigit() for part in get(served, path).json()["version"].split("."))


def test_the_root_answers_as_ollamas_does(served: Served) -> None:
    assert get(served, "/").text == "Ollama is running"
    assert requests.head(served.url, timeout=20).status_code == 200


def test_hugging_faces_client_finds_the_server_well(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY", True)
    client = huggingface_hub.InferenceClient(model=served.url, provider="hf-inference", token="hf_any")
    assert client.health_check()
    assert client.get_endpoint_info()["model_id"] == "quick"


def preflight(served: Served, path: str, wanted: str) -> requests.Response:
    body = {
        "Origin": "http://example.org",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": wanted,
    }
    return requests.options(served.url + path, headers=body, timeout=20)


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages", "/api/chat", "/v1/models", "/"])
def test_a_page_of_any_origin_may_ask(served: Served, path: str) -> None:
    reply = preflight(served, path, "authorization,content-type,x-api-key")
    assert reply.status_code == 204
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["access-control-allow-headers"] == "authorization,content-type,x-api-key"
    assert "POST" in reply.headers["access-control-allow-methods"]
    assert not reply.content


def test_what_a_page_asked_for_it_may_read(served: Served) -> None:
    body = {"model": "quick", "messages": [{"role": "user", "content": "May a page read this?"}]}
    replies = [
        post(served, "/v1/chat/completions", body),
        post(served, "/v1/chat/completions", {**body, "stream": True}),
        post(served, "/v1/chat/completions", {**body, "model": "nobody"}),
        get(served, "/v1/models"),
        get(served, "/nowhere"),
    ]
    for reply in replies:
        assert reply.headers["access-control-allow-origin"] == "*"
        assert reply.headers["access-control-expose-headers"] == "*"


def test_the_servers_own_counts_are_for_no_page(served: Served) -> None:
    assert "access-control-allow-origin" not in get(served, "/_simulator/calls").headers
    assert preflight(served, "/_simulator/calls", "content-type").status_code == 404
