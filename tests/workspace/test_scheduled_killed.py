"""Two processes send the same queue, and one is killed in the middle: each question reaches the provider at most once,
and every one of a process that lives exactly once, on both databases."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from core.assemble import build
from core.options import load
from core.store.opening import open_database
from core.store.scheduled.tables import scheduled
from core.store.tables import jobs
from core.workspace import Workspace
from tests.store import postgres
from tests.workspace.acme import opened, table
from tests.workspace.acme import until as soon
from tests.workspace.limited_server import LimitedServer, limited_server

ROOT = Path(__file__).resolve().parents[2]
OWNERS = ("ana", "bo", "cleo")
EACH = 8
KILLED_AT = 9
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")


@pytest.fixture(scope="module")
def postgresql() -> Iterator[postgres.Server]:
    with postgres.running() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    if request.param == "sqlite":
        yield None
        return
    server: postgres.Server = request.getfixturevalue("postgresql")
    made = server.new()
    yield made
    server.give_back(made)


@pytest.fixture
def limited() -> Iterator[LimitedServer]:
    with limited_server() as server:
        yield server


@pytest.fixture
def workspace(tmp_path: Path, url: str | None, limited: LimitedServer) -> Workspace:
    """A process that asks and carries nothing."""
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "providers.toml").write_text(table("acme", limited.url))
    environ = {"ACME_KEY": "acme-0123456789abcdef"}
    engine = build(load(environ=environ, secrets={}, folder=tmp_path), folder=tmp_path)
    return opened(Workspace(engine, open_database(url, tmp_path / "data")))


Child = subprocess.Popen[str]


@pytest.fixture
def start(tmp_path: Path, url: str | None, workspace: Workspace) -> Iterator[Callable[..., Child]]:
    children: list[Child] = []

    def start(*more: str, lease_s: int = 30) -> Child:
        command = [sys.executable, "-m", "tests.workspace.scheduled_child", str(tmp_path), url or "-", str(lease_s)]
        child = subprocess.Popen(
            [*command, *more], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )  # fmt: skip
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()
        child.communicate()


def until(true: Callable[[], bool]) -> None:
    """A new process takes its time on a busy machine."""
    soon(true, looks=20_000)


def schedule(workspace: Workspace, *names: str, owner: str = "ana") -> None:
    for name in names:
        at = workspace.database.now() + timedelta(milliseconds=1)
        workspace.of(owner).chats.ask(name, name, "acme/small", not_before=at)


def states(workspace: Workspace) -> dict[str, str]:
    with workspace.database.read() as connection:
        query = select(jobs.c.request_id, jobs.c.state).where(jobs.c.owner_id.in_(OWNERS))
        return {row.request_id: row.state for row in connection.execute(query)}


def sender(workspace: Workspace, name: str) -> int | None:
    """The number of the process that has sent this question and not ended it."""
    query = select(scheduled.c.owner_process).where(
        scheduled.c.owner_id.in_(OWNERS), scheduled.c.request_id == name, scheduled.c.state.in_(("sent", "heard"))
    )
    with workspace.database.read() as connection:
        process = connection.execute(query).scalar()
    return int(process.split("/")[1]) if process else None


def test_two_processes_race_and_one_is_killed(
    workspace: Workspace, limited: LimitedServer, start: Callable[..., Child]
) -> None:
    names = [f"{owner} {number}" for number in range(EACH) for owner in OWNERS]
    for name in names:
        schedule(workspace, name, owner=name.split()[0])
    held = names[KILLED_AT]
    release = limited.hold(held)
    pair = [start(), start()]
    until(lambda: held in limited.asked)
    killed = sender(workspace, held)
    assert killed in [child.pid for child in pair]
    os.kill(killed, signal.SIGKILL)
    next(child for child in pair if child.pid == killed).wait()
    start()
    until(lambda: set(states(workspace).values()) <= {"done", "interrupted"})
    release.set()
    state_of = states(workspace)
    interrupted = [name for name, state in state_of.items() if state == "interrupted"]
    assert set(limited.calls.values()) == {1}
    assert {name for name, state in state_of.items() if state == "done"} <= set(limited.calls)
    assert held in interrupted
    assert set(names[KILLED_AT + 1 :]) <= {name for name, state in state_of.items() if state == "done"}
    assert limited.asked == names


def test_one_that_was_not_sent_yet_is_sent_by_another_process(
    workspace: Workspace, limited: LimitedServer, start: Callable[..., Child], tmp_path: Path
) -> None:
    stall = tmp_path / "stall"
    stall.touch()
    schedule(workspace, "first", "second")
    child = start(str(stall))
    assert child.stdout
    assert [child.stdout.readline() for _ in range(2)][1] == "stalled\n"
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert limited.asked == []
    start()
    until(lambda: states(workspace) == {"first": "done", "second": "done"})
    assert limited.asked == ["first", "second"]


def test_a_process_that_slept_past_its_lease_does_not_send_what_another_has_sent(
    workspace: Workspace, limited: LimitedServer, start: Callable[..., Child], tmp_path: Path
) -> None:
    stall = tmp_path / "stall"
    stall.touch()
    schedule(workspace, "first")
    sleeper = start(str(stall), lease_s=1)
    assert sleeper.stdout
    assert [sleeper.stdout.readline() for _ in range(2)][1] == "stalled\n"
    start(lease_s=1)
    until(lambda: states(workspace) == {"first": "done"})
    stall.unlink()
    assert sleeper.stdout.readline() == "refused\n"
    assert limited.asked == ["first"]
    assert states(workspace) == {"first": "done"}
