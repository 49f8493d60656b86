"""Rounds of a question whose tools are run: what is asked next, what is counted, and how it ends."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

import pytest

from core.errors import LLMError, Overloaded
from core.generation import Generation
from core.records import (
    AnswerRound,
    Attempt,
    ChatRequest,
    Completion,
    Delta,
    Event,
    Finish,
    Message,
    Note,
    Part,
    Text,
    Thought,
    Timing,
    Tool,
    ToolCall,
    ToolResult,
    ToolStep,
    Usage,
)
from core.tool_loop import MOST_ROUNDS, NO_MORE, STOPPED, ToolLoop
from core.tools import CALCULATOR

USAGE = Usage(100, 10, reasoning_tokens=4)
QUESTION = ChatRequest([Message("user", "What is 17 * 23?")], "there/model", substitute=True, reuse=True)
THOUGHT = Thought("Let me calculate.", signature="c2lnbmVk", provider_id="there")


def sum_of(*expressions: str) -> list[Part]:
    return [
        ToolCall(f"call_{place}", "calculator", f'{{"expression": "{text}"}}') for place, text in enumerate(expressions)
    ]


def answered(text: str = "", *parts: Part, **more: Any) -> Completion:
    timing = Timing(datetime(2026, 11, 30, tzinfo=UTC), 5.0, 8.0, 9.0, 10.0, chunks=3, streamed=True)
    attempts = (Attempt("there", "there/model", 1, "ok", 10.0),)
    whole = Completion("there/model", text, "", USAGE, Finish("stop"), timing, Decimal("0.01"), attempts=attempts)
    return replace(whole, parts=parts, **more)


class Model:
    """Stands for a generation: gives the prepared rounds one after another, and keeps what it was asked."""

    call = None

    def __init__(self, *rounds: Completion) -> None:
        self.rounds = list(rounds)
        self.requests: list[ChatRequest] = []
        self.request = QUESTION
        self.owner_id = ""

    def begin(self, request: ChatRequest, _question: object = None, /) -> Generation:
        self.request = request
        self.requests.append(request)
        return cast(Generation, self)

    async def events(self, _on_attempt: object = None) -> AsyncGenerator[Event]:
        completion = self.rounds.pop(0)
        if completion.text:
            yield Delta(completion.text)
        if completion.usage:
            yield completion.usage
        if completion.finish:
            yield completion.finish
        yield completion

    def complete(self, _on_attempt: object = None) -> Completion:
        return self.rounds.pop(0)

    def stopped(self) -> Completion:
        return replace(self.rounds[0], finish=Finish("stopped"))

    def failed(self, error: LLMError) -> Completion:
        return replace(self.rounds[0], error=error)

    def ended(self, completion: Completion) -> Completion:
        return completion

    def forget_keys(self) -> None:
        self.request = QUESTION


def loop(model: Model, request: ChatRequest = QUESTION) -> ToolLoop:
    return ToolLoop.of(model.begin, request, None, [CALCULATOR])


async def heard(running: ToolLoop) -> list[Event]:
    return [event async for event in running.events()]


SIMPLE = (answered("Let me see.", THOUGHT, *sum_of("17*23")), answered("It is 391."))


async def test_the_model_goes_on_with_what_the_tool_says() -> None:
    model = Model(*SIMPLE)
    events = await heard(loop(model))
    called = Message("assistant", [THOUGHT, Text("Let me see."), *sum_of("17*23")], "there/model")
    result = Message("tool", [ToolResult("call_0", "calculator", "391")])
    first, second = model.requests
    assert first.tools == (CALCULATOR.tool,)
    assert first.reuse is False
    assert second.messages == (*QUESTION.messages, called, result)
    assert (first.substitute, second.substitute, second.model_id) == (True, False, "there/model")
    steps = [event for event in events if isinstance(event, ToolStep)]
    assert [step.message for step in steps] == [called, result]
    assert [type(event) for event in events] == [Delta, Usage, ToolStep, ToolStep, Delta, Usage, Finish, Completion]
    completion = events[-1]
    assert isinstance(completion, Completion)
    assert completion.text == "It is 391."
    assert completion.steps == (called, result)


async def test_all_rounds_are_counted_and_each_is_kept() -> None:
    *events, completion = await heard(loop(Model(*SIMPLE)))
    assert isinstance(completion, Completion)
    assert completion.usage == Usage(200, 20, reasoning_tokens=8)
    assert [event for event in events if isinstance(event, Usage)] == [USAGE, completion.usage]
    assert completion.cost_usd == Decimal("0.02")
    assert len(completion.attempts) == 2
    assert completion.rounds == (AnswerRound(USAGE, Decimal("0.01"), 5.0, 10.0),) * 2
    assert completion.timing.ttft_ms == 5.0
    assert completion.timing.total_ms is not None
    assert completion.timing.total_ms >= 10.0


def test_what_one_round_does_not_tell_is_unknown() -> None:
    silent = replace(SIMPLE[0], usage=None, cost_usd=None)
    completion = loop(Model(silent, SIMPLE[1])).complete()
    assert (completion.usage, completion.cost_usd) == (None, None)
    half = replace(SIMPLE[0], usage=Usage(None, 3))
    counts = loop(Model(half, SIMPLE[1])).complete().usage
    assert counts == Usage(None, 13, reasoning_tokens=4)


def test_several_calls_at_once_and_one_that_fails() -> None:
    completion = loop(Model(answered("", *sum_of("1+1", "1/0", "2+2")), answered("Done."))).complete()
    texts = [(part.text, part.is_error) for part in completion.steps[1].parts if isinstance(part, ToolResult)]
    assert texts == [("2", False), ("Division by zero has no value.", True), ("4", False)]


def test_without_a_call_it_is_the_answer_as_it_came() -> None:
    assert loop(Model(SIMPLE[1])).complete() == SIMPLE[1]


def test_rounds_are_bounded() -> None:
    model = Model(*[answered("Again.", *sum_of("1+1"))] * (MOST_ROUNDS + 1))
    completion = loop(model).complete()
    assert [request.tool_choice for request in model.requests] == [None] * MOST_ROUNDS + ["none"]
    assert completion.notes == (Note("tool_rounds", "8"),)
    assert completion.message().tool_calls == ()
    last = completion.steps[-1].parts[0]
    assert isinstance(last, ToolResult)
    assert (last.text, last.is_error) == (NO_MORE, True)


def test_a_required_tool_is_required_once() -> None:
    model = Model(*SIMPLE)
    loop(model, replace(QUESTION, tool_choice="required")).complete()
    assert [request.tool_choice for request in model.requests] == ["required", "auto"]


def test_a_tool_without_a_function_is_the_callers_to_run() -> None:
    calls = [*sum_of("1+1"), ToolCall("call_9", "weather", "{}")]
    request = replace(QUESTION, tools=(Tool("weather"),))
    model = Model(answered("", *calls))
    completion = loop(model, request).complete()
    assert [tool.name for tool in model.requests[0].tools] == ["weather", "calculator"]
    assert completion.message().tool_calls == tuple(calls)
    assert completion.steps == ()


def test_a_tool_that_nobody_offered_is_told_to_the_model() -> None:
    completion = loop(Model(answered("", ToolCall("1", "weather", "{}")), answered("No weather then."))).complete()
    assert completion.steps[1].text == "There is no tool named 'weather'."
    assert completion.text == "No weather then."


@pytest.mark.parametrize("reason", ["length", "truncated", "filter", "refusal"])
def test_calls_of_a_cut_answer_are_not_run(reason: Any) -> None:
    completion = loop(Model(answered("", *sum_of("1+1"), finish=Finish(reason)))).complete()
    assert completion.steps == ()


def test_a_failure_in_a_later_round_keeps_the_steps() -> None:
    completion = loop(Model(SIMPLE[0], answered("It", error=Overloaded("busy")))).complete()
    assert isinstance(completion.error, Overloaded)
    assert completion.text == "It"
    assert len(completion.steps) == 2
    assert len(completion.attempts) == 2


async def test_a_stop_keeps_what_came() -> None:
    running = loop(Model(*SIMPLE))
    async with aclosing(running.events()) as events:
        async for event in events:
            if isinstance(event, ToolStep) and event.message.role == "assistant":
                break
    stopped = running.stopped()
    assert stopped.finish == Finish("stopped")
    assert [message.role for message in stopped.steps] == ["assistant", "tool"]
    assert stopped.steps[1].text == STOPPED
    assert stopped.usage == USAGE
    assert stopped.text == ""


async def test_a_stop_in_the_second_round_keeps_its_text() -> None:
    running = loop(Model(*SIMPLE))
    async with aclosing(running.events()) as events:
        async for event in events:
            if isinstance(event, ToolStep) and event.message.role == "tool":
                break
    assert running.failed(Overloaded("busy")).error
    stopped = running.stopped()
    assert stopped.text == "It is 391."
    assert stopped.steps[1].text == "391"
