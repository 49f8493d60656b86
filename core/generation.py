"""One question up to its Completion: prepared, sent to one model after another, read, and stored.

    events()        as they arrive, last the Completion          (asyncio, aiohttp)
    completion()    the Completion, calling back on each event   (asyncio, aiohttp)
    complete()      the same, whole                              (sync, requests)

A provider's failure is a Completion with an `error`; only a bug raises.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import replace

from . import events
from .attempts import AttemptRunner, OnAttempt, Opened
from .call import Call, Trail
from .completion import completion_of, refused, stopped, stored_answer_timing
from .errors import LLMError
from .fallback import Fallback, may_ask_another
from .preparation import Preparation
from .question import Question
from .records import NOTHING, ChatRequest, Completion, Delta, Event, Finish, Message, Reasoning, WireEvent


class Generation:
    """Runs once. `call` is the current model's, None before the question is ready; any thread may read it.

    `question` is a prepared one; without it the request is prepared when the generation begins.
    """

    def __init__(
        self,
        preparation: Preparation,
        runner: AttemptRunner,
        fallback: Fallback,
        request: ChatRequest,
        keys: Mapping[str, str] = NOTHING,
        owner_id: str = "",
        question: Question | None = None,
    ) -> None:
        self.request = request
        self.owner_id = owner_id
        self.call: Call | None = None
        self.steps: tuple[Message, ...] = ()  # none: a single request
        self._preparation = preparation
        self._runner = runner
        self._fallback = fallback
        self._keys = keys
        self._question = question

    async def events(self, on_attempt: OnAttempt | None = None) -> AsyncGenerator[Event]:
        """Yield the events, last the Completion. After a cancellation `call` still holds the partial answer."""
        try:
            question = self._question or await self._preparation.prepare_soon(self.request, self._keys, self.owner_id)
        except LLMError as error:
            yield self.ended(self.refused(self._logged(error)))
            return
        call = self._begin(question)
        cache = self._runner.cache if question.may_reuse else None
        if cache and (stored := await asyncio.to_thread(cache.recall, question)):
            await self._leave(call)
            for event in _at_once(stored):
                yield event
            yield self.ended(replace(stored, timing=stored_answer_timing(call)))
            return
        try:
            opened = await self._open(call, on_attempt)  # from here on nothing is awaited but under `finally`
        except LLMError as error:
            await self._leave(self.call or call)
            call, error = self._first(error)
            if error.oversize:
                await asyncio.to_thread(self._fallback.suggest, call, error)
            yield self.ended(completion_of(call, error))
            return
        except BaseException:
            await self._leave(self.call or call)
            raise
        call = opened.call
        add = call.answer.add
        failed: LLMError | None = stopped()
        try:
            async with aclosing(opened.rest):
                for early in opened.heard:
                    yield add(early)
                async for event in opened.rest:
                    yield add(event)
            for event in call.answer.close():
                yield event
            failed = None
        except LLMError as error:
            call.failed(error)
            failed = error
        finally:
            await opened.end(failed)
        completion = completion_of(call, failed)
        if cache and call.trail.first is None:
            await asyncio.to_thread(cache.keep, question, completion)
        yield self.ended(completion)

    async def completion(
        self, on_event: Callable[[Event], None] | None = None, on_attempt: OnAttempt | None = None
    ) -> Completion:
        """Run to the end; `on_event` is called with each event, `on_attempt` with each attempt that is followed by
        another."""
        return await completion_at_end(self.events(on_attempt), on_event)

    def complete(self, on_attempt: OnAttempt | None = None) -> Completion:
        """The whole answer at once; blocks, so not for use inside an event loop."""
        self._preparation.wait_for_keys()
        try:
            question = self._question or self._preparation.prepare(self.request, self._keys, self.owner_id)
        except LLMError as error:
            return self.ended(self.refused(self._logged(error)))
        call = self._begin(question)
        cache = self._runner.cache if question.may_reuse else None
        if cache and (stored := cache.recall(question)):
            return self.ended(replace(stored, timing=stored_answer_timing(call)))
        try:
            call, events = self._send(call, on_attempt)
        except LLMError as error:
            call, error = self._first(error)
            self._fallback.suggest(call, error)
            return self.ended(completion_of(call, error))
        for event in events:
            call.answer.add(event)
        completion = completion_of(call)
        if cache and call.trail.first is None:
            cache.keep(question, completion)
        return self.ended(completion)

    def stopped(self) -> Completion:
        """The Completion of an answer that a person stopped, with its text so far."""
        finish = Finish("stopped")
        if self.call:
            return completion_of(self.call, finish=finish)
        return replace(self.refused(LLMError("stopped")), error=None, finish=finish)

    def failed(self, error: LLMError) -> Completion:
        """The Completion of an answer that a fault of ours ended, with its text so far."""
        return completion_of(self.call, error) if self.call else self.refused(error)

    def forget_keys(self) -> None:
        """Drop the pasted keys once the answer has ended."""
        self._keys = NOTHING

    def ended(self, completion: Completion) -> Completion:
        """The same, counted."""
        self._runner.observe(completion)
        return completion

    def _logged(self, error: LLMError) -> LLMError:
        """A question that could not be prepared."""
        error.event_id = events.log(
            "question_refused",
            model=self.request.model_id,
            kind=error.kind,
            code=error.code,
            param=error.param,
            person=events.person(self.owner_id) or None,
        )
        return error

    def refused(self, error: LLMError) -> Completion:
        return refused(self.request, error, self._preparation.redactor(self._keys))

    def _begin(self, question: Question) -> Call:
        candidates = None if question.candidates is None else list(question.candidates)
        self.call = call = Call(question, Trail(self._runner.clock, candidates=candidates))
        return call

    async def _open(self, call: Call, on_attempt: OnAttempt | None) -> Opened:
        """The first model that reaches a visible token: the one asked, or a substitute."""
        while True:
            try:
                return await self._runner.open(call, on_attempt)
            except LLMError as error:
                another = may_ask_another(call, error, self._runner.policy.deadline_s)
                other = await asyncio.to_thread(self._fallback.next_call, call, error) if another else None
                if other is None:
                    raise
                call = self._switch_to(other, on_attempt)

    def _send(self, call: Call, on_attempt: OnAttempt | None) -> tuple[Call, list[WireEvent]]:
        """The same for a whole reply."""
        while True:
            try:
                return call, self._runner.send(call, on_attempt)
            except LLMError as error:
                another = may_ask_another(call, error, self._runner.policy.deadline_s)
                other = self._fallback.next_call(call, error) if another else None
                if other is None:
                    raise
                call = self._switch_to(other, on_attempt)

    def _switch_to(self, other: Call, on_attempt: OnAttempt | None) -> Call:
        self.call = other
        if on_attempt:
            on_attempt(other.trail.attempts[-1])
        return other

    def _first(self, error: LLMError) -> tuple[Call, LLMError]:
        """No model could answer: the failure of the model that was asked first counts."""
        assert self.call
        self.call, error = self.call.trail.first or (self.call, error)
        return self.call, error

    async def _leave(self, call: Call) -> None:
        if control := self._runner.control_of(call):
            await asyncio.shield(asyncio.to_thread(control.leave, call.question))


def _at_once(stored: Completion) -> Iterator[WireEvent]:
    """The events of a stored answer, for who reads nothing else."""
    if stored.reasoning:
        yield Reasoning(stored.reasoning)
    yield Delta(stored.text)
    if stored.finish:
        yield stored.finish


async def completion_at_end(stream: AsyncGenerator[Event], on_event: Callable[[Event], None] | None) -> Completion:
    """Run a stream of events to its last, the Completion; `on_event` is called with each of the others."""
    async with aclosing(stream):
        async for event in stream:
            if isinstance(event, Completion):
                return event
            if on_event:
                on_event(event)
    raise RuntimeError("the events ended without a completion")
