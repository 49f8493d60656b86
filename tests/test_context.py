"""The estimate stays near counts that real tokenizers gave; fit keeps what matters."""

from __future__ import annotations

import base64
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.context import TURN_TOKENS, estimate_tokens, fit
from core.errors import ContextTooLong
from core.records import Message, Picture, Text

SYSTEM = Message("system", "Answer briefly.")


def turns(*words: int) -> list[Message]:
    """User and assistant in turn, each of so many words of one token."""
    return [Message(("user", "assistant")[place % 2], "a" + " word" * (count - 1)) for place, count in enumerate(words)]


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [  # the counts of o200k, cl100k and tekken, with the error that the docstring admits
        ("The quick brown fox jumps over the lazy dog and returns home.", 11, 15),
        ("def add(first: int, second: int) -> int:\n    return first + second\n", 15, 24),
        ("你好，请用中文介绍一下你自己，谢谢。", 10, 20),
        ('{"id": 17, "name": "Ada", "tags": ["a", "b"], "ok": true}', 18, 28),
        ("🎉🚀😀👍", 4, 12),
        (base64.b64encode(random.Random(1).randbytes(3000)).decode(), 2600, 3100),
        ("", 0, 0),
    ],
)
def test_the_estimate_is_near(text: str, least: int, most: int) -> None:
    assert least <= estimate_tokens(text) <= most


@given(st.text(max_size=300), st.text(max_size=300))
def test_the_estimate_grows_with_the_text(left: str, right: str) -> None:
    together = estimate_tokens(left + right)
    assert together <= estimate_tokens(left) + estimate_tokens(right) + 30
    assert together <= 2 * len(left + right)
    assert together or not (left + right).strip()


def test_no_window_means_no_cutting() -> None:
    messages = [SYSTEM, *turns(1_000, 1_000, 1_000)]
    assert fit(messages, None, 100).messages == tuple(messages)
    assert fit(messages, 4_000, 100).left_out == 0


def test_the_oldest_pairs_go_and_the_system_stays() -> None:
    old, new = turns(500, 500, 500, 500), turns(100, 100, 100)
    fitted = fit([SYSTEM, *old, *new], 700, 200)
    assert fitted.messages == (SYSTEM, *new)
    assert fitted.left_out == 4


def test_what_stays_begins_with_a_question() -> None:
    fitted = fit([*turns(10, 400, 10), *turns(10, 10)[1:], *turns(10)], 100, 0)
    assert [message.role for message in fitted.messages] == ["user", "assistant", "user"]
    assert fitted.left_out == 2


def test_a_system_turn_in_the_middle_stays_in_its_place() -> None:
    first, answer, last = turns(300, 300, 10)
    assert fit([first, answer, SYSTEM, last], 100, 0).messages == (SYSTEM, last)


def test_the_newest_question_alone_may_be_too_long() -> None:
    with pytest.raises(ContextTooLong, match="about 1,00"):
        fit(turns(10, 10, 1_000), 900, 100)
    with pytest.raises(ContextTooLong, match="room for 0"):
        fit(turns(10), 50, 100)


def test_a_question_that_just_fits_by_the_plain_estimate_is_sent() -> None:
    assert fit(turns(5, 5, 1_000), 1_000 + TURN_TOKENS, 0).left_out == 2


@pytest.mark.parametrize("window", [None, 100_000])
def test_a_server_may_take_only_so_many_turns(window: int | None) -> None:
    messages = [SYSTEM, *turns(10, 10, 10, 10, 10)]
    assert fit(messages, window, 100, most_turns=4).messages == (SYSTEM, *messages[3:])
    assert fit(messages, window, 100, most_turns=6).left_out == 0
    assert fit(messages, window, 100, most_turns=1).messages == (SYSTEM, messages[-1])


@given(st.lists(st.integers(1, 60), max_size=12), st.integers(0, 400), st.integers(0, 60))
def test_fitting_only_leaves_out_from_the_front(words: list[int], window: int, reserve: int) -> None:
    messages = [SYSTEM, *turns(*words)]
    try:
        fitted = fit(messages, window, reserve)
    except ContextTooLong:
        return
    assert fitted.messages == (SYSTEM, *messages[1 + fitted.left_out :])
    assert sum(estimate_tokens(turn.text) + TURN_TOKENS for turn in fitted.messages) <= window - reserve
    assert not words or len(fitted.messages) > 1


def test_a_picture_takes_the_room_that_it_takes_with_this_model() -> None:
    seen = Message("user", [Text("What?"), Picture("image/png", width=1024, height=1024)])
    chat = [seen, Message("assistant", "A cat."), Message("user", "Why?")]
    assert fit(chat, 8_000, 1_000, model_name="gpt-4o").left_out == 0  # 765 tokens
    assert fit(chat, 8_000, 1_000, model_name="gpt-4o-mini").left_out == 2  # 25,501
