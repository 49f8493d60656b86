"""One batch on its way: take questions, ask them, keep what came, step by step, until nothing waits any more.

    step -> questions -> ask (as many at once as their providers take) -> answers -> step ...

All state that matters is in the database after each step. A runner that is cancelled, or whose process is killed, has
lost nothing that was kept; what it had on its way is asked again by whoever takes over.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..insight.expected import Rule
from ..records import ChatRequest, Completion, Message, Owner, Provider
from ..store import Unavailable, calls
from ..store.batches import carrying
from ..store.batches.carrying import ClaimedRow, Ended, Step, Wish
from ..store.database import Database
from ..store.tables import to_us
from ..views.batches import Batch
from .outcome import Outcome, broken, outcome, stopped
from .slots import Slots

Keys = Mapping[str, str]
Ask = Callable[[ChatRequest, Keys, str], Awaitable[Completion]]
SAMPLING = ("temperature", "top_p", "seed", "max_output_tokens")
LOOK_S = 1.0  # how soon a pause by another process is seen
LOOK_AGAIN = 10  # after so many steps a model without waiting rows is looked at once more: some may have come back
log = logging.getLogger("roundtable.batch")


@dataclass
class Runner:
    """Carries one batch. `providers` are its models' by place, None for one that the catalogue does not know."""

    database: Database
    process: str
    owner: Owner
    batch: Batch
    providers: Sequence[Provider | None]
    slots: Slots
    ask: Ask
    look_s: float = LOOK_S

    def __post_init__(self) -> None:
        self._rule = Rule.of(self.batch.rule)
        self._nudge = asyncio.Event()
        self._tasks: dict[asyncio.Task[Outcome], ClaimedRow] = {}
        self._rests: dict[int, tuple[datetime, str]] = {}
        self._told: Mapping[str, Any] = {}
        self._skips: dict[int, tuple[str, str]] = {}
        self._exhausted: set[int] = set()
        self._steps = 0

    def nudge(self) -> None:
        """Something was changed: look now. On the loop's thread."""
        self._nudge.set()

    async def carry(self) -> None:
        """Until the batch is over, paused, or another's."""
        for provider_id in self._provider_ids():
            self.slots.join(provider_id, self.batch.id)
        try:
            await self._carry()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            for taken in self._tasks.values():
                self.slots.give_back(self._provider_id(taken.place), self.batch.id)
            for provider_id in self._provider_ids():
                self.slots.leave(provider_id, self.batch.id)

    async def _carry(self) -> None:
        ended: list[Ended] = []
        while True:
            wish = self._wish(ended)
            step = await self._step(wish)
            if step is not None:
                if step is GONE:
                    return
                ended = []
                self._begin(step.taken, wish)
                if wish.idle and not step.taken and step.state != "running":
                    return
                if step.state == "cancelled":
                    ended += await self._stop()
                    continue
            await self._news()
            ended += self._ended()

    async def _step(self, wish: Wish) -> Step | None:
        """None while the database is away: what came is held and kept with the next step."""
        try:
            done = await asyncio.to_thread(
                carrying.step, self.database, self.owner.id, self.batch.id, self.process, wish
            )  # fmt: skip
        except Unavailable:
            return None
        self._skips = {place: why for place, why in self._skips.items() if place not in wish.skip}
        if wish.rests is not None:
            self._told = wish.rests
        return done or GONE

    def _wish(self, ended: Sequence[Ended]) -> Wish:
        self._steps += 1
        if not self._tasks or self._nudge.is_set() or self._steps % LOOK_AGAIN == 0:
            self._exhausted.clear()
        self._nudge.clear()
        now = self.database.now()
        self._rests = {place: rest for place, rest in self._rests.items() if rest[0] > now}
        rests = {str(place): [to_us(until), kind] for place, (until, kind) in sorted(self._rests.items())}
        return Wish(
            ended=ended,
            take=self._room(),
            skip=dict(self._skips),
            rests=None if rests == self._told else rests,
            idle=not self._tasks,
        )

    def _room(self) -> dict[int, int]:
        """How many questions to take by place: each provider's free slots, dealt out in turn."""
        takes: dict[int, int] = {}
        by_provider: dict[str, list[int]] = {}
        for place in range(len(self.providers)):
            if place not in self._rests and place not in self._exhausted and place not in self._skips:
                by_provider.setdefault(self._provider_id(place), []).append(place)
        for places in by_provider.values():
            provider = self.providers[places[0]]
            room = self.slots.room(provider, self.batch.id) if provider else 1
            for number in range(room):
                place = places[(number + self._steps) % len(places)]
                takes[place] = takes.get(place, 0) + 1
        return takes

    def _begin(self, taken: Sequence[ClaimedRow], wish: Wish) -> None:
        for one in taken:
            self.slots.take(self._provider_id(one.place), self.batch.id)
            self._tasks[asyncio.create_task(self._answer(one))] = one
        for place, most in wish.take.items():
            if sum(one.place == place for one in taken) < most:
                self._exhausted.add(place)

    async def _answer(self, taken: ClaimedRow) -> Outcome:
        request = self._request(taken)
        completion = await self.ask(request, self.owner.keys, self.owner.id)
        made = calls.rows(self.owner.id, completion, request.request_id)
        logged = [{**row, "conversation_id": None} for row in made]
        facts = (taken, completion, self._rule, self.batch.when_spent, self.database.now(), logged)
        if self._rule and self._rule.kind == "regex":  # may take a while
            return await asyncio.to_thread(outcome, *facts)
        return outcome(*facts)

    def _request(self, taken: ClaimedRow) -> ChatRequest:
        system = [Message("system", self.batch.system)] if self.batch.system.strip() else []
        sampling = {name: self.batch.settings[name] for name in SAMPLING if self.batch.settings.get(name) is not None}
        return ChatRequest(
            [*system, Message("user", taken.prompt)],
            self.batch.model_ids[taken.place],
            request_id=f"{self.batch.id}-{taken.place}-{taken.n}-{taken.again}-{taken.tries}",
            waits=False,
            **sampling,
        )

    async def _news(self) -> None:
        """Wait until an answer has ended, somebody nudges, or it is time to look."""
        nudged = asyncio.create_task(self._nudge.wait())
        try:
            await asyncio.wait(
                [*self._tasks, nudged], timeout=self._pause_s(), return_when=asyncio.FIRST_COMPLETED
            )  # fmt: skip
        finally:
            nudged.cancel()

    def _pause_s(self) -> float:
        now = self.database.now()
        waits = [(until - now).total_seconds() for until, _ in self._rests.values()]
        return max(min([self.look_s, *waits]), 0.01)

    def _ended(self) -> list[Ended]:
        found = []
        for task in [task for task in self._tasks if task.done()]:
            taken = self._tasks.pop(task)
            self.slots.give_back(self._provider_id(taken.place), self.batch.id)
            error = task.exception()
            if error is not None:
                log.error("a row of a batch failed", exc_info=error)
            came = broken(taken, error, self.database.now()) if error else task.result()
            found.append(came.ended)
            self._learn(taken.place, came)
        return found

    def _learn(self, place: int, came: Outcome) -> None:
        if came.skip:
            self._skips[place] = came.skip
        if came.rest_s is not None:
            until = self.database.now() + timedelta(seconds=came.rest_s)
            if place not in self._rests or self._rests[place][0] < until:
                self._rests[place] = (until, came.why)
            self._exhausted.discard(place)

    async def _stop(self) -> list[Ended]:
        """The batch was cancelled: end what is on its way."""
        ended = self._ended()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        now = self.database.now()
        for taken in self._tasks.values():
            self.slots.give_back(self._provider_id(taken.place), self.batch.id)
            ended.append(stopped(taken, now))
        self._tasks.clear()
        return ended

    def _provider_id(self, place: int) -> str:
        return self.batch.model_ids[place].partition("/")[0]

    def _provider_ids(self) -> set[str]:
        return {self._provider_id(place) for place in range(len(self.providers))}


GONE = Step("gone")
