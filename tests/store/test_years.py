"""What years of use need: a database from before comes along with its search and sums, and sums follow every change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from threading import enumerate as threads
from typing import Any

import pytest
from sqlalchemy import create_engine, delete, select, text

from core.insight.votes import counted
from core.store import calls as call_rows
from core.store import conversations, migrations, purge, reindex, runs, search, tables, turns
from core.store.backends import postgresql
from core.store.database import Database
from core.store.imports import load
from core.store.opening import FILE, open_database
from core.store.portable import export
from core.store.quota import cache, usage
from core.store.quota.tables import cached_answers
from core.store.search_tables import search_backlog, search_places
from core.store.votes import ballots
from tests.store.conftest import OWNER, START, answer
from tests.store.plans import plans
from tests.workspace.acme import until

pytestmark = pytest.mark.migrates
OLD = ("title_by_person, pinned, settings, version, created_at, updated_at", "false, false, '{}', 1, 0, 0")
BEFORE = (
    f"INSERT INTO conversations (id, owner_id, kind, title, {OLD[0]}) VALUES ('c', 'ana', 'chat', 'Holiday', {OLD[1]})",
    f"INSERT INTO conversations (id, owner_id, kind, title, {OLD[0]}) VALUES ('r', 'ana', 'comparison', '', {OLD[1]})",
    *(
        "INSERT INTO messages (id, conversation_id, parent_id, depth, role, text, words, state, created_at) VALUES "
        f"('m{n}', 'c', {parent}, {n}, '{role}', '{content}', '{words}', 'done', 0)"
        for n, parent, role, content, words in (
            (1, "NULL", "user", "Łódź in C++", "lodz in c"),
            (2, "'m1'", "assistant", "A city.", "a city"),
            (3, "'m2'", "user", "🎉", ""),
            (4, "'m2'", "user", "A copy of what was said elsewhere", ""),
        )
    ),
    "INSERT INTO votes (run_id, turn, owner_id, outcome, place, lanes, blind, topic, at) VALUES "
    """('r', 1, 'ana', 'winner', 1, '[["x", "sim/b"], ["y", "sim/a"]]', false, 'code', 0)""",
    "INSERT INTO calls (id, at, owner_id, provider_id, model_id, n, outcome, ms, input_tokens, estimated, cached) "
    "VALUES ('k', 1767225600000000, 'ana', 'groq', 'groq/x', 1, 'ok', 5, 7, false, false)",
    "INSERT INTO cached_answers (key, owner_id, model_id, question, value, size_bytes, hits, tokens, pico_usd, "
    "made_us, used_us) VALUES ('k', 'ana', 'groq/x', 'q', '{}', 900, 0, 0, 0, 0, 0)",
)


@pytest.fixture
def before(url: str | None, tmp_path: Path) -> Iterator[Database]:
    """A database of the schema 0010, opened by this program."""
    from alembic import command
    from alembic.config import Config

    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / FILE
    engine = create_engine(postgresql.address(url) if url else f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with engine.connect() as connection, connection.begin():
        config.attributes.update(connection=connection, version_table=migrations.VERSION_TABLE)
        command.upgrade(config, "0010")
        for statement in BEFORE:
            connection.exec_driver_sql(statement)
    engine.dispose()
    database = open_database(url, tmp_path / "data")
    yield database
    database.close()


def titles_of(database: Database, query: str) -> list[str]:
    return [hit.message_id for hit in search.find(database, OWNER, query)]


def test_a_database_from_before_has_its_sums_and_comes_into_search_by_and_by(before: Database) -> None:
    assert cache.size_of(before, OWNER) == cache.CacheSize(1, 900)
    (call,) = call_rows.recent(before, OWNER)
    assert (call.model_id, call.served_model_id, call.served_by) == ("groq/x", None, None)
    assert conversations.count(before, OWNER) == 2
    (tally,) = ballots.tallies(before, OWNER)
    assert (tally.winner, tally.model_ids, tally.n) == ("sim/a", ("sim/a", "sim/b"), 1)
    first = (START - timedelta(days=90)).date()
    assert [day.tokens for day in usage.by_day(before, OWNER, first, START.date())] == [7]
    assert titles_of(before, "lodz") == []
    assert reindex.share_left(before) == 1
    assert reindex.portion(before, 2)
    assert titles_of(before, "🎉") == ["m3"]
    assert 0 < (reindex.share_left(before) or 0) < 1
    turns.begin(before, OWNER, turns.NewTurn("new", "Written meanwhile"), owner_process="host/1/a")
    while reindex.portion(before, 2):
        pass
    assert reindex.share_left(before) is None
    assert titles_of(before, "C++") == titles_of(before, "łódź") == titles_of(before, "holiday") == ["m1"]
    assert titles_of(before, "city") == ["m2"]
    assert len(titles_of(before, "meanwhile")) == 1
    assert titles_of(before, "copy") == []


def test_it_goes_on_in_the_background_until_it_is_done(before: Database) -> None:
    others = set(threads())
    stop = reindex.begin(before)
    until(lambda: reindex.share_left(before) is None)
    stop()
    assert titles_of(before, "lodz") == ["m1"]
    reindex.begin(before)()
    assert set(threads()) <= others


def test_a_new_database_has_nothing_left_to_do(database: Database) -> None:
    assert reindex.share_left(database) is None
    assert not reindex.portion(database)
    with database.read() as connection:
        assert connection.execute(select(search_backlog)).first() is None


def test_what_leaves_a_message_leaves_the_index(database: Database, say: Callable[..., turns.Begun]) -> None:
    begun = say("r1", "moon", "moon")
    conversations.remove(database, OWNER, begun.conversation_id)
    purge.purge(database, database.now())
    with database.read() as connection:
        assert connection.execute(select(search_places)).first() is None
        if database.kind == "sqlite":
            left = text("SELECT count(*) FROM message_words WHERE message_words MATCH '\"q616e61:moon\"'")
            assert connection.execute(left).scalar() == 0


def same(database: Database, owner: str = OWNER) -> Counter[Any]:
    """The sums, having seen that they are those of the single votes."""
    votes, sums = ballots.of_owner(database, owner), ballots.tallies(database, owner)
    summed = counted((tally, tally.n) for tally in sums)
    assert summed == counted((vote, 1) for vote in votes)
    assert Counter((vote.topic, vote.blind) for vote in votes) == sum(
        (Counter({(tally.topic, tally.blind): tally.n}) for tally in sums), Counter()
    )
    return Counter({row.outcome: number for row, number in summed.items()})


def test_the_sums_of_votes_follow_every_change(database: Database) -> None:
    made = []
    for number in range(3):
        run_id, lanes = runs.create(database, OWNER, f"r{number}", ["sim/b", "sim/a", "sim/b"], options={"blind": True})
        made.append((run_id, [(lane.conversation_id, lane.model_id) for lane in lanes]))
        ballots.cast(database, OWNER, run_id, 1, 0, made[-1][1], "code")
        ballots.cast(database, OWNER, run_id, 2, "tie", made[-1][1], "facts")
    assert same(database) == {"winner": 3, "tie": 3}
    ballots.cast(database, OWNER, made[0][0], 1, "bad", made[0][1], "code")
    assert same(database) == {"winner": 2, "tie": 3, "bad": 1}
    conversations.remove(database, OWNER, made[0][0])
    assert same(database) == {"winner": 2, "tie": 2}
    conversations.remove(database, OWNER, made[0][0])
    conversations.restore(database, OWNER, made[0][0])
    assert same(database) == {"winner": 2, "tie": 3, "bad": 1}
    file = "".join(export.export(database, OWNER, "json")).encode()
    load.load(database, "ben", file)
    load.load(database, "ben", file)
    assert same(database, "ben") == {"winner": 2, "tie": 3, "bad": 1}
    conversations.remove(database, OWNER, made[1][0])
    purge.purge(database, database.now())
    assert same(database) == {"winner": 1, "tie": 2, "bad": 1}
    with database.write() as connection:  # for good, without having been deleted before
        connection.execute(delete(tables.conversations).where(tables.conversations.c.id == made[0][0]))
    assert same(database) == {"winner": 1, "tie": 1}


def test_nothing_adds_up_years_of_calls_or_votes(database: Database) -> None:
    call_rows.add(database, OWNER, answer(), request_id="r")
    today = START.date()
    usage.by_day(database, OWNER, today, today)
    *_, days = plans(database, lambda: usage.by_day(database, OWNER, today, today), without_seq_scan=True)
    assert "usage_days" in days
    assert "calls" not in days
    (number,) = plans(database, lambda: conversations.count(database, OWNER), without_seq_scan=True)
    assert "list_sizes" in number
    assert "conversations" not in number
    (tallies,) = plans(database, lambda: ballots.tallies(database, OWNER), without_seq_scan=True)
    assert "vote_sums" in tallies
    assert "votes " not in tallies
    for plan in (number, days, tallies):
        assert "SCAN " not in plan
        assert "Seq Scan" not in plan


def test_the_sizes_of_kept_answers_follow_every_change(database: Database) -> None:
    row = {"model_id": "m", "question": "q", "value": {}, "hits": 0, "tokens": 0, "pico_usd": 0, "made_us": 0}
    with database.write() as connection:
        for n in range(3):
            connection.execute(
                cached_answers.insert(), {**row, "key": str(n), "owner_id": OWNER, "size_bytes": n, "used_us": n}
            )
    assert cache.size_of(database, OWNER) == cache.CacheSize(3, 3)
    with database.write() as connection:
        connection.execute(cached_answers.update().where(cached_answers.c.key == "2").values(owner_id="ben"))
        connection.execute(cached_answers.update().where(cached_answers.c.key == "1").values(size_bytes=7))
        connection.execute(cached_answers.delete().where(cached_answers.c.key == "0"))
    assert (cache.size_of(database, OWNER), cache.size_of(database, "ben")) == (
        cache.CacheSize(1, 7),
        cache.CacheSize(1, 2),
    )
