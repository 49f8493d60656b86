"""What is deleted is gone: after the undo time no row, no word of the search and no byte of the file holds it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, func, inspect, select, text

from core.records import ChatRequest, Message
from core.store import NotFound, conversations, purge, queued_question, runs, search, settings, turns
from core.store.database import Database
from core.store.opening import memory_database, open_database
from core.store.quota import cache
from core.store.rounds import asked
from core.store.tables import ERASED
from core.store.tables import conversations as rows
from core.views.conversation import File
from tests.store.conftest import OWNER, answer

Say = Callable[..., turns.Begun]
SECRET = "zanzibarian"


def a_comparison(database: Database) -> str:
    run_id, made = runs.create(database, OWNER, "c1", ["a/one", "b/two"], prompt=SECRET)
    questions = {lane.conversation_id: asked.question_id(OWNER, f"c1-{lane.position}") for lane in made}
    asked.begin(database, OWNER, run_id, "c1", SECRET, questions)
    for lane in made:
        name = f"c1-{lane.position}"
        turns.begin(
            database, OWNER, turns.NewTurn(name, SECRET, conversation_id=lane.conversation_id), owner_process="p"
        )
        turns.finish(database, OWNER, name, answer(SECRET))
    return run_id


def places(database: Database) -> dict[str, int]:
    """How many rows of which table hold the word, however it is written there."""
    locations = {}
    with database.read() as connection:
        for name in inspect(connection).get_table_names():
            if name.startswith("message_words"):
                continue
            whole = connection.exec_driver_sql(f"SELECT * FROM {name}").all()
            if number := sum(SECRET in str(row) for row in whole):
                locations[name] = number
    return locations


def test_nothing_of_what_was_deleted_is_left(database: Database, say: Say) -> None:
    other = say("keep", "Stays", "Yes.")
    begun = say("r1", SECRET, SECRET)
    turns.begin(
        database,
        OWNER,
        turns.NewTurn(
            "r2",
            "With a file",
            conversation_id=begun.conversation_id,
            parent_id=begun.answer_message_id,
            files=[File("a.txt", SECRET)],
        ),
        owner_process="p",
    )
    settings.put(database, OWNER, queued_question.KEY + begun.conversation_id, {"prompt": SECRET})
    request = ChatRequest((Message("user", SECRET),), model_id="sim/quick")
    other_request = ChatRequest((Message("user", "another question"),), model_id="sim/quick")
    for asked_for in (request, other_request):
        assert cache.put(database, OWNER, asked_for, answer(SECRET if asked_for is request else "Kept."))
    run_id = a_comparison(database)
    before = places(database)
    assert {"messages", "conversations", "rounds", "attachments", "settings", "cached_answers"} <= before.keys()
    for name in (begun.conversation_id, run_id):
        conversations.remove(database, OWNER, name)
    assert purge.purge(database, database.now()) == 4
    assert places(database) == {}
    assert search.find(database, OWNER, SECRET) == []
    assert cache.get(database, OWNER, other_request) is not None
    assert [entry.id for entry in conversations.recent(database, OWNER).entries] == [other.conversation_id]
    with database.read() as connection:
        for name in ("jobs", "round_questions", "lanes", "runs"):
            rows = connection.execute(text(f"SELECT count(*) FROM {name}")).scalar()
            assert rows == (1 if name == "jobs" else 0)


def test_no_byte_of_the_file_holds_it(tmp_path: Path) -> None:
    database = open_database(None, tmp_path)
    long = f"{SECRET} and more. " * 500  # on pages of its own
    begun = turns.begin(database, OWNER, turns.NewTurn("r1", long), owner_process="p")
    turns.finish(database, OWNER, "r1", answer(long))
    conversations.remove(database, OWNER, begun.conversation_id)
    purge.purge(database, database.now())
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert f"{SECRET} and more".encode() not in held
    database.close()


def test_it_can_be_undone_until_then_and_never_half(database: Database, say: Say) -> None:
    begun = say("r1", "One", "Two")
    conversations.remove(database, OWNER, begun.conversation_id)
    assert purge.purge(database, database.now() - timedelta(minutes=10)) == 0
    conversations.restore(database, OWNER, begun.conversation_id)
    conversations.remove(database, OWNER, begun.conversation_id)
    purge._claim(database, database.now())
    with database.read() as connection:
        assert connection.execute(select(rows.c.deleted_at)).scalar() == ERASED
    with pytest.raises(NotFound):
        conversations.restore(database, OWNER, begun.conversation_id)
    assert purge.purge(database, database.now()) == 1  # what a process that died had claimed


def test_a_long_conversation_goes_in_portions(database: Database, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purge, "ROWS", 2)
    begun = say("r0", "Question", "Answer")
    for number in range(1, 4):
        begun = say(f"r{number}", "Question", "Answer", after=begun)
    conversations.remove(database, OWNER, begun.conversation_id)
    pauses: list[float] = []
    assert purge.purge(database, database.now(), sleep=pauses.append) == 1
    assert len(pauses) >= 4
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM messages")).scalar() == 0


def test_nothing_to_delete_takes_no_turn_of_a_writer(tmp_path: Path) -> None:
    database = open_database(None, tmp_path)
    began: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *event_arguments: began.append(event_arguments[2]))
    purge.tick(database, 3600)
    assert not [each for each in began if not each.startswith(("SELECT", "BEGIN"))]
    assert "BEGIN IMMEDIATE" not in began
    database.close()


def test_what_the_spool_set_aside_of_it_goes_too(tmp_path: Path) -> None:
    database = open_database(None, tmp_path)
    begun = turns.begin(database, OWNER, turns.NewTurn("r1", "One"), owner_process="p")
    stored = turns.begin(database, OWNER, turns.NewTurn("r2", "Two"), owner_process="p")
    conversations.remove(database, OWNER, begun.conversation_id)
    for name in (begun.conversation_id, stored.conversation_id):
        database.spool.add("begin", {"conversation_id": name, "text": SECRET, "owner_id": OWNER})
    assert purge.purge(database, database.now()) == 0  # something waits that may belong to it
    database.flush()
    assert purge.purge(database, database.now()) == 1
    refused = next((tmp_path / "spool").glob("*.refused.jsonl")).read_text("utf-8")
    assert begun.conversation_id not in refused
    assert stored.conversation_id in refused
    database.close()


@pytest.mark.parametrize("table", ["messages", "jobs", "lanes", "round_questions", "verdicts", "staged"])
def test_deleting_a_conversation_looks_for_its_rows_by_an_index(table: str) -> None:
    """SQLite and PostgreSQL look in each of these for every conversation that is deleted."""
    with memory_database().read() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN SELECT 1 FROM {table} WHERE conversation_id = 'x'").all()
        count = connection.execute(select(func.count()).select_from(rows)).scalar()
    assert count == 0
    assert all("SEARCH" in row[3] and "INDEX" in row[3] for row in plan)
