"""How much of one person runs at once: answers, comparisons, and nothing of what is refused is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core import build
from core.errors import BlockedInput
from core.options import load
from core.store.opening import open_database
from core.workspace import Workspace
from tests.workspace.acme import opened, until

ME, YOU = "owner-me", "owner-you"
MOST = 3


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    environ = {"ROUNDTABLE_SIMULATOR_SPEED": "0.01", "ROUNDTABLE_VISITOR_ANSWERS": str(MOST)}
    settings = load(environ=environ, folder=tmp_path)
    made = opened(Workspace(build(settings, folder=tmp_path), open_database(None, tmp_path / "data")))
    yield made
    for owner_id in (ME, YOU):
        made.jobs.stop_all(owner_id)


def test_one_person_has_so_many_answers_at_once_and_others_as_many(workspace: Workspace) -> None:
    me, you = workspace.of(ME), workspace.of(YOU)
    for number in range(MOST):
        me.chats.ask(f"r{number}", "Explain tides", "sim/slow")
    for number in range(50):
        with pytest.raises(BlockedInput, match="wait until one has ended") as caught:
            me.chats.ask(f"more{number}", "Explain tides", "sim/slow")
        assert (caught.value.code, caught.value.param) == ("too_many", "answers")
    assert me.history.count() == MOST
    assert not me.chats.ask("r0", "Explain tides", "sim/slow").fresh  # a second click on the same
    assert you.chats.ask("y0", "Explain tides", "sim/slow").fresh
    me.chats.stop("r0")
    until(lambda: workspace.jobs.running_of(ME) < MOST)
    assert me.chats.ask("again", "Explain tides", "sim/slow").fresh


def test_a_comparison_begins_with_all_its_lanes_or_not_at_all(workspace: Workspace) -> None:
    me = workspace.of(ME)
    me.chats.ask("r0", "Explain tides", "sim/slow")
    models = ["sim/slow", "sim/slow", "sim/slow"]
    with pytest.raises(BlockedInput):
        me.comparisons.start("c1", "Explain tides", models)
    assert me.history.count() == 1
    run_id = me.comparisons.start("c2", "Explain tides", models[:2])
    assert me.comparisons.start("c2", "Explain tides", models[:2]) == run_id
    run = me.comparisons.get(run_id)
    me.comparisons.go_on("c3", run, "And the moon?")  # what runs is stopped first
    until(lambda: workspace.jobs.running_of(ME) == MOST)
    lane = me.comparisons.get(run_id).lanes[0]
    with pytest.raises(BlockedInput):
        me.chats.again("c4", lane, lane.turns[-1], "sim/slow")
