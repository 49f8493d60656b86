"""Many turns: what is sent with each question, what is kept, and what a second turn at the same time gets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from core import ChatSession, Completion, Message
from core.engine import Engine

Make = Callable[..., Engine]


def texts(chat: ChatSession) -> list[tuple[str, str]]:
    return [(message.role, message.text[:20]) for message in chat.messages]


def test_a_question_is_sent_with_what_was_said_before(engine: Make) -> None:
    made = engine()
    chat = made.chat("sim/quick", "Answer in one sentence.")
    chat.ask("What is a tide?")
    request, left_out = chat._request("And a spring tide?", temperature=0.2)
    assert [message.role for message in request.messages] == ["system", "user", "assistant", "user"]
    assert request.messages[1].text == "What is a tide?"
    assert (request.model_id, request.temperature, request.conversation_id, left_out) == ("sim/quick", 0.2, chat.id, 0)
    assert "Turn 2" in chat.ask("And a spring tide?").text  # the simulator counts the turns that it is told
    assert len(chat.messages) == 4


def test_the_four_ways_to_ask_continue_one_conversation(engine: Make) -> None:
    chat = engine().chat(model_id="sim/quick")

    async def later() -> Completion:
        async for event in chat.stream("Three"):
            last = event
        assert isinstance(last, Completion)
        return await chat.answer("Four")

    chat.ask("One")
    *_, last = chat.stream_sync("Two")
    assert isinstance(last, Completion)
    assert "Turn 4" in asyncio.run(later()).text
    assert [text for role, text in texts(chat) if role == "user"] == ["One", "Two", "Three", "Four"]


def test_a_failed_turn_is_not_kept_and_may_be_asked_again(engine: Make) -> None:
    chat = engine(options={"attempts": 1}).chat(model_id="sim/quick")
    chat.ask("One")
    failed = chat.ask("Two", model_id="sim/quick:429")
    assert failed.error
    assert len(chat.messages) == 2
    assert "Turn 2" in chat.ask("Two").text


def test_an_abandoned_turn_is_not_kept_and_the_next_one_may_begin(engine: Make) -> None:
    chat = engine(environ={"ROUNDTABLE_SIMULATOR_SPEED": "20"}).chat(model_id="sim/steady")
    for _ in chat.stream_sync("One"):
        break

    async def leave() -> Completion:
        async for _ in chat.stream("Two"):
            break
        return await chat.answer("Three")

    assert asyncio.run(leave()).error is None
    assert [text for role, text in texts(chat) if role == "user"] == ["Three"]


def test_a_second_turn_at_the_same_time_is_refused(engine: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.chat.CLOSING_S", 0.05)
    chat = engine(environ={"ROUNDTABLE_SIMULATOR_SPEED": "20"}).chat(model_id="sim/steady")
    events = chat.stream_sync("One")
    next(events)
    with pytest.raises(RuntimeError, match="still answering"):
        chat.ask("Two")
    with pytest.raises(RuntimeError, match="still answering"):
        asyncio.run(chat.answer("Two"))
    *_, last = events
    assert isinstance(last, Completion)
    assert texts(chat)[0] == ("user", "One")


def test_what_does_not_fit_is_left_out_from_the_oldest(engine: Make) -> None:
    earlier = [Message("user", "old " * 300), Message("assistant", "old " * 300)]
    chat = engine().chat("sim/quick", "Be brief.", messages=earlier, window_tokens=400)
    completion = chat.ask("New?")
    assert ("turns_left_out", "2") in [(note.kind, note.detail) for note in completion.notes]
    assert "Turn 2" not in completion.text
    assert len(chat.messages) == 4  # nothing is forgotten here
    request, left_out = chat._request("long " * 2000)
    assert ([message.role for message in request.messages], left_out) == (["system", "user"], 4)


def test_the_models_own_window_trims_too(engine: Make) -> None:
    made = engine()
    _, model = made.catalog.find("sim/quick")
    assert model.window_tokens
    earlier = [Message("user", "old " * model.window_tokens), Message("assistant", "yes")]
    completion = made.chat("sim/quick", messages=earlier, owner_id="anna").ask("New?")
    assert completion.error is None
    assert ("turns_left_out", "2") in [(note.kind, note.detail) for note in completion.notes]


def test_a_name_that_is_no_field_fails_at_once(engine: Make) -> None:
    with pytest.raises(TypeError):
        engine().chat(model_id="sim/quick", temprature=1)
