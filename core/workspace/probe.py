"""The probe: one prompt, n times, to chosen models, spaced to fit their limits, on the background loop.

    probes.start(models, n, prompt)      -> Probe; the running one, if there is one
    probes.current()                     -> the newest
    probe.stop()

Each call passes admission control and is logged, flagged as a probe's. Models of one provider take turns, because they
share its limits; providers, and models without limits, run concurrently.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import uuid4

from ..input_limits import InputLimits
from ..jobs import Jobs
from ..records import ChatRequest, Message, Owner
from ..store.database import Database
from .paced import PacedCalls

State = Literal["waiting", "running", "done", "ended", "stopped"]
LONGEST_ANSWER = 300
MOST = 50
REMEMBERED = 500
log = logging.getLogger("roundtable.workspace")


@dataclass
class ProbeLane:
    """One model's calls. `why`: the kind of the last failure; `until`: the end of a wait for its limit."""

    model_id: str
    answered: int = 0
    failed: int = 0
    state: State = "waiting"
    why: str = ""
    until: datetime | None = None


@dataclass
class Probe:
    """A running or ended probe. The loop writes, any thread may read."""

    owner: Owner
    prompt: str
    n: int
    lanes: tuple[ProbeLane, ...]
    id: str = field(default_factory=lambda: uuid4().hex)
    ended_at: datetime | None = None
    future: Future[None] | None = field(default=None, repr=False)

    @property
    def ended(self) -> bool:
        return self.ended_at is not None

    @property
    def total(self) -> int:
        """How many calls it will make, without those of lanes that ended early."""
        return sum(lane.answered + lane.failed if lane.state in ("ended", "stopped") else self.n for lane in self.lanes)

    @property
    def made(self) -> int:
        return sum(lane.answered + lane.failed for lane in self.lanes)

    def stop(self) -> None:
        """Stop; what was measured stays."""
        if self.future:
            self.future.cancel()


class ProbeRunner:
    """One per process; one probe at a time per owner."""

    def __init__(self, paced: PacedCalls, database: Database, jobs: Jobs) -> None:
        self._paced = paced
        self._database = database
        self._jobs = jobs
        self._lock = threading.Lock()
        self._newest: dict[str, Probe] = {}

    def start(self, owner: Owner, model_ids: Sequence[str], n: int, prompt: str) -> Probe:
        """Start a probe, or return the running one of this owner."""
        with self._lock:
            running = self._newest.get(owner.id)
            if running and not running.ended:
                return running
            lanes = tuple(ProbeLane(name) for name in dict.fromkeys(model_ids))
            probe = Probe(owner, prompt, min(max(n, 1), MOST), lanes)
            self._newest.pop(owner.id, None)
            self._newest[owner.id] = probe
            while len(self._newest) > REMEMBERED:
                del self._newest[next(iter(self._newest))]
            probe.future = self._jobs.beside(self._run(probe))
            return probe

    def current(self, owner: Owner) -> Probe | None:
        with self._lock:
            return self._newest.get(owner.id)

    def lasts_s(self, owner: Owner, model_ids: Sequence[str], n: int, prompt: str) -> float:
        gaps = [
            (self._gap(group, prompt, owner.keys), len(group)) for group in self._groups(model_ids, prompt, owner.keys)
        ]
        return max((gap * (size * n - 1) for gap, size in gaps), default=0.0)

    async def _run(self, probe: Probe) -> None:
        keys = probe.owner.keys
        try:
            groups = self._groups([lane.model_id for lane in probe.lanes], probe.prompt, keys)
            lanes = {lane.model_id: lane for lane in probe.lanes}
            async with asyncio.TaskGroup() as tasks:
                for group in groups:
                    tasks.create_task(self._take_turns(probe, [lanes[name] for name in group]))
        except Exception:
            log.exception("a probe failed")
        finally:
            for lane in probe.lanes:
                if lane.state in ("waiting", "running"):
                    lane.state = "stopped"
            probe.ended_at = self._database.now()

    async def _take_turns(self, probe: Probe, lanes: Sequence[ProbeLane]) -> None:
        """Call the models of one provider in turn."""
        keys = probe.owner.keys
        gap = self._gap([lane.model_id for lane in lanes], probe.prompt, keys)
        clock, next_at = asyncio.get_running_loop().time, 0.0
        for turn in range(probe.n):
            for lane in lanes:
                if lane.state == "ended" or not await self._fits(lane, probe.prompt, keys):
                    continue
                if (pause := next_at - clock()) > 0:
                    await self._paced.sleep(pause)
                next_at = clock() + gap
                lane.state = "running"
                await self._call(probe, lane, turn)
        for lane in lanes:
            lane.state = "ended" if lane.state == "ended" else "done"

    async def _fits(self, lane: ProbeLane, prompt: str, keys: Mapping[str, str]) -> bool:
        """Wait until a call fits; False if that is too far away, which ends the lane."""

        def waiting(until: datetime | None) -> None:
            lane.until = until

        if await self._paced.fits(lane.model_id, prompt, keys, waiting):
            return True
        lane.state, lane.why = "ended", "quota_spent"
        return False

    async def _call(self, probe: Probe, lane: ProbeLane, turn: int) -> None:
        request = ChatRequest(
            (Message("user", probe.prompt),),
            lane.model_id,
            max_output_tokens=LONGEST_ANSWER,
            request_id=f"{probe.id}-{probe.lanes.index(lane)}-{turn}",
            decided=True,  # nobody can be asked about each call: what would stop it is masked
        )
        completion = await self._paced.answer(request, probe.owner)
        if completion.error is None:
            lane.answered += 1
            return
        lane.failed, lane.why = lane.failed + 1, completion.error.kind
        if not completion.error.retryable:  # the same question would fail again
            lane.state = "ended"

    def _groups(self, model_ids: Sequence[str], prompt: str, keys: Mapping[str, str]) -> list[list[str]]:
        """Groups of models that take turns."""
        groups: list[list[str]] = []
        for group in _by_provider(model_ids):
            groups += [group] if self._gap(group, prompt, keys) else [[name] for name in group]
        return groups

    def _gap(self, model_ids: Sequence[str], prompt: str, keys: Mapping[str, str]) -> float:
        return self._paced.gap_s(model_ids, prompt, keys, LONGEST_ANSWER)


class Probes:
    """A person's probes."""

    def __init__(self, runner: ProbeRunner, input_limits: InputLimits, owner: Owner) -> None:
        self._runner = runner
        self._input_limits = input_limits
        self._owner = owner

    def start(self, model_ids: Sequence[str], n: int, prompt: str) -> Probe:
        """Start a probe, or return the running one. BlockedInput for what cannot be sent."""
        return self._runner.start(self._owner, model_ids, n, self._input_limits.prompt(prompt))

    def current(self) -> Probe | None:
        """The newest probe."""
        return self._runner.current(self._owner)

    def lasts_s(self, model_ids: Sequence[str], n: int, prompt: str) -> float:
        """How long the pauses alone will take, a lower bound."""
        return self._runner.lasts_s(self._owner, model_ids, n, prompt)


def _by_provider(model_ids: Sequence[str]) -> list[list[str]]:
    groups: dict[str, list[str]] = {}
    for name in dict.fromkeys(model_ids):
        groups.setdefault(name.partition("/")[0], []).append(name)
    return list(groups.values())
