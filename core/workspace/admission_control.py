"""Admission control over the database: nobody is asked who rests, and nothing is sent that does not fit what is left.

    reserve([question, ...])   the first attempts of a comparison, all in one transaction
    enter(question)         who rests? -> reserve (or take what was reserved) -> sending; else raises what forbids it,
                            or tells when there is room again
    permit                  tell what the reply's head says, settle what the attempt took, note who fails

Each attempt is a hold of its own, because providers count each. A process that dies leaves its holds to expire.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from ..admission import Candidate, Later
from ..budget import ask_for, read_tokens
from ..errors import LLMError
from ..providers import rate_limit_headers
from ..providers.limits import Need, PlannedCall, is_free, is_too_large, meters_of, price
from ..providers.model_states import MemoryModelStates, ModelStateStore, after_call
from ..question import Question
from ..records import ChatRequest, Completion, Head, RateLimitReading, Usage
from ..store import Unavailable
from ..store import calls as call_rows
from ..store.database import Database
from ..store.quota import ledger, view
from ..store.quota.breaker import Breaker, Target
from ..store.quota.grants import CannotCount, DoesNotFit, Grant, Hold, Uncounted
from ..store.quota.standings import Standings
from .forbidden import away, no_room, resting
from .reuse import Reuse
from .threshold import threshold

SPEEDS_EVERY_S = 60.0
SPEEDS_OF = timedelta(days=7)
AT_ONCE_LOOK_S = 1.0  # nobody tells when one of several calls at once will end
log = logging.getLogger("roundtable.workspace")


class DatabaseAdmission:
    """One attempt that was let through. `hold_id` None: nobody counts it, the database is away.

    `once`: it rests, and a person asks it all the same; an answer then ends the rest.
    """

    def __init__(
        self,
        database: Database,
        breaker: Breaker,
        standings: Standings,
        model_states: ModelStateStore,
        ask: PlannedCall,
        hold_id: str | None,
        *,
        once: bool = False,
    ) -> None:
        self.once = once
        self._standings = standings
        self._model_states = model_states
        self._database = database
        self._breaker = breaker
        self._ask = ask
        self._hold_id = hold_id
        self._head: tuple[Head, bytes] | None = None
        self._told = False

    def heard(self, head: Head, body: bytes) -> None:
        self._head = (head, body)

    def tell(self) -> None:
        """Let what the head says rule at once, for whoever asks next."""
        self._told = ledger.tell(self._database, self._hold_id, self._seen())

    def end(self, error: LLMError | None, usage: Usage | None, cost_usd: Decimal | None) -> None:
        """Count what the attempt took, and let the next ones know how it went."""
        said = [] if self._told else self._seen()
        ledger.settle(
            self._database,
            self._hold_id,
            sent=error is None or error.sent,
            outcome=error.kind if error else "ok",
            usage=usage,
            cost_usd=cost_usd,
            seen=said,
        )
        self._standings.note(self._ask.provider.id, self._ask.key_hash, error)
        if seen := after_call(error, self._seen(), now=self._database.now):
            self._model_states.note(self._ask.provider.id, self._ask.key_hash, self._ask.model.name, seen)
        meters = meters_of(self._ask.provider, self._ask.model.name, self._ask.key_hash) if error else []
        if self.once and error is None:
            with suppress(Unavailable):
                self._breaker.clear(target_of(self._ask))
        self._breaker.note(target_of(self._ask), error, meters=meters, seen=said, zone=self._ask.provider.zone)

    def _seen(self) -> list[RateLimitReading]:
        if self._head is None:
            return []
        head, body = self._head
        try:
            return rate_limit_headers.read(self._ask.provider.id, head.status, head.headers, body, self._database.now())
        except Exception:  # what a stranger wrote in a header must not cost an answer
            log.exception("what %s says of its limits could not be read", self._ask.provider.id)
            return []


class DatabaseAdmissionControl:
    """One for a process, in any thread."""

    def __init__(
        self,
        database: Database,
        process: str,
        longest_s: float,
        reuse: Reuse | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.breaker = Breaker(database, process)
        self.standings = Standings(database)
        self.model_states: ModelStateStore = MemoryModelStates()
        self._database = database
        self._longest_s = longest_s
        self._reuse = reuse
        self._clock = clock
        self._lock = threading.Lock()
        self._reserved: dict[str, tuple[Grant, float]] = {}
        self._speeds: Mapping[str, float] = {}
        self._speeds_at: float | None = None

    def reserve(self, questions: Sequence[Question]) -> None:
        """Hold the first attempts of these questions at once; `enter` then tells each what it was granted."""
        counted = [one for one in questions if one.request.request_id and not one.provider.simulated]
        if counted:
            grants = ledger.reserve(
                self._database, counted[0].owner_id, [ask_of(question) for question in counted]
            ).grants
            with self._lock:
                for question, grant in zip(counted, grants, strict=True):
                    self._reserved[question.request.request_id or ""] = (grant, self._clock())

    def enter(self, question: Question) -> DatabaseAdmission | Later:
        """Let one attempt through, counted from here on, or tell when there is room again.

        Raises the `LLMError` that a person is told where waiting does not help.
        """
        ask = ask_of(question)
        granted = self._take(question.request.request_id)
        try:
            rest = None if question.request.insist else self._rests(question, ask)
            held = rest or self._hold(question, ask, granted)
        except LLMError:
            self._give_back(granted)
            raise
        if isinstance(held, Later):
            self._give_back(granted)
            return held
        once = question.request.insist and bool(self.breaker.rests([target_of(ask)]))
        return DatabaseAdmission(self._database, self.breaker, self.standings, self.model_states, ask, held, once=once)

    def leave(self, question: Question) -> None:
        self.forget(question.request.request_id)

    def forget(self, request_id: str | None) -> None:
        """Give back what was reserved for a question that is not asked here."""
        self._give_back(self._take(request_id))

    def passed_over(self, request: ChatRequest, candidates: Sequence[Candidate]) -> Mapping[str, str]:
        """Why some of these models should not be asked now, by id: "rests" or "limit"."""
        read, limit = read_tokens(request.messages), request.max_output_tokens
        asks = [ask_for(one.provider, one.model, one.key, read, limit) for one in candidates]
        rests = self.breaker.rests([target_of(ask) for ask in asks])
        spent = [
            ask.model.id
            for ask, windows in zip(asks, view.of_asks(self._database, asks), strict=True)
            if any(line.state == "over" for line in price([ask], [windows]))
        ]
        return {**dict.fromkeys(spent, "limit"), **{ask.model.id: "rests" for ask in asks if target_of(ask) in rests}}

    def speeds(self) -> Mapping[str, float]:
        """Tokens a second by model as measured lately, as last read by `look_around`."""
        return self._speeds

    def threshold(self, owner_id: str) -> float:
        return threshold(self._database, owner_id)

    def recall(self, question: Question, *, given: bool = True) -> Completion | None:
        return self._reuse.recall(question, given=given) if self._reuse else None

    def keep(self, question: Question, completion: Completion) -> None:
        if self._reuse:
            self._reuse.keep(question, completion)

    def look_around(self) -> None:
        """For a timer: end what nobody settled, drop old answers, and read how fast the models are."""
        ledger.expire(self._database)
        if self._reuse:
            self._reuse.clean()
        with self._lock:
            for name, (_, at) in list(self._reserved.items()):
                if self._clock() - at > ledger.HELD_S:
                    del self._reserved[name]
        if self._speeds_at is None or self._clock() - self._speeds_at > SPEEDS_EVERY_S:
            self._speeds_at = self._clock()
            self._speeds = call_rows.speeds(self._database, since=self._database.now() - SPEEDS_OF)

    def _rests(self, question: Question, ask: PlannedCall) -> Later | None:
        rest = self.breaker.admit(target_of(ask))
        if rest is None:
            return None
        error = resting(question.provider, question.model, rest, self._database.now())
        if rest.why != "rate_limited" or error.retry_after_s is None:
            raise error
        return Later("|".join(("rests", *target_of(ask).names[-1])), error.retry_after_s, error)

    def _hold(self, question: Question, ask: PlannedCall, granted: Grant | None) -> str | Later | None:
        """The hold's id; None where nobody counts. What was reserved for it and refused is asked for once more."""
        for _ in range(2):  # what was held may have expired meanwhile
            grant = granted if isinstance(granted, Hold) else self._ask(question, ask)
            granted = None
            if not isinstance(grant, Hold):
                return self._refused(question, ask, grant)
            if ledger.sending(self._database, grant.hold_id, self._longest_s):
                return grant.hold_id
        raise away(question.provider, self._database.health().sentence)

    def _refused(
        self, question: Question, ask: PlannedCall, grant: DoesNotFit | CannotCount | Uncounted
    ) -> Later | None:
        if isinstance(grant, Uncounted):
            return None
        self.breaker.let_go(target_of(ask))
        if isinstance(grant, CannotCount):
            raise away(question.provider, grant.why)
        error = no_room(question.provider, question.model, grant, self._database.now())
        if grant.window.per == "at_once":
            return Later(grant.window.id, AT_ONCE_LOOK_S, error)
        if error.retry_after_s is None:
            raise error
        return Later(grant.window.id, error.retry_after_s, error)

    def _ask(self, question: Question, ask: PlannedCall) -> Grant:
        grant = ledger.reserve(self._database, question.owner_id, [ask]).grants[0]
        if isinstance(grant, DoesNotFit) and question.request.insist and self._may_exceed(ask):
            return ledger.reserve(self._database, question.owner_id, [replace(ask, insist=True)]).grants[0]
        return grant

    def _may_exceed(self, ask: PlannedCall) -> bool:
        """Whether a person may send what does not fit: a count or a published number may be wrong, but not so the
        limits of seconds and minutes, which end soon, nor those that the operator set for a shared key."""
        (windows,) = view.of_asks(self._database, [ask])
        firm = replace(ask.provider, limits=tuple(limit for limit in ask.provider.limits if limit.firm))
        sizes = {meter.id: meter.amount for meter in meters_of(firm, ask.model.name, ask.key_hash)}
        return all(
            _is_long(need) and (ask.own or _within(need, sizes.get(need.window.id)))
            for line in price([ask], [windows])
            for need in line.needs
            if need.state == "over"
        )

    def _take(self, request_id: str | None) -> Grant | None:
        with self._lock:
            return self._reserved.pop(request_id or "", (None, 0.0))[0]

    def _give_back(self, grant: Grant | None) -> None:
        if isinstance(grant, Hold):
            ledger.settle(self._database, grant.hold_id, sent=False)


def ask_of(question: Question) -> PlannedCall:
    """The next attempt of a question as the quota room counts it."""
    read = read_tokens(question.request.messages)
    return ask_for(question.provider, question.model, question.key, read, question.request.max_output_tokens)


def _is_long(need: Need) -> bool:
    return need.window.per not in ("second", "minute", "at_once") or is_too_large(need.window, need.each)


def _within(need: Need, size: Decimal | None) -> bool:
    """Whether our own count leaves room in a limit of this size; None: there is no such limit."""
    window = need.window
    return size is None or window.used + window.reserved + (need.needed or 1) <= size


def target_of(ask: PlannedCall) -> Target:
    return Target(ask.provider.id, ask.model.name, ask.key_hash, is_free(ask.model))
