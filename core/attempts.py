"""Attempts at one model, one after another: sign, be admitted, send, read, settle. The policy decides on retries."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .admission import SIMULATED, Admission, AdmissionControl, AdmissionQueue
from .answer_cache import AnswerCache
from .call import Call
from .completion import cost_of, is_empty, stopped, usage_of
from .errors import BadReply, BadRequest, LLMError, Overloaded
from .net import exchange
from .net.recordings import Recorder, Recordings
from .net.retry import Policy, failure
from .net.transport import StoppedUnsent, Timeouts
from .providers.keys import Keyring, credentials
from .records import (
    Attempt,
    ChatRequest,
    Completion,
    Delta,
    Head,
    HttpRequest,
    Model,
    Provider,
    Reasoning,
    Usage,
    WireEvent,
)
from .request_media import with_bytes
from .transports import Transports
from .wire.reader import Answer

if TYPE_CHECKING:
    from tenacity import RetryCallState

OnAttempt = Callable[[Attempt], None]
Learn = Callable[[LLMError, ChatRequest, Provider, Model, str | None], None]


@dataclass
class Opened:
    """An attempt that reached a visible token: the events so far, and the rest still to come."""

    call: Call
    heard: list[WireEvent]
    rest: AsyncGenerator[WireEvent]
    admission: Admission | None = None
    telling: asyncio.Task[None] | None = None

    async def end(self, error: LLMError | None) -> None:
        """Settle its usage; returns when it is counted, also when cancelled."""
        usage, call = usage_of(self.call), self.call
        served = call.answer.served
        cost = cost_of(call.question, usage, served)
        await _settle(self.admission, self.telling, error, usage, cost, served.response_model)


@dataclass
class AttemptRunner:
    """Runs attempts over real transports. `control` None: every attempt is admitted, and nothing is counted."""

    keyring: Keyring
    transports: Transports
    timeouts: Timeouts
    policy: Policy
    clock: Callable[[], float]
    control: AdmissionControl | None = None
    cache: AnswerCache | None = None
    contacted_hosts: set[str] = field(default_factory=set)  # hosts that have replied since this process began
    queue: AdmissionQueue = field(default_factory=AdmissionQueue)
    recordings: Recordings | None = None
    observe: Callable[[Completion], None] = lambda completion: None  # told of each answer, for metrics
    alone: Callable[[Call], bool] = lambda call: True  # whether no other model could answer; may read files
    learn: Learn = lambda error, request, provider, model, key: None  # what a refusal tells of a model; may block
    load: Callable[[str, Collection[str]], Mapping[str, bytes]] = lambda owner, hashes: {}  # bytes by hash; may block

    async def open(self, call: Call, on_attempt: OnAttempt | None) -> Opened:
        """The first attempt that reaches a visible token."""
        policy = self._policy_for(call)
        return await policy.asynchronous(_noting(call, policy, on_attempt))(self._open, call, policy)

    def send(self, call: Call, on_attempt: OnAttempt | None) -> list[WireEvent]:
        """The whole answer of the first attempt that succeeds."""
        policy = self._policy_for(call)
        return policy.sync(_noting(call, policy, on_attempt))(self._send, call, policy)

    def control_of(self, call: Call) -> AdmissionControl | None:
        """The control that admits this call; None for a simulated one, which is not counted."""
        return None if call.question.provider.simulated else self.control

    def _policy_for(self, call: Call) -> Policy:
        policy = self.policy
        if call.trail.first:  # a substitute is not waited for
            left_s = policy.deadline_s - call.trail.spent_s()
            policy = replace(policy, attempts=min(2, policy.attempts), longest_wait_s=2.0, deadline_s=left_s)
        question = call.question
        once = not question.request.retries or question.provider.quirks.get("not_idempotent")
        return replace(policy, attempts=1) if once else policy

    async def _open(self, call: Call, policy: Policy) -> Opened:
        while True:
            try:
                return await self._listen(call, policy)
            except LLMError as error:
                if isinstance(error, BadRequest) and await asyncio.to_thread(self._goes_without, call, error):
                    continue
                refusal = call.failed(error)
                if isinstance(refusal, Overloaded) and await asyncio.to_thread(self.alone, call):
                    refusal.tries = policy.attempts
                raise refusal  # noqa: B904, it may be this very error

    def _send(self, call: Call, policy: Policy) -> list[WireEvent]:
        while True:
            try:
                return self._whole(call, policy)
            except LLMError as error:
                if isinstance(error, BadRequest) and self._goes_without(call, error):
                    continue
                refusal = call.failed(error)
                if isinstance(refusal, Overloaded) and self.alone(call):
                    refusal.tries = policy.attempts
                raise refusal  # noqa: B904, it may be this very error

    def _goes_without(self, call: Call, error: BadRequest) -> bool:
        """Whether the question is asked once more without what the provider refuses, which is remembered."""
        question = call.question
        if error.origin != "local" and (question.provider.simulated or not call.simulated):
            key = question.key.value if question.key else None
            self.learn(error, question.request, question.provider, question.model, key)
        return call.drop(error.param)

    def _signed(self, call: Call, *, stream: bool) -> HttpRequest:
        call.begin(stream=stream)
        question = call.question
        if question.forbidden:
            raise question.forbidden
        outgoing = question.request
        if hashes := question.unread:
            outgoing = with_bytes(outgoing, self.load(question.owner_id, hashes))
        request = question.wire.encode(outgoing, question.provider, question.model, stream=stream)
        call.request = request
        signed = self.keyring.sign(request, question.provider, question.key)
        call.listen(credentials(signed))
        return signed

    async def _listen(self, call: Call, policy: Policy) -> Opened:
        # Signing may fetch a token, and what is attached must be read: both block.
        if call.question.provider.auth == "google" or call.question.has_media:
            signed = await asyncio.to_thread(self._signed, call, stream=True)
        else:
            signed = self._signed(call, stream=True)
        admission = None
        if control := self.control_of(call):
            admission = await self.queue.enter(control, call, policy)
            _admit(call, admission)
        call.trail.reached.add(call.question.provider.id)
        opened = Opened(call, [], self._exchange(call, signed, admission), admission)
        try:
            if call.question.request.scheduled and self.control:
                await asyncio.to_thread(self.control.sending, call.question)
            async for event in opened.rest:
                opened.heard.append(event)
                if isinstance(event, Delta | Reasoning):
                    if admission:
                        opened.telling = asyncio.create_task(asyncio.to_thread(admission.tell))
                    return opened
            if is_empty(opened.heard):
                raise BadReply("The provider sent an empty answer.")
        except BaseException as error:
            await opened.rest.aclose()
            failed = error if isinstance(error, LLMError) else stopped(sent=not isinstance(error, StoppedUnsent))
            heard_so_far = _answer_of(opened.heard)
            await _settle(admission, None, failed, heard_so_far.usage, None, heard_so_far.served.response_model)
            raise
        return opened

    def _exchange(self, call: Call, signed: HttpRequest, admission: Admission | None) -> AsyncGenerator[WireEvent]:
        question, host = call.question, urlsplit(signed.url).netloc
        call.cold = not question.provider.simulated and host not in self.contacted_hosts

        def heard(head: Head, body: bytes) -> None:
            self.contacted_hosts.add(host)
            call.simulated = SIMULATED in head.headers
            if admission:
                admission.heard(head, body)

        transport, recorder = self.transports.stream_to(question.provider), self._recorder(call)
        return exchange.stream(
            recorder.streaming(transport) if recorder else transport,
            signed,
            question.wire,
            self.timeouts,
            reasoning=question.model.reasoning,
            clock=self.clock,
            redactor=question.redactor,
            on_head=heard,
            vendor=question.provider.id,
        )

    def _recorder(self, call: Call) -> Recorder | None:
        """For a person's own answer; nothing is recorded for scripts, which have no owner."""
        question, request = call.question, call.question.request
        if self.recordings is None or call.request is None or not (question.owner_id and request.request_id):
            return None
        return self.recordings.begin(
            question.owner_id, request.request_id, request.conversation_id or "", call.request, question.redactor
        )

    def _whole(self, call: Call, policy: Policy) -> list[WireEvent]:
        """One attempt; the whole reply at once."""
        signed = self._signed(call, stream=False)
        question, admission = call.question, None
        if control := self.control_of(call):
            admission = self.queue.enter_blocking(control, call, policy)
            _admit(call, admission)
        events: list[WireEvent] = []
        failed: LLMError | None = stopped()
        try:
            transport, recorder = self.transports.send_to(question.provider), self._recorder(call)
            sent = exchange.send(
                recorder.sending(transport) if recorder else transport,
                signed,
                question.wire,
                self.timeouts,
                redactor=question.redactor,
                on_head=admission.heard if admission else None,
                vendor=question.provider.id,
            )
            events = list(sent)
            if not any(isinstance(event, Delta | Reasoning) for event in events) and is_empty(events):
                raise BadReply("The provider sent an empty answer.")
            failed = None
        except LLMError as error:
            failed = error
            raise
        finally:
            if admission:
                heard = _answer_of(events)
                cost = cost_of(question, heard.usage, heard.served)
                admission.end(failed, heard.usage, cost, heard.served.response_model)
        return events


def _admit(call: Call, admission: Admission) -> None:
    call.trail.sent, call.insisted = call.trail.clock(), admission.once


async def _settle(
    admission: Admission | None,
    telling: asyncio.Task[None] | None,
    error: LLMError | None,
    usage: Usage | None,
    cost: Decimal | None,
    response_model: str,
) -> None:
    async def settle() -> None:
        if telling:
            await telling
        if admission:
            await asyncio.to_thread(admission.end, error, usage, cost, response_model)

    if admission:
        await asyncio.shield(settle())


def _answer_of(events: list[WireEvent]) -> Answer:
    """What these events come to."""
    answer = Answer()
    for event in events:
        answer.add(event)
    return answer


def _noting(call: Call, policy: Policy, on_attempt: OnAttempt | None) -> Callable[[RetryCallState], None]:
    def before_sleep(state: RetryCallState) -> None:
        before = len(call.trail.attempts) - state.attempt_number
        most = before + policy.most(failure(state))
        attempt = call.pause(state.next_action.sleep if state.next_action else 0.0, most)
        if on_attempt:
            on_attempt(attempt)

    return before_sleep
