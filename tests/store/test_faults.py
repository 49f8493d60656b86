"""Full, locked, read-only, damaged, away and back: the store opens, says so, loses nothing and deletes nothing."""

from __future__ import annotations

import logging
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from core.store import Unavailable, availability, conversations, running, search, tree, turns
from core.store.backends import sqlite
from core.store.database import Database
from core.store.opening import FILE, memory_database, open_database
from tests.store import postgres
from tests.store.conftest import OWNER, answer

PAGE_BYTES = 4096


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(availability, "HOLD_OFF_S", 0.0)
    monkeypatch.setattr(sqlite, "BUSY_MS", 50)


def ask(database: Database, request_id: str, text: str = "Hi") -> turns.Begun:
    return turns.begin(database, OWNER, turns.NewTurn(request_id, text), owner_process="host/1/a")


def states(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str | None, str]]:
    """The states of the database that were logged."""
    lines = [record.__dict__["fields"] for record in caplog.records if record.__dict__.get("event") == "database_state"]
    return [(line["state"], line.get("code"), line["id"]) for line in lines]


def prompts_of(database: Database) -> set[str]:
    return {entry.title for entry in conversations.recent(database, OWNER).entries}


# --- full ---------------------------------------------------------------------------------------------------------


@contextmanager
def full_disk(database: Database) -> Iterator[None]:
    """SQLite believes the disk is full: the file may not grow."""
    with database.read() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    database.engine.dispose()

    def limit(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(database.engine, "connect", limit)
    yield
    event.remove(database.engine, "connect", limit)
    database.engine.dispose()


def test_a_full_disk_keeps_what_is_said_and_saves_it_when_there_is_room(tmp_path: Path) -> None:
    database = open_database(None, tmp_path)
    ask(database, "before", "Before")
    long = "word " * 20_000
    with full_disk(database):
        begun = ask(database, "during", long)
        assert (begun.fresh, begun.saved) == (True, False)
        assert not turns.finish(database, OWNER, "during", answer("Yes."))
        health = database.health()
        assert (health.state, health.code, health.waiting) == ("read-only", "full", 2)
        assert "full" in health.sentence
        assert len(prompts_of(database)) == 2
        assert not ask(database, "during", long).fresh
    assert database.flush()
    assert database.health().state == "ok"
    assert running.read(database, OWNER, "during").text == "Yes."
    assert len(prompts_of(database)) == 2
    database.close()


def test_what_waits_on_disk_is_saved_by_the_next_process(tmp_path: Path) -> None:
    database = open_database(None, tmp_path)
    with full_disk(database):
        ask(database, "during", "word " * 20_000)
    database.close()
    again = open_database(None, tmp_path)
    assert len(prompts_of(again)) == 1
    assert again.health().waiting == 0
    again.close()


# --- locked -------------------------------------------------------------------------------------------------------


@contextmanager
def foreign_lock(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_a_locked_database_is_read_and_written_afterwards(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "roundtable")
    database = open_database(None, tmp_path)
    ask(database, "before", "Before")
    database.engine.dispose()
    event.listen(database.engine, "connect", lambda c, _: c.execute("PRAGMA busy_timeout=50"))
    with foreign_lock(tmp_path / FILE):
        assert not ask(database, "during", "During").saved
        assert (database.health().state, database.health().code) == ("read-only", "locked")
        assert states(caplog) == [("read-only", "locked", database.health().event_id)]
        assert prompts_of(database) == {"Before", "During"}
        assert not running.checkpoint(database, [running.AnswerCheckpoint(OWNER, "before", "x")])
        with pytest.raises(Unavailable):
            conversations.create(database, OWNER)
    assert ask(database, "after", "After").saved
    assert prompts_of(database) == {"Before", "During", "After"}
    assert [state[:2] for state in states(caplog)] == [("read-only", "locked"), ("ok", None)]
    assert database.health().event_id == ""
    database.close()


def test_a_database_that_is_locked_at_start_is_used_when_it_is_free(tmp_path: Path) -> None:
    open_database(None, tmp_path).close()
    with foreign_lock(tmp_path / FILE):
        database = open_database(None, tmp_path)
        assert database.kind == "sqlite"
    assert ask(database, "after").saved
    database.close()


# --- read-only ----------------------------------------------------------------------------------------------------


@contextmanager
def no_writing(folder: Path) -> Iterator[None]:
    """The folder and its files are read-only, for an administrator too: who is one becomes nobody for a while."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    if is_root := hasattr(os, "geteuid") and os.geteuid() == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        for path in (folder, *folder.rglob("*")):
            path.chmod(path.stat().st_mode | stat.S_IWUSR)


def test_a_read_only_folder_shows_what_was_and_keeps_the_rest_in_memory(folder: Path) -> None:
    first = open_database(None, folder)
    ask(first, "before", "Before")
    first.close()
    with no_writing(folder):
        database = open_database(None, folder)
        assert database.kind == "memory"
        assert database.notices[-1].code == "memory"
        assert database.health().state == "read-only"
        assert ask(database, "during", "During").saved
        assert prompts_of(database) == {"Before", "During"}
        assert not database.flush()
    assert database.flush()
    assert (database.kind, database.health().state, database.notices) == ("sqlite", "ok", ())
    database.close()
    again = open_database(None, folder)
    assert prompts_of(again) == {"Before", "During"}
    again.close()


def test_a_file_that_turns_read_only_is_read_and_written_later(folder: Path) -> None:
    database = open_database(None, folder)
    ask(database, "before", "Before")
    database.engine.dispose()
    with no_writing(folder):
        assert not ask(database, "during", "During").saved
        assert database.health().state != "ok"
    assert database.flush()
    assert prompts_of(database) == {"Before", "During"}
    database.close()


def test_a_folder_that_cannot_be_made_gives_memory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    database = open_database(None, tmp_path / "file" / "data")
    assert database.kind == "memory"
    ask(database, "r1")
    assert len(search.find(database, OWNER, "hi")) == 1
    database.close()


# --- damaged ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["empty", "text", "header", "middle"])
def test_a_damaged_file_is_moved_aside_and_named(tmp_path: Path, damage: str) -> None:
    file = tmp_path / FILE
    first = open_database(None, tmp_path)
    for number in range(30):
        ask(first, f"r{number}", "word " * 200)
    first.close()
    whole = file.read_bytes()
    content = {
        "empty": b"",
        "text": b"not a database at all " * 500,
        "header": b"\x00" * 100 + whole[100:],
        "middle": whole[:8192] + b"\xff" * 4096 * 6 + whole[8192 + 4096 * 6 :],
    }[damage]
    file.write_bytes(content)
    database = open_database(None, tmp_path)
    (notice,) = database.notices
    assert notice.code == "moved_aside"
    assert Path(notice.path).read_bytes() == content
    assert Path(notice.path).name in notice.sentence
    assert (prompts_of(database), database.health().state) == (set(), "ok")
    assert ask(database, "new").saved
    database.close()


def test_a_large_file_is_checked_again_after_it_showed_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "CHECKED_BYTES", 0)
    file = tmp_path / FILE
    first = open_database(None, tmp_path)
    for number in range(30):
        ask(first, f"r{number}", "word " * 200)
    first.close()
    whole = file.read_bytes()
    pages = [whole[start : start + PAGE_BYTES] for start in range(0, len(whole), PAGE_BYTES)]
    # The pages that hold messages: opening reads others.
    file.write_bytes(b"".join(b"\xff" * len(page) if b"word word word" in page else page for page in pages))
    database = open_database(None, tmp_path)
    assert database.notices == ()
    with pytest.raises(Unavailable):
        search.find(database, OWNER, "word", limit=1000)
    assert (database.health().state, database.health().code) == ("down", "broken")
    assert not ask(database, "kept", "Kept").saved
    database.close()
    again = open_database(None, tmp_path)
    assert [notice.code for notice in again.notices] == ["moved_aside"]
    assert prompts_of(again) == {"Kept"}
    again.close()


# --- PostgreSQL ---------------------------------------------------------------------------------------------------


def test_a_server_that_goes_and_comes_back_loses_nothing(server: postgres.Server, tmp_path: Path) -> None:
    url = server.new()
    database = open_database(url, tmp_path)
    ask(database, "before", "Before")
    server.kill()
    try:
        assert not ask(database, "during", "During").saved
        assert not turns.finish(database, OWNER, "during", answer("Yes."))
        health = database.health()
        assert (health.state, health.code, health.waiting) == ("down", "unreachable", 2)
        assert prompts_of(database) == {"During"}
        assert running.tick(database, "host/1/a") == []
        late = open_database(url, tmp_path / "late")
        assert late.health().state == "down"
        assert not ask(late, "late", "Late").saved
    finally:
        server.start()
    assert running.tick(database, "host/1/a") == []
    assert late.flush()
    assert prompts_of(database) == {"Before", "During", "Late"}
    assert running.read(database, OWNER, "during").text == "Yes."
    assert database.health().state == late.health().state == "ok"
    database.close()
    late.close()
    server.drop(url)


def test_a_server_that_restarted_between_two_questions_is_not_noticed(server: postgres.Server, tmp_path: Path) -> None:
    url = server.new()
    database = open_database(url, tmp_path)
    ask(database, "r1")
    server.kill()
    server.start()
    assert ask(database, "r2").saved
    assert database.health().state == "ok"
    database.close()
    server.drop(url)


def test_nobody_waits_for_a_server_that_was_just_found_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(availability, "HOLD_OFF_S", 1000.0)
    database = open_database("postgresql://u:p@127.0.0.1:1/none", tmp_path)
    assert "127.0.0.1" not in database.health().sentence
    monkeypatch.setattr(database.engine, "connect", lambda: pytest.fail("asked the server again"))
    with pytest.raises(Unavailable):
        conversations.recent(database, OWNER)
    assert not ask(database, "r1").saved
    assert not database.flush()
    database.close()


# --- memory -------------------------------------------------------------------------------------------------------


def test_memory_holds_everything_a_file_does() -> None:
    database = memory_database("Refused.")
    begun = ask(database, "r1")
    turns.finish(database, OWNER, "r1", answer("Yes."))
    assert tree.path(database, OWNER, begun.conversation_id).turns[-1].text == "Yes."
    assert database.health().sentence == "Refused."
    database.close()
