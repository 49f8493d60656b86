"""A batch goes through admission control like any other question: counted once, and never more than the day allows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.batch.batches import Batches
from core.batch.carrier import BatchCarrier
from core.records import Owner
from core.views.batches import BatchPlan
from tests.net.faulty_server import FaultyServer
from tests.workspace.acme import KEYS, ME, counted, per, settled, table, until, workspace_of


@pytest.fixture
def server() -> Iterator[FaultyServer]:
    running = FaultyServer().start()
    yield running
    running.stop()


@pytest.mark.parametrize("when_spent", ["skip", "wait"])
def test_no_more_is_asked_than_the_day_allows(tmp_path: Path, server: FaultyServer, when_spent: str) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("good"), per("requests", "day", 2)))
    carrier = BatchCarrier(workspace.engine, workspace.database, workspace.process, workspace.jobs, look_s=0.01)
    batches = Batches(carrier, workspace.input_limits, workspace.budget, Owner(ME, KEYS))
    (fit,) = batches.fits(["acme/small"], 6, 600)
    assert (fit.calls, fit.fits, fit.window and fit.window.per) == (6, 2, "day")
    prompts = [(f"prompt {n}", None) for n in range(6)]
    plan = BatchPlan("mine", ["acme/small"], prompts, when_spent=when_spent, pasted=("acme",))
    batch_id = batches.start("r1", plan)
    if when_spent == "skip":
        until(lambda: not batches.get(batch_id).carried)
        batch = batches.get(batch_id)
        assert (batch.state, batch.done, batch.skipped, batch.failed) == ("done", 2, 4, 0)
    else:
        until(lambda: batches.look(batch_id).sums[0].waiting == 4 and bool(batches.look(batch_id).rests))
        resets_at, why = batches.look(batch_id).rests[0]
        midnight = (datetime.now(UTC) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        assert why == "quota_spent"
        assert abs(resets_at - midnight) < timedelta(minutes=1)
        batches.cancel(batch_id)
        until(lambda: not batches.get(batch_id).carried)
    assert server.calls["good"] == 2
    until(lambda: settled(workspace))
    assert counted(workspace) == (2, 0)
    until(lambda: not carrier._tasks)
    workspace.database.close()
