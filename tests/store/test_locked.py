"""Another program holds the file: nobody waits for it twice in turn, and work in the background only pauses."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event, insert

from core.store import Unavailable, conversations, purge, reindex, search, turns
from core.store.availability import HOLD_OFF_S
from core.store.database import Database
from core.store.imports import load, progress
from core.store.opening import open_database
from core.store.quota import ledger
from core.store.quota.grants import Hold, Uncounted
from core.store.search_tables import search_backlog
from tests.quota.conftest import ask, limit, provider
from tests.store.conftest import OWNER, answer
from tests.workspace.acme import until

HERE = "host/1/here"


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def opened(tmp_path: Path, clock: Clock) -> Iterator[Database]:
    database = open_database(None, tmp_path)
    database.availability._clock = clock
    database.engine.dispose()
    event.listen(database.engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=50"))
    yield database
    database.close()


@contextmanager
def locked(database: Database) -> Iterator[list[str]]:
    """Another program writes, and does not end; the list grows with each wait for it."""
    waits: list[str] = []

    def waiting(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement == "BEGIN IMMEDIATE":
            waits.append("wait")

    assert database.path
    with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        event.listen(database.engine, "before_cursor_execute", waiting)
        try:
            yield waits
        finally:
            event.remove(database.engine, "before_cursor_execute", waiting)
            other.execute("ROLLBACK")


def test_of_the_models_that_stand_in_only_the_first_waits(opened: Database, clock: Clock) -> None:
    asks = [ask(provider(limit(10), name=name)) for name in ("one", "two", "three")]
    with locked(opened) as waits:
        grants = [ledger.reserve(opened, OWNER, [planned]).grants[0] for planned in asks]
        assert not any(isinstance(grant, Hold | Uncounted) for grant in grants)
        assert waits == ["wait"]
        assert opened.health().code == "locked"
        clock.now += HOLD_OFF_S
        ledger.reserve(opened, OWNER, asks[:1])
        assert waits == ["wait"] * 2
    clock.now += HOLD_OFF_S
    assert isinstance(ledger.reserve(opened, OWNER, asks[:1]).grants[0], Hold)
    assert opened.health().state == "ok"


def test_what_a_person_does_is_tried_all_the_same(opened: Database) -> None:
    with locked(opened), pytest.raises(Unavailable), opened.write(durable=False):
        pass
    conversations.create(opened, OWNER)
    with opened.write(durable=False):
        pass


def test_an_import_waits_for_the_other_program(opened: Database, clock: Clock) -> None:
    messages = [{"id": "q", "parent_id": None, "role": "user", "text": "Whale"}]
    talks = [{"id": f"c{n}", "title": "T", "messages": [dict(messages[0], id=f"q{n}")]} for n in range(600)]
    file = json.dumps({"format": "roundtable", "version": 1, "conversations": talks}).encode()
    rests: list[float] = []
    with ExitStack() as stack:
        stack.enter_context(locked(opened))

        def sleep(seconds: float) -> None:
            clock.now += seconds
            rests.append(seconds)
            if rests.count(HOLD_OFF_S) in (3, 6):  # it is free again; and then comes back
                stack.pop_all().close()
            elif len(rests) == 5:
                stack.enter_context(locked(opened))

        with pytest.raises(Unavailable):  # nothing has begun yet: that is told at once
            load.load(opened, OWNER, file, process=HERE, sleep=sleep)
        assert rests == []
        stack.pop_all().close()
        clock.now += HOLD_OFF_S
        done = load.load(opened, OWNER, file, process=HERE, sleep=sleep)
    assert rests.count(HOLD_OFF_S) >= 3
    assert (done.conversations, done.messages) == (600, 600)
    status = progress.current(opened, OWNER)
    assert status
    assert status.state == "done"


def test_deleting_for_good_and_the_search_only_pause(
    opened: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reindex, "AWAY_S", 0.01)
    begun = turns.begin(opened, OWNER, turns.NewTurn("r", "Whale"), owner_process=HERE)
    turns.finish(opened, OWNER, "r", answer())
    turns.begin(opened, OWNER, turns.NewTurn("s", "Moon"), owner_process=HERE)
    conversations.remove(opened, OWNER, begun.conversation_id)
    with opened.write() as connection:
        connection.exec_driver_sql("UPDATE messages SET words = 'other' WHERE words <> ''")
        connection.execute(insert(search_backlog).values(below=99, began=99))
    with locked(opened) as waits:
        stop = reindex.begin(opened)
        until(lambda: bool(waits))
        purge.tick(opened, 0.0)
    clock.now += HOLD_OFF_S
    until(lambda: reindex.share_left(opened) is None)
    stop()
    assert len(search.find(opened, OWNER, "moon")) == 1
    purge.tick(opened, 0.0)
    with opened.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM conversations").scalar() == 1
