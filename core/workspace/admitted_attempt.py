"""One attempt that admission control let through: it applies the reply's headers, is settled, and records failures."""

from __future__ import annotations

import logging
from contextlib import suppress
from decimal import Decimal

from ..admission import SIMULATED
from ..errors import LLMError
from ..providers import rate_limit_headers, sunset
from ..providers.limits import PlannedCall, meters_of
from ..providers.model_states import ModelState, ModelStateStore, after_call, with_end
from ..providers.pricing import is_free
from ..records import NOTHING, Head, RateLimitReading, Usage
from ..routing.served import relation
from ..store import Unavailable
from ..store.database import Database
from ..store.quota import ledger
from ..store.quota.breaker import Breaker, Target
from ..store.quota.standings import Standings

log = logging.getLogger("roundtable.workspace")


class AdmittedAttempt:
    """`hold_id` None: it is not counted, because the database is unavailable.

    `once`: the model is paused, but a person asks it anyway; an answer then ends the pause.
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
        """Apply the limits in the response headers at once."""
        self._told = ledger.tell(self._database, self._hold_id, self._seen())

    def end(
        self, error: LLMError | None, usage: Usage | None, cost_usd: Decimal | None, response_model: str = ""
    ) -> None:
        """Settle the attempt and record its outcome."""
        readings = [] if self._told else self._seen()
        ledger.settle(
            self._database,
            self._hold_id,
            sent=error is None or error.sent,
            outcome=error.kind if error else "ok",
            usage=usage,
            cost_usd=cost_usd,
            seen=readings,
        )
        self._standings.note(self._ask.provider.id, self._ask.key_hash, error)
        is_another = bool(response_model) and relation(self._ask.model, response_model) == "another"
        if seen_model := after_call(error, self._seen(), is_another=is_another, now=self._database.now):
            self._note_model(seen_model)
        meters = meters_of(self._ask.provider, self._ask.model.name, self._ask.key_hash) if error else []
        if self.once and error is None:
            with suppress(Unavailable):
                self._breaker.clear(target_of(self._ask))
        self._breaker.note(target_of(self._ask), error, meters=meters, seen=readings, zone=self._ask.provider.zone)

    def _note_model(self, seen: ModelState) -> None:
        """How the model stands, with the end that the reply's headers told; a simulator's is nobody's end."""
        key, name = (self._ask.provider.id, self._ask.key_hash), self._ask.model.name
        headers = self._head[0].headers if self._head else NOTHING
        notice = None if SIMULATED in headers else sunset.read(headers, self._database.now())
        self._model_states.note(*key, name, with_end(seen, self._model_states.of(*key).get(name), notice))

    def _seen(self) -> list[RateLimitReading]:
        if self._head is None:
            return []
        head, body = self._head
        try:
            return rate_limit_headers.read(self._ask.provider.id, head.status, head.headers, body, self._database.now())
        except Exception:  # a malformed header must not fail the answer
            log.exception("the rate limit headers of %s could not be read", self._ask.provider.id)
            return []


def target_of(ask: PlannedCall) -> Target:
    return Target(ask.provider.id, ask.model.name, ask.key_hash, is_free(ask.model))
