"""Who answered, as each format tells it: in which frame, under which name, streamed and whole."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.records import Served
from core.wire.served import newer, of_head
from tests.wire.replay import CUTS, stream, whole
from tests.wire.served_table import RECORDED
from tests.wire.test_recordings import EXPECTED, body_of, exchange, framing_of, wire_of

OPENAI = {"id": "c1", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": "Hello"}}]}
LAST = {**OPENAI, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
WHOLE = {"choices": [{"message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}]}
GEMINI = {"candidates": [{"content": {"parts": [{"text": "Hello"}]}, "finishReason": "STOP"}]}
CLAUDE = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello"}}
OLLAMA = {"message": {"role": "assistant", "content": "Hello"}, "done": True, "done_reason": "stop"}

# wire, the frames of a stream, who answered: the name stands now in the first frame, now in each, now in the last
STREAMS: list[tuple[str, list[dict[str, Any]], Served]] = [
    (
        "openai",
        [{**OPENAI, "model": "", "choices": []}, {**OPENAI, "model": "gpt-4o-2024-08-06"}, LAST],
        Served("gpt-4o-2024-08-06"),
    ),
    (
        "openai",
        [
            {**OPENAI, "model": "openai/gpt-oss-120b", "provider": "Nebius", "system_fingerprint": None},
            {**LAST, "system_fingerprint": "fp_1"},
        ],
        Served("openai/gpt-oss-120b", "Nebius", "fp_1"),
    ),
    ("openai", [*[OPENAI] * 20, {**LAST, "model": "late"}], Served("late")),
    (
        "anthropic",
        [
            {"type": "message_start", "message": {"model": "claude-sonnet-4-5-20250929"}},
            CLAUDE,
            {"type": "message_stop"},
        ],
        Served("claude-sonnet-4-5-20250929"),
    ),
    ("gemini", [{**GEMINI, "modelVersion": "gemini-3.5-flash-lite"}], Served("gemini-3.5-flash-lite")),
    ("gemini", [{**GEMINI, "model_version": "gemini-3.6-flash"}], Served("gemini-3.6-flash")),
    ("ollama", [{**OLLAMA, "model": "llama3:latest"}], Served("llama3:latest")),
    (
        "ollama",
        [
            {
                **OLLAMA,
                "model": "gpt-oss:120b-cloud",
                "remote_model": "gpt-oss:120b",
                "remote_host": "https://ollama.com:443",
            }
        ],
        Served("gpt-oss:120b", "ollama.com:443"),
    ),
    (
        "huggingface",
        [{**OPENAI, "model": "HuggingFaceH4/zephyr-7b-beta"}, LAST],
        Served("HuggingFaceH4/zephyr-7b-beta"),
    ),
    ("cohere", [{"type": "message-end", "delta": {"finish_reason": "COMPLETE"}}], Served()),
]
WHOLES: list[tuple[str, Any, Served]] = [
    ("openai", {**WHOLE, "model": "jamba-1.5-mini"}, Served("jamba-1.5-mini")),
    (
        "openai",
        {"result": {"response": "Hello", "model": "@cf/openai/gpt-oss-120b"}},
        Served("@cf/openai/gpt-oss-120b"),
    ),
    (
        "anthropic",
        {"type": "message", "model": "claude-sonnet-5", "content": [{"type": "text", "text": "Hello"}]},
        Served("claude-sonnet-5"),
    ),
    ("gemini", [{**GEMINI, "modelVersion": "gemini-2.5-pro"}], Served("gemini-2.5-pro")),
    ("ollama", {**OLLAMA, "model": "gemma3:1b"}, Served("gemma3:1b")),
    ("huggingface", [{"generated_text": "Hello"}], Served()),
    ("huggingface", {**WHOLE, "model": "zephyr"}, Served("zephyr")),
    ("cohere", {"message": {"content": [{"type": "text", "text": "Hello"}]}, "finish_reason": "COMPLETE"}, Served()),
    ("dialogflow", {"queryResult": {"fulfillmentText": "Hello"}}, Served()),
]


def frames(wire: str, values: list[dict[str, Any]]) -> bytes:
    if wire == "ollama":
        return b"".join(json.dumps(frame).encode() + b"\n" for frame in values)
    return b"".join(f"data: {json.dumps(frame)}\n\n".encode() for frame in values)


@pytest.mark.parametrize(("wire", "values", "expected"), STREAMS)
def test_a_stream_tells_who_answers(wire: str, values: list[dict[str, Any]], expected: Served) -> None:
    for size in CUTS:
        heard = stream(wire, "ndjson" if wire == "ollama" else "sse", frames(wire, values), size)
        assert heard.error is None
        assert heard.answer.served == expected


@pytest.mark.parametrize(("wire", "body", "expected"), WHOLES)
def test_a_whole_reply_tells_who_answers(wire: str, body: Any, expected: Served) -> None:
    heard = whole(wire, json.dumps(body).encode())
    assert heard.answer.text == "Hello"
    assert heard.answer.served == expected


@pytest.mark.parametrize("name", [None, 7, {}, [], "x" * 201, "two\nlines", "\x1b[31mred"])
def test_what_is_no_name_is_not_told(name: object) -> None:
    heard = whole("openai", json.dumps({**WHOLE, "model": name, "provider": name}).encode())
    assert heard.answer.text == "Hello"
    assert heard.answer.served == Served()


def test_a_name_alone_is_no_answer() -> None:
    heard = whole("openai", b'{"model": "gpt-4o"}')
    assert heard.error is not None
    assert heard.error.kind == "bad_reply"


def test_the_router_of_hugging_face_names_the_host_in_a_header() -> None:
    assert of_head({"x-inference-provider": "cerebras"}) == Served(served_by="cerebras")
    assert newer(of_head({"x-inference-provider": "cerebras"}), Served("llama3.1-8b")) == Served(
        "llama3.1-8b", "cerebras"
    )


def recorded() -> dict[str, Served]:
    rows = [line.split() for line in RECORDED.strip().splitlines()]
    return {f"{path}.json": Served(*("" if cell == "-" else cell for cell in cells)) for path, *cells in rows}


@pytest.mark.parametrize("path", [path for path in recorded() if path in EXPECTED])
def test_a_recorded_reply_tells_who_answered(path: str) -> None:
    expectation, reply = EXPECTED[path], exchange(path)["response"]
    body, wire = body_of(path), wire_of(expectation)
    head = of_head({name.lower(): value for name, value in (reply.get("headers") or {}).items()})
    for size in CUTS if expectation["stream"] else [None]:
        heard = stream(wire, framing_of(expectation), body, size) if expectation["stream"] else whole(wire, body)
        assert newer(head, heard.answer.served) == recorded()[path]
