"""The nightly probe of one process: it begins at a minute that is drawn anew each night, and asks one model at a time.

    nightly.tick()      for a timer, every minute: begin when the night's minute has come and no other process has
    nightly.price()     what a night costs as things are, also while the probe is off
    nightly.last()      the last night that ended

Only keys of the environment are used. Of several replicas the one that holds the night's lease asks; when it dies,
another goes on with the models that are left. The calls are logged under an owner of their own, so that no one's times,
votes or usage hold them; what they tell of models and limits is kept as after any call.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from random import Random

from ...budget import Budget
from ...jobs import Jobs
from ...providers.limits import PlannedCall
from ...providers.models_dev import filled
from ...providers.pace import gap_s
from ...records import NIGHTLY, ChatRequest, Message
from ...routing.privacy import names_a_model
from ...routing.served import is_router
from ...store import StoreError
from ...store.database import Database
from ...store.quota import nights, view
from ..paced import PacedCalls, Sleep
from .plan import LONGEST_GAP_S, NightPlan, has_room, plan, take

PROMPT = "Hi"
FROM_HOUR, DRAWN_HOURS, TO_HOUR = 1, 3, 6  # a start from 1:00 to 4:00; at 6:00 the night is over
SPACING_S = 20.0
log = logging.getLogger("roundtable.workspace")


class NightlyProbe:
    """One per process. `zone` None: the zone of this computer; `enabled` False: it only tells the price."""

    def __init__(
        self,
        paced_calls: PacedCalls,
        database: Database,
        budget: Budget,
        jobs: Jobs,
        process: str,
        *,
        enabled: bool,
        zone: tzinfo | None = None,
        now: Callable[[], datetime] | None = None,
        chance: Random | None = None,
    ) -> None:
        self.enabled = enabled
        self._paced_calls = paced_calls
        self._directory = paced_calls.engine.directory
        self._database = database
        self._budget = budget
        self._jobs = jobs
        self._process = process
        self._zone = zone
        self._lease_s = LONGEST_GAP_S + paced_calls.engine.settings.answer_timeout_s + 60  # renewed before each call
        self._now = now or database.now
        self._sleep: Sleep = paced_calls.sleep
        self._chance = chance or Random()  # noqa: S311 - a minute, not a secret
        self._running: Future[None] | None = None
        self._given_up: date | None = None  # the night of a fault that would only be repeated

    def tick(self) -> None:
        """Begin, or take over from a process that died. Reads the database only by night. Raises StoreError."""
        if not self.enabled or (self._running and not self._running.done()):
            return
        local = self._local_now()
        if not FROM_HOUR <= local.hour < TO_HOUR or local.date() == self._given_up:
            return
        first = local.replace(hour=FROM_HOUR, minute=0, second=0, microsecond=0)
        drawn = first + timedelta(minutes=self._chance.randrange(DRAWN_HOURS * 60))
        night = nights.drawn(self._database, local.date(), drawn)
        if night.ended_at or self._now() < night.starts_at:
            return
        if nights.claim(self._database, night.night, self._process, self._lease_s):
            self._running = self._jobs.beside(self._run(night))

    def price(self) -> NightPlan:
        """A night from now on. Raises StoreError."""
        asks = self._asks()
        return plan(asks, view.of_asks(self._database, asks), nights.asked_at(self._database))

    def last(self) -> nights.Night | None:
        return nights.newest(self._database)

    def _local_now(self) -> datetime:
        return self._now().astimezone(self._zone)

    def _asks(self) -> list[PlannedCall]:
        """One call of every model that can be asked with the keys of the environment, but for routers and models on
        this computer, which would be loaded for it."""
        choices = [
            choice
            for choice in self._directory.choices()
            if not choice.provider.local
            and not is_router(choice.model)
            and names_a_model(choice.provider, choice.model.name)
        ]
        asks = self._budget.asks([choice.model.id for choice in choices], PROMPT, max_output_tokens=1)
        return [replace(ask, model=filled(ask.model, ask.provider)) for ask in asks]

    async def _run(self, night: nights.Night) -> None:
        try:
            whole = await asyncio.to_thread(self.price)
            asked_at = await asyncio.to_thread(nights.asked_at, self._database)
            left = [ask for ask in whole.calls if not _is_of(night, asked_at.get(ask.model.id))]
            skipped = await self._ask_all(night.night, left)
            if skipped is not None:
                total = skipped + len(whole.skipped)
                await asyncio.to_thread(nights.end, self._database, night.night, self._process, self._now(), total)
                log.info("nightly probe: %d models asked, %d left out", len(left) - skipped, total)
        except StoreError:
            log.exception("the nightly probe stopped: the database is unavailable")  # its lease ends, and it goes on
        except Exception:
            self._given_up = night.night
            log.exception("the nightly probe failed")

    async def _ask_all(self, night: date, calls: Sequence[PlannedCall]) -> int | None:
        """Ask one after another; how many had no room any more. None: another process has the night now."""
        taken_of: dict[str, Decimal] = {}
        skipped = 0
        for place, ask in enumerate(calls):
            if place:
                await self._sleep(max(gap_s([ask]), SPACING_S * self._chance.uniform(1, 2)))
            if not await asyncio.to_thread(nights.claim, self._database, night, self._process, self._lease_s):
                return None
            local = self._local_now()
            if local.hour >= TO_HOUR or local.date() != night or not await asyncio.to_thread(self._take, ask, taken_of):
                skipped += 1
                continue
            request_id = f"night-{night}-{ask.model.id}"
            request = ChatRequest(
                (Message("user", PROMPT),), ask.model.id, max_output_tokens=1, request_id=request_id, waits=False,
                retries=False,
            )  # fmt: skip
            await self._paced_calls.answer(request, NIGHTLY)
        return skipped

    def _take(self, ask: PlannedCall, taken_of: dict[str, Decimal]) -> bool:
        """Whether the call has room now; it is then counted against the night's share."""
        (windows,) = view.of_asks(self._database, [ask])
        if not has_room(ask, windows, lambda name: taken_of.get(name, Decimal(0))):
            return False
        take(ask, windows, taken_of)
        return True


def _is_of(night: nights.Night, asked_at: datetime | None) -> bool:
    """Whether a model was asked this night already, by a process that died."""
    return asked_at is not None and asked_at >= night.starts_at
