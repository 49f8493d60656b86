"""What /readyz asks, and what is refused while a process is being stopped."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from core.errors import BlockedInput
from core.net.loop import BackgroundLoop
from core.store.backends import faults
from core.workspace import readiness
from tests.net.faulty_server import FaultyServer
from tests.workspace.acme import KEYS, ME, answer, per, table, workspace_of


def test_all_parts_answer(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path)
    assert workspace.readiness() == readiness.Readiness("ok", "ok", 0, True)
    assert workspace.readiness().ready


def test_a_database_that_is_away_is_not_ready(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path)
    workspace.database._fail(faults.UNREACHABLE)
    assert workspace.readiness().database == "down"
    assert not workspace.readiness().ready


def test_a_database_that_only_reads_is_enough(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path)
    workspace.database._fail(faults.READ_ONLY)
    assert workspace.readiness().database == "read-only"
    assert workspace.readiness().ready


def test_a_loop_that_stands_is_not_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = workspace_of(tmp_path)

    def stuck(self: BackgroundLoop, work: object) -> SimpleNamespace:
        work.close()  # type: ignore[attr-defined]

        def result(timeout_s: float) -> None:
            raise TimeoutError

        return SimpleNamespace(result=result)

    with monkeypatch.context() as patched:
        patched.setattr(BackgroundLoop, "run", stuck)
        assert not workspace.readiness().ready


def test_nothing_new_is_taken_while_it_ends(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("good"), per("requests", "day", 100)))
    completion = answer(workspace, "r1", "acme/small")
    assert completion.error is None
    person = workspace.of(ME, KEYS)
    workspace.wind_up()
    with pytest.raises(BlockedInput, match="being restarted") as refused:
        person.chats.ask("r2", "Too late", "acme/small")
    assert refused.value.code == "stopping"
    with pytest.raises(BlockedInput):
        person.comparisons.start("c1", "Too late", ["acme/small"])
    assert workspace.is_settled()
