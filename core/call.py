"""One model being asked one question, and the trail of all attempts at that question, other models included."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from . import events
from .errors import LLMError
from .net.queues import QueuePlace
from .question import Question
from .records import Attempt, HttpRequest, Note, Routing
from .wire.reader import Answer


@dataclass(frozen=True, slots=True)
class QueueWait:
    """What a call waits for before it is sent: its place in a queue, and until when by the trail's clock."""

    place: QueuePlace
    until: float


@dataclass
class Trail:
    """The attempts at one question since it was asked. The runner writes; any thread may read `attempts`.

    `sent` is when the last attempt began. `reached` are the providers that were asked, `excluded` those not asked any
    more; `candidates` the model ids still to be asked, None before they are looked up. `first` is the call of the model
    that was asked first and the error because of which another one was asked.
    """

    clock: Callable[[], float] = time.monotonic
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    started: float = 0.0
    sent: float = 0.0
    attempts: list[Attempt] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)
    excluded: set[str] = field(default_factory=set)
    candidates: list[str] | None = None
    first: tuple[Call, LLMError] | None = None

    def __post_init__(self) -> None:
        self.started = self.sent = self.clock()

    def spent_s(self) -> float:
        return self.clock() - self.started


@dataclass
class Call:
    """State of one model being asked. The runner writes; any thread may read `answer`, `waiting` and `pausing`.

    `insisted`: its circuit breaker is open, and it is asked once because a person insists: a failure is not retried.
    """

    question: Question
    trail: Trail
    answer: Answer = field(default_factory=Answer)
    pausing: bool = False
    waiting: QueueWait | None = None
    streamed: bool = True
    cold: bool | None = None
    simulated: bool | None = None
    insisted: bool = False
    request: HttpRequest | None = None  # of the attempt, before it was signed
    refusal: LLMError | None = None  # the error of the previous attempt

    def begin(self, *, stream: bool) -> None:
        """Start the stopwatch of an attempt."""
        self.pausing = False
        self.waiting = None
        self.streamed = stream
        self.cold = self.simulated = None
        self.trail.sent = self.trail.clock()

    def listen(self, secrets: Iterable[str]) -> None:
        """Begin a fresh answer in which these values are hidden too."""
        self.question = self.question.knowing(secrets)
        self.answer = Answer(self.question.filters())

    def drop(self, parameter: str | None) -> bool:
        """Leave out the parameter that the provider refuses; False when there is nothing to leave out."""
        lesser = self.question.without(parameter)
        self.question = lesser or self.question
        return lesser is not None

    def attempt(self, outcome: str, *, sent: bool = True) -> Attempt:
        """The record of the attempt that just ended."""
        trail, question = self.trail, self.question
        return Attempt(
            question.provider.id,
            question.model.id,
            len(trail.attempts) + 1,
            outcome,
            (trail.clock() - trail.sent) * 1000,
            cold=self.cold,
            simulated=question.provider.simulated or self.simulated,
            sent=sent,
        )

    def failed(self, error: LLMError) -> LLMError:
        """Note a failed attempt; one that we refused ourselves was never sent. Returns the error to show: where we
        refuse to ask again, the provider's previous error with the time when we would."""
        error.sent = error.sent and error.origin != "local"
        self._log(error)
        self.trail.attempts.append(self.attempt(error.kind, sent=error.origin != "local"))
        if error.origin == "local" and self.refusal:
            self.refusal.retryable, self.refusal.retry_after_s = False, error.retry_after_s
        else:
            self.refusal = error
        self.refusal.retryable = self.refusal.retryable and not self.insisted
        return self.refusal

    def _log(self, error: LLMError) -> None:
        model, trail = self.question.model, self.trail
        error.event_id = events.log(
            "question_refused" if error.origin == "local" else "provider_failed",
            provider=self.question.provider.id,
            model=model.id,
            kind=error.kind,
            origin=error.origin,
            status=error.status,
            code=error.code,
            param=error.param,
            retry_after_s=error.retry_after_s,
            provider_request=error.request_id,
            attempt=len(trail.attempts) + 1,
            ms=round((trail.clock() - trail.sent) * 1000),
            simulated=(self.question.provider.simulated or self.simulated) or None,
            person=events.person(self.question.owner_id) or None,
        )

    def pause(self, wait_s: float, most: int) -> Attempt:
        """Note that the attempt that just failed is followed by a pause; returns its record."""
        self.pausing = True
        attempts = self.trail.attempts
        attempts[-1] = replace(attempts[-1], wait_s=wait_s, of=most)
        return attempts[-1]

    def notes(self) -> list[Note]:
        """The notes of the question, and of the model that was asked first."""
        own = [*self.question.notes, *self.trail.notes]
        if self.trail.first is None or self.trail.first[0] is self:
            return own
        first, error = self.trail.first
        before = first.question.notes
        notes = [*before, *(note for note in own if note not in before), Note("failed_over", first.question.model.id)]
        if size := error.oversize:
            notes.append(Note("beyond_credit" if size.per == "credit" else "too_large", first.question.model.id))
        return notes

    def routing(self) -> Routing | None:
        """How "auto" chose this model; after a change to another size, with the size that answers."""
        routing = (self.trail.first[0] if self.trail.first else self).question.routing
        size = self.question.model.size
        if routing is None or size is None or routing.tier != routing.wanted:
            return routing
        return replace(routing, tier=size)
