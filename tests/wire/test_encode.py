"""The requests that leave: addresses, bodies and headers, checked as values."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import BadRequest, Setup
from core.records import ChatRequest, HttpRequest, Message, Model, Provider
from core.wire import FORMATS, dialogflow

ASK = ChatRequest(
    [Message("system", "Be brief."), Message("user", "Hi"), Message("assistant", "Yes?"), Message("user", "Why?")]
)
FULL = ChatRequest(
    [Message("user", "Hi")], max_output_tokens=50, temperature=0.0, top_p=0.5, seed=7, conversation_id="c-1"
)
BASES = {
    "openai": "https://api.example.com/v1",
    "anthropic": "https://api.example.com/v1",
    "gemini": "https://api.example.com/v1beta",
    "cohere": "https://api.example.com/v2",
    "ollama": "http://localhost:11434",
    "huggingface": "https://api.example.com/models",
    "dialogflow": "https://api.example.com/v2/projects/p/agent",
}


def provider(wire: str, base_url: str = "", **more: Any) -> Provider:
    return Provider("p", "P", wire, base_url or BASES[wire], **more)


def leaving(ask: ChatRequest, wire: str, name: str = "m", *, stream: bool = True, **more: Any) -> HttpRequest:
    where = provider(wire, **more)
    return FORMATS[wire].encode(ask, where, Model(f"p/{name}", name, "p"), stream=stream)


def body(request: HttpRequest) -> dict[str, Any]:
    assert request.body is not None
    return dict(request.body)


@pytest.mark.parametrize("wire", FORMATS)
def test_sampling_leaves_only_when_it_was_set(wire: str) -> None:
    text = str(body(leaving(ChatRequest([Message("user", "Hi")]), wire)))
    for name in ("temperature", "top_p", "topP", "'p'", "seed", "None"):
        assert name not in text


@pytest.mark.parametrize("wire", FORMATS)
def test_no_request_holds_a_key_and_all_hold_the_providers_headers(wire: str) -> None:
    request = leaving(ASK, wire, headers={"X-Title": "Roundtable"})
    assert request.headers["X-Title"] == "Roundtable"
    assert not {"authorization", "x-api-key", "x-goog-api-key"} & {name.lower() for name in request.headers}


def test_openai() -> None:
    request = leaving(ASK, "openai", "openai/gpt-oss-20b")
    assert (request.method, request.url, request.framing) == ("POST", f"{BASES['openai']}/chat/completions", "sse")
    assert body(request) == {
        "model": "openai/gpt-oss-20b",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": "Yes?"},
            {"role": "user", "content": "Why?"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    whole = leaving(FULL, "openai", stream=False)
    assert whole.framing == "json"
    assert body(whole) == {
        "model": "m",
        "messages": [{"role": "user", "content": "Hi"}],
        "stream": False,
        "temperature": 0.0,
        "top_p": 0.5,
        "seed": 7,
        "max_tokens": 50,
    }


def test_openai_quirks() -> None:
    quirks = {
        "max_tokens_name": "max_completion_tokens",
        "seed_name": "random_seed",
        "no_stream_options": True,
        "body": {"safe_prompt": True},
    }
    sent = body(leaving(FULL, "openai", quirks=quirks))
    assert (sent["max_completion_tokens"], sent["random_seed"], sent["safe_prompt"]) == (50, 7, True)
    assert not {"stream_options", "max_tokens", "seed"} & sent.keys()


def test_anthropic() -> None:
    request = leaving(ASK, "anthropic")
    assert request.url == "https://api.example.com/v1/messages"
    assert request.headers["anthropic-version"] == "2023-06-01"
    assert body(request) == {
        "model": "m",
        "max_tokens": 4_096,
        "system": "Be brief.",
        "messages": [
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": "Yes?"},
            {"role": "user", "content": "Why?"},
        ],
        "stream": True,
    }


def test_anthropic_takes_no_empty_turn_and_no_two_of_one_role() -> None:
    ask = ChatRequest([Message("user", "a"), Message("assistant", " "), Message("user", "b")])
    assert body(leaving(ask, "anthropic"))["messages"] == [{"role": "user", "content": "a\n\nb"}]


def test_gemini() -> None:
    request = leaving(ASK, "gemini", "gemini-3.6-flash")
    assert request.url == "https://api.example.com/v1beta/models/gemini-3.6-flash:streamGenerateContent?alt=sse"
    assert body(request) == {
        "contents": [
            {"role": "user", "parts": [{"text": "Hi"}]},
            {"role": "model", "parts": [{"text": "Yes?"}]},
            {"role": "user", "parts": [{"text": "Why?"}]},
        ],
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
    }
    whole = leaving(FULL, "gemini", "tunedModels/x y", stream=False)
    assert whole.url == "https://api.example.com/v1beta/tunedModels/x%20y:generateContent"
    assert body(whole)["generationConfig"] == {"temperature": 0.0, "topP": 0.5, "seed": 7, "maxOutputTokens": 50}


def test_cohere() -> None:
    request = leaving(FULL, "cohere")
    assert request.url == "https://api.example.com/v2/chat"
    assert body(request) == {
        "model": "m",
        "messages": [{"role": "user", "content": "Hi"}],
        "stream": True,
        "temperature": 0.0,
        "p": 0.5,
        "seed": 7,
        "max_tokens": 50,
    }


@pytest.mark.parametrize("base", ["http://localhost:11434", "http://localhost:11434/api/"])
def test_ollama(base: str) -> None:
    request = leaving(FULL, "ollama", base_url=base)
    assert (request.url, request.framing) == ("http://localhost:11434/api/chat", "ndjson")
    assert body(request)["options"] == {"num_predict": 50, "temperature": 0.0, "top_p": 0.5, "seed": 7}
    assert body(leaving(FULL, "ollama", stream=False))["stream"] is False


def test_huggingface() -> None:
    request = leaving(ASK, "huggingface", "org/name")
    assert request.url == "https://api.example.com/models/org/name"
    sent = body(request)
    assert sent["inputs"] == "Be brief.\n\nUser: Hi\n\nAssistant: Yes?\n\nUser: Why?\n\nAssistant:"
    assert sent["parameters"]["return_full_text"] is False
    options = {"endpoint": "https://my.endpoint.example.com/"}
    alone = leaving(FULL, "huggingface", base_url="{endpoint}", options=options)
    assert alone.url == "https://my.endpoint.example.com"
    assert body(alone)["inputs"] == "Hi"


def test_dialogflow_es_and_cx() -> None:
    es = leaving(FULL, "dialogflow")
    assert (es.url, es.framing) == (f"{BASES['dialogflow']}/sessions/c-1:detectIntent", "json")
    assert body(es) == {"queryInput": {"text": {"text": "Hi", "languageCode": "en"}}}
    cx = leaving(FULL, "dialogflow", quirks={"api": "cx"})
    assert body(cx) == {"queryInput": {"text": {"text": "Hi"}, "languageCode": "en"}}


def test_dialogflow_es_takes_256_characters() -> None:
    long = ChatRequest([Message("user", "x" * 257)])
    with pytest.raises(BadRequest, match="256"):
        leaving(long, "dialogflow")
    assert leaving(long, "dialogflow", quirks={"api": "cx"}).body


@pytest.mark.parametrize("name", ["x" * 80, "a/../b", "häß lich", ""])
def test_a_dialogflow_session_is_short_and_safe(name: str) -> None:
    session = dialogflow.session(ChatRequest([], conversation_id=name))
    assert 0 < len(session) <= 36
    assert session.isalnum()


@pytest.mark.parametrize("name", ["../../secret", "a/./b", "", "/", "a//b"])
@pytest.mark.parametrize("wire", ["gemini", "huggingface"])
def test_a_model_name_cannot_climb_out_of_its_path(wire: str, name: str) -> None:
    with pytest.raises(BadRequest):
        leaving(ASK, wire, name)


def test_a_model_name_cannot_add_a_query() -> None:
    assert leaving(ASK, "huggingface", "a?b#c").url.endswith("/models/a%3Fb%23c")


def test_options_fill_the_address_and_stay_in_their_place() -> None:
    base = "https://{res}.example.com/accounts/{account}/v1?api-version=1"
    options = {"res": "mine", "account": "a/../b?c"}
    request = leaving(ASK, "openai", base_url=base, options=options)
    assert request.url == "https://mine.example.com/accounts/a%2F..%2Fb%3Fc/v1/chat/completions?api-version=1"
    with pytest.raises(Setup, match="ACCOUNT_NAME"):
        leaving(ASK, "openai", base_url=base, options={"res": "mine"}, needs={"account": "ACCOUNT_NAME"})


@pytest.mark.parametrize(
    ("wire", "path", "listing", "names"),
    [
        ("openai", "/v1/models", {"data": [{"id": "a"}, {"id": "b/c"}, {"id": "a"}]}, ["a", "b/c"]),
        ("openai", "/v1/models", [{"id": "a"}, None, {"id": 1}], ["a"]),
        ("anthropic", "/v1/models?limit=1000", {"data": [{"id": "claude"}]}, ["claude"]),
        (
            "gemini",
            "/v1beta/models?pageSize=1000",
            {
                "models": [
                    {"name": "models/g", "supportedGenerationMethods": ["generateContent"]},
                    {"name": "models/e", "supportedGenerationMethods": ["embedContent"]},
                ]
            },
            ["g"],
        ),
        ("cohere", "/v1/models?endpoint=chat&page_size=1000", {"models": [{"name": "command"}]}, ["command"]),
        ("ollama", "/api/tags", {"models": [{"name": "llama3:8b", "model": "llama3:8b"}]}, ["llama3:8b"]),
    ],
)
def test_listings(wire: str, path: str, listing: Any, names: list[str]) -> None:
    request = FORMATS[wire].models_request(provider(wire))
    assert request is not None
    assert request.method == "GET"
    assert request.url.endswith(path)
    assert FORMATS[wire].decode_models(listing) == names


def test_some_formats_have_no_listing() -> None:
    assert FORMATS["dialogflow"].models_request(provider("dialogflow")) is None
    assert FORMATS["huggingface"].models_request(provider("huggingface")) is None
    assert FORMATS["openai"].models_request(provider("openai", quirks={"models_path": ""})) is None
