"""Request ids, columns and files of two people that have the same names."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.records import ChatRequest, Message
from core.store import NotFound
from core.store.rounds import asked
from core.workspace import Workspace
from tests.workspace.acme import KEYS, ME, answer, counted, ended, per, table, until, workspace_of

YOU = "owner-you"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_of(tmp_path, ROUNDTABLE_SIMULATOR_SPEED="1000", ROUNDTABLE_LOCAL_SERVERS="false")


def test_both_get_an_answer_under_one_request_id(workspace: Workspace) -> None:
    answer(workspace, "same", "sim/quick", "My question")
    begun = workspace.of(YOU).chats.ask("same", "Your question", "sim/steady")
    assert begun.fresh
    until(lambda: workspace.of(YOU).chats.progress("same").completion is not None)
    yours, first = workspace.of(YOU).chats.progress("same").completion, ended(workspace, "same")
    assert yours
    assert (first.model_id, yours.model_id) == ("sim/quick", "sim/steady")
    assert workspace.of(YOU).chats.get(begun.conversation_id).turns[-1].state == "done"


def test_what_is_reserved_for_one_is_not_given_back_by_another(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, table("acme", "http://127.0.0.1:9/v1", per("requests", "day", 5)))
    request = ChatRequest([Message("user", "Hi")], "acme/small", request_id="same")
    control = workspace.admission_control
    control.reserve([workspace.engine.prepare(request, KEYS, ME)])
    control.forget(YOU, "same")
    assert counted(workspace)[1] == 1
    control.reserve([workspace.engine.prepare(request, KEYS, YOU)])
    control.forget(YOU, "same")
    assert counted(workspace)[1] == 1
    control.forget(ME, "same")
    assert counted(workspace)[1] == 0


def test_a_round_takes_columns_of_its_own_comparison_alone(workspace: Workspace) -> None:
    run_id = workspace.of(YOU).comparisons.start("r1", "Hi", ["sim/quick"])
    lane = workspace.of(YOU).comparisons.get(run_id).lanes[0]
    own = workspace.of(ME).comparisons.start("r1", "Hi", ["sim/quick"])
    for act in (
        lambda: asked.begin(workspace.database, ME, own, "r2", "And?", {lane.id: "q"}),
        lambda: asked.join(workspace.database, ME, own, 1, {lane.id: "q"}),
    ):
        with pytest.raises(NotFound):
            act()
    assert len(workspace.of(ME).comparisons.get(own).rounds) == 1


@pytest.mark.parametrize("name", ["../" + "0" * 29, "x/../" + "0" * 27, "0" * 31, "0" * 33, ""])
def test_a_file_that_arrives_has_a_plain_name(workspace: Workspace, name: str) -> None:
    transfers = workspace.of(ME).transfers
    with pytest.raises(ValueError, match="32 hexadecimal digits"):
        transfers.path_for(name, 10, 0)
    with pytest.raises(ValueError, match="32 hexadecimal digits"):
        transfers.start_import(name, 10, "mine.json")
