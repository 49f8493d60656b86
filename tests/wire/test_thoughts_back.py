"""A chat with tools that changes its model: what one model signed goes back to it alone, by way of the store too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from core.providers.catalog import load
from core.records import ChatRequest, Message, Model, Text, Thought, Tool, ToolCall, ToolResult
from core.store import parts as codec
from core.store.portable.answers import ImportedAnswer
from core.store.portable.intake import RecordPlace
from core.views.imports import LeftOut
from core.wire import FORMATS, fitted
from tests.wire.replay import stream
from tests.wire.test_captures import FOLDER, expected

CATALOG = load()
# Who answered each recorded turn.
SIGNED = {
    "anthropic_call_after_thought": ("anthropic", "claude-sonnet-4-0"),
    "gemini_signed_call": ("gemini", "gemini-3-pro-preview"),
    "openrouter_thought_back": ("openrouter", "openai/gpt-5-mini"),
}
OTHERS = [
    *SIGNED.values(),
    ("anthropic", "claude-opus-5-5"),
    ("gemini", "gemini-3.8-flash"),
    ("gemini", "gemini-2.5-flash"),
    ("openrouter", "anthropic/claude-opus-4.8"),
    ("openai", "gpt-6-luna"),
    ("deepseek", "deepseek-flash"),
    ("mistral", "mistral-small-2603"),
    ("cohere", "command-a-03-2025"),
    ("ollama", "qwen3"),
]


def answer_of(case: str) -> Message:
    """A recorded answer as it is kept: read from its stream, with its text and its parts."""
    row, (provider_id, name) = expected(case), SIGNED[case]
    answer = stream(row["wire"], row["framing"], (FOLDER / case / "body.txt").read_bytes()).answer
    parts = answer.parts(provider_id, str, name)
    thoughts = [part for part in parts if isinstance(part, Thought)]
    rest = [part for part in parts if not isinstance(part, Thought)]
    return Message("assistant", [*thoughts, *([Text(answer.text)] if answer.text else []), *rest])


def signs_of(message: Message) -> set[str]:
    """All that only its own model may read."""
    signed = [part for part in message.parts if isinstance(part, Thought | ToolCall)]
    texts = {part.signature for part in signed} | {part.encrypted for part in signed if isinstance(part, Thought)}
    return texts - {""}


def turns(answers: list[Message]) -> Iterator[Message]:
    for answer in answers:
        yield Message("user", "What is it?")
        yield answer
        if answer.tool_calls:
            yield Message("tool", [ToolResult(call.id, call.name, "391") for call in answer.tool_calls])
            yield Message("assistant", "It is 391.")
    yield Message("user", "Are you sure?")


def body_for(answers: list[Message], provider_id: str, name: str) -> dict[str, Any]:
    provider = CATALOG.providers[provider_id]
    model = Model(f"{provider_id}/{name}", name, provider_id)
    names = dict.fromkeys(call.name for answer in answers for call in answer.tool_calls)
    request = fitted(ChatRequest(list(turns(answers)), tools=[Tool(each) for each in names]), provider, model).request
    body = FORMATS[provider.wire].encode(request, provider, model, stream=True).body
    return dict(json.loads(json.dumps(body)))


def stored(message: Message) -> Message:
    """The message after an export and an import."""
    row = {
        "model_id": "x/y",
        "timing": {"started_at": "2026-11-30T12:00:00+00:00"},
        "steps": codec.encode_messages([message]),
    }
    read = ImportedAnswer.model_validate(json.loads(json.dumps(row)), context=RecordPlace("answer 1", LeftOut()))
    return codec.decode_messages(read.encoded()["steps"])[0]


def test_the_recorded_answers_are_signed() -> None:
    assert all(signs_of(answer_of(case)) for case in SIGNED)


@pytest.mark.parametrize(("case", "to"), list(product(SIGNED, OTHERS)))
def test_what_a_model_signed_goes_back_to_it_alone(case: str, to: tuple[str, str]) -> None:
    answers = [answer_of(each) for each in SIGNED]
    own, body = answer_of(case), json.dumps(body_for(answers, *to))
    for sign in signs_of(own):
        assert (json.dumps(sign)[1:-1] in body) is (to == SIGNED[case])


def test_what_is_not_signed_by_the_model_says_so_to_gemini() -> None:
    answers = [answer_of(case) for case in SIGNED]
    calling = sum(bool(answer.tool_calls) for answer in answers)
    for name, marks in (("gemini-3.8-flash", calling), ("gemini-3-pro-preview", calling - 1)):
        assert json.dumps(body_for(answers, "gemini", name)).count("skip_thought_signature_validator") == marks


def test_calls_of_another_model_have_a_thought_where_one_is_demanded() -> None:
    answers = [answer_of(case) for case in SIGNED]
    calls = [turn for turn in body_for(answers, "deepseek", "deepseek-flash")["messages"] if turn.get("tool_calls")]
    assert calls
    assert all(turn["reasoning_content"] for turn in calls)
    assert not any("reasoning_content" in turn for turn in body_for(answers, "openai", "gpt-6-luna")["messages"])


@pytest.mark.parametrize("case", SIGNED)
def test_an_export_and_an_import_keep_what_is_signed_and_by_whom(case: str) -> None:
    message = answer_of(case)
    assert stored(message) == message
    assert body_for([stored(message)], *SIGNED[case]) == body_for([message], *SIGNED[case])


def test_what_was_stored_before_models_were_noted_goes_back_to_its_provider() -> None:
    message = answer_of("anthropic_call_after_thought")
    nameless = [replace(part, model_name="") if isinstance(part, Thought) else part for part in message.parts]
    body = json.dumps(body_for([Message("assistant", nameless)], "anthropic", "claude-opus-5-5"))
    assert all(sign in body for sign in signs_of(message))
    assert not any(sign in json.dumps(body_for([message], "openai", "gpt-6-luna")) for sign in signs_of(message))
