"""Runs one batch: claim rows, ask them, store the answers, step by step, until nothing waits any more.

    step -> questions -> ask (as many at once as their providers take) -> answers -> step ...

All state that matters is in the database after each step. A runner that is cancelled, or whose process is killed, loses
nothing that was stored; its rows in flight are asked again by the runner that takes over.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from ..insight.expected import Rule
from ..records import ChatRequest, Completion, Message, Owner, Provider
from ..store import Unavailable, calls
from ..store.batches import carrying
from ..store.batches.carrying import ClaimedRow, Ended, Step, Wish
from ..store.columns import to_us
from ..store.database import Database
from ..views.batches import Batch
from ..views.conversation import GenerationSettings, asked_with
from .outcome import FormWish, Outcome, broken, outcome, stopped
from .slots import Slots

Keys = Mapping[str, str]
Ask = Callable[[ChatRequest, Keys, str], Awaitable[Completion]]
SAMPLING = ("temperature", "top_p", "seed", "max_output_tokens")
PERSONAL: Mapping[str | None, Literal["mask", "allow"]] = {"mask": "mask", "send": "allow"}
LOOK_S = 1.0  # how soon a pause by another process is seen
LOOK_AGAIN = 10  # after so many steps a model without waiting rows is checked again: some may have come back
log = logging.getLogger("roundtable.batch")


@dataclass
class Runner:
    """Runs one batch. `providers` are its models' by place, None for one that the catalogue does not know; `checks` has
    a thread for what takes long to check, so that nobody's answer waits for it."""

    database: Database
    process: str
    owner: Owner
    batch: Batch
    providers: Sequence[Provider | None]
    slots: Slots
    ask: Ask
    checks: Executor
    look_s: float = LOOK_S

    def __post_init__(self) -> None:
        self._rule = Rule.of(self.batch.rule)
        self._nudge = asyncio.Event()
        self._closing = False
        self._tasks: dict[asyncio.Task[Outcome], ClaimedRow] = {}
        self._rests: dict[int, tuple[datetime, str]] = {}
        self._saved_rests: Mapping[str, Any] = {}
        self._skips: dict[int, tuple[str, str]] = {}
        self._exhausted: set[int] = set()
        self._steps = 0

    def nudge(self) -> None:
        """The batch's state was changed: look now. On the loop's thread."""
        self._nudge.set()

    def wind_up(self) -> None:
        """Ask nothing more, store what is in flight, and end. On the loop's thread."""
        self._closing = True
        self._nudge.set()

    async def carry(self) -> None:
        """Run until the batch is done, paused, or another process's."""
        for provider_id in self._provider_ids():
            self.slots.join(provider_id, self.batch.id, self.owner.id)
        try:
            await self._carry()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            for claimed in self._tasks.values():
                self.slots.give_back(self._provider_id(claimed.place), self.batch.id)
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
                self._begin(step.claimed, wish)
                if wish.idle and not step.claimed and (self._closing or step.state != "running"):
                    return
                if step.state == "cancelled":
                    ended += await self._stop()
                    continue
            await self._news()
            ended += self._ended()

    async def _step(self, wish: Wish) -> Step | None:
        """None while the database is unreachable: answers are held and stored with the next step."""
        try:
            done = await asyncio.to_thread(
                carrying.step, self.database, self.owner.id, self.batch.id, self.process, wish
            )  # fmt: skip
        except Unavailable:
            return None
        self._skips = {place: why for place, why in self._skips.items() if place not in wish.skip}
        if wish.rests is not None:
            self._saved_rests = wish.rests
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
            rests=None if rests == self._saved_rests else rests,
            idle=not self._tasks,
        )

    def _room(self) -> dict[int, int]:
        """How many rows to claim by place: each provider's free slots, shared out in turn."""
        takes: dict[int, int] = {}
        if self._closing:
            return takes
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

    def _begin(self, rows: Sequence[ClaimedRow], wish: Wish) -> None:
        for row in rows:
            self.slots.take(self._provider_id(row.place), self.batch.id)
            self._tasks[asyncio.create_task(self._answer(row))] = row
        for place, most in wish.take.items():
            if sum(row.place == place for row in rows) < most:
                self._exhausted.add(place)

    async def _answer(self, claimed: ClaimedRow) -> Outcome:
        request = self._request(claimed)
        completion = await self.ask(request, self.owner.keys, self.owner.id)
        made = calls.rows(self.owner.id, completion, request.request_id)
        logged = [{**row, "conversation_id": None} for row in made]
        rule = Rule.of((claimed.setup or {}).get("rule")) or self._rule
        asked_form = request.response_format
        form = FormWish(asked_form, self.batch.fields, self.batch.mends) if asked_form else None
        facts = (claimed, completion, rule, self.batch.when_spent, self.database.now(), logged, form)
        if claimed.reference or form or (rule and rule.kind == "regex"):  # may take a while
            return await asyncio.get_running_loop().run_in_executor(self.checks, outcome, *facts)
        return outcome(*facts)

    def _request(self, claimed: ClaimedRow) -> ChatRequest:
        setup = claimed.setup or {"system": self.batch.system, "settings": self.batch.settings}
        system = [Message("system", setup["system"])] if setup["system"].strip() else []
        above = [Message(role, text) for role, text in setup.get("above", ())]
        sampling = {name: setup["settings"][name] for name in SAMPLING if setup["settings"].get(name) is not None}
        return ChatRequest(
            [*system, *above, asked_with(claimed.prompt, claimed.files)],
            self.batch.model_ids[claimed.place],
            request_id=f"{self.batch.id}-{claimed.place}-{claimed.n}-{claimed.again}-{claimed.tries}",
            waits=False,
            background=True,
            personal=PERSONAL.get(setup["settings"].get("personal_data")),
            decided=True,
            approved=self.batch.is_approved,
            effort=setup["settings"].get("effort"),
            response_format=GenerationSettings.of("", setup["settings"]).form(),
            **sampling,
        )

    async def _news(self) -> None:
        """Wait until an answer has ended, `nudge` is called, or it is time to look."""
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
        ended = []
        for task in [task for task in self._tasks if task.done()]:
            claimed = self._tasks.pop(task)
            self.slots.give_back(self._provider_id(claimed.place), self.batch.id)
            error = task.exception()
            if error is not None:
                log.error("a row of a batch failed", exc_info=error)
            result = broken(claimed, error, self.database.now()) if error else task.result()
            ended.append(result.ended)
            self._learn(claimed.place, result)
        return ended

    def _learn(self, place: int, result: Outcome) -> None:
        if result.skip:
            self._skips[place] = result.skip
        if result.rest_s is not None:
            until = self.database.now() + timedelta(seconds=result.rest_s)
            if place not in self._rests or self._rests[place][0] < until:
                self._rests[place] = (until, result.why)
            self._exhausted.discard(place)

    async def _stop(self) -> list[Ended]:
        """The batch was cancelled: end the rows in flight."""
        ended = self._ended()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        now = self.database.now()
        for claimed in self._tasks.values():
            self.slots.give_back(self._provider_id(claimed.place), self.batch.id)
            ended.append(stopped(claimed, now))
        self._tasks.clear()
        return ended

    def _provider_id(self, place: int) -> str:
        return self.batch.model_ids[place].partition("/")[0]

    def _provider_ids(self) -> set[str]:
        return {self._provider_id(place) for place in range(len(self.providers))}


GONE = Step("gone")
