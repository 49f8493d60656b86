"""All batches of a process: made, carried on the loop of the answers, taken over from processes that are gone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ..errors import BlockedInput
from ..records import NOTHING, Provider
from ..store import NotFound, Unavailable
from ..store.batches import carrying, making, reading
from ..store.tables import from_us
from ..views.batches import Batch, BatchPlan, BatchRow, BatchView, Fit, Item, Sum, Which
from ..workspace import Workspace
from ..workspace.entry import Entry
from . import files
from .price import fits
from .runner import Ask, Keys, Runner
from .slots import Slots

__all__ = ["Batch", "BatchPlan", "BatchRow", "BatchView", "Batches", "Fit", "Item", "Sum", "Which"]

SPEED_OF = timedelta(seconds=120)
MOST_TITLE_CHARS = 200
log = logging.getLogger("roundtable.batch")


class Batches:
    """One for a process, beside the `Workspace`. Methods take the owner and raise `StoreError`."""

    def __init__(self, workspace: Workspace, *, ask: Ask | None = None, look_s: float = 1.0) -> None:
        self._engine = workspace.engine
        self._entry = workspace.entry
        self._budget = workspace.budget
        self._database = workspace.database
        self._process = workspace.process
        self._jobs = workspace.jobs
        self._ask = ask or workspace.engine.answer
        self._look_s = look_s
        self._slots = Slots()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._runners: dict[str, Runner] = {}

    def begin_work(self) -> None:
        """Take over what processes that are gone left unfinished, now and from time to time."""
        self._jobs.beside(self._rounds())

    def start(self, owner_id: str, request_id: str, plan: BatchPlan, keys: Keys = NOTHING) -> str:
        """Make a batch and begin to ask; once for a request id, whoever sends it twice. The batch's id.

        BlockedInput, and nothing kept, where a row cannot be sent.
        """
        plan = checked(self._entry, plan)
        batch_id, fresh = making.create(self._database, owner_id, request_id, plan, self._process)
        if fresh:
            self._carry(owner_id, batch_id, keys)
        return batch_id

    def pause(self, owner_id: str, batch_id: str) -> None:
        making.pause(self._database, owner_id, batch_id)
        self._nudge(batch_id)

    def cancel(self, owner_id: str, batch_id: str) -> None:
        making.cancel(self._database, owner_id, batch_id)
        self._nudge(batch_id)

    def resume(self, owner_id: str, batch_id: str, keys: Keys = NOTHING) -> None:
        """Go on; `keys` are those pasted in this session, which a batch does not keep."""
        pasted = self.pasted(self.get(owner_id, batch_id).model_ids, keys)
        ours = making.resume(self._database, owner_id, batch_id, self._process, pasted)
        self._go_on(owner_id, batch_id, keys, ours)

    def retry(self, owner_id: str, batch_id: str, keys: Keys = NOTHING) -> None:
        """Ask again what failed or was skipped."""
        pasted = self.pasted(self.get(owner_id, batch_id).model_ids, keys)
        ours = making.retry(self._database, owner_id, batch_id, self._process, pasted)
        self._go_on(owner_id, batch_id, keys, ours)

    def remove(self, owner_id: str, batch_id: str) -> None:
        making.remove(self._database, owner_id, batch_id)
        self._nudge(batch_id)

    def recent(self, owner_id: str, *, limit: int = 50) -> list[Batch]:
        return reading.recent(self._database, owner_id, limit=limit)

    def get(self, owner_id: str, batch_id: str) -> Batch:
        """NotFound for another owner's."""
        return reading.get(self._database, owner_id, batch_id)

    def look(self, owner_id: str, batch_id: str) -> BatchView:
        """The batch with a sum for each model, its speed and the time left."""
        batch, now = self.get(owner_id, batch_id), self._database.now()
        since = max(batch.started_at, now - SPEED_OF)
        sums = reading.sums(self._database, owner_id, batch, since=since)
        rests = {place: (from_us(us), why) for place, (us, why) in batch.rests.items() if from_us(us) > now}
        span_s = max((now - since).total_seconds(), 1.0)
        lately = sum(one.lately for one in sums)
        running = batch.state == "running"
        return BatchView(
            batch,
            tuple(sums),
            lately * 60 / span_s if running and lately else None,
            left_s(sums, rests, span_s, now) if running else None,
            rests if running else {},
        )

    def number(self, owner_id: str, batch_id: str, which: Which = "all") -> int:
        return reading.number(self._database, owner_id, batch_id, which)

    def page(
        self, owner_id: str, batch_id: str, which: Which = "all", *, first: int = 0, most: int = 25
    ) -> list[BatchRow]:
        """Rows with the beginnings of their answers; see `reading.page`."""
        return reading.page(self._database, owner_id, batch_id, which, first=first, most=most)

    def line(self, owner_id: str, batch_id: str, n: int) -> BatchRow:
        """One row whole."""
        return reading.line(self._database, owner_id, batch_id, n)

    def download(self, owner_id: str, batch_id: str, form: files.Form, say: files.Say = files.as_kept) -> bytes:
        """Everything there is so far, as a file; `say` puts failures into the reader's words."""
        batch = self.get(owner_id, batch_id)
        return files.made(batch, reading.everything(self._database, owner_id, batch_id), form, say)

    def fits(
        self,
        model_ids: Sequence[str],
        rows: int,
        input_tokens: int,
        keys: Keys = NOTHING,
        max_output_tokens: int | None = None,
    ) -> list[Fit]:
        """What asking these models that many rows takes of what is left; `input_tokens` of all rows together."""
        asked = [self._budget.asks([model_id], "", keys, max_output_tokens=max_output_tokens) for model_id in model_ids]
        return fits(self._database, self._engine, model_ids, asked, rows, input_tokens)

    def pasted(self, model_ids: Sequence[str], keys: Keys) -> list[str]:
        """Those of the models' providers that are asked with a key which only this session knows."""
        asked = {model_id.partition("/")[0] for model_id in model_ids}
        return sorted(provider_id for provider_id in asked if keys.get(provider_id, "").strip())

    def _go_on(self, owner_id: str, batch_id: str, keys: Keys, ours: bool) -> None:
        if ours:
            self._carry(owner_id, batch_id, keys)
        self._nudge(batch_id)

    def _carry(self, owner_id: str, batch_id: str, keys: Keys = NOTHING) -> None:
        self._jobs.beside(self._enlist(owner_id, batch_id, dict(keys)))

    def _nudge(self, batch_id: str) -> None:
        self._jobs.beside(self._wake(batch_id))

    async def _wake(self, batch_id: str) -> None:
        runner = self._runners.get(batch_id)
        if runner:
            runner.nudge()

    async def _enlist(self, owner_id: str, batch_id: str, keys: Keys) -> None:
        before = self._tasks.get(batch_id)
        task = asyncio.create_task(self._run(owner_id, batch_id, keys, before))
        self._tasks[batch_id] = task
        task.add_done_callback(lambda done: self._over(batch_id, done))

    def _over(self, batch_id: str, done: asyncio.Task[None]) -> None:
        if self._tasks.get(batch_id) is done:
            del self._tasks[batch_id]
        if not done.cancelled() and done.exception():
            log.error("a batch stopped by a fault and is gone on with when its lease ends", exc_info=done.exception())

    async def _run(self, owner_id: str, batch_id: str, keys: Keys, before: asyncio.Task[None] | None) -> None:
        if before:  # it gave the batch back just now and is putting its things away
            await asyncio.wait([before])
        try:
            batch = await asyncio.to_thread(self.get, owner_id, batch_id)
        except NotFound:
            return
        runner = Runner(
            self._database,
            self._process,
            owner_id,
            batch,
            [self._provider(model_id) for model_id in batch.model_ids],
            self._slots,
            self._ask,
            keys,
            self._look_s,
        )
        self._runners[batch_id] = runner
        try:
            await runner.carry()
        finally:
            if self._runners.get(batch_id) is runner:
                del self._runners[batch_id]

    def _provider(self, model_id: str) -> Provider | None:
        return self._engine.catalog.providers.get(model_id.partition("/")[0])

    async def _rounds(self) -> None:
        while True:
            try:
                claimed = await asyncio.to_thread(carrying.claim, self._database, self._process, list(self._tasks))
                for owner_id, batch_id in claimed:
                    await self._enlist(owner_id, batch_id, NOTHING)
            except Unavailable:
                pass  # whoever carries a batch goes on; the next round looks again
            except RuntimeError:
                return  # the interpreter is ending: it takes no more work for its threads
            except Exception:
                log.exception("a round that looks for left batches failed")
            await asyncio.sleep(self._database.lease_s / 3)


def checked(entry: Entry, plan: BatchPlan) -> BatchPlan:
    """The plan as it may be kept and sent. BlockedInput names a row in `param`, from 1."""
    for model_id in plan.model_ids:
        entry.name(model_id, "model")
    prompts = []
    for row, (prompt, expected) in enumerate(plan.prompts, 1):
        try:
            prompts.append((entry.prompt(prompt), entry.optional(expected, "expected") or None))
        except BlockedInput as error:
            error.param = f"row {row}"
            raise
    system = entry.optional(plan.system, "system")
    return replace(plan, name=plan.name[:MOST_TITLE_CHARS], prompts=prompts, system=system)


def left_s(
    sums: Sequence[Sum], rests: Mapping[int, tuple[datetime, str]], span_s: float, now: datetime
) -> float | None:
    """Seconds until the slowest model is through, at the speed of the last `span_s`; None if one cannot be told."""
    longest = 0.0
    for one in sums:
        left = one.waiting + one.asking
        if left and not one.lately:
            return None
        rest_s = (rests[one.place][0] - now).total_seconds() if one.place in rests else 0.0
        longest = max(longest, (left * span_s / one.lately if left else 0.0) + rest_s)
    return longest
