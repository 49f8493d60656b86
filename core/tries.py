"""One attempt after another at one model: sign, ask the gate, send, listen, tell the gate. Retries are the policy's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from core.admission import Admission
from core.call import Call, Gate, Permit, is_empty, stopped
from core.errors import BadReply, BadRequest, LLMError
from core.net import exchange
from core.net.retry import Policy, failure
from core.net.transport import Patience, Sending, StoppedUnsent, Streaming
from core.records import (
    Attempt,
    ChatRequest,
    Completion,
    Delta,
    Head,
    HttpRequest,
    Provider,
    Reasoning,
    Usage,
    WireEvent,
)
from core.wire.reader import Answer

if TYPE_CHECKING:
    from tenacity import RetryCallState

    from core.simulator.transport import Simulator

SIMULATED = "x-roundtable-simulated"  # the header of a simulator that is served on a port
OnAttempt = Callable[[Attempt], None]
Opened = tuple[list[WireEvent], AsyncGenerator[WireEvent]]


@dataclass(frozen=True)
class Transports:
    """How bytes travel: over the network, within a second to this computer, for a list of models, or simulated.

    Each is made when it is first needed, because its library is slow to import.
    """

    streaming: Callable[[], Streaming]
    sending: Callable[[], Sending]
    local: Callable[[], Sending]
    listing: Callable[[], Sending]
    simulator: Callable[[], Simulator]

    def stream_to(self, provider: Provider) -> Streaming:
        return self.simulator() if provider.simulated else self.streaming()

    def send_to(self, provider: Provider) -> Sending:
        return self.simulator() if provider.simulated else self.sending()

    def warm_up(self) -> None:
        """Make all of them now, beside something else."""
        for make in (self.streaming, self.sending, self.local, self.listing, self.simulator):
            make()


@dataclass
class Tries:
    """Attempts over real transports. `gate` None: whoever asks is let through, and nothing is counted."""

    transports: Transports
    patience: Patience
    policy: Policy
    clock: Callable[[], float]
    gate: Gate | None = None
    met: set[str] = field(default_factory=set)  # hosts that were heard from since this process began
    admission: Admission = field(default_factory=Admission)
    alone: Callable[[Call], bool] = lambda call: True  # whether nobody else could answer; may read files

    async def open(self, call: Call, on_attempt: OnAttempt | None) -> Opened:
        """The first attempt that comes to a visible token: what was heard, and the rest still to come."""
        policy = self._policy_for(call)
        return await policy.asynchronous(_noting(call, policy, on_attempt))(self._open, call, policy)

    def send(self, call: Call, on_attempt: OnAttempt | None) -> list[WireEvent]:
        """The whole answer of the first attempt that succeeds."""
        policy = self._policy_for(call)
        return policy.sync(_noting(call, policy, on_attempt))(self._send, call, policy)

    async def end(self, call: Call, error: LLMError | None) -> None:
        """Tell the gate what came of an attempt that was opened; returns when it is counted, also when cancelled."""
        usage = call.usage()
        await self._end(call, error, usage, call.cost(usage))

    async def leave(self, call: Call) -> None:
        if self._gated(call) and self.gate:
            await asyncio.shield(asyncio.to_thread(self.gate.leave, call))

    def recalled(self, call: Call) -> Completion | None:
        """The answer that was kept to this very question, where the question allows it."""
        return self.gate.recall(call) if self.gate and call.original.reuse is not False else None

    async def recall(self, call: Call) -> Completion | None:
        if self.gate is None or call.original.reuse is False:
            return None
        return await asyncio.to_thread(self.recalled, call)

    def kept(self, call: Call, asked: ChatRequest, completion: Completion) -> None:
        """Keep the answer of the model that was asked; one that stood in answers for itself only."""
        if self.gate and call.original.reuse is not False and call.asked_first is None:
            self.gate.keep(call, asked, completion)

    async def keep(self, call: Call, asked: ChatRequest, completion: Completion) -> None:
        if self.gate and call.original.reuse is not False:
            await asyncio.to_thread(self.kept, call, asked, completion)

    def _gated(self, call: Call) -> bool:
        return self.gate is not None and not call.provider.simulated

    def _policy_for(self, call: Call) -> Policy:
        policy = self.policy
        if call.asked_first:  # who stands in is not waited for
            left_s = policy.deadline_s - (call.clock() - call.started)
            policy = replace(policy, attempts=min(2, policy.attempts), longest_wait_s=2.0, deadline_s=left_s)
        return replace(policy, attempts=1) if call.provider.quirks.get("not_idempotent") else policy

    async def _open(self, call: Call, policy: Policy) -> Opened:
        while True:
            try:
                return await self._listen(call, policy)
            except BadRequest as error:
                if not call.drop(error.param):
                    call.failed(error)
                    raise
            except LLMError as error:
                told = call.failed(error)
                told.retryable = told.retryable and not call.once
                if told.kind == "overloaded" and await asyncio.to_thread(self.alone, call):
                    told.tries = policy.attempts
                raise told  # noqa: B904, it may be this very error

    async def _listen(self, call: Call, policy: Policy) -> Opened:
        if call.provider.auth == "google":  # signing may fetch a token, which blocks
            signed = await asyncio.to_thread(call.begin, stream=True)
        else:
            signed = call.begin(stream=True)
        if self._gated(call):
            await self._enter(call, policy)
        call.reached.add(call.provider.id)
        heard: list[WireEvent] = []
        rest = self._exchange(call, signed)
        try:
            async for event in rest:
                heard.append(event)
                if isinstance(event, Delta | Reasoning):
                    if call.permit:
                        call.telling = asyncio.create_task(asyncio.to_thread(call.permit.tell))
                    return heard, rest
            if is_empty(heard):
                raise BadReply("The provider sent an empty answer.")
        except BaseException as error:
            await rest.aclose()
            failed = error if isinstance(error, LLMError) else stopped(sent=not isinstance(error, StoppedUnsent))
            await self._end(call, failed, _told(heard), None)
            raise
        return heard, rest

    def _exchange(self, call: Call, signed: HttpRequest) -> AsyncGenerator[WireEvent]:
        host = urlsplit(signed.url).netloc
        call.cold = not call.provider.simulated and host not in self.met

        def heard(head: Head, body: bytes) -> None:
            self.met.add(host)
            call.simulated = SIMULATED in head.headers
            if call.permit:
                call.permit.heard(head, body)

        return exchange.stream(
            self.transports.stream_to(call.provider),
            signed,
            call.wire,
            self.patience,
            reasoning=call.model.reasoning,
            clock=self.clock,
            redactor=call.redactor,
            on_head=heard,
            vendor=call.provider.id,
        )

    async def _enter(self, call: Call, policy: Policy) -> None:
        assert self.gate
        call.permit = await self.admission.enter(self.gate, call, policy)
        call.sent, call.once = call.clock(), call.permit.once

    async def _end(self, call: Call, error: LLMError | None, usage: Usage | None, cost: Decimal | None) -> None:
        permit, call.permit = call.permit, None
        telling, call.telling = call.telling, None
        if permit:
            await asyncio.shield(_finish(telling, permit, error, usage, cost))

    def _send(self, call: Call, policy: Policy) -> list[WireEvent]:
        while True:
            try:
                return self._whole(call, policy)
            except BadRequest as error:
                if not call.drop(error.param):
                    call.failed(error)
                    raise
            except LLMError as error:
                told = call.failed(error)
                told.retryable = told.retryable and not call.once
                if told.kind == "overloaded" and self.alone(call):
                    told.tries = policy.attempts
                raise told  # noqa: B904, it may be this very error

    def _whole(self, call: Call, policy: Policy) -> list[WireEvent]:
        """One attempt, whole."""
        signed = call.begin(stream=False)
        permit = None
        if self.gate and self._gated(call):
            permit = self.admission.enter_blocking(self.gate, call, policy)
            call.sent, call.once = call.clock(), permit.once
        events: list[WireEvent] = []
        failed: LLMError | None = stopped()
        try:
            sending = self.transports.send_to(call.provider)
            heard = permit.heard if permit else None
            vendor, redactor = call.provider.id, call.redactor
            sent = exchange.send(
                sending, signed, call.wire, self.patience, redactor=redactor, on_head=heard, vendor=vendor
            )
            events = list(sent)
            if not any(isinstance(event, Delta | Reasoning) for event in events) and is_empty(events):
                raise BadReply("The provider sent an empty answer.")
            failed = None
        except LLMError as error:
            failed = error
            raise
        finally:
            if permit:
                usage = _told(events)
                permit.end(failed, usage, call.cost(usage))
        return events


async def _finish(
    telling: asyncio.Task[None] | None,
    permit: Permit,
    error: LLMError | None,
    usage: Usage | None,
    cost: Decimal | None,
) -> None:
    if telling:
        await telling
    await asyncio.to_thread(permit.end, error, usage, cost)


def _told(events: list[WireEvent]) -> Usage | None:
    """What the provider counted in an attempt that came to nothing visible."""
    answer = Answer()
    for event in events:
        answer.add(event)
    return answer.usage


def _noting(call: Call, policy: Policy, on_attempt: OnAttempt | None) -> Callable[[RetryCallState], None]:
    def before_sleep(state: RetryCallState) -> None:
        before = len(call.attempts) - state.attempt_number
        most = before + policy.most(failure(state))
        attempt = call.pause(state.next_action.sleep if state.next_action else 0.0, most)
        if on_attempt:
            on_attempt(attempt)

    return before_sleep
