"""From bytes to the answer: what only the whole stream knows, the limits, and the times."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadReply, LLMError, Truncated
from core.records import Delta, Finish, Reasoning, Usage
from core.wire import FORMATS
from core.wire.reader import Answer, Reader, read_whole
from tests.wire.replay import UNTIMED, stream, whole


def chunk(content: str | None = None, finish: str | None = None, **delta: Any) -> bytes:
    choice = {"index": 0, "delta": {"content": content, **delta}, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


def answer_of(*texts: str) -> Answer:
    heard = stream("openai", "sse", b"".join(map(chunk, texts)) + chunk(finish="stop"))
    assert heard.error is None
    return heard.answer


def reply(text: str | None, **message: Any) -> bytes:
    return json.dumps({"choices": [{"message": {"content": text, **message}, "finish_reason": "stop"}]}).encode()


def test_events_bear_the_time_their_bytes_arrived() -> None:
    reader = Reader(FORMATS["openai"], "sse")
    events = [*reader.feed(chunk(reasoning="hm"), 5.0), *reader.feed(chunk("a") + chunk("b"), 7.0)]
    events += [*reader.feed(chunk("c", "stop"), 9.5), *reader.close(11.0)]
    assert events[:3] == [Reasoning("hm", 5.0), Delta("a", 7.0), Delta("b", 7.0)]
    answer = Answer()
    for event in events:
        answer.add(event)
    assert (answer.ttft_ms, answer.first_answer_ms, answer.last_ms, answer.chunks) == (5.0, 7.0, 9.5, 4)


@pytest.mark.parametrize(
    ("texts", "reasoning", "text"),
    [
        (["<think>", "a", "</think>", "b"], "a", "b"),
        (["\n <th", "ink>a</", "think", ">\n\nb"], "a", "b"),
        (["<think>a < b</thi", "rd></think>c"], "a < b</third>", "c"),
        (["<think>\n\n</think>\n\nb"], "\n\n", "b"),
        (["<think>never closed"], "never closed", ""),
        (["<", "b>bold"], "", "<b>bold"),
        (["<thin", "king>"], "", "<thinking>"),
        (["<think"], "", "<think"),
        ([" ", "\n", "x"], "", " \nx"),
        ([" "], "", " "),
        (["use <think>x</think> tags"], "", "use <think>x</think> tags"),
        (["<think>a</think>b <think>c</think>"], "a", "b <think>c</think>"),
    ],
)
def test_think_tags_are_reasoning_only_at_the_beginning(texts: list[str], reasoning: str, text: str) -> None:
    answer = answer_of(*texts)
    assert (answer.reasoning, answer.text) == (reasoning, text)


@UNTIMED
@given(st.text(alphabet="<>think/ ab\n", max_size=40), st.lists(st.integers(0, 40), max_size=6))
def test_think_tags_read_the_same_in_every_cut(text: str, cuts: list[int]) -> None:
    places = [0, *sorted(cut for cut in cuts if cut < len(text)), len(text)]
    cut = answer_of(*[text[a:b] for a, b in pairwise(places)])
    uncut = answer_of(text)
    assert (cut.text, cut.reasoning) == (uncut.text, uncut.reasoning)


def test_usage_is_a_snapshot_and_never_a_sum() -> None:
    answer = Answer()
    for usage in (Usage(5, 1), Usage(None, 7, cached_tokens=2), Usage(None, 9)):
        answer.add(usage)
    assert answer.usage == Usage(5, 9, cached_tokens=2)


@pytest.mark.parametrize("count", [-1, 10**30, 1.5, "7", True, None, float("1e400"), []])
def test_an_absurd_count_is_unknown(count: Any) -> None:
    body = json.dumps({"choices": [{"message": {"content": "a"}}], "usage": {"prompt_tokens": count}})
    heard = whole("openai", body.replace("Infinity", "1e400").encode())
    assert heard.error is None
    assert heard.answer.usage is None or heard.answer.usage.input_tokens is None


def test_a_stream_without_end_is_truncated_and_keeps_its_part() -> None:
    heard = stream("openai", "sse", chunk("half"))
    assert isinstance(heard.error, Truncated)
    assert heard.answer.text == "half"


def test_an_end_mark_without_reason_is_an_end() -> None:
    assert stream("openai", "sse", chunk("all") + b"data: [DONE]\n\n").answer.finish == Finish("stop")


def test_a_formats_own_end_mark_is_an_end() -> None:
    assert stream("anthropic", "sse", b'data: {"type":"message_stop"}\n\n').answer.finish == Finish("stop")


def test_nothing_after_the_end_mark_is_read() -> None:
    assert stream("openai", "sse", chunk("a") + b"data: [DONE]\n\n" + chunk("b")).answer.text == "a"


def test_an_answer_that_never_ends_is_stopped() -> None:
    reader = Reader(FORMATS["openai"], "sse", max_answer_bytes=100)
    assert len(list(reader.feed(chunk("\U0001f995") * 25, 0.0))) == 25
    with pytest.raises(BadReply, match="too long") as caught:
        list(reader.feed(chunk("!"), 0.0))
    assert not caught.value.retryable


@pytest.mark.parametrize("body", [b"", b"\n", b"42", b'"busy"', b"[]", b"{}", b"<html>", b"no json", b'{"a":1}'])
@pytest.mark.parametrize("wire", FORMATS)
def test_a_whole_reply_that_holds_no_answer_is_bad(wire: str, body: bytes) -> None:
    with pytest.raises(BadReply):
        list(read_whole(FORMATS[wire], body))


def test_a_stream_nobody_asked_for_is_read_all_the_same() -> None:
    assert whole("openai", chunk("a") + chunk("b", "stop")).answer.text == "ab"
    lines = b'{"response":"a","done":false}\n{"response":"b","done":true}\n'
    assert whole("ollama", lines).answer.text == "ab"


def test_an_empty_answer_is_an_answer() -> None:
    for empty in ("", None):
        heard = whole("openai", reply(empty))
        assert (heard.error, heard.answer.text, heard.answer.finish) == (None, "", Finish("stop", "stop"))


def test_a_prompt_that_comes_back_is_taken_off() -> None:
    body = json.dumps([{"generated_text": "Why? Because."}]).encode()
    assert [
        event.text for event in read_whole(FORMATS["huggingface"], body, echo="Why?") if hasattr(event, "text")
    ] == [" Because."]


KEYS = (
    *("choices", "delta", "message", "content", "text", "index", "usage", "error", "code", "type", "candidates"),
    *("parts", "thinking", "done", "output", "result", "details", "token", "queryResult", "finish_reason"),
    *("prompt_tokens", "errors", "meta", "response", "finishReason", "generated_text", "event_type"),
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@UNTIMED
@given(st.sampled_from(sorted(FORMATS)), values)
def test_no_frame_raises_anything_but_our_own_errors(wire: str, value: Any) -> None:
    body = json.dumps(value).encode()
    for heard in (whole(wire, body), stream(wire, "sse", b"data: " + body + b"\n\n")):
        assert heard.error is None or isinstance(heard.error, LLMError)
        assert isinstance(heard.answer.text, str)
        assert isinstance(heard.answer.reasoning, str)


@pytest.mark.parametrize("field", ["thinking", "reasoning_content", "reasoning"])
def test_ollama_and_its_look_alikes_think_in_three_fields(field: str) -> None:
    lines = [{"message": {field: "hm"}}, {"message": {"content": "a"}}, {"message": {"content": ""}, "done": True}]
    answer = whole("ollama", b"".join(json.dumps(line).encode() + b"\n" for line in lines)).answer
    assert (answer.reasoning, answer.text) == ("hm", "a")
