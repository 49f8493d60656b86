"""A batch with many calls by the server's keys asks an administrator: saved, decided once, run by any process."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from core.assemble import build
from core.options import load
from core.records import PersonalKeys
from core.store import NotFound, retention
from core.store.batches import carrying, making
from core.store.batches.tables import batches as rows
from core.store.opening import open_database
from core.views.batches import BatchPlan
from core.views.people import KeyRule, PersonRule
from core.workspace import Workspace
from tests.net.faulty_server import FaultyServer
from tests.workspace.acme import KEYS, ME, opened, table, until, workspace_of

OPTIONS: dict[str, Any] = {
    "ACME_KEY": "acme-shared-0123456789",
    "ROUNDTABLE_BATCH_APPROVAL_CALLS": "3",
    "ROUNDTABLE_PERSON_REQUESTS_PER_DAY": "1",
}
Open = Callable[[], Workspace]


@pytest.fixture
def workspace(tmp_path: Path, server: FaultyServer) -> Workspace:
    return workspace_of(tmp_path, table("acme", server.url("good")), table("bolt", server.url("good")), **OPTIONS)


def plan(rows: int, *models: str) -> BatchPlan:
    prompts = [(f"a secret prompt {n}", None) for n in range(rows)]
    return BatchPlan("secret.csv", models or ("acme/small",), prompts, settings={"max_output_tokens": 50})


def ended(workspace: Workspace, batch_id: str) -> str:
    until(lambda: workspace.of(ME).batches.get(batch_id).state == "done")
    return workspace.of(ME).batches.get(batch_id).state


def test_few_calls_and_own_keys_ask_nobody(workspace: Workspace) -> None:
    batches = workspace.of(ME, KEYS).batches
    assert not batches.needs_approval(["acme/small"], 4)
    assert ended(workspace, batches.start("r1", plan(4))) == "done"
    shared = workspace.of(ME).batches
    assert (shared.needs_approval(["acme/small"], 3), shared.needs_approval(["acme/small"], 4)) == (False, True)
    assert not shared.needs_approval(["sim/quick"], 4000)
    assert shared.needs_approval(["auto"], 4)


def test_it_waits_and_runs_once_approved_beyond_the_persons_day(workspace: Workspace, server: FaultyServer) -> None:
    before, batches = server.calls["good"], workspace.of(ME).batches
    batch_id = batches.start("r1", plan(4))
    assert batches.start("r1", plan(4)) == batch_id
    batch = batches.get(batch_id)
    assert (batch.state, batch.carried, batch.rows) == ("approval", False, 4)
    assert batches.line(batch_id, 4).prompt == "a secret prompt 3"  # everything typed is kept
    assert carrying.claim(workspace.database, "another/1/x") == []
    (waiting,) = workspace.batch_approvals.waiting()
    assert (waiting.person_id, waiting.model_ids, waiting.approval.calls) == (ME, ("acme/small",), 4)
    assert waiting.approval.output_tokens == 200
    assert 16 <= waiting.approval.input_tokens <= 60
    assert waiting.approval.unpriced
    assert "secret" not in repr(waiting)
    batches.resume(batch_id)
    batches.retry(batch_id)
    assert batches.get(batch_id).state == "approval"
    assert server.calls["good"] == before
    assert workspace.batch_approvals.approve(batch_id, "Go on.")
    assert ended(workspace, batch_id) == "done"
    assert server.calls["good"] == before + 4
    approval = batches.get(batch_id).approval
    assert approval
    assert (approval.decision, approval.reason) == ("approved", "Go on.")
    assert workspace.of(ME).quota.day()[0].used == 0  # the approved calls do not use up the day
    assert workspace.batch_approvals.waiting() == []


def test_a_declined_one_can_ask_again_or_run_with_a_key_of_ones_own(workspace: Workspace) -> None:
    batches = workspace.of(ME).batches
    batch_id = batches.start("r1", plan(4))
    assert workspace.batch_approvals.decline(batch_id, "Too dear.")
    batch = batches.get(batch_id)
    assert batch.approval
    assert (batch.state, batch.approval.reason) == ("declined", "Too dear.")
    batches.resume(batch_id)
    assert batches.get(batch_id).state == "approval"
    workspace.batch_approvals.decline(batch_id)
    workspace.of(ME, KEYS).batches.resume(batch_id)
    assert ended(workspace, batch_id) == "done"


def test_a_withdrawn_one_cannot_be_approved(workspace: Workspace) -> None:
    batches = workspace.of(ME).batches
    batch_id = batches.start("r1", plan(4))
    with pytest.raises(NotFound):
        workspace.of("somebody else").batches.cancel(batch_id)
    batches.cancel(batch_id)
    assert not workspace.batch_approvals.approve(batch_id)
    assert not workspace.batch_approvals.decline(batch_id)
    assert batches.get(batch_id).state == "cancelled"


def test_two_administrators_decide_once(workspace: Workspace) -> None:
    batch_id = workspace.of(ME).batches.start("r1", plan(4))
    with ThreadPoolExecutor(4) as pool:
        decisions = list(pool.map(lambda _: workspace.batch_approvals.decline(batch_id), range(4)))
    assert decisions.count(True) == 1


def test_a_batch_whose_own_key_is_gone_asks_before_it_goes_on_with_the_servers(workspace: Workspace) -> None:
    with_own = BatchPlan("mine", ("acme/small",), plan(4).prompts, pasted=("acme",))
    batch_id, _ = making.create(workspace.database, ME, "r1", with_own, "elsewhere/1/x")
    with workspace.database.write() as connection:
        connection.execute(rows.update().values(lease_until=1))
    assert carrying.claim(workspace.database, "here/1/x") == []  # paused: it needs the key
    batches = workspace.of(ME).batches
    assert batches.get(batch_id).state == "paused"
    batches.resume(batch_id)
    assert batches.get(batch_id).state == "approval"


def test_it_outlives_a_restart_and_another_replica_runs_it(tmp_path: Path, workspace: Workspace) -> None:
    batch_id = workspace.of(ME).batches.start("r1", plan(4))
    workspace.close()
    engine = build(load(environ={**OPTIONS, "ROUNDTABLE_LEASE_S": "1"}, folder=tmp_path), folder=tmp_path)
    replica = opened(Workspace(engine, open_database(None, tmp_path / "data", lease_s=1)))
    other = opened(Workspace(engine, open_database(None, tmp_path / "data", lease_s=1)))
    other.begin_work()
    (waiting,) = replica.batch_approvals.waiting()
    replica.batch_carrier.look_now = lambda: None  # type: ignore[method-assign]  # the other one finds it by itself
    assert replica.batch_approvals.approve(waiting.id)
    assert ended(other, batch_id) == "done"


def test_pasted_keys_of_this_process_go_on_after_the_approval(workspace: Workspace) -> None:
    own = PersonalKeys({"bolt": KEYS["bolt"]})
    workspace.batch_carrier._pasted_of = lambda owner_id: own
    batches = workspace.of(ME, own).batches
    mixed = plan(4, "acme/small", "bolt/small")
    batch_id = batches.start("r1", BatchPlan(mixed.name, mixed.model_ids, mixed.prompts, pasted=("bolt",)))
    (waiting,) = workspace.batch_approvals.waiting()
    assert waiting.approval.calls == 4  # those with the own key are not counted
    assert workspace.batch_approvals.approve(batch_id)
    assert ended(workspace, batch_id) == "done"


def test_a_person_who_may_not_use_the_model_is_not_helped_by_an_approval(workspace: Workspace) -> None:
    batch_id = workspace.of(ME).batches.start("r1", plan(4))
    workspace.key_rules.set_person(ME, PersonRule("", KeyRule(models=("bolt/*",))))
    workspace.batch_approvals.approve(batch_id)
    assert ended(workspace, batch_id) == "done"
    batch = workspace.of(ME).batches.get(batch_id)
    assert (batch.done, batch.failed + batch.skipped) == (0, 4)


def test_nobody_waits_for_longer_than_anything_is_kept(workspace: Workspace) -> None:
    batches = workspace.of(ME).batches
    declined, waiting = batches.start("r1", plan(4)), batches.start("r2", plan(5))
    workspace.batch_approvals.decline(declined)
    assert retention.expire(workspace.database, batches.get(waiting).created_at) == 0
    assert retention.expire(workspace.database, workspace.database.now()) == 2
