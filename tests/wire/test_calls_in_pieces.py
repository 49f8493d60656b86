"""Calls of tools as servers stream them, well and badly numbered, in every cut: each arrives once and whole."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.records import ToolCall
from tests.wire.replay import CUTS, stream


def piece(**call: Any) -> dict[str, Any]:
    """A piece of a call: `name` and `arguments` belong to its function."""
    function = {name: call.pop(name) for name in ("name", "arguments") if name in call}
    return {"tool_calls": [{**call, "function": function}]}


def chat(*deltas: dict[str, Any], finish: str = "tool_calls") -> bytes:
    choices: list[dict[str, Any]] = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    choices.append({"index": 0, "delta": {}, "finish_reason": finish})
    frames = [{"object": "chat.completion.chunk", "choices": [choice]} for choice in choices]
    return "".join(f"data: {json.dumps(frame)}\n\n" for frame in frames).encode() + b"data: [DONE]\n\n"


BOTH = piece(index=0, id="", name="f", arguments='{"x": 1}')["tool_calls"]
BOTH += piece(index=0, id="", name="g", arguments='{"y": 2}')["tool_calls"]
CASES: dict[str, tuple[bytes, list[tuple[str, str, str]]]] = {
    "two, a gap between their numbers": (
        chat(
            piece(index=0, id="a", name="f", arguments="{}"),
            piece(index=3, id="b", name="g", arguments=""),
            piece(index=3, arguments='{"y"'),
            piece(index=3, arguments=": 2}"),
        ),
        [("a", "f", "{}"), ("b", "g", '{"y": 2}')],
    ),
    "two of one number, without ids": (chat({"tool_calls": BOTH}), [("", "f", '{"x": 1}'), ("", "g", '{"y": 2}')]),
    "the same twice with other arguments": (
        chat(
            piece(index=0, id="", name="f", arguments='{"x": 1}'), piece(index=0, id="", name="f", arguments='{"x": 2}')
        ),
        [("", "f", '{"x": 1}'), ("", "f", '{"x": 2}')],
    ),
    "two ids under one number": (
        chat(piece(index=0, id="a", name="f", arguments="{}"), piece(index=0, id="b", name="f", arguments="{}")),
        [("a", "f", "{}"), ("b", "f", "{}")],
    ),
    "its name and id in every piece": (
        chat(piece(index=0, id="a", name="f", arguments='{"x"'), piece(index=0, id="a", name="f", arguments=": 1}")),
        [("a", "f", '{"x": 1}')],
    ),
    "its name in every piece, no id": (
        chat(piece(index=0, name="f", arguments='{"x"'), piece(index=0, name="f", arguments=": 1}")),
        [("", "f", '{"x": 1}')],
    ),
    "a name in pieces": (
        chat(piece(index=0, id="a", name="get_"), piece(index=0, name="time"), piece(index=0, arguments="{}")),
        [("a", "get_time", "{}")],
    ),
    "an id before its name": (
        chat(piece(index=0, id="a", name=""), piece(index=0, name="f", arguments='{"x": 1}')),
        [("a", "f", '{"x": 1}')],
    ),
    "no number at all": (
        chat(piece(id="a", name="f", arguments='{"x"'), piece(arguments=": 1}")),
        [("a", "f", '{"x": 1}')],
    ),
    "the old function_call": (
        chat(
            {"function_call": {"name": "f", "arguments": ""}},
            {"function_call": {"arguments": '{"x"'}},
            {"function_call": {"arguments": ": 1}"}},
            finish="function_call",
        ),
        [("", "f", '{"x": 1}')],
    ),
    "no arguments": (
        chat(piece(index=0, id="a", name="f", arguments=None), piece(index=1, id="b", name="g")),
        [("a", "f", "{}"), ("b", "g", "{}")],
    ),
    "arguments that are an object": (
        chat(piece(index=0, id="a", name="f", arguments={"x": 1})),
        [("a", "f", '{"x": 1}')],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_call_arrives_once_and_whole(case: str) -> None:
    body, expected = CASES[case]
    for size in CUTS:
        heard = stream("openai", "sse", body, size)
        calls = [part for part in heard.answer.parts() if isinstance(part, ToolCall)]
        assert (len(calls), heard.error) == (len(expected), None)
        pairs = zip(calls, expected, strict=True)
        assert [(call.id if row[0] else "", call.name, call.arguments) for call, row in pairs] == expected
        assert all(call.id for call in calls)


@pytest.mark.parametrize(("finish", "reason"), [("length", "length"), ("content_filter", "filter")])
def test_a_call_that_was_cut_says_so_and_stays_as_it_came(finish: str, reason: str) -> None:
    heard = stream("openai", "sse", chat(piece(index=0, id="a", name="f", arguments='{"x": "ab'), finish=finish))
    (call,) = heard.answer.parts()
    assert isinstance(call, ToolCall)
    assert call.arguments == '{"x": "ab'
    assert heard.answer.finish
    assert heard.answer.finish.reason == reason
