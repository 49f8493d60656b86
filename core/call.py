"""One question on its way to one model: what is sent, what was tried, what has come so far, and the answer it makes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from core.context import estimate_tokens
from core.errors import LLMError
from core.net.queues import Place
from core.providers.keys import Key, Keyring, credentials
from core.providers.limits import is_free
from core.records import (
    Attempt,
    ChatRequest,
    Completion,
    Finish,
    Head,
    HttpRequest,
    Model,
    Note,
    Provider,
    Timing,
    Unshown,
    Usage,
    WireEvent,
)
from core.safety.redact import Redactor
from core.wire import FORMATS, Format
from core.wire.endings import BY_STOP_SEQUENCE, normal
from core.wire.reader import Answer

if TYPE_CHECKING:
    from asyncio import Task


SAMPLING = {
    "temperature": "temperature",
    "top_p": "top_p",
    "topP": "top_p",
    "p": "top_p",
    "seed": "seed",
    "random_seed": "seed",
    "max_tokens": "max_output_tokens",
    "max_completion_tokens": "max_output_tokens",
    "maxOutputTokens": "max_output_tokens",
}


@dataclass
class Call:
    """State of one call. Whoever runs it writes; any thread may read `answer` and `attempts`."""

    request: ChatRequest
    provider: Provider
    model: Model
    key: Key | None
    keyring: Keyring
    redactor: Redactor
    clock: Callable[[], float] = time.monotonic
    notes: list[Note] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    answer: Answer = field(default_factory=Answer)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    started: float = 0.0
    sent: float = 0.0
    pausing: bool = False
    waiting: Waiting | None = None
    streamed: bool = True
    cold: bool | None = None
    simulated: bool | None = None
    owner_id: str = ""
    permit: Permit | None = None
    once: bool = False
    telling: Task[None] | None = None
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    original: ChatRequest = field(default_factory=lambda: ChatRequest(()))
    heirs: list[str] | None = None
    reached: set[str] = field(default_factory=set)
    barred: set[str] = field(default_factory=set)
    asked_first: tuple[Call, LLMError] | None = None
    refusal: LLMError | None = None  # what ended the attempt before

    def __post_init__(self) -> None:
        self.started = self.sent = self.clock()

    @property
    def wire(self) -> Format:
        return FORMATS[self.provider.wire]

    def begin(self, *, stream: bool) -> HttpRequest:
        """Start an attempt: the signed request, with a fresh answer and a fresh stopwatch."""
        self.pausing = False
        self.waiting = None
        self.streamed = stream
        self.cold = self.simulated = None
        self.sent = self.clock()
        request = self.wire.encode(self.request, self.provider, self.model, stream=stream)
        signed = self.keyring.sign(request, self.provider, self.key)
        self.redactor = self.redactor.knowing(credentials(signed))
        self.answer = self._empty()
        return signed

    def turn_to(self, heir: Call, error: LLMError) -> None:
        """Let another model answer; who was asked first, and why it could not, is kept for the end."""
        if self.asked_first is None:
            self.asked_first = (replace(self, notes=list(self.notes)), error)
        first = self.asked_first[0]
        self.request, self.provider, self.model, self.key = heir.request, heir.provider, heir.model, heir.key
        self.notes = [*first.notes, *(note for note in heir.notes if note not in first.notes)]
        self.notes.append(Note("failed_over", first.model.id))
        if size := self.asked_first[1].oversize:
            self.notes.append(Note("beyond_credit" if size.per == "credit" else "too_large", first.model.id))
        self.answer = self._empty()
        self.pausing = True
        self.refusal = None

    def turn_back(self, error: LLMError) -> LLMError:
        """Nobody could answer: it is the failure of the model that was asked first that counts."""
        if self.asked_first is None:
            return error
        first, error = self.asked_first
        self.request, self.provider, self.model, self.key = first.request, first.provider, first.model, first.key
        self.notes = first.notes
        return error

    def failed(self, error: LLMError) -> LLMError:
        """Note an attempt that came to nothing; one that we refused ourselves was never sent. Returns what a person is
        told: where we do not ask again, it is what the provider said before, with the time when we would."""
        error.sent = error.sent and error.origin != "local"
        self.attempts.append(replace(self._attempt(error.kind), sent=error.origin != "local"))
        if error.origin == "local" and self.refusal:
            self.refusal.retryable, self.refusal.retry_after_s = False, error.retry_after_s
        else:
            self.refusal = error
        return self.refusal

    def pause(self, wait_s: float, most: int) -> Attempt:
        """Note that the attempt that just failed is followed by a pause; returns it for whoever watches."""
        self.pausing = True
        self.attempts[-1] = replace(self.attempts[-1], wait_s=wait_s, of=most)
        return self.attempts[-1]

    def drop(self, parameter: str | None) -> bool:
        """Leave out the parameter that the provider refuses; False when there is nothing to leave out."""
        if parameter in ("stream_options", "details") and not self.provider.quirks.get(f"no_{parameter}"):
            self.provider = replace(self.provider, quirks={**self.provider.quirks, f"no_{parameter}": True})
            return True
        name = SAMPLING.get(parameter or "")
        if name is None or getattr(self.request, name) is None:
            return False
        without: dict[str, Any] = {name: None}
        self.request = replace(self.request, **without)
        self.notes.append(Note("parameter_dropped", name))
        return True

    def completion(self, error: LLMError | None = None, finish: Finish | None = None) -> Completion:
        """What there is of the answer, whole or cut; `finish` overrides the provider's when we ended it ourselves."""
        answer = self.answer
        answer.close()
        if error is None and finish is None:
            self.attempts.append(self._attempt("ok"))
        if error is not None and (answer.text or answer.reasoning):
            finish = Finish("truncated", answer.finish.raw if answer.finish else None)
        usage = self.usage()
        whole = Completion(
            model_id=self.model.id,
            text=answer.text,
            reasoning=answer.reasoning,
            usage=usage,
            finish=finish or answer.finish,
            timing=self._timing(),
            cost_usd=self.cost(usage),
            attempts=tuple(self.attempts),
            notes=(*self.notes, *_told(answer)),
            error=error,
        )
        return self.redactor.clean(whole)

    def _empty(self) -> Answer:
        text, reasoning = self.redactor.sieve(), self.redactor.sieve()
        return Answer((text, reasoning) if text and reasoning else None)

    def _attempt(self, outcome: str) -> Attempt:
        ms = (self.clock() - self.sent) * 1000
        return Attempt(
            self.provider.id,
            self.model.id,
            len(self.attempts) + 1,
            outcome,
            ms,
            cold=self.cold,
            simulated=self.provider.simulated or self.simulated,
        )

    def _timing(self) -> Timing:
        answer = self.answer
        return Timing(
            started_at=self.started_at,
            ttft_ms=answer.ttft_ms if self.streamed else None,
            first_answer_ms=answer.first_answer_ms if self.streamed else None,
            last_ms=answer.last_ms if self.streamed else None,
            total_ms=(self.clock() - self.sent) * 1000,
            waited_ms=(self.sent - self.started) * 1000,
            chunks=answer.chunks,
            arrivals=answer.arrivals if self.streamed else None,
            streamed=self.streamed,
        )

    def looked_up(self) -> Timing:
        """The times of an answer that was kept: all of it comes at once, when it was found."""
        ms = (self.clock() - self.started) * 1000
        return Timing(self.started_at, ms, ms, ms, ms, chunks=1, arrivals=1, streamed=False)

    def usage(self) -> Usage | None:
        """What was used so far: as the provider told, else as we count.

        A count that came before the end may be a guess or an early one: far below what was written, it is not believed.
        """
        told = self.answer.usage
        if told is None or told.input_tokens is None or told.output_tokens is None:
            return self._estimate()
        if self.answer.finish is None:
            estimate = self._estimate()
            if estimate and (estimate.output_tokens or 0) > 2 * told.output_tokens:
                return estimate
        return told

    def _estimate(self) -> Usage | None:
        """Our own count, marked as such, where the provider told none (a cut stream, a server that never does)."""
        answer = self.answer
        if not answer.text and not answer.reasoning:
            return answer.usage
        told = answer.usage or Usage()
        read = sum(estimate_tokens(message.text) for message in self.request.messages)
        wrote = estimate_tokens(answer.text) + estimate_tokens(answer.reasoning)
        output = wrote if answer.finish is None else told.output_tokens or wrote
        return replace(told, input_tokens=told.input_tokens or read, output_tokens=output, estimated=True)

    def cost(self, usage: Usage | None) -> Decimal | None:
        if usage and usage.cost_usd is not None:
            return usage.cost_usd
        if is_free(self.model):
            return Decimal(0)
        price_in, price_out = self.model.usd_per_million_in, self.model.usd_per_million_out
        if usage is None or price_in is None or price_out is None:
            return None
        if usage.input_tokens is None or usage.output_tokens is None:
            return None
        return (usage.input_tokens * price_in + usage.output_tokens * price_out) / 1_000_000


def _told(answer: Answer) -> Iterator[Note]:
    """What a person should know of an answer beside its text."""
    for part in dict.fromkeys((part.kind, part.detail) for part in answer.unshown):
        yield Note("unshown", " · ".join(filter(None, part)))
    if answer.finish and answer.finish.reason == "unknown":
        yield Note("ended", answer.finish.raw or "")


class Candidate(NamedTuple):
    """A model that might be asked, and the key it would be asked with."""

    provider: Provider
    model: Model
    key: Key | None


@dataclass(frozen=True, slots=True)
class Later:
    """No room now, but again in `wait_s` seconds: then ask once more. Who waits for the same `queue` goes in turn.

    `error` is what a person is told for whom that is too long.
    """

    queue: str
    wait_s: float
    error: LLMError


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a call waits for before it is sent: its place in a queue, and until when by the call's clock."""

    place: Place
    until: float


class Permit(Protocol):
    """One attempt on its way. `heard` is quick; the others may block and are called off the event loop.

    `heard` is given the head of the reply (and the body of a refusal), `tell` passes on what it says while the answer
    is still coming, `end` is told once what came of the attempt. `once`: it is let through because a person insists, so
    that a failure is not tried again by itself.
    """

    once: bool

    def heard(self, head: Head, body: bytes) -> None: ...
    def tell(self) -> None: ...
    def end(self, error: LLMError | None, usage: Usage | None, cost_usd: Decimal | None) -> None: ...


class Gate(Protocol):
    """Who may be asked. Without a gate nothing is counted and nobody rests.

    `enter` raises the `LLMError` that forbids an attempt, or tells when there is room; `leave` gives back what was held
    for a question and never used; `passed_over` tells why some models should not be asked now, by id; `recall` finds
    the answer that was kept to the same question, `keep` keeps one; `threshold` is the difficulty that divides small
    from big for an owner; these may block. `speeds` are tokens a second as measured lately.
    """

    def enter(self, call: Call) -> Permit | Later: ...
    def leave(self, call: Call) -> None: ...
    def passed_over(self, request: ChatRequest, candidates: Sequence[Candidate]) -> Mapping[str, str]: ...
    def speeds(self) -> Mapping[str, float]: ...
    def threshold(self, owner_id: str) -> float: ...
    def recall(self, call: Call) -> Completion | None: ...
    def keep(self, call: Call, asked: ChatRequest, completion: Completion) -> None: ...


def stopped(*, sent: bool = True) -> LLMError:
    """The end of an attempt that we ended ourselves: nobody's failure."""
    error = LLMError("The answer was stopped.")
    error.sent = sent
    return error


def refused(request: ChatRequest, error: LLMError, redactor: Redactor, model_id: str = "") -> Completion:
    """The Completion of a question that was never sent."""
    error.sent = False
    whole = Completion(
        model_id=model_id or request.model_id or "",
        text="",
        reasoning="",
        usage=None,
        finish=None,
        timing=Timing(started_at=datetime.now(UTC)),
        error=error,
    )
    return redactor.clean(whole)


def is_empty(events: Iterable[WireEvent]) -> bool:
    """True for an answer that ended normally and says nothing, which is worth asking once more.

    One that met a stop sequence at once is as it was wanted; one that holds a picture or calls a tool says something.
    """
    for event in events:
        if isinstance(event, Unshown):
            return False
        if isinstance(event, Finish) and (
            event.reason not in ("stop", "unknown") or normal(event.raw) in BY_STOP_SEQUENCE
        ):
            return False
    return True
