"""A person erases all of theirs: no row, word, waiting line or byte is left, and nobody else loses anything."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, inspect, select, text

from core import store
from core.records import ChatRequest, Message
from core.store import Changed, conversations, erasure, retention, runs, search, settings, shared_links, turns
from core.store.batches import making, reading
from core.store.batches.tables import batches
from core.store.database import Database
from core.store.imports import progress
from core.store.imports.tables import imports
from core.store.opening import open_database
from core.store.owners import DEFINE_TABLES, tables_of_people
from core.store.quota import cache, usage
from core.store.rounds import asked
from core.store.tables import calls
from core.store.tables import conversations as rows
from core.views.batches import BatchPlan
from tests.store.conftest import OWNER, START, answer

Say = Callable[..., turns.Begun]
SECRET, OTHER = "zanzibarian", "ben"
LONG_S = 60.0


def settled(database: Database, **how: Any) -> None:
    """All rounds of an erasure, up to the one after the longest answer."""
    how = {"keep_calls": False, "longest_answer_s": LONG_S, "sleep": lambda _: None, **how}
    for _ in range(100):  # the clock of these tests goes on by a second at every look
        if erasure.go_on(database, **how):
            return
    raise AssertionError("the erasure does not end")


def rows_of(database: Database, owner_id: str) -> dict[str, int]:
    """How many rows of which table name this owner, whatever the table."""
    numbers = {}
    with database.read() as connection:
        inspector = inspect(connection)
        for name in inspector.get_table_names():
            owned = [c["name"] for c in inspector.get_columns(name) if c["name"] in ("owner_id", "marked_by")]
            for column in owned:
                query = text(f"SELECT count(*) FROM {name} WHERE {column} = :owner")
                if number := connection.execute(query, {"owner": owner_id}).scalar():
                    numbers[name] = number
    return numbers


def places(database: Database) -> set[str]:
    with database.read() as connection:
        return {
            name
            for name in inspect(connection).get_table_names()
            if not name.startswith("message_words")
            and any(SECRET in str(row) for row in connection.exec_driver_sql(f"SELECT * FROM {name}"))
        }


def fill(database: Database, say: Say, owner_id: str) -> None:
    """A bit of everything."""
    say(f"{owner_id}-1", SECRET, SECRET, owner=owner_id)
    say(f"{owner_id}-2", SECRET, None, owner=owner_id)  # still answering
    run_id, lanes = runs.create(database, owner_id, f"{owner_id}-3", ["a/one", "b/two"], prompt=SECRET)
    questions = {lane.conversation_id: asked.question_id(owner_id, f"{owner_id}-{lane.position}") for lane in lanes}
    asked.begin(database, owner_id, run_id, f"{owner_id}-3", SECRET, questions)
    settings.put(database, owner_id, "favourite", SECRET)
    request = ChatRequest((Message("user", SECRET),), model_id="sim/quick")
    assert cache.put(database, owner_id, request, answer(SECRET))
    plan = BatchPlan(SECRET, ("sim/quick",), ((SECRET, None),))
    making.create(database, owner_id, f"{owner_id}-4", plan, "host/1/a")
    usage.by_day(database, owner_id, START.date(), START.date())
    shared_links.create(database, owner_id, run_id, expires_at=None, snapshot={"word": SECRET})


def test_nothing_of_it_is_left_and_others_keep_all_of_theirs(database: Database, say: Say) -> None:
    fill(database, say, OWNER)
    fill(database, say, OTHER)
    others = rows_of(database, OTHER)
    assert {
        "conversations",
        "calls",
        "jobs",
        "batches",
        "cached_answers",
        "shared_links",
        "usage_days",
    } <= others.keys()
    erasure.begin(database, OWNER)
    assert conversations.recent(database, OWNER).entries == ()
    assert search.find(database, OWNER, SECRET) == []
    assert reading.recent(database, OWNER) == []
    assert settings.get(database, OWNER, "favourite") is None
    settled(database)
    assert rows_of(database, OWNER) == {}
    assert rows_of(database, OTHER) == others


def test_no_word_of_it_is_anywhere(database: Database, say: Say) -> None:
    fill(database, say, OWNER)
    assert {"messages", "batches", "cached_answers", "settings", "rounds"} <= places(database)
    erasure.begin(database, OWNER)
    settled(database)
    assert places(database) == set()


def test_what_is_done_afterwards_stays(database: Database, say: Say) -> None:
    say("r1", SECRET, SECRET)
    erasure.begin(database, OWNER)
    begun = say("r2", "New question")
    later = answer("New answer")
    later = replace(later, timing=replace(later.timing, started_at=START + timedelta(hours=1)))
    turns.finish(database, OWNER, "r2", later)
    settings.put(database, OWNER, "favourite", "tea")
    settled(database)
    assert [entry.id for entry in conversations.recent(database, OWNER).entries] == [begun.conversation_id]
    assert settings.get(database, OWNER, "favourite") == "tea"
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(calls).where(calls.c.owner_id == OWNER)).scalar()


def test_an_answer_that_ends_later_is_not_kept(database: Database, say: Say) -> None:
    say("r1", SECRET)
    erasure.begin(database, OWNER)
    with pytest.raises(Exception, match="no such answer"):
        turns.finish(database, OWNER, "r1", answer(SECRET))
    settled(database)
    assert places(database) == set()
    assert rows_of(database, OWNER) == {}


def test_calls_of_shared_keys_stay_as_nobodys(database: Database, say: Say) -> None:
    fill(database, say, OWNER)
    with database.read() as connection:
        before = connection.execute(select(func.count(), func.sum(calls.c.output_tokens))).one()
    erasure.begin(database, OWNER)
    settled(database, keep_calls=True)
    assert rows_of(database, OWNER) == {}
    with database.read() as connection:
        assert connection.execute(select(func.count(), func.sum(calls.c.output_tokens))).one() == before
        (owner_id,) = connection.execute(select(calls.c.owner_id).distinct()).scalars()
    assert owner_id != OWNER
    assert places(database) == set()


def test_another_process_goes_on_with_it(url: str | None, tmp_path: Path) -> None:
    first = open_database(url, tmp_path)
    begun = turns.begin(first, OWNER, turns.NewTurn("r1", SECRET), owner_process="p")
    turns.finish(first, OWNER, "r1", answer(SECRET))
    erasure.begin(first, OWNER)
    first.close()
    second = open_database(url, tmp_path)
    erasure.go_on(second, keep_calls=False, longest_answer_s=-1)
    assert rows_of(second, OWNER) == {}
    assert begun.conversation_id
    second.close()


def test_an_import_that_is_being_completed_is_waited_for(database: Database) -> None:
    running = progress.begin(database, OWNER, "host/1/a", "a.json", 10)
    with database.write() as connection:
        connection.execute(imports.update().where(imports.c.owner_id == OWNER).values(state="showing"))
    with pytest.raises(Changed):
        erasure.begin(database, OWNER)
    running.give_up("")
    with database.write() as connection:
        connection.execute(imports.update().where(imports.c.owner_id == OWNER).values(state="done"))
    erasure.begin(database, OWNER)
    settled(database)
    assert rows_of(database, OWNER) == {}


def test_a_line_that_was_set_aside_goes_too(tmp_path: Path) -> None:
    database = open_database(None, tmp_path)
    refused = database.spool._refused_path()
    refused.parent.mkdir(exist_ok=True)
    refused.write_text(f'{{"owner_id": "{OWNER}", "text": "{SECRET}"}}\n{{"owner_id": "ben"}}\n')
    erasure.begin(database, OWNER)
    assert refused.read_text() == '{"owner_id": "ben"}\n'
    database.close()


def test_every_table_with_an_owner_is_known_here(database: Database) -> None:
    """Or follows from one that is: a new table is deleted with its owner without anybody thinking of it."""
    with database.read() as connection:
        inspector = inspect(connection)
        owned = {
            name
            for name in inspector.get_table_names()
            if any(column["name"] == "owner_id" for column in inspector.get_columns(name))
        }
    assert owned == {table.name for table in tables_of_people()}
    first = {table.name for table in erasure.deleted_first()}
    assert owned - first == {
        "conversations", "calls", "imports", "staged", "quota_holds", "people", "key_rules", "blobs",
        "usage_days", "usage_hours", "usage_offsets", "vote_sums", "list_sizes", "cache_sizes",
    }  # fmt: skip


def test_what_is_older_than_it_may_be_kept_goes(database: Database, say: Say) -> None:
    fill(database, say, OWNER)
    with database.write() as connection:
        connection.execute(batches.update().values(state="done", ended_at=START))
    middle = database.now()
    newer = say("new", "Still wanted", "Yes.")
    pinned = say("pin", "Pinned", "Yes.")
    conversations.pin(database, OWNER, pinned.conversation_id, True)
    with database.write() as connection:
        old = rows.update().where(rows.c.id == pinned.conversation_id)
        connection.execute(old.values(updated_at=START - timedelta(days=1)))
    assert retention.expire(database, middle) == 5  # two chats, a comparison, the pinned one, a batch
    assert [entry.id for entry in conversations.recent(database, OWNER).entries] == [newer.conversation_id]
    assert reading.recent(database, OWNER) == []
    assert retention.expire(database, middle) == 0


def test_the_tables_of_people_are_known_wherever_they_are_defined() -> None:
    """Else what is in a table of a module that nobody has imported yet would be neither erased nor exported."""
    folder = Path(store.__file__).parent
    definition = re.compile(r"^\w+ = Table\(", re.MULTILINE)
    paths = [path for path in folder.rglob("*.py") if definition.search(path.read_text(encoding="utf-8"))]
    names = {".".join(("core.store", *path.relative_to(folder).with_suffix("").parts)) for path in paths}
    assert len(names) > 15
    assert names == {module.__name__ for module in DEFINE_TABLES}
