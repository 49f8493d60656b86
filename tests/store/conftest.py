"""One fixture, two databases: every test that takes `database` runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core.records import Attempt, Completion, Finish, Timing, Usage
from core.store import turns
from core.store.database import Database
from core.store.opening import open_database
from tests.store import postgres

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
OWNER = "ana"


class Clock:
    """A clock that goes on by a second at every look."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    with postgres.running() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    if request.param == "sqlite":
        yield None
        return
    server: postgres.Server = request.getfixturevalue("server")
    if request.node.get_closest_marker("migrates"):
        url = server.empty()
        yield url
        server.drop(url)
    else:
        url = server.new()
        yield url
        server.give_back(url)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that everybody can reach, which a test's own folder is not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def database(url: str | None, tmp_path: Path) -> Iterator[Database]:
    database = open_database(url, tmp_path / "data", now=Clock())
    assert database.health().state == "ok"
    yield database
    database.close()


@pytest.fixture
def say(database: Database) -> Callable[..., turns.Begun]:
    """Ask and answer: `say("r1", "question", "answer", after=begun)`; without an answer it stays running."""

    def say(
        request_id: str,
        question: str | None,
        reply: str | None = None,
        *,
        after: turns.Begun | None = None,
        owner: str = OWNER,
        parent: str | None = None,
    ) -> turns.Begun:
        begun = turns.begin(
            database,
            owner,
            turns.NewTurn(
                request_id,
                question,
                model_id="sim/quick",
                conversation_id=after.conversation_id if after else None,
                parent_id=parent or (after.answer_message_id if after else None),
            ),
            owner_process="host/1/a",
        )
        if reply is not None:
            turns.finish(database, owner, request_id, answer(reply))
        return begun

    return say


def answer(text: str = "Yes.") -> Completion:
    return Completion(
        model_id="sim/quick",
        text=text,
        reasoning="hm",
        usage=Usage(10, 20, cost_usd=Decimal("0.00012")),
        finish=Finish("stop", "end_turn"),
        timing=Timing(START, 100.5, 120.25, 900.0, 950.0, 12.0, 34),
        cost_usd=Decimal("0.00012"),
        attempts=(Attempt("sim", "sim/quick", 1, "overloaded", 40.0, 0.5), Attempt("sim", "sim/quick", 2, "ok", 950.0)),
    )
