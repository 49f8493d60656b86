"""Batches on a database of their own, asked of a model that answers as the test wants."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.assemble import build
from core.batch.batches import Batches
from core.batch.carrier import BatchCarrier
from core.errors import LLMError
from core.options import load
from core.records import NOTHING, Attempt, ChatRequest, Completion, Finish, Owner, Timing, Usage
from core.store.opening import open_database
from core.views.batches import BatchPlan, BatchView
from core.workspace import Workspace
from tests.workspace.acme import ME, until

MODELS = ("sim/quick", "sim/steady")


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 22, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, **delta: float) -> None:
        self.at += timedelta(**delta)


class Model:
    """Who is asked. `refuse` may raise an error for a request; while `held` is set nobody is answered."""

    def __init__(self) -> None:
        self.prompts: Counter[tuple[str, str]] = Counter()
        self.keys: list[Mapping[str, str]] = []
        self.held = threading.Event()
        self.refuse: Callable[[ChatRequest], LLMError | None] = lambda _request: None

    @property
    def calls(self) -> int:
        return sum(self.prompts.values())

    async def __call__(self, request: ChatRequest, keys: Mapping[str, str], owner_id: str) -> Completion:
        model_id, prompt = request.model_id or "", request.messages[-1].text
        self.prompts[model_id, prompt] += 1
        self.keys.append(keys)
        while self.held.is_set():
            await asyncio.sleep(0.002)
        error = self.refuse(request)
        return Completion(
            model_id=model_id,
            text="" if error else f"you said {prompt}",
            reasoning="",
            usage=None if error else Usage(3, 4),
            finish=None if error else Finish("stop"),
            timing=Timing(datetime.now(UTC), 5.0, 5.0, 9.0, 10.0, 0.0, 3),
            attempts=(Attempt("sim", model_id, 1, error.kind if error else "ok", 10.0),),
            error=error,
        )


class Table:
    """Batches over a workspace, and what tests do with them."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        settings = load(environ={"ROUNDTABLE_LOCAL_SERVERS": "false"}, secrets={}, folder=folder)
        self.clock = clock
        self.model = Model()
        self.workspace = Workspace(build(settings, folder=folder), open_database(None, folder / "data", now=clock))
        self.carrier = self.another()
        self.batches = self.of(ME)

    def another(self, look_s: float = 0.01) -> BatchCarrier:
        """A carrier of the same process on the same database, as after a new start of it."""
        space = self.workspace
        return BatchCarrier(space.engine, space.database, space.process, space.jobs, ask=self.model, look_s=look_s)

    def of(self, owner_id: str, keys: Mapping[str, str] = NOTHING, carrier: BatchCarrier | None = None) -> Batches:
        """The batches of one person, on this carrier or another."""
        return Batches(
            carrier or self.carrier, self.workspace.input_limits, self.workspace.budget, Owner(owner_id, keys)
        )

    def start(self, rows: int, *, request: str = "r1", models: tuple[str, ...] = MODELS, **plan: object) -> str:
        prompts = [(f"prompt {n}", f"{n}") for n in range(1, rows + 1)]
        made = BatchPlan("mine", models, prompts, **{"rule": {"kind": "contains"}, **plan})  # type: ignore[arg-type]
        return self.batches.start(request, made)

    def look(self, batch_id: str) -> BatchView:
        return self.batches.look(batch_id)

    def at_rest(self, batch_id: str) -> BatchView:
        """Once nobody carries it any more."""
        until(lambda: not self.batches.get(batch_id).carried)
        return self.look(batch_id)


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    made = Table(tmp_path, Clock())
    yield made
    made.model.held.clear()
    for batch in made.batches.recent():
        if batch.carried:
            made.batches.cancel(batch.id)
    until(lambda: not any(batch.carried for batch in made.batches.recent()))
    until(lambda: not made.carrier._tasks)
    made.workspace.database.close()
