"""The cutter of streams: every cut of the same bytes gives the same frames, and bytes alone never break it."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadReply, LLMError
from core.records import Framing
from core.wire.framing import END, Framer, parse
from tests.wire.replay import UNTIMED

BOM = b"\xef\xbb\xbf"
SCRAPS = (
    b"data: ",
    b"data:",
    b"data",
    b'{"a":1}',
    b'{"b":"\xf0\x9f\xa6\x95\xe2\x80\xa8"}',
    b'{"c":"\\ud83d"}',
    b'{"d":"{\\"}"}',
    b"[DONE]",
    b": comment",
    b"event: error",
    b"id: 1",
    b"\n",
    b"\n\n",
    b"\r\n\r\n",
    b"\r",
    b" ",
    b"[",
    b",",
    b"]",
    b"{",
    b"\xff",
    b"\x00",
    BOM,
)
stream_bytes = st.lists(st.sampled_from(SCRAPS) | st.binary(max_size=4), max_size=30).map(b"".join)
kinds = st.sampled_from(["sse", "ndjson", "json"])


def frames(kind: Framing, pieces: list[bytes], max_line_bytes: int = 1_000_000) -> list[Any]:
    """Frames as text, so that 1 and True differ; the kind of the error ends the list."""
    framer, out = Framer(kind, max_line_bytes), []
    try:
        for piece in pieces:
            out += [repr(frame) for frame in framer.feed(piece)]
        out += [repr(frame) for frame in framer.close()]
    except LLMError as error:
        out.append(error.kind)
    return out


def sse(body: bytes) -> list[Any]:
    framer = Framer("sse")
    return [*framer.feed(body), *framer.close()]


@UNTIMED
@given(kinds, stream_bytes, st.lists(st.integers(0, 200), max_size=12))
def test_any_cut_gives_the_same_frames(kind: Framing, body: bytes, cuts: list[int]) -> None:
    places = [0, *sorted(cut for cut in cuts if cut < len(body)), len(body)]
    pieces = [body[start:end] for start, end in pairwise(places)]
    assert frames(kind, pieces) == frames(kind, [body])
    assert frames(kind, [body[at : at + 1] for at in range(len(body))]) == frames(kind, [body])


@UNTIMED
@given(kinds, st.binary(max_size=300))
def test_random_bytes_raise_nothing_but_our_own_errors(kind: Framing, body: bytes) -> None:
    frames(kind, [body])


@UNTIMED
@given(st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=20), min_size=1), max_size=5), st.booleans())
def test_what_was_written_is_read(values: list[dict[str, str]], ascii_only: bool) -> None:
    clean = json.loads(json.dumps(values).replace("\\u0000", ""))
    written = [json.dumps(value, ensure_ascii=ascii_only).encode("utf-8") for value in clean]
    for end in (b"\n", b"\r", b"\r\n"):
        assert sse(b"".join(b"data: " + line + end * 2 for line in written)) == clean
    assert frames("json", [b"[" + b", ".join(written) + b"]"]) == [repr(value) for value in clean]


def test_bom_comments_padding_and_missing_spaces() -> None:
    assert sse(BOM + b'data: {"a":1}\n\n') == [{"a": 1}]
    assert sse(BOM + b': hi\n\ndata:{"a":1}   \n\n:x\nid: 7\nretry: 10\ndata: {"a":2}\n\n') == [{"a": 1}, {"a": 2}]


def test_several_data_lines_are_one_value_or_one_each() -> None:
    assert sse(b'data: {"a":\ndata: 1}\n\n') == [{"a": 1}]
    assert sse(b'data: {"a":1}\ndata: {"a":2}\ndata: [DONE]\n\n') == [{"a": 1}, {"a": 2}, END]


@pytest.mark.parametrize("mark", [b"data: [DONE]\n\n", b"data:[DONE]", b"data:  [DONE] \r\n\r\n"])
def test_the_end_mark(mark: bytes) -> None:
    assert sse(mark) == [END]


def test_the_last_event_counts_without_a_blank_line() -> None:
    assert sse(b'data: {"a":1}') == [{"a": 1}]


def test_a_named_error_is_an_error_whatever_its_data() -> None:
    assert sse(b'event: error\ndata: {"message":"no"}\n\n') == [{"error": {"message": "no"}}]
    assert sse(b"event:error\ndata: too busy\n\n") == [{"error": "too busy"}]
    assert sse(b'event: error\ndata: {"error":{"code":1}}\n\n') == [{"error": {"code": 1}}]


def test_an_error_field_is_an_error() -> None:
    assert sse(b'error: {"code":500,"message":"no"}\n\n') == [{"error": {"code": 500, "message": "no"}}]
    assert sse(b'{"error":{"code":500}}\n\n') == [{"error": {"code": 500}}]


def test_line_separators_inside_a_text_are_text() -> None:
    assert sse('data: {"a":"x\u2028y\u0085z"}\n\n'.encode()) == [{"a": "x\u2028y\u0085z"}]


def test_three_unreadable_events_are_skipped_and_the_fourth_is_too_much() -> None:
    bad = b"data: {oops\n\n"
    assert sse(bad * 3 + b'data: {"a":1}\n\n') == [{"a": 1}]
    with pytest.raises(BadReply):
        sse(bad * 4)


@pytest.mark.parametrize("kind", ["sse", "ndjson", "json"])
def test_a_line_without_end_is_stopped(kind: Framing) -> None:
    start = b"data: " if kind == "sse" else b""
    assert frames(kind, [start + b'{"a":"', *[b"x" * 10] * 200], 1_000) == ["bad_reply"]


def test_an_event_of_endless_data_lines_is_stopped() -> None:
    assert frames("sse", [b"data: 0123456789\n"] * 200, 1_000) == ["bad_reply"]


def test_a_web_page_is_no_stream() -> None:
    with pytest.raises(BadReply, match="web page"):
        sse(b"\n<!DOCTYPE html>")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"NaN", b"[Infinity]", b"1" * 5_000, b"[" * 100_000, b'{"a":1} {"a":2}', b"{'a':1}"]
)
def test_what_is_no_json_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match="not JSON"):
        parse(body)


def test_texts_can_always_be_stored() -> None:
    odd = parse(b'{"a\\u0000":["\\ud800x","\\uD83D\\uDE00","\xff","a\\u0000b"]}')
    assert odd == {"a": ["\ufffdx", "\U0001f600", "\ufffd", "ab"]}
    json.dumps(odd, ensure_ascii=False).encode()
