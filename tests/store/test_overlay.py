"""What waits to be saved is read as if it were saved: in its place, by everybody, also after a restart, and once."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from core.store import NotFound, Unavailable, availability, conversations, running, settings, tree, turns
from core.store.backends import sqlite
from core.store.database import Database
from core.store.opening import open_database
from core.store.pending.overlay import Overlay
from core.store.rounds import asked, whole
from core.store.runs import create
from tests.store import postgres
from tests.store.conftest import OWNER, answer
from tests.store.test_faults import full_disk, no_writing

Fault = Callable[[Database], AbstractContextManager[None]]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(availability, "HOLD_OFF_S", 0.0)
    monkeypatch.setattr(sqlite, "BUSY_MS", 50)


@contextmanager
def locked(database: Database) -> Iterator[None]:
    """Another program writes, and does not end."""
    assert database.path

    def hurry(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA busy_timeout=50")

    database.engine.dispose()
    event.listen(database.engine, "connect", hurry)
    with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def full(database: Database) -> Iterator[None]:
    with full_disk(database):
        ask(database, "filler", "word " * 20_000)
        yield


@contextmanager
def moved_away(database: Database) -> Iterator[None]:
    assert database.path
    folder = database.path.parent
    away = folder.with_name("elsewhere")
    folder.rename(away)
    yield
    assert not folder.exists()
    away.rename(folder)


@pytest.fixture(params=[locked, full, moved_away], ids=["locked", "full", "moved away"])
def fault(request: pytest.FixtureRequest) -> Fault:
    made: Fault = request.param
    return made


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Database]:
    database = open_database(None, tmp_path / "data")
    yield database
    database.close()


def ask(database: Database, request_id: str, text: str | None, after: turns.Begun | None = None) -> turns.Begun:
    return turns.begin(
        database,
        OWNER,
        turns.NewTurn(
            request_id,
            text,
            model_id="sim/quick",
            conversation_id=after.conversation_id if after else None,
            parent_id=after.answer_message_id if after and text else after.user_message_id if after else None,
        ),
        owner_process="elsewhere/1/a",
    )


def texts_of(database: Database, begun: turns.Begun) -> list[str]:
    return [turn.text for turn in tree.path(database, OWNER, begun.conversation_id).turns]


def titles(database: Database) -> list[str]:
    return [entry.title for entry in conversations.recent(database, OWNER).entries if "word" not in entry.title]


def test_a_question_that_waits_is_in_its_place_and_the_next_one_follows_it(opened: Database, fault: Fault) -> None:
    first = ask(opened, "r1", "One?")
    turns.finish(opened, OWNER, "r1", answer("1"))
    with fault(opened):
        second = ask(opened, "r2", "Two?", first)
        assert (second.fresh, second.saved) == (True, False)
        assert texts_of(opened, first) == ["One?", "1", "Two?", ""]
        assert tree.path(opened, OWNER, first.conversation_id).turns[-1].state == "running"
        turns.finish(opened, OWNER, "r2", answer("2"))
        third = ask(opened, "r3", "Three?", second)
        turns.finish(opened, OWNER, "r3", answer("3"))
        expected = ["One?", "1", "Two?", "2", "Three?", "3"]
        assert texts_of(opened, first) == expected
        assert running.read(opened, OWNER, "r2").text == "2"
        history = tree.history(opened, OWNER, first.conversation_id, third.answer_message_id)
        assert [message.text for message in history] == expected
        assert not ask(opened, "r2", "Two?", first).fresh
        health = opened.health()
        assert (health.state, bool(health.waiting)) == ("read-only", True)
    assert opened.flush()
    assert opened.health().waiting == 0
    assert texts_of(opened, first) == expected
    assert opened.health().state == "ok"


def test_a_new_chat_and_a_rename_and_a_deletion_that_wait_are_listed_so(opened: Database, fault: Fault) -> None:
    stored = [ask(opened, f"r{number}", f"Old {number}") for number in range(3)]
    with fault(opened):
        before = conversations.count(opened, OWNER)
        ask(opened, "new", "New")
        conversations.rename(opened, OWNER, stored[0].conversation_id, "Renamed")
        conversations.pin(opened, OWNER, stored[0].conversation_id)
        conversations.remove(opened, OWNER, stored[1].conversation_id)
        expected = ["Renamed", "New", "Old 2"]
        assert titles(opened) == expected
        assert conversations.count(opened, OWNER) == before
        with pytest.raises(NotFound):
            conversations.get(opened, OWNER, stored[1].conversation_id)
        with pytest.raises(NotFound):
            conversations.rename(opened, OWNER, stored[1].conversation_id, "x")
        with pytest.raises(NotFound):
            conversations.rename(opened, "bob", stored[0].conversation_id, "x")
    assert opened.flush()
    assert titles(opened) == expected
    conversations.restore(opened, OWNER, stored[1].conversation_id)
    assert "Old 1" in titles(opened)


def test_another_version_and_the_branch_that_is_shown_wait_too(opened: Database, fault: Fault) -> None:
    first = ask(opened, "r1", "One?")
    turns.finish(opened, OWNER, "r1", answer("1"))
    with fault(opened):
        other = ask(opened, "r2", None, first)
        turns.finish(opened, OWNER, "r2", answer("1 again"))
        assert texts_of(opened, first) == ["One?", "1 again"]
        chosen = tree.select_branch(opened, OWNER, first.conversation_id, first.answer_message_id)
        assert chosen == first.answer_message_id
        shown = tree.path(opened, OWNER, first.conversation_id).turns
        assert (shown[-1].text, shown[-1].siblings) == ("1", (first.answer_message_id, other.answer_message_id))
    assert opened.flush()
    assert tree.path(opened, OWNER, first.conversation_id).turns == shown


def test_a_comparison_that_waits_is_whole(opened: Database, fault: Fault) -> None:
    def turn(run_id: str, number: int, lanes: list[str]) -> None:
        names = {lane: f"q{number}-{place}" for place, lane in enumerate(lanes)}
        questions = {lane: asked.question_id(OWNER, name) for lane, name in names.items()}
        asked.begin(opened, OWNER, run_id, f"round{number}", f"Prompt {number}", questions)
        for lane, name in names.items():
            end = tree.path(opened, OWNER, lane).leaf_id
            turns.begin(
                opened,
                OWNER,
                turns.NewTurn(name, f"Prompt {number}", conversation_id=lane, parent_id=end),
                owner_process="h/1/a",
            )
            turns.finish(opened, OWNER, name, answer(f"{number} of {lane}"))

    run_id, made = create(opened, OWNER, "c1", ["sim/quick", "sim/slow"], prompt="Prompt 1")
    lanes = [lane.conversation_id for lane in made]
    turn(run_id, 1, lanes)
    with fault(opened):
        turn(run_id, 2, lanes)
        fresh, _ = create(opened, OWNER, "c2", ["sim/quick", "sim/slow"], prompt="Fresh")
        seen = whole.read(opened, OWNER, run_id)
        assert [each.prompt for each in seen.rounds] == ["Prompt 1", "Prompt 2"]
        assert [[turn.text for turn in lane.turns][1::2] for lane in seen.lanes] == [
            [f"{number} of {lane}" for number in (1, 2)] for lane in lanes
        ]
        assert len(whole.read(opened, OWNER, fresh).lanes) == 2
    assert opened.flush()
    assert whole.read(opened, OWNER, run_id).rounds == seen.rounds
    assert [lane.turns for lane in whole.read(opened, OWNER, run_id).lanes] == [lane.turns for lane in seen.lanes]


def test_what_waits_is_shown_after_a_restart_and_by_another_process(folder: Path) -> None:
    first = open_database(None, folder)
    begun = ask(first, "r1", "One?")
    turns.finish(first, OWNER, "r1", answer("1"))
    with locked(first):
        second = ask(first, "r2", "Two?", begun)
        settings.put(first, OWNER, "next", {"prompt": "Three?"})
        beside = open_database(None, folder)
        assert texts_of(beside, begun) == ["One?", "1", "Two?", ""]
        turns.finish(first, OWNER, "r2", answer("2"))
        assert texts_of(beside, begun) == ["One?", "1", "Two?", "2"]
        ask(beside, "r3", "Three?", second)
        assert texts_of(first, begun)[-2] == "Three?"
        assert settings.get(beside, OWNER, "next") == {"prompt": "Three?"}
        beside.close()
    first.close()
    with no_writing(folder):  # it was started again where nothing can be written: everything is in memory
        again = open_database(None, folder)
        assert again.kind == "memory"
        assert texts_of(again, begun) == ["One?", "1", "Two?", "2", "Three?", ""]
        again.close()
    last = open_database(None, folder)
    assert texts_of(last, begun) == ["One?", "1", "Two?", "2", "Three?", ""]
    assert (last.health().waiting, last.health().state) == (0, "ok")
    last.close()


def test_an_answer_of_a_process_that_is_gone_does_not_run_on_while_it_waits(opened: Database) -> None:
    begun = ask(opened, "r1", "One?")
    with locked(opened):
        same_process = running.process_name().rpartition("/")[0] + "/before"
        turns.begin(
            opened,
            OWNER,
            turns.NewTurn("r2", "Two?", conversation_id=begun.conversation_id, parent_id=None),
            owner_process=same_process,
        )
        assert opened.path
        again = open_database(None, opened.path.parent)
        assert tree.path(again, OWNER, begun.conversation_id).turns[-1].state == "interrupted"
        again.close()


def test_what_waits_is_said_to_be_in_memory_when_it_is(opened: Database) -> None:
    with locked(opened):
        ask(opened, "r1", "One?")
        assert not opened.health().in_memory
    assert opened.flush()
    with moved_away(opened):
        ask(opened, "r2", "Two?")
        assert (opened.health().code, opened.health().in_memory) == ("gone", True)
    assert opened.flush()
    assert titles(opened) == ["Two?", "One?"]


def test_another_file_in_its_place_is_opened_and_takes_what_waits(opened: Database, tmp_path: Path) -> None:
    ask(opened, "r1", "In the old file")
    assert opened.path
    folder = opened.path.parent
    copied = tmp_path / "copy"
    other = open_database(None, copied)
    ask(other, "r0", "In the other file")
    other.close()
    shutil.rmtree(folder)
    ask(opened, "r2", "Meanwhile")
    assert titles(opened) == ["Meanwhile", "In the old file"]
    copied.rename(folder)
    assert opened.flush()
    assert titles(opened) == ["Meanwhile", "In the other file"]


def test_a_deleted_file_does_not_come_back_empty(opened: Database) -> None:
    ask(opened, "r1", "One?")
    opened.engine.dispose()
    assert opened.path
    opened.path.unlink()
    assert not ask(opened, "r2", "Two?").saved
    assert not opened.path.exists()
    assert opened.health().code == "gone"


def test_with_the_server_away_what_is_asked_is_shown_alone(server: postgres.Server, tmp_path: Path) -> None:
    url = server.new()
    database = open_database(url, tmp_path)
    begun = ask(database, "r1", "One?")
    turns.finish(database, OWNER, "r1", answer("1"))
    server.kill()
    try:
        second = ask(database, "r2", "Two?", begun)
        turns.finish(database, OWNER, "r2", answer("2"))
        ask(database, "r3", "Three?", second)
        assert texts_of(database, begun) == ["Two?", "2", "Three?", ""]
        assert database.overlay.is_partial(begun.conversation_id)
        fresh = ask(database, "r4", "Fresh?")
        assert titles(database) == ["Fresh?"]
        late = open_database(url, tmp_path)
        assert texts_of(late, begun) == ["Two?", "2", "Three?", ""]
        assert texts_of(late, fresh) == ["Fresh?", ""]
        late.close()
        with pytest.raises(Unavailable):
            conversations.rename(database, OWNER, "unseen", "x")
    finally:
        server.start()
    assert database.flush()
    assert texts_of(database, begun) == ["One?", "1", "Two?", "2", "Three?", ""]
    assert titles(database) == ["Fresh?", "One?"]
    database.close()
    server.drop(url)


def test_nothing_waits_and_nothing_is_copied(opened: Database) -> None:
    begun = ask(opened, "r1", "One?")
    assert texts_of(opened, begun) == ["One?", ""]
    assert isinstance(opened.overlay, Overlay)
    assert opened.overlay._engine is None


def test_whose_words_wait_is_known(opened: Database) -> None:
    with locked(opened):
        ask(opened, "r1", "Explain tides")
        assert [opened.has_waiting(owner_id) for owner_id in (OWNER, "f" * 32)] == [True, False]
    assert opened.flush()
    assert not opened.has_waiting(OWNER)
