"""A question whose tools are run here: the model calls, we run, it goes on, until it answers.

    events()     as they arrive, the steps among them, last the Completion    (asyncio, aiohttp)
    complete()   the Completion                                               (sync, requests)

Each round is a request of its own, with its own limits, retries and attempts. Another model may answer instead only in
the first round: the calls and their signatures mean nothing to another turn. Usage and cost are those of all rounds,
and unknown where one of them is; `Completion.rounds` has each. After `most_rounds` rounds with calls the model is asked
once more and must answer. A call of a tool that is offered without a function ends the loop: the caller runs it.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from decimal import Decimal
from typing import Protocol

from .attempts import OnAttempt
from .call import Call
from .errors import LLMError
from .generation import Generation, completion_at_end
from .question import Question
from .records import (
    AnswerRound,
    ChatRequest,
    Completion,
    Event,
    Finish,
    Message,
    Note,
    Part,
    ToolCall,
    ToolResult,
    ToolStep,
    Usage,
)
from .tools import Toolbox, ToolFunction

MOST_ROUNDS = 8
STOPPED = "The answer was stopped before this tool had run."
NO_MORE = "No more tools can be called for this answer."
CUT = ("length", "truncated", "stopped", "filter", "refusal")
COUNTS = (
    *("input_tokens", "output_tokens", "reasoning_tokens", "cached_tokens"),
    *("billed_input_tokens", "billed_output_tokens", "media_tokens"),
)


class Begin(Protocol):
    """Makes the generation of one round."""

    def __call__(self, request: ChatRequest, question: Question | None = None, /) -> Generation: ...


class ToolLoop:
    """Runs once, and is used like the `Generation` that each of its rounds is. `steps` are the calls and results so
    far; any thread may read them."""

    def __init__(
        self,
        begin: Begin,
        first: Generation,
        toolbox: Toolbox,
        most_rounds: int = MOST_ROUNDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.request = first.request
        self.owner_id = first.owner_id
        self.steps: tuple[Message, ...] = ()
        self._begin = begin
        self._round = first
        self._toolbox = toolbox
        self._most_rounds = most_rounds
        self._clock = clock
        self._started = self._round_began = clock()
        self._rounds: list[Completion] = []

    @classmethod
    def of(
        cls, begin: Begin, request: ChatRequest, question: Question | None, tools: Sequence[ToolFunction]
    ) -> ToolLoop:
        """The loop for a request: `question` is the request if it was prepared with its tools already. What tools say
        changes, so no stored answer is returned."""
        toolbox = Toolbox(tools)
        named = {tool.name for tool in request.tools}
        offered = (*request.tools, *(tool for tool in toolbox.tools if tool.name not in named))
        return cls(begin, begin(replace(request, tools=offered, reuse=False), question), toolbox)

    @property
    def call(self) -> Call | None:
        """The call of the round that runs."""
        return self._round.call

    async def events(self, on_attempt: OnAttempt | None = None) -> AsyncGenerator[Event]:
        """Yield the events of all rounds, a `ToolStep` for each turn between them, last the Completion. `Usage` counts
        all rounds; `Finish` comes once."""
        while True:
            finish: Finish | None = None
            completion: Completion | None = None
            async with aclosing(self._round.events(on_attempt)) as events:
                async for event in events:
                    match event:
                        case Completion():
                            completion = event
                        case Finish():
                            finish = event
                        case Usage():
                            yield _total([turn.usage for turn in self._rounds] + [event]) or event
                        case _:
                            yield event
            assert completion
            calls = self._to_run(completion)
            if not calls:
                if finish:
                    yield finish
                yield self._ended(completion)
                return
            yield self._note_calls(completion)
            results = await self._toolbox.run_soon(calls)
            yield self._note_results(results)
            self._next(completion)

    async def completion(
        self, on_event: Callable[[Event], None] | None = None, on_attempt: OnAttempt | None = None
    ) -> Completion:
        """Run to the end, as `Generation.completion`."""
        return await completion_at_end(self.events(on_attempt), on_event)

    def complete(self, on_attempt: OnAttempt | None = None) -> Completion:
        """The whole answer at once; blocks, so not for use inside an event loop."""
        while True:
            completion = self._round.complete(on_attempt)
            calls = self._to_run(completion)
            if not calls:
                return self._ended(completion)
            self._note_calls(completion)
            self._note_results(self._toolbox.run(calls))
            self._next(completion)

    def stopped(self) -> Completion:
        """What there is of an answer that a person stopped: its steps, and the text of the round that ran."""
        waiting = self.steps[-1].tool_calls if self.steps and self.steps[-1].role == "assistant" else ()
        if waiting:  # a call without a result would be refused when it is sent back
            self.steps = (*self.steps, _results(waiting, STOPPED))
            return replace(self._whole(replace(self._rounds.pop(), text="", parts=())), finish=Finish("stopped"))
        return self._whole(self._round.stopped())

    def failed(self, error: LLMError) -> Completion:
        return self._whole(self._round.failed(error))

    def forget_keys(self) -> None:
        self._round.forget_keys()
        self._begin = _over

    def ended(self, completion: Completion) -> Completion:
        """The last round, counted; each of those before it was."""
        return self._round.ended(completion)

    def _to_run(self, completion: Completion) -> tuple[ToolCall, ...]:
        """The calls to be run now; none where the answer has ended, was cut or is the caller's to go on with."""
        calls = completion.message().tool_calls
        cut = completion.finish is not None and completion.finish.reason in CUT
        offered = {tool.name for tool in self.request.tools}
        own = any(call.name in offered and call.name not in self._toolbox for call in calls)
        if completion.error or cut or own or self._is_last:
            return ()
        return calls

    @property
    def _is_last(self) -> bool:
        return len(self._rounds) >= self._most_rounds

    def _note_calls(self, completion: Completion) -> ToolStep:
        self._rounds.append(completion)
        return self._add(completion.message())

    def _note_results(self, results: Sequence[ToolResult]) -> ToolStep:
        return self._add(Message("tool", results))

    def _add(self, message: Message) -> ToolStep:
        self.steps = (*self.steps, message)
        return ToolStep(message, (self._clock() - self._started) * 1000)

    def _next(self, completion: Completion) -> None:
        """The same model goes on, with what was called and what came of it."""
        self._round_began = self._clock()
        self._round = self._begin(
            replace(
                self.request,
                model_id=completion.model_id,
                messages=(*self.request.messages, *self.steps),
                substitute=False,
                tool_choice="none" if self._is_last else "auto" if self.request.tool_choice else None,
            )
        )

    def _ended(self, completion: Completion) -> Completion:
        """The last round as the answer. Calls that are run no more get a result, so that the turn can be sent back."""
        calls, notes = completion.message().tool_calls, completion.notes
        if calls and self._is_last and not completion.error:
            self.steps = (*self.steps, Message("assistant", calls, completion.model_id), _results(calls, NO_MORE))
            completion = replace(completion, parts=_without_calls(completion))
        if self._is_last:
            notes = (*notes, Note("tool_rounds", str(self._most_rounds)))
        return self._whole(replace(completion, notes=notes))

    def _whole(self, last: Completion) -> Completion:
        """The last round with what the rounds before it add."""
        if not self.steps:
            return last
        rounds = [*self._rounds, last]
        first = rounds[0]
        before_ms = (self._round_began - self._started) * 1000
        return replace(
            last,
            usage=_total([turn.usage for turn in rounds]),
            cost_usd=_cost([turn.cost_usd for turn in rounds]),
            attempts=tuple(attempt for turn in rounds for attempt in turn.attempts),
            notes=tuple(dict.fromkeys(note for turn in rounds for note in turn.notes)),
            routing=first.routing,
            facts=first.facts,
            steps=self.steps,
            rounds=tuple(
                AnswerRound(turn.usage, turn.cost_usd, turn.timing.ttft_ms, turn.timing.total_ms) for turn in rounds
            ),
            timing=replace(
                last.timing,
                started_at=first.timing.started_at,
                ttft_ms=first.timing.ttft_ms,
                first_answer_ms=_later(last.timing.first_answer_ms, before_ms),
                last_ms=_later(last.timing.last_ms, before_ms),
                total_ms=_later(last.timing.total_ms, before_ms),
                waited_ms=first.timing.waited_ms,
            ),
        )


def _over(request: ChatRequest, _question: Question | None = None, /) -> Generation:
    raise RuntimeError(f"the answer of {request.model_id} has ended")


def _results(calls: Sequence[ToolCall], sentence: str) -> Message:
    return Message("tool", [ToolResult(call.id, call.name, sentence, is_error=True) for call in calls])


def _without_calls(completion: Completion) -> tuple[Part, ...]:
    return tuple(part for part in completion.parts if not isinstance(part, ToolCall))


def _later(ms: float | None, by_ms: float) -> float | None:
    return None if ms is None else ms + by_ms


def _total(usages: Sequence[Usage | None]) -> Usage | None:
    """The sum; a count that one round does not tell is unknown, except the ones that most never tell."""
    counted = [usage for usage in usages if usage is not None]
    if len(counted) < len(usages):
        return None
    sums = {name: _sum([getattr(usage, name) for usage in counted], strict=name in COUNTS[:2]) for name in COUNTS}
    cost = _cost([usage.cost_usd for usage in counted])
    return Usage(**sums, cost_usd=cost, estimated=any(usage.estimated for usage in counted))


def _sum(counts: Sequence[int | None], *, strict: bool) -> int | None:
    numbers = [count for count in counts if count is not None]
    return None if not numbers or (strict and len(numbers) < len(counts)) else sum(numbers)


def _cost(costs: Sequence[Decimal | None]) -> Decimal | None:
    prices = [cost for cost in costs if cost is not None]
    return sum(prices, Decimal(0)) if costs and len(prices) == len(costs) else None
