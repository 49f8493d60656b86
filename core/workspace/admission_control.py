"""Admission control over the database: paused models are not asked, and nothing is sent beyond the remaining quota.

    reserve([question, ...])   the first attempts of a comparison, in one transaction
    enter(question)            paused? -> reserve (or take the reservation) -> sending; otherwise raises the reason,
                               or returns when there is room again
    AdmittedAttempt            applies the reply's headers, settles the attempt, records failures

Each attempt has its own reservation, because providers count each. Those of a dead process expire.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from ..admission import Candidate, Later
from ..budget import ask_for, read_tokens
from ..errors import LLMError, class_of
from ..expected_output import expected_output, is_told_by_past
from ..providers.limits import OF_PERSON, Meter, Need, PlannedCall, is_too_large, meters_of, price
from ..providers.shares import Sharer
from ..question import Question
from ..records import ChatRequest, Completion
from ..store import calls as call_rows
from ..store.database import Database
from ..store.past_outputs import PastOutputs
from ..store.quota import ledger, view
from ..store.quota.breaker import Breaker
from ..store.quota.grants import CannotCount, DoesNotFit, Grant, Hold, Uncounted
from ..store.quota.model_states import ModelStates
from ..store.quota.standings import Standings
from .admitted_attempt import AdmittedAttempt, target_of
from .refusals import Patience, cannot_count, day_over, no_room, paused, share_used
from .reuse import Reuse
from .routing_threshold import threshold

SPEEDS_EVERY_S = 60.0
SPEEDS_OF = timedelta(days=7)
AT_ONCE_LOOK_S = 1.0  # when a concurrent call will end is unknown
log = logging.getLogger("roundtable.workspace")


class DatabaseAdmissionControl:
    """One per process, thread-safe."""

    def __init__(
        self,
        database: Database,
        process: str,
        longest_s: float,
        reuse: Reuse | None = None,
        meters_of_person: Callable[[str], tuple[Meter, ...]] = lambda owner_id: (),
        *,
        sharer: Callable[[str], Sharer | None] = lambda owner_id: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.breaker = Breaker(database, process)
        self.standings = Standings(database)
        self.model_states = ModelStates(database)
        self._database = database
        self._longest_s = longest_s
        self._reuse = reuse
        self._meters_of_person = meters_of_person
        self._sharer = sharer
        self._past = PastOutputs(database)
        self._clock = clock
        self._lock = threading.Lock()
        self.commit_sending: Callable[[Question], None] = lambda question: None
        self._reserved: dict[tuple[str, str], tuple[Grant, float]] = {}  # by owner and request id
        self._speeds: Mapping[str, float] = {}
        self._speeds_at: float | None = None

    def reserve(self, questions: Sequence[Question]) -> None:
        """Reserve the first attempts of these questions in one transaction; `enter` then uses the reservations."""
        counted = [
            candidate for candidate in questions if candidate.request.request_id and not candidate.provider.simulated
        ]
        if counted:
            grants = ledger.reserve(
                self._database, counted[0].owner_id, [self._planned(question) for question in counted]
            ).grants
            with self._lock:
                for question, grant in zip(counted, grants, strict=True):
                    self._reserved[question.owner_id, question.request.request_id or ""] = (grant, self._clock())

    def enter(self, question: Question) -> AdmittedAttempt | Later:
        """Admit one attempt, which counts from now on, or return when there is room again.

        Raises the `LLMError` for the person if waiting does not help.
        """
        ask = self._planned(question)
        reserved = self._take(question.owner_id, question.request.request_id)
        try:
            pause = None if question.request.insist else self._check_pause(question, ask)
            hold = pause or self._hold(question, ask, reserved)
        except LLMError:
            self._give_back(reserved)
            raise
        if isinstance(hold, Later):
            self._give_back(reserved)
            return hold
        once = question.request.insist and bool(self.breaker.paused([target_of(ask)]))
        return AdmittedAttempt(self._database, self.breaker, self.standings, self.model_states, ask, hold, once=once)

    def sending(self, question: Question) -> None:
        self.commit_sending(question)

    def leave(self, question: Question) -> None:
        self.forget(question.owner_id, question.request.request_id)

    def forget(self, owner_id: str, request_id: str | None) -> None:
        """Release the reservation of a question that is not asked here."""
        self._give_back(self._take(owner_id, request_id))

    def passed_over(self, request: ChatRequest, candidates: Sequence[Candidate], owner_id: str) -> Mapping[str, str]:
        """The models that should not be asked now, by id, with the reason: "rests" or "limit"."""
        read, limit, sharer = read_tokens(request.messages), request.max_output_tokens, self._sharer(owner_id)
        asks = [
            self._of_person(
                ask_for(provider, model, key, read, limit, sharer, expected_output(request.effort, provider, model)),
                owner_id,
            )
            for provider, model, key in candidates
        ]
        paused_targets = self.breaker.paused([target_of(ask) for ask in asks])
        over_limit = [
            ask.model.id
            for ask, windows in zip(asks, view.of_asks(self._database, asks), strict=True)
            if any(line.state == "over" for line in price([ask], [windows]))
        ]
        return {
            **dict.fromkeys(over_limit, "limit"),
            **{ask.model.id: "rests" for ask in asks if target_of(ask) in paused_targets},
        }

    def speeds(self) -> Mapping[str, float]:
        """Tokens per second by model, as last read by `look_around`."""
        return self._speeds

    def threshold(self, owner_id: str) -> float:
        return threshold(self._database, owner_id)

    def recall(self, question: Question, *, count_hit: bool = True) -> Completion | None:
        return self._reuse.recall(question, count_hit=count_hit) if self._reuse else None

    def keep(self, question: Question, completion: Completion) -> None:
        if self._reuse:
            self._reuse.keep(question, completion)

    def look_around(self) -> None:
        """For a timer: expire reservations, drop old cached answers, and read the models' speeds."""
        ledger.expire(self._database)
        if self._reuse:
            self._reuse.clean()
        with self._lock:
            for key, (_, reserved_at) in list(self._reserved.items()):
                if self._clock() - reserved_at > ledger.HELD_S:
                    del self._reserved[key]
        if self._speeds_at is None or self._clock() - self._speeds_at > SPEEDS_EVERY_S:
            self._speeds_at = self._clock()
            self._speeds = call_rows.speeds(self._database, since=self._database.now() - SPEEDS_OF)

    def _planned(self, question: Question) -> PlannedCall:
        """The next attempt of a question, for the ledger."""
        request, sharer = question.asked, self._sharer(question.owner_id)
        if sharer and (request.background or request.scheduled):
            sharer = replace(sharer, background=True)
        read, most = read_tokens(question.request.messages, question.model.name), question.request.max_output_tokens
        effort, model = question.request.effort, question.model
        past = self._past.of(question.owner_id, model.id, effort) if is_told_by_past(effort, model) else ()
        expected = expected_output(effort, question.provider, model, past)
        ask = ask_for(question.provider, model, question.key, read, most, sharer, expected)
        if question.recording:
            seconds = Decimal(str(question.recording.seconds or 0))
            ask = replace(ask, input_tokens=0, output_tokens=0, reasoning_tokens=0, audio_seconds=seconds)
        return ask if request.approved else self._of_person(ask, question.owner_id)

    def _of_person(self, ask: PlannedCall, owner_id: str) -> PlannedCall:
        """The call, which also counts against the person's day if its key is the server's."""
        if ask.own or not ask.key_hash:
            return ask
        return replace(ask, of_person=self._meters_of_person(owner_id))

    def _check_pause(self, question: Question, ask: PlannedCall) -> Later | None:
        pause = self.breaker.admit(target_of(ask))
        if pause is None:
            return None
        error = paused(question.provider, question.model, pause, self._database.now())
        if not class_of(pause.why).retryable or error.retry_after_s is None:
            raise error
        return Later("|".join(("rests", *target_of(ask).names[-1])), error.retry_after_s, error)

    def _hold(self, question: Question, ask: PlannedCall, reserved: Grant | None) -> str | Later | None:
        """The id of the reservation; None if uncounted. A refused earlier reservation is tried once more."""
        for _ in range(2):  # the reservation may have expired meanwhile
            grant = reserved if isinstance(reserved, Hold) else self._ask(question, ask)
            reserved = None
            if not isinstance(grant, Hold):
                return self._refused(question, ask, grant)
            if ledger.sending(self._database, grant.hold_id, self._longest_s):
                return grant.hold_id
        raise cannot_count(question.provider, self._database.health().sentence)

    def _refused(
        self, question: Question, ask: PlannedCall, grant: DoesNotFit | CannotCount | Uncounted
    ) -> Later | None:
        if isinstance(grant, Uncounted):
            return None
        self.breaker.let_go(target_of(ask))
        if isinstance(grant, CannotCount):
            raise cannot_count(question.provider, grant.why)
        error = self._error(question, grant)
        queue = "|".join((grant.window.id, question.owner_id)) if grant.of_share else grant.window.id
        if grant.window.per == "at_once":
            return Later(queue, AT_ONCE_LOOK_S, error)
        if error.retry_after_s is None:
            raise error
        return Later(queue, error.retry_after_s, error)

    def _error(self, question: Question, grant: DoesNotFit) -> LLMError:
        to_whom, now = (question.provider, question.model), self._database.now()
        if grant.of_share:
            return share_used(*to_whom, grant, now, _patience(question))
        refusal = day_over if grant.window.pool == OF_PERSON else no_room
        return refusal(*to_whom, grant, now)

    def _ask(self, question: Question, ask: PlannedCall) -> Grant:
        grant = ledger.reserve(self._database, question.owner_id, [ask]).grants[0]
        if isinstance(grant, DoesNotFit) and question.request.insist and self._may_exceed(ask):
            return ledger.reserve(self._database, question.owner_id, [replace(ask, insist=True)]).grants[0]
        return grant

    def _may_exceed(self, ask: PlannedCall) -> bool:
        """Whether a person may send it anyway: a count or a published number may be wrong. Not beyond limits per second
        and minute, which end soon, nor beyond those that the operator set for a shared key."""
        (windows,) = view.of_asks(self._database, [ask])
        firm = replace(ask.provider, limits=tuple(limit for limit in ask.provider.limits if limit.firm))
        sizes = {meter.id: meter.amount for meter in meters_of(firm, ask.model.name, ask.key_hash)}
        return all(
            _is_long(need) and (ask.own or _within(need, sizes.get(need.window.id)))
            for line in price([ask], [windows])
            for need in line.needs
            if need.state == "over"
        )

    def _take(self, owner_id: str, request_id: str | None) -> Grant | None:
        with self._lock:
            return self._reserved.pop((owner_id, request_id or ""), (None, 0.0))[0]

    def _give_back(self, grant: Grant | None) -> None:
        if isinstance(grant, Hold):
            ledger.settle(self._database, grant.hold_id, sent=False)


def _patience(question: Question) -> Patience:
    """How the question waits for a share: a scheduled one until it is sure to find one."""
    return "reset" if question.asked.scheduled else "batch" if question.asked.background else "person"


def _is_long(need: Need) -> bool:
    return need.window.per not in ("second", "minute", "at_once") or is_too_large(need.window, need.each)


def _within(need: Need, size: Decimal | None) -> bool:
    """Whether our own count leaves room in a limit of this size (None: no limit)."""
    window = need.window
    return size is None or window.used + window.reserved + (need.needed or 1) <= size
