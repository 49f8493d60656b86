"""Runs the batches of a process on the answers' loop, and takes over those of processes that have ended."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from ..engine import Engine
from ..jobs import Jobs
from ..records import NOTHING, Owner, PersonalKeys, Provider
from ..store import NotFound, Unavailable, settings
from ..store.batches import carrying, reading
from ..store.database import Database
from .runner import Ask, Runner
from .slots import Slots

log = logging.getLogger("roundtable.batch")


class BatchCarrier:
    """One per process."""

    def __init__(
        self,
        engine: Engine,
        database: Database,
        process: str,
        jobs: Jobs,
        *,
        ask: Ask | None = None,
        look_s: float = 1.0,
        pasted_of: Callable[[str], Mapping[str, str]] = lambda owner_id: NOTHING,
    ) -> None:
        """`pasted_of`: the keys that a person pasted in this process."""
        self.engine = engine
        self.database = database
        self.process = process
        self._jobs = jobs
        self._ask = ask or engine.answer
        self._look_s = look_s
        self._pasted_of = pasted_of
        self._slots = Slots()
        self._checks = ThreadPoolExecutor(1, "batch-checks")
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._runners: dict[str, Runner] = {}
        self._owners: dict[str, str] = {}  # of the batches that run here, or are about to
        self._closing = False

    def begin_work(self) -> None:
        """Take over unfinished batches of ended processes, now and from time to time."""
        self._jobs.beside(self._rounds())

    def wind_up(self) -> None:
        """Start no batch and no row any more; what is in flight is stored."""
        self._closing = True
        self._jobs.beside(self._wind_up())

    def is_idle(self) -> bool:
        return not self._tasks

    def give_back(self) -> None:
        """Let other processes take over the batches of this one."""
        carrying.give_back(self.database, self.process)

    async def _wind_up(self) -> None:
        for runner in self._runners.values():
            runner.wind_up()

    def carry(self, owner: Owner, batch_id: str) -> None:
        """Run it, with the keys that its owner has pasted now."""
        self._owners[batch_id] = owner.id
        self._jobs.beside(self._enlist(owner, batch_id))

    def running_of(self, owner_id: str) -> int:
        """How many batches of this owner run here."""
        return list(self._owners.values()).count(owner_id)

    def runs(self, batch_id: str) -> bool:
        return batch_id in self._owners

    def nudge(self, batch_id: str) -> None:
        """Its state was changed: let its runner in this process look now."""
        self._jobs.beside(self._wake(batch_id))

    def look_now(self) -> None:
        """A batch may have been approved: take over what nobody runs, without waiting for the next round."""
        self._jobs.beside(self._take_over())

    async def _wake(self, batch_id: str) -> None:
        runner = self._runners.get(batch_id)
        if runner:
            runner.nudge()

    async def _enlist(self, owner: Owner, batch_id: str) -> None:
        self._owners[batch_id] = owner.id
        before = self._tasks.get(batch_id)
        task = asyncio.create_task(self._run(owner, batch_id, before))
        self._tasks[batch_id] = task
        task.add_done_callback(lambda done: self._over(batch_id, done))

    def _over(self, batch_id: str, done: asyncio.Task[None]) -> None:
        if self._tasks.get(batch_id) is done:
            del self._tasks[batch_id]
            self._owners.pop(batch_id, None)
        if not done.cancelled() and done.exception():
            log.error("a batch stopped by a fault and is gone on with when its lease ends", exc_info=done.exception())

    async def _run(self, owner: Owner, batch_id: str, before: asyncio.Task[None] | None) -> None:
        if self._closing:
            return
        if before:  # it has just given the batch back and is still cleaning up
            await asyncio.wait([before])
        try:
            batch = await asyncio.to_thread(reading.get, self.database, owner.id, batch_id)
        except NotFound:
            return
        runner = Runner(
            self.database,
            self.process,
            owner,
            batch,
            [self._provider(model_id) for model_id in batch.model_ids],
            self._slots,
            self._ask,
            self._checks,
            self._look_s,
        )
        self._runners[batch_id] = runner
        try:
            await runner.carry()
        finally:
            if self._runners.get(batch_id) is runner:
                del self._runners[batch_id]

    def _provider(self, model_id: str) -> Provider | None:
        return self.engine.catalog.providers.get(model_id.partition("/")[0])

    async def _rounds(self) -> None:
        while not self._closing:
            try:
                await self._take_over()
            except RuntimeError:
                return  # the interpreter is ending: it takes no more work for its threads
            except Exception:
                log.exception("a round that looks for left batches failed")
            await asyncio.sleep(self.database.lease_s / 3)

    async def _take_over(self) -> None:
        but, claim = list(self._tasks), carrying.claim
        try:
            claimed = await asyncio.to_thread(claim, self.database, self.process, but, self._has_keys)
            for owner_id, batch_id in claimed:
                choices = await asyncio.to_thread(settings.key_choices, self.database, owner_id)
                keys = PersonalKeys(_pasted(self._pasted_of(owner_id)), choices)
                await self._enlist(Owner(owner_id, keys), batch_id)
        except Unavailable:
            pass  # running batches continue; the next round tries again

    def _has_keys(self, owner_id: str, provider_ids: Sequence[str]) -> bool:
        """Reads no database: it is asked within a transaction."""
        pasted = self._pasted_of(owner_id)
        return all(pasted.get(provider_id, "").strip() for provider_id in provider_ids)


def _pasted(keys: Mapping[str, str]) -> Mapping[str, str]:
    return keys.pasted if isinstance(keys, PersonalKeys) else keys
