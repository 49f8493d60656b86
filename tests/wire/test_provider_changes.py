"""A chat whose turns were answered by one provider after another, with reasoning and tools, sent to each of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from core.providers.catalog import load
from core.records import ChatRequest, Message, Model, Part, Text, Thought, Tool, ToolCall, ToolResult
from core.wire import FORMATS
from tests.wire.replay import stream
from tests.wire.test_captures import FOLDER, expected

CATALOG = load()
# Real replies, each with a call or with reasoning that is sent back, and who gave them.
REPLIES = {
    "anthropic_call_after_thought": "anthropic",
    "anthropic_redacted_stream": "anthropic",
    "gemini_signed_call": "gemini",
    "gemini_schema": "gemini",
    "openrouter_call": "openrouter",
    "openrouter_thought_back": "openrouter",
    "ollama_call": "ollama",
    "cohere_call": "cohere",
    "huggingface_call": "huggingface",
}
LONG_ID = "tool_insert_level_with_spaces_3PrqF9YFU0P9ktqTRJ0I"  # as Google's models give them over OpenRouter
TARGETS = [
    "anthropic",
    "gemini",
    "openrouter",
    "ollama",
    "cohere",
    "huggingface",
    "openai",
    "mistral",
    "groq",
    "deepseek",
]


def parts_of(case: str) -> list[Part]:
    """The turn of a captured reply as it is kept; the texts of its thoughts told apart."""
    wanted = expected(case)
    answer = stream(wanted["wire"], wanted["framing"], (FOLDER / case / "body.txt").read_bytes()).answer
    parts = answer.parts(REPLIES[case])
    calls = [part for part in parts if isinstance(part, ToolCall)]
    return [*(part for part in parts if isinstance(part, Thought)), Text(answer.text or "Let me see."), *calls]


def many_turns() -> list[Message]:
    messages: list[Message] = []
    for number, case in enumerate([*REPLIES, "ollama_call", "ollama_call"]):
        parts = parts_of(case)
        calls = [part for part in parts if isinstance(part, ToolCall)]
        messages += [Message("user", f"Question {number}"), Message("assistant", parts, f"{REPLIES[case]}/m")]
        if calls:
            results = [ToolResult(call.id, call.name, f"result {number}.{at}") for at, call in enumerate(calls)]
            messages += [Message("tool", results), Message("assistant", f"Answer {number}", f"{REPLIES[case]}/m")]
    twice = [
        ToolCall(LONG_ID, "divide", "{}"),
        ToolCall(LONG_ID, "divide", '{"a": 1}'),
        ToolCall("functions.add:0", "add"),
    ]
    messages += [Message("user", "Divide"), Message("assistant", twice)]
    messages += [Message("tool", [ToolResult(call.id, call.name, f"last {at}") for at, call in enumerate(twice)])]
    return messages


def sent_to(provider_id: str) -> dict[str, Any]:
    provider = CATALOG.providers[provider_id]
    names = sorted({call.name for message in many_turns() for call in message.tool_calls})
    request = ChatRequest(many_turns(), tools=[Tool(name, "", '{"type": "object"}') for name in names])
    model = Model(f"{provider_id}/gemini-3-pro", "gemini-3-pro", provider_id)
    return dict(FORMATS[provider.wire].encode(request, provider, model, stream=True).body or {})


@pytest.mark.parametrize("provider_id", TARGETS)
def test_reasoning_and_signatures_go_to_nobody_but_who_wrote_them(provider_id: str) -> None:
    body = json.dumps(sent_to(provider_id), ensure_ascii=False)
    signed = [part for message in many_turns() for part in message.parts if isinstance(part, Thought | ToolCall)]
    foreign = [part for part in signed if part.provider_id not in ("", provider_id)]
    assert len({part.provider_id for part in foreign}) >= 2
    for part in foreign:
        texts = (part.signature,) if isinstance(part, ToolCall) else (part.text, part.signature, part.encrypted)
        assert [text for text in texts if text and json.dumps(text, ensure_ascii=False)[1:-1] in body] == []


@pytest.mark.parametrize("provider_id", ["anthropic", "gemini", "openrouter"])
def test_they_go_back_to_who_wrote_them(provider_id: str) -> None:
    body = json.dumps(sent_to(provider_id), ensure_ascii=False)
    signed = [part for message in many_turns() for part in message.parts if isinstance(part, Thought | ToolCall)]
    own_texts = {part.signature for part in signed if part.provider_id == provider_id and part.signature}
    own_texts |= {part.encrypted for part in signed if isinstance(part, Thought) and part.provider_id == provider_id}
    assert own_texts - {""}
    assert [text for text in own_texts if json.dumps(text)[1:-1] not in body] == []


def blocks(body: dict[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    for message in body["messages"]:
        if isinstance(message["content"], list):
            yield from (block for block in message["content"] if block["type"] == kind)


def test_every_call_has_an_id_of_its_own_and_a_result_with_it() -> None:
    body = sent_to("anthropic")
    calls, results = list(blocks(body, "tool_use")), list(blocks(body, "tool_result"))
    call_ids = [call["id"] for call in calls]
    assert len(set(call_ids)) == len(call_ids) > 6
    assert [result["tool_use_id"] for result in results] == call_ids
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", call_id) for call_id in call_ids)
    assert [result["content"] for result in results][-3:] == ["last 0", "last 1", "last 2"]
    for provider_id, fits in (("openai", r".{1,40}"), ("mistral", r"[A-Za-z0-9]{9}")):
        rows = sent_to(provider_id)["messages"]
        call_ids = [call["id"] for row in rows for call in row.get("tool_calls", ())]
        assert len(set(call_ids)) == len(call_ids) > 6
        assert [row["tool_call_id"] for row in rows if row["role"] == "tool"] == call_ids
        assert all(re.fullmatch(fits, call_id) for call_id in call_ids)
