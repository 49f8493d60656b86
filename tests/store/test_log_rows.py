"""The log as data on both databases: columns, ranges, owners, portions, and that nothing is ever written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import event, exc, text, update

from core import open_log
from core.log_data import LogUnavailable
from core.log_data.columns import FRAMES, Frame
from core.log_data.database import DatabaseLog
from core.store import migrations
from core.store.conversations import remove
from core.store.database import Database
from core.store.tables import conversations
from tests.log_data import seeded
from tests.log_data.seeded import START


@pytest.fixture
def log(database: Database, url: str | None, tmp_path: Path) -> Iterator[DatabaseLog]:
    with open_log(url or tmp_path / "data" / "roundtable.db") as log:
        yield log


def frame_of(log: Any, frame: Frame, **choice: Any) -> pd.DataFrame:
    selected: pd.DataFrame = getattr(log, frame)(**choice)
    return selected


def test_frames_have_the_columns_of_the_documentation(database: Database, log: DatabaseLog) -> None:
    for filled in (False, True):
        if filled:
            seeded.fill(database)
        for frame, columns in FRAMES.items():
            selected = frame_of(log, frame)
            assert (len(selected) > 0) == filled
            assert {name: str(dtype) for name, dtype in selected.dtypes.items()} == {
                column.name: column.dtype for column in columns
            }


def test_a_call_is_told_whole(database: Database, log: DatabaseLog) -> None:
    conversation_id = seeded.talk(database, "ana", "t1", "Why?")
    first, second = log.calls().to_dict("records")
    assert (first["outcome"], first["n"], first["total_ms"]) == ("overloaded", 1, 40.0)
    assert pd.isna(first["ttft_ms"])
    assert pd.isna(first["input_tokens"])
    assert pd.isna(first["cost_usd"])
    assert second["started_at"] == pd.Timestamp("2026-03-01T12:00:00.540Z")
    expected = {
        "owner_id": "ana", "provider_id": "sim", "model_id": "sim/quick", "outcome": "ok", "n": 2, "ttft_ms": 100.5,
        "first_answer_ms": 120.25, "last_ms": 900.0, "total_ms": 950.0, "waited_ms": 12.0, "chunks": 30,
        "input_tokens": 10, "output_tokens": 20, "reasoning_tokens": 5, "cost_usd": 0.00012, "temperature": 0.5,
        "seed": 2**53, "max_output_tokens": 100, "prompt_sha256": "ab" * 32, "request_id": "t1",
        "conversation_id": conversation_id, "sent": True, "streamed": True, "cached": False, "simulated": True,
        "cold": False, "estimated": False, "probe": False, "failed_over": False,
    }  # fmt: skip
    assert {name: second[name] for name in expected} == expected
    assert pd.isna(second["top_p"])
    assert pd.isna(second["served_by"])


def test_messages_are_those_of_conversations_that_are_there(database: Database, log: DatabaseLog) -> None:
    present, deleted = (seeded.talk(database, "ana", name, f"Question {name}") for name in ("t1", "t2"))
    remove(database, "ana", deleted)
    question, answer = log.messages().to_dict("records")
    assert (question["role"], question["text"], question["depth"]) == ("user", "Question t1", 1)
    assert pd.isna(question["finish"])
    assert pd.isna(question["cached"])
    expected = {
        "conversation_id": present, "conversation_kind": "chat", "owner_id": "ana", "parent_id": question["id"],
        "text": "Yes.", "reasoning": "hm", "model_id": "sim/quick", "state": "done", "finish": "length",
        "input_tokens": 10, "output_tokens": 20, "ttft_ms": 100.5, "total_ms": 950.0, "cost_usd": 0.00012,
        "cached": False,
    }  # fmt: skip
    assert {name: answer[name] for name in expected} == expected
    assert pd.isna(answer["error"])


def test_votes_name_the_winner(database: Database, log: DatabaseLog) -> None:
    seeded.vote(database, "ana", "run1", START, "winner", 1)
    seeded.vote(database, "ben", "run2", START + timedelta(hours=1), "tie", None)
    seeded.vote(database, "ana", "run3", START, "bad", None)
    with database.write() as connection:
        gone = update(conversations).where(conversations.c.id == "run3", conversations.c.owner_id == "ana")
        connection.execute(gone.values(deleted_at=START))
    won, tied = log.votes().to_dict("records")
    assert (won["winner_model_id"], won["outcome"], won["owner_id"]) == ("sim/steady", "winner", "ana")
    assert list(won["models"]) == ["sim/quick", "sim/steady"]
    assert won["blind"] is True
    assert pd.isna(tied["winner_model_id"])


def test_quota_tells_counters_and_what_people_took_of_them(database: Database, log: DatabaseLog) -> None:
    seeded.counters(database)
    money, part, endless, blind = log.quota().to_dict("records")
    assert (money["size"], money["used"], money["remaining"], money["key_id"]) == (5.0, 1.0, 4.0, "abcdef01")
    assert money["window_ends_at"] == START + timedelta(days=1)
    assert (part["owner_id"], part["used"]) == ("ana", 0.5)  # Ben's part is of an earlier window
    assert pd.isna(part["remaining"])
    assert pd.isna(endless["size"])
    assert endless["remaining"] == 4.0  # by what the provider said
    assert pd.isna(endless["window_ends_at"])
    assert blind["used"] == 50.0
    assert pd.isna(blind["remaining"])  # a call of unknown size is in it
    assert len(log.quota(since=START + timedelta(days=2))) == 1
    assert log.quota(owner="ana").unit.tolist() == ["usd"]


@pytest.mark.parametrize(
    ("since", "until", "number"),
    [
        (START, None, 10),
        (START + timedelta(microseconds=1), None, 9),
        (None, START, 0),
        (None, START + timedelta(microseconds=1), 1),
        ("2026-04-01", "2026-05-02T12:00", 1),
        (date(2026, 4, 1), date(2026, 5, 3), 2),
        ("2026-04-01T14:00:01+02:00", None, 8),
        (pd.Timestamp("2026-12-05T12:00Z"), datetime(2027, 1, 1), 1),  # noqa: DTZ001 - taken as UTC
        ("2026-04-01", "2026-04-01", 0),
    ],
)
def test_a_range_is_in_utc_with_its_beginning_and_without_its_end(
    database: Database, log: DatabaseLog, since: Any, until: Any, number: int
) -> None:
    seeded.ten_calls(database)
    assert len(log.calls(since=since, until=until)) == number


def test_an_owner_gets_their_own_rows(database: Database, log: DatabaseLog) -> None:
    seeded.fill(database)
    for frame in FRAMES:
        everybody = frame_of(log, frame)
        for owner in ("ana", "ben"):
            own = everybody[everybody.owner_id == owner].reset_index(drop=True)
            pd.testing.assert_frame_equal(frame_of(log, frame, owner=owner), own)
            pd.testing.assert_frame_equal(frame_of(log.of(owner), frame), own)
        assert len(frame_of(log, frame, owner=["ana", "ben"])) == everybody.owner_id.notna().sum()
        assert len(frame_of(log, frame, owner=[])) == 0
        assert len(frame_of(log, frame, owner="nobody")) == 0
    with pytest.raises(ValueError, match="one person's"):
        log.of("ana").calls(owner="ben")
    with pytest.raises(ValueError, match="Whose"):
        log.of("")


def test_owners_ranges_and_columns_are_chosen_by_the_database(database: Database, log: DatabaseLog) -> None:
    seeded.ten_calls(database)
    statements: list[str] = []
    event.listen(log._engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    selected = log.calls(columns=["model_id", "started_at"], owner="ben", since="2026-05-01", until="2026-09-01")
    assert list(selected.columns) == ["model_id", "started_at"]
    assert len(selected) == 2
    (statement,) = [statement for statement in statements if "FROM calls" in statement]
    assert "output_tokens" not in statement
    where = statement.partition("WHERE")[2]
    assert all(condition in where for condition in ("owner_id IN", "at >=", "at <"))


def test_portions_are_the_whole_in_pieces(database: Database, log: DatabaseLog) -> None:
    seeded.fill(database)
    for frame in FRAMES:
        for rows, choice in ((2, {}), (1, {"owner": "ana"}), (3, {"since": START, "until": "2027-01-01"})):
            whole = frame_of(log, frame, **choice)
            pieces = list(log.portions(frame, rows=rows, **choice))
            assert all(len(piece) == rows for piece in pieces[:-1])
            pd.testing.assert_frame_equal(pd.concat(pieces, ignore_index=True), whole)


def test_rows_of_one_instant_are_each_read_once(database: Database, log: DatabaseLog) -> None:
    for number in range(7):
        seeded.call(database, "ana", f"r{number}", START)
    pieces = list(log.portions("calls", rows=2, since=START))
    assert len(set(pd.concat(pieces).id)) == 7


def test_nothing_can_be_written_through_a_log(database: Database, log: DatabaseLog, tmp_path: Path) -> None:
    seeded.fill(database)
    database.settle_log()
    file = tmp_path / "data" / "roundtable.db"
    before = file.read_bytes() if database.kind == "sqlite" else b""
    for frame in FRAMES:
        frame_of(log, frame)
    for statement in ("DELETE FROM calls", "CREATE TABLE more (n integer)"):
        with pytest.raises(exc.DBAPIError), log._engine.connect() as connection, connection.begin():
            connection.execute(text(statement))
    assert not before or file.read_bytes() == before
    assert len(log.calls()) == 14


@pytest.mark.parametrize(
    ("revision", "cause", "says"),
    [("0001", "older", "Start the app once"), ("9999", "newer", "update Roundtable"), ("abc", "foreign", "schema")],
)
def test_another_schema_is_refused_and_left_as_it_is(
    database: Database, url: str | None, tmp_path: Path, revision: str, cause: str, says: str
) -> None:
    def put(number: str) -> None:
        with database.write() as connection:
            connection.execute(text(f"UPDATE {migrations.VERSION_TABLE} SET version_num = '{number}'"))

    put(revision)
    try:
        with pytest.raises(LogUnavailable, match=says) as caught:
            open_log(url or tmp_path / "data" / "roundtable.db")
        assert caught.value.cause == cause
        with database.read() as connection:
            assert migrations.current(connection) == revision
    finally:
        put(migrations.HEAD)


@pytest.mark.migrates
def test_a_database_that_is_not_ours_is_refused(url: str | None, tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    path.touch()
    with pytest.raises(LogUnavailable, match="no tables of Roundtable's") as caught:
        open_log(url or path)
    assert caught.value.cause == "foreign"
