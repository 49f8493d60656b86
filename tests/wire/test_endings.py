"""Why an answer ended, in anybody's words; and what else a reply holds beside text."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.errors import LLMError
from core.records import ToolCall, Unshown, Usage, WireEvent
from core.wire import FORMATS
from core.wire.endings import finish
from core.wire.reader import Answer, Reader, read_whole


def delta_of(text: str) -> dict[str, Any]:
    return {"delta": {"content": text}}


@pytest.mark.parametrize(
    ("raw", "native", "reason"),
    [
        ("MAX_TOKENS", None, "length"),
        ("maxTokens", None, "length"),
        ("Max_Output-Tokens", None, "length"),
        ("FinishReason.SAFETY", None, "filter"),
        ("content-filter", None, "filter"),
        ("Cancelled", None, "truncated"),
        ("end_turn", None, "stop"),
        ("stop", "network_error", "truncated"),
        ("stop", "MAX_TOKENS", "length"),
        ("stop", "end_turn", "stop"),
        ("length", "stop", "length"),
        ("FINISH_REASON_MAX_TOKENS", None, "length"),
        ("token_limit_reached", None, "length"),
        ("<|im_end|>", None, "stop"),
        ("matched_stop", None, "stop"),
        ("risk_control", None, "filter"),
        ("upstream_error", None, "truncated"),
        ("repetition_truncation", None, "truncated"),
        ("FINISHED_LENGTH_CAPPED", None, "length"),
        ("maxPredictedTokensReached", None, "length"),
        ("kv_cache_full", None, "length"),
        ("OUTPUT_SENSITIVE", None, "filter"),
        ("stopped_by_policy", None, "filter"),
        ("gateway_timeout", None, "truncated"),
        ("modelUnloaded", None, "truncated"),
        ("stopPatternFound", None, "stop"),
        ("hit stop sequence", None, "stop"),
        ("whatever", None, "unknown"),
        ("max_turns", None, "unknown"),
        ("what_ever", None, "unknown"),
        ("whatever", "safety", "filter"),
    ],
)
def test_an_end_is_understood_in_any_spelling(raw: str, native: str | None, reason: str) -> None:
    (end,) = finish(raw, native)
    assert end.reason == reason


@pytest.mark.parametrize("raw", [None, "", "null", "NULL", {}, False])
def test_no_reason_is_no_end(raw: object) -> None:
    assert list(finish(raw)) == []


def stream(*frames: Any, wire: str = "openai", done: bool = True) -> Answer:
    reader, answer = Reader(FORMATS[wire], "sse"), Answer()
    body = b"".join(b"data: " + json.dumps(frame).encode() + b"\n\n" for frame in frames)
    events: list[WireEvent] = list(reader.feed(body + (b"data: [DONE]\n\n" if done else b""), 1.0))
    for event in (*events, *reader.close(2.0)):
        answer.add(event)
    return answer


def delta(text: Any = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    content = {} if text is None else {"content": text}
    return {"choices": [{"index": 0, "delta": {**content, **more}, "finish_reason": finish}]}


def message(text: str, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "message": {"content": text, **more}, "finish_reason": "stop"}
    return {"object": "chat.completion", "choices": [choice]}


@pytest.mark.parametrize(
    ("pieces", "last", "text", "reasoning"),
    [
        ([{"text": "The moon "}, {"text": "is far."}], "The moon is far.", "The moon is far.", ""),
        ([{"text": "The moon "}], "The moon is far.", "The moon is far.", ""),
        ([{"text": "The moon is far. "}], "The moon is far.", "The moon is far. ", ""),
        ([{"text": "<think>hm</think>The moon."}], "<think>hm</think>The moon.", "The moon.", "hm"),
        ([], "The moon.", "The moon.", ""),
    ],
)
def test_a_message_that_is_repeated_whole_stands_once(
    pieces: list[dict[str, str]], last: str, text: str, reasoning: str
) -> None:
    answer = stream(*(delta(piece["text"]) for piece in pieces), message(last))
    assert (answer.text, answer.reasoning) == (text, reasoning)


@pytest.mark.parametrize(
    ("pieces", "last", "text"),
    [
        (["The moon ", "is far."], {"message": {"content": "The moon is far."}}, "The moon is far."),
        (["The moon ", "is far from the earth."], delta_of("The moon is far from the earth."), None),
        (["ha"], delta_of("ha"), "haha"),
        (
            ["The moon ", "is far from the earth."],
            {"finish_reason": None, "message": {"content": "The moon is far from the earth."}},
            None,
        ),
        (["The ", "moon "], {"finish_reason": None, "message": {"content": "is"}}, "The moon is"),
        (["The moon ", "is far"], {"message": {"content": "."}}, "The moon is far."),
    ],
)
def test_a_last_frame_of_another_shape_may_repeat_it(pieces: list[str], last: dict[str, Any], text: str | None) -> None:
    frames = [*map(delta, pieces), {"choices": [{"index": 0, "finish_reason": "stop", **last}]}]
    assert stream(*frames).text == (text or "".join(pieces))


@pytest.mark.parametrize(
    ("wire", "frames"),
    [
        ("openai", [delta("The moon "), delta({"type": "text", "text": "is far from us."}), delta(None, "stop")]),
        (
            "gemini",
            [
                {"candidates": [{"content": {"parts": [{"text": "The moon is far from us."}]}}]},
                {
                    "candidates": [
                        {"content": {"parts": [{"text": "The moon is far from us."}]}, "finishReason": "STOP"}
                    ]
                },
            ],
        ),
        (
            "ollama",
            [{"message": {"content": "The moon is far from us."}, "done": done} for done in (False, True)],
        ),
    ],
)
def test_a_last_frame_repeats_it_in_every_format(wire: str, frames: list[dict[str, Any]]) -> None:
    assert stream(*frames, wire=wire, done=wire == "openai").text == "The moon is far from us."


@pytest.mark.parametrize(
    "held",
    [
        {"thinking": "hm"},
        {"thoughts": "hm"},
        {"reasoning": {"content": "hm"}},
        {"reasoning_content": "<think>hm</think>"},
        {"reasoning_details": [{"type": "reasoning.text", "text": "hm"}]},
    ],
)
def test_reasoning_is_read_by_any_name(held: dict[str, Any]) -> None:
    answer = stream(delta(**held), delta("Far.", "stop"))
    assert (answer.text, answer.reasoning) == ("Far.", "hm")


def test_reasoning_that_is_repeated_whole_stands_once() -> None:
    answer = stream(delta(reasoning_content="hm"), delta("Far."), message("Far.", reasoning_content="hm"))
    assert (answer.text, answer.reasoning) == ("Far.", "hm")


PICTURE = {"images": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}]}
CALL: dict[str, Any] = {"tool_calls": [{"index": 0, "function": {"name": "add", "arguments": ""}}]}
MORE: dict[str, Any] = {"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]}


@pytest.mark.parametrize(
    ("wire", "body", "parts"),
    [
        ("openai", {"choices": [{"message": {"content": None, **PICTURE}}]}, [Unshown("picture")]),
        ("openai", {"choices": [{"message": {"content": [{"type": "output_audio"}]}}]}, [Unshown("sound")]),
        ("openai", {"choices": [{"message": {"audio": {"data": "x"}}}]}, [Unshown("sound")]),
        (
            "gemini",
            {"candidates": [{"content": {"parts": [{"inlineData": {"mimeType": "image/png", "data": "x"}}]}}]},
            [Unshown("picture")],
        ),
        (
            "gemini",
            {"candidates": [{"content": {"parts": [{"inline_data": {"mime_type": "audio/wav", "data": "x"}}]}}]},
            [Unshown("sound")],
        ),
        (
            "gemini",
            {"candidates": [{"content": {"parts": [{"executableCode": {"code": "print(1)"}}]}}]},
            [Unshown("tool_call", "code_execution")],
        ),
        (
            "openai",
            {"output": {"choices": [{"message": {"content": [{"image": "https://example.com/a.png"}]}}]}},
            [Unshown("picture")],
        ),
    ],
)
def test_what_is_no_text_is_told(wire: str, body: dict[str, Any], parts: list[Unshown]) -> None:
    assert [
        event for event in read_whole(FORMATS[wire], json.dumps(body).encode()) if isinstance(event, Unshown)
    ] == parts


def test_a_call_in_pieces_is_one_call() -> None:
    (call,) = stream(delta(**CALL), delta(**MORE), delta(None, "tool_calls")).parts()
    assert isinstance(call, ToolCall)
    assert (call.name, call.arguments) == ("add", "{}")


def test_zeros_beside_a_text_are_unknown() -> None:
    answer = stream(
        delta("Hello there"),
        delta(None, "stop"),
        {"choices": [], "usage": {"prompt_tokens": 0, "completion_tokens": 0}},
    )
    assert answer.usage == Usage()


@pytest.mark.parametrize(
    ("frames", "usage"),
    [
        ([{"usage": {"prompt_tokens": 5, "completion_tokens": 1}}, {"usage": {"prompt_tokens": 0}}], Usage(5, 1)),
        ([{"usage": {"promptTokens": 5, "completionTokens": 1}}], Usage(5, 1)),
        ([{"timings": {"prompt_n": 3, "cache_n": 2, "predicted_n": 1}}], Usage(5, 1)),
    ],
)
def test_a_count_is_read_by_any_name_and_no_zero_replaces_it(frames: list[dict[str, Any]], usage: Usage) -> None:
    assert stream(delta("Hello"), delta(None, "stop"), *({"choices": [], **frame} for frame in frames)).usage == usage


def test_what_was_written_is_told_by_the_total() -> None:
    counted = {"promptTokenCount": 5, "totalTokenCount": 9}
    body = {"candidates": [{"content": {"parts": [{"text": "Hi"}]}}], "usageMetadata": counted}
    usages = [event for event in read_whole(FORMATS["gemini"], json.dumps(body).encode()) if isinstance(event, Usage)]
    assert usages == [Usage(5, 4)]


def test_the_first_count_of_a_stream_is_no_count() -> None:
    start = {"type": "message_start", "message": {"usage": {"input_tokens": 31, "output_tokens": 1}}}
    reader, answer = Reader(FORMATS["anthropic"], "sse"), Answer()
    for event in reader.feed(b"data: " + json.dumps(start).encode() + b"\n\n", 1.0):
        answer.add(event)
    assert answer.usage == Usage(input_tokens=31)


@pytest.mark.parametrize("frame", [{"base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}}])
def test_a_failure_inside_a_good_reply_is_one(frame: dict[str, Any]) -> None:
    with pytest.raises(LLMError, match="insufficient balance"):
        stream(frame, done=False)
