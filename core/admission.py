"""Admission of attempts: at once, or when a limit that resets soon has room for it.

Only the first in a queue asks again when there is room; the others wait for their turn. The `AdmissionControl` alone
grants, so that other processes and newcomers need not know of the queue.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing, suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, Protocol

from .answer_cache import AnswerCache
from .call import Call, QueueWait
from .completion import stopped
from .errors import LLMError
from .net.queues import Queues
from .net.retry import Policy
from .providers.keys import Key
from .question import Question
from .records import ChatRequest, Head, Model, Provider, Usage

SIMULATED = "x-roundtable-simulated"  # the header of a simulator that is served on a port
Pause = tuple[Future[None] | None, float]  # wait for this, or for nothing, at most so many seconds


class Candidate(NamedTuple):
    """A model that might be asked, and the key it would be asked with."""

    provider: Provider
    model: Model
    key: Key | None


@dataclass(frozen=True, slots=True)
class Later:
    """No room now, but again in `wait_s` seconds: then ask once more. Calls of the same `queue` go in turn.

    `error` is raised where that is too long.
    """

    queue: str
    wait_s: float
    error: LLMError


class Admission(Protocol):
    """One attempt that was let through. `heard` is quick; the others may block and are called off the event loop.

    `heard` receives the head of the reply (and the body of a refusal), `tell` stores what it says about limits while
    the answer is still arriving, `end` is called once with the outcome and the model that the reply names ("": none).
    `once`: admitted because a person insists, so a failure is not retried automatically.
    """

    once: bool

    def heard(self, head: Head, body: bytes) -> None: ...
    def tell(self) -> None: ...
    def end(
        self, error: LLMError | None, usage: Usage | None, cost_usd: Decimal | None, response_model: str = ""
    ) -> None: ...


class AdmissionControl(AnswerCache, Protocol):
    """Decides which models may be called. Without one nothing is counted and no model is ever blocked.

    `enter` raises the `LLMError` that forbids an attempt, or returns when there is room; `leave` gives back what was
    reserved for a question and not used; `sending` is told right before an attempt of a scheduled question, also of a
    simulated one, and raises where it must not be sent; `passed_over` returns why an owner should not ask some models
    now, by id; `recall` and `keep` as in `answer_cache.AnswerCache`; `threshold` is the
    difficulty that divides small from big for an owner; these may block. `speeds` are recent tokens per second.
    """

    def enter(self, question: Question) -> Admission | Later: ...
    def leave(self, question: Question) -> None: ...
    def sending(self, question: Question) -> None: ...
    def passed_over(
        self, request: ChatRequest, candidates: Sequence[Candidate], owner_id: str
    ) -> Mapping[str, str]: ...
    def speeds(self) -> Mapping[str, float]: ...
    def threshold(self, owner_id: str) -> float: ...


Reply = Admission | Later


class AdmissionQueue:
    """One per process, for any thread and any event loop."""

    def __init__(self) -> None:
        self._queues = Queues()

    async def enter(self, control: AdmissionControl, call: Call, policy: Policy) -> Admission:
        """The admission; raises the `LLMError` that forbids the attempt. Cancelling it leaves nothing reserved."""
        reply = await _ask(control, call.question)
        if not isinstance(reply, Later):
            return reply
        with closing(self._pauses(call, reply, policy)) as pauses:
            pause = next(pauses)
            while True:
                turn, longest_s = pause
                if turn:
                    await asyncio.wait([asyncio.wrap_future(turn)], timeout=longest_s)
                else:
                    await asyncio.sleep(longest_s)
                reply = await _ask(control, call.question)
                try:
                    pause = pauses.send(reply)
                except StopIteration as end:
                    admission: Admission = end.value
                    return admission

    def enter_blocking(self, control: AdmissionControl, call: Call, policy: Policy) -> Admission:
        """The same, blocking the calling thread."""
        reply = control.enter(call.question)
        if not isinstance(reply, Later):
            return reply
        with closing(self._pauses(call, reply, policy)) as pauses:
            pause = next(pauses)
            while True:
                turn, longest_s = pause
                with suppress(TimeoutError):
                    (turn or Future()).result(longest_s)
                try:
                    pause = pauses.send(control.enter(call.question))
                except StopIteration as end:
                    admission: Admission = end.value
                    return admission

    def _pauses(self, call: Call, reply: Reply, policy: Policy) -> Generator[Pause, Reply, Admission]:
        """Yields each pause, receives the control's reply after it, and returns the admission.

        Raises the refusal when the wait would be longer than the policy allows.
        """
        clock, began = call.trail.clock, call.trail.clock()
        left_s = policy.deadline_s - call.trail.spent_s()
        most_s = min(policy.longest_wait_s, left_s) if call.question.request.waits else 0.0
        try:
            while isinstance(reply, Later):
                queue = reply.queue
                with self._queues.join(queue) as place:
                    while isinstance(reply, Later) and reply.queue == queue:
                        left_s = most_s - (clock() - began)
                        if left_s <= 0 or reply.wait_s > left_s:
                            raise reply.error
                        call.waiting = QueueWait(place, clock() + reply.wait_s)
                        if place.ahead:
                            reply = yield place.turn, left_s
                        else:
                            reply = yield None, reply.wait_s + policy.scatter(reply.wait_s)
            return reply
        finally:
            call.waiting = None


async def _ask(control: AdmissionControl, question: Question) -> Reply:
    """Ask off the loop; when the call is stopped meanwhile, a granted admission is given back."""
    asking = asyncio.ensure_future(asyncio.to_thread(control.enter, question))
    try:
        return await asyncio.shield(asking)
    except asyncio.CancelledError:
        with suppress(LLMError):
            unused = await asking
            if not isinstance(unused, Later):
                await asyncio.to_thread(unused.end, stopped(sent=False), None, None)
        raise
