"""What is known of a key comes from the last call with it, for all who choose a provider, in all processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Auth, Credits, Forbidden, LLMError, ModelNotFound, Server, Setup, Unreachable
from core.providers.limits import key_hash
from core.providers.standing import LastCall, MemoryLastCalls, standing
from core.store.quota.standings import Standings
from core.workspace import Workspace
from tests.net.faulty_server import FaultyServer
from tests.workspace.acme import KEYS, answer, per, table, until, workspace_of

DAY = per("requests", "day", 1000)


def state(workspace: Workspace, provider_id: str = "acme", keys: dict[str, str] = KEYS) -> str:
    return workspace.engine.directory.standing(workspace.engine.catalog.providers[provider_id], keys).state


def choices(workspace: Workspace, keys: dict[str, str] = KEYS) -> list[str]:
    return [choice.model.id for choice in workspace.engine.directory.choices(keys)]


def test_a_refused_key_is_no_choice_and_another_begins_afresh(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("auth"), DAY), table("bolt", server.url("good"), DAY))
    assert (state(workspace), choices(workspace)) == ("untested", ["acme/small", "bolt/small"])
    assert answer(workspace, "r1", "acme/small").model_id == "bolt/small"
    until(lambda: (state(workspace), state(workspace, "bolt")) == ("refused", "works"))
    assert choices(workspace) == ["bolt/small"]
    assert answer(workspace, "r2", "auto").attempts[0].provider_id == "bolt"
    fresh = {**KEYS, "acme": "another-0123456789"}
    assert (state(workspace, keys=fresh), choices(workspace, fresh)[0]) == ("untested", "acme/small")
    assert state(workspace, keys={}) == "no_key"


def test_only_a_refused_key_is_told_and_nothing_is_made_up(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("auth"), DAY))
    answer(workspace, "r1", "acme/small")
    until(lambda: state(workspace) == "refused")
    completion = answer(workspace, "r2", "auto")
    assert completion.error
    assert (completion.error.kind, completion.text) == ("auth", "")
    assert "Acme rejected this key" in completion.error.message


def test_another_process_knows_it(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("credits"), DAY))
    answer(workspace, "r1", "acme/small")
    until(lambda: state(workspace) == "limited")
    standing = Standings(workspace.database).get("acme", key_hash("acme", KEYS["acme"]))
    assert standing
    assert (standing.why, standing.good) == ("credits", False)


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        ([], "untested"),
        ([None], "works"),
        ([Auth("")], "refused"),
        ([None, Auth("")], "refused"),
        ([Auth(""), None], "works"),
        ([Credits("")], "limited"),
        ([Unreachable("")], "unreachable"),
        ([None, Server("")], "works"),
        ([Auth(""), Setup("")], "refused"),
        ([ModelNotFound("")], "works"),
        ([Forbidden("")], "refused"),
        ([None, Forbidden("")], "works"),
    ],
)
def test_the_last_call_that_tells_something_counts(errors: list[LLMError | None], expected: str) -> None:
    marks = MemoryLastCalls()
    for end in errors:
        marks.note("acme", "hash", end)
    assert standing(marks.get("acme", "hash")).state == expected


def test_what_was_not_sent_tells_nothing() -> None:
    marks, unsent = MemoryLastCalls(), Auth("rests")
    unsent.sent = False
    marks.note("acme", "hash", unsent)
    assert marks.get("acme", "hash") is None


def test_the_same_end_is_written_once_a_minute(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path)
    standings = Standings(workspace.database)
    for _ in range(3):
        standings.note("acme", "hash", None)
    standing = Standings(workspace.database).get("acme", "hash")
    last = standings.get("acme", "hash")
    assert standing
    assert last
    assert isinstance(standing, LastCall)
    assert standing.at < last.at
