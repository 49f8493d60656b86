"""Calls, thoughts and pictures of hostile and careless servers: bounded, told, and never the end of the answer."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest

from core.records import MediaPart, Picture, ThoughtDelta, ToolCall, ToolCallDelta, Unshown
from core.wire import FORMATS
from core.wire.base64_media import from_base64, from_url, kind_of
from core.wire.beside import MOST_CALLS, MOST_MEDIA
from core.wire.reader import Answer, Reader, read_whole

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 40


def url_of(content: bytes, media_type: str = "image/png") -> str:
    return f"data:{media_type};base64,{b64encode(content).decode()}"


def answer_of(*deltas: dict[str, Any], max_media_bytes: int = 1_000_000) -> Answer:
    reader, answer = Reader(FORMATS["openai"], "sse", max_media_bytes=max_media_bytes), Answer()
    frames = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    frames.append({"choices": [{"index": 0, "delta": {"content": "End."}, "finish_reason": "stop"}]})
    for frame in frames:
        for event in reader.feed(b"data: " + json.dumps(frame).encode() + b"\n\n", 1.0):
            answer.add(event)
    for event in reader.close(2.0):
        answer.add(event)
    assert answer.text == "End."
    assert answer.finish is not None
    return answer


def image(url: Any) -> dict[str, Any]:
    return {"images": [{"type": "image_url", "image_url": {"url": url}}]}


def call(index: Any = 0, **function: Any) -> dict[str, Any]:
    own_id = {"id": function.pop("id")} if "id" in function else {}
    return {"tool_calls": [{"index": index, **own_id, "function": function}]}


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/a.png",  # never fetched
        "file:///etc/passwd",
        url_of(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml"),
        url_of(b"<html>" + b"x" * 40, "image/png"),
        "data:image/png;base64,@@@@" + "A" * 60,
        "data:image/png;base64," + "A" * 61,
        {"nested": "object"},
        None,
        7,
    ],
)
def test_what_is_no_picture_is_told_and_not_shown(url: Any) -> None:
    answer = answer_of(image(url))
    assert answer.parts() == ()
    assert [part.kind for part in answer.unshown] == ["picture"]


def test_pictures_are_bounded_in_number_and_size_and_each_kept_once() -> None:
    many = [image(url_of(PNG + bytes([n]))) for n in range(MOST_MEDIA + 3)]
    answer = answer_of(*many, many[0])
    assert (len(answer.parts()), len(answer.unshown)) == (MOST_MEDIA, 3)
    large = answer_of(*many[:3], max_media_bytes=2 * len(PNG) + 2)
    assert (len(large.parts()), len(large.unshown)) == (2, 1)
    assert from_base64("A" * 40_000_000) is None


def test_the_media_type_is_that_of_the_bytes() -> None:
    assert from_url(url_of(PNG, "text/html")) == Picture("image/png", PNG)
    assert kind_of(b"RIFF....WEBPVP8 ") == "image/webp"
    assert kind_of(b"RIFF....WAVEfmt ") == "audio/wav"


def test_calls_are_bounded_in_number() -> None:
    answer = answer_of(*(call(n, name="add", arguments="{}") for n in range(MOST_CALLS + 2)))
    assert (len(answer.parts()), len(answer.unshown)) == (MOST_CALLS, 2)


@pytest.mark.parametrize(
    "pieces",
    [
        [call(0, id="a", name="add", arguments='{"n": '), call(0, arguments="1}")],
        [call(0, id="a", name="add", arguments='{"n": '), call(0, id="a", name="add", arguments="1}")],
        [call(7, id="a", name="add", arguments={"n": 1})],
        [call(None, id="a", name="add", arguments='{"n": 1}')],
        [call(0, name="add", arguments='{"n": 1}', id=5), call(3, arguments="lost")],
    ],
)
def test_a_call_is_one_call_however_it_is_cut(pieces: list[dict[str, Any]]) -> None:
    (part,) = answer_of(*pieces).parts()
    assert isinstance(part, ToolCall)
    assert (part.name, json.loads(part.arguments)) == ("add", {"n": 1})


def test_two_calls_under_one_number_are_two() -> None:
    parts = answer_of(call(0, id="a", name="add", arguments="{}"), call(0, id="b", name="add", arguments="{}")).parts()
    assert [part.id for part in parts if isinstance(part, ToolCall)] == ["a", "b"]


def test_a_call_repeated_by_a_whole_message_is_one() -> None:
    whole = {"object": "chat.completion", "choices": [{"message": call(0, id="a", name="add", arguments="{}")}]}
    reader = Reader(FORMATS["openai"], "sse")
    piece = {"choices": [{"delta": call(0, id="a", name="add", arguments="{}")}]}
    heard = [
        event
        for frame in (piece, whole)
        for event in reader.feed(b"data: " + json.dumps(frame).encode() + b"\n\n", 1.0)
        if isinstance(event, ToolCallDelta)
    ]
    assert heard == [ToolCallDelta(0, "a", "add", "{}", at_ms=1.0)]


def test_a_call_without_an_id_gets_one_that_every_server_takes() -> None:
    parts = answer_of(call(None, name="add", arguments="{}"), call(None, name="add", arguments="{}")).parts()
    ids = [part.id for part in parts if isinstance(part, ToolCall)]
    assert len(set(ids)) == 2
    assert all(len(own_id) == 9 and own_id.isalnum() for own_id in ids)


@pytest.mark.parametrize("arguments", ["", "{", "null", '"x"', "[1]", "x" * 1000])
def test_broken_arguments_stay_as_they_came(arguments: str) -> None:
    (part,) = answer_of(call(0, id="a", name="add", arguments=arguments)).parts()
    assert isinstance(part, ToolCall)
    assert part.arguments == (arguments or "{}")


def test_arguments_without_end_are_an_answer_that_is_too_long() -> None:
    reader = Reader(FORMATS["openai"], "sse", max_answer_bytes=1_000)
    frame = {"choices": [{"delta": call(0, id="a", name="add", arguments="x" * 600)}]}
    data = b"data: " + json.dumps(frame).encode() + b"\n\n"
    assert list(reader.feed(data, 1.0))
    with pytest.raises(Exception, match="too long"):
        list(reader.feed(data, 2.0))


def test_the_words_that_were_masked_are_put_back_into_arguments() -> None:
    answer = Answer()
    answer.add(ToolCallDelta(0, "a", "add", '{"who": "[NAME'))
    answer.add(ToolCallDelta(0, arguments='_1]"}'))
    (part,) = answer.parts("p", lambda text: text.replace("[NAME_1]", "Ada"))
    assert isinstance(part, ToolCall)
    assert part.arguments == '{"who": "Ada"}'


def test_thoughts_that_nobody_signed_are_not_kept() -> None:
    answer = Answer()
    answer.add(ThoughtDelta(0, "hm"))
    assert answer.parts("p") == ()


def test_a_picture_of_a_megabyte_comes_in_one_line() -> None:
    content = PNG + bytes(1_500_000)
    body = {"candidates": [{"content": {"parts": [{"inlineData": {"data": b64encode(content).decode()}}]}}]}
    events = list(read_whole(FORMATS["gemini"], json.dumps(body).encode()))
    assert [event.part.size_bytes for event in events if isinstance(event, MediaPart)] == [len(content)]
    assert not any(isinstance(event, Unshown) for event in events)
