"""What the database keeps as sums is what counting says, after any change, on both databases."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from itertools import count
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, text, update

from core.store import BadImport, Unavailable, conversations, purge, runs, turns
from core.store import calls as call_rows
from core.store.columns import PICO, to_us
from core.store.database import Database
from core.store.imports import load
from core.store.portable import export
from core.store.quota import usage
from core.store.quota.tables import usage_days, usage_hours, usage_offsets
from core.store.tables import ERASED, LISTED, STAGED, calls, list_sizes
from core.store.tables import conversations as rows
from core.views.usage import Day
from tests.store.conftest import OWNER, answer
from tests.store.plans import plans
from tests.workspace.acme import until

OWNERS, PROVIDERS, AHEAD = ("ana", "ben"), ("groq", "sim"), (0, 4, 8, 22, -14)
BEGIN = datetime(2026, 3, 20, tzinfo=UTC)
ZONES: tuple[tzinfo, ...] = (
    UTC,
    ZoneInfo("Europe/Berlin"),  # 23 hours on 29 March 2026
    ZoneInfo("Asia/Kathmandu"),
    ZoneInfo("America/Santiago"),  # 25 hours: its clock goes back at midnight, 5 April 2026
    ZoneInfo("Australia/Lord_Howe"),  # half an hour, 5 April 2026
    timezone(timedelta(hours=1, minutes=7)),
)
numbers = count()
conversation = st.fixed_dictionaries(
    {
        "owner_id": st.sampled_from(OWNERS),
        "kind": st.sampled_from(("chat", "comparison", "lane", "part")),
        "deleted_at": st.sampled_from((None, None, BEGIN, STAGED, ERASED)),
    }
)
call = st.fixed_dictionaries(
    {
        "owner_id": st.sampled_from(OWNERS),
        "provider_id": st.sampled_from(PROVIDERS),
        "at": st.integers(0, 30 * 24 * 12).map(lambda steps: BEGIN + steps * timedelta(minutes=5)),
        "outcome": st.sampled_from(("ok", "timeout")),
        "input_tokens": st.sampled_from((None, 7)),
        "output_tokens": st.sampled_from((None, 0, 5)),
        "estimated": st.booleans(),
        "cached": st.booleans(),
        "sent": st.sampled_from((None, True, False)),
        "simulated": st.sampled_from((None, True, False)),
        "cost_usd": st.sampled_from((None, Decimal(0), Decimal("0.000000000003"), Decimal("1.5"))),
    }
)
WHICH = st.integers(0, 9)
anything = st.lists(
    st.one_of(
        st.tuples(st.just("add"), WHICH, conversation, call),
        st.tuples(st.just("change"), WHICH, conversation, call),
        st.tuples(st.just("delete"), WHICH, conversation, call),
        st.tuples(st.just("read"), WHICH, conversation, call),
    ),
    max_size=25,
)
whatever = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


def change(database: Database, operation: str, which: int, entry: dict[str, Any], made: dict[str, Any]) -> None:
    """One change of a conversation and of a call among those that are there."""
    with database.write() as connection:
        if operation == "add":
            row = {"id": f"c{next(numbers)}", "title": "", "title_by_person": False, "pinned": False, "settings": {}}
            row |= {"version": 1, "created_at": BEGIN, "updated_at": BEGIN}
            connection.execute(rows.insert(), row | entry)
            row = {"id": f"k{next(numbers)}", "model_id": "groq/x", "n": 1, "ms": 5.0}
            connection.execute(calls.insert(), row | made)
            return
        for table, values in ((rows, entry), (calls, made)):
            ids = connection.execute(select(table.c.id).order_by(table.c.id)).scalars().all()
            if ids:
                this = table.c.id == ids[which % len(ids)]
                act = update(table).values(**values) if operation == "change" else delete(table)
                connection.execute(act.where(this))
    if operation == "read":
        usage.by_day(database, entry["owner_id"], BEGIN.date(), BEGIN.date(), ZONES[which % len(ZONES)])


def sums(database: Database, table: Any, *keys: str) -> Counter[tuple[Any, ...]]:
    with database.read() as connection:
        return Counter(
            {
                (*(row[key] for key in keys), name): row[name]
                for row in connection.execute(select(table)).mappings()
                for name in usage.COUNTS
                if row[name]
            }
        )


def counted(database: Database, places: Callable[[Any], list[tuple[Any, ...]]]) -> Counter[tuple[Any, ...]]:
    """The same, from the log itself."""
    counts: Counter[tuple[Any, ...]] = Counter()
    with database.read() as connection:
        for row in connection.execute(select(calls).where(calls.c.cached.is_(False))):
            sent, has_tokens = row.sent is not False, row.input_tokens is not None or row.output_tokens is not None
            tokens = (row.input_tokens or 0) + (row.output_tokens or 0)
            charged = sent and not row.simulated and (row.outcome == "ok" or row.output_tokens is not None)
            pico_usd = int((row.cost_usd or 0) * PICO) if charged else 0
            values = (
                *(sent, sent and row.outcome != "ok", has_tokens, tokens, row.estimated, not sent),
                *(pico_usd, charged and row.cost_usd is None),
            )
            for place in places(row):
                for name, value in zip(usage.COUNTS, values, strict=True):
                    counts[*place, name] += int(value)
    return +counts


def quarter(row: Any) -> int:
    return to_us(row.at) // usage.QUARTER_US


@whatever
@given(anything)
def test_sums_are_what_counting_says_after_any_change(database: Database, acts: list[Any]) -> None:
    for act in acts:
        change(database, *act)
    with database.read() as connection:
        listed = select(rows.c.owner_id, func.count()).where(LISTED).group_by(rows.c.owner_id)
        sizes = select(list_sizes.c.owner_id, list_sizes.c.listed).where(list_sizes.c.listed != 0)
        assert dict(connection.execute(sizes).all()) == dict(connection.execute(listed).all())
        offsets = connection.execute(select(usage_offsets.c.owner_id, usage_offsets.c.ahead)).all()
    hours = sums(database, usage_hours, "owner_id", "phase", "hour", "provider_id")
    assert hours == counted(
        database, lambda row: [(row.owner_id, p, (quarter(row) + p) // 4, row.provider_id) for p in range(4)]
    )
    days = sums(database, usage_days, "owner_id", "ahead", "day", "provider_id")
    assert days == counted(
        database,
        lambda row: [
            (owner, ahead, (quarter(row) + ahead) // 96, row.provider_id)
            for owner, ahead in offsets
            if owner == row.owner_id
        ],
    )


@whatever
@given(st.lists(call, max_size=20), st.sampled_from(ZONES), st.integers(0, 30), st.integers(0, 30))
def test_a_calendar_in_any_zone_is_what_counting_says(
    database: Database, made: list[Any], zone: tzinfo, first: int, length: int
) -> None:
    begin = BEGIN.date() + timedelta(days=first)
    days = [begin + timedelta(days=n) for n in range(length + 1)]
    for half in (made[::2], made[1::2]):
        with database.write() as connection:
            for day_sums in half:
                row = {"id": f"k{next(numbers)}", "model_id": "groq/x", "n": 1, "ms": 5.0}
                connection.execute(calls.insert(), row | day_sums)
        truth = counted(database, lambda row: [(row.owner_id, row.at.astimezone(zone).date(), row.provider_id)])
        for owner in OWNERS:
            calendar = usage.by_day(database, owner, days[0], days[-1], zone, without=["sim"])
            active_days = [
                day for day in days if truth[owner, day, "groq", "requests"] + truth[owner, day, "groq", "unsent"]
            ]
            assert [day_sums.day for day_sums in calendar] == active_days
            for day_sums in calendar:
                values = {name: truth[owner, day_sums.day, "groq", name] for name in usage.COUNTS}
                assert (day_sums.requests, day_sums.failures, day_sums.unsent) == (
                    values["requests"],
                    values["failures"],
                    values["unsent"],
                )
                assert day_sums.tokens == (values["tokens"] if values["counted"] else None)
                assert day_sums.estimated == (values["estimated"] > 0)
                assert (day_sums.cost_usd * PICO, day_sums.unpriced) == (values["pico_usd"], values["unpriced"])
        free = usage.by_day(database, "ana", days[0], days[-1], zone, without=["sim"], free=["groq"])
        assert not any(day_sums.unpriced for day_sums in free)
    with database.write() as connection:
        connection.execute(delete(calls))


def log(connection: Any, at: datetime, owner: str = OWNER) -> None:
    row = {"id": f"k{next(numbers)}", "model_id": "groq/x", "n": 1, "ms": 5.0, "at": at, "owner_id": owner}
    row |= {"provider_id": "groq", "outcome": "ok", "estimated": False, "cached": False, "output_tokens": 9}
    connection.execute(calls.insert(), row)


def test_a_call_that_is_added_while_days_begin_to_be_kept_is_in_them(database: Database) -> None:
    with database.write() as connection:
        log(connection, BEGIN)
    calendar: list[Day] = []

    def look() -> None:
        calendar.extend(usage.by_day(database, OWNER, BEGIN.date(), BEGIN.date()))

    def waits() -> bool:
        with database.engine.connect() as other:
            return bool(other.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar())

    reader = Thread(target=look)
    with database.write() as connection:
        log(connection, BEGIN + timedelta(hours=1))
        reader.start()
        if database.kind == "postgresql":
            until(waits)
    reader.join()
    for _ in range(2):
        assert [day.requests for day in usage.by_day(database, OWNER, BEGIN.date(), BEGIN.date())] == [2]
    assert [day.requests for day in calendar] == [2]


def test_days_are_kept_for_a_few_zones_and_only_for_who_asked_anything(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def zones() -> int:
        with database.read() as connection:
            return connection.execute(select(func.count()).select_from(usage_offsets)).scalar_one()

    def days(hours: int, owner: str = OWNER) -> list[date]:
        zone = timezone(timedelta(hours=hours))
        return [day_sums.day for day_sums in usage.by_day(database, owner, date(2026, 3, 18), date(2026, 3, 22), zone)]

    with database.write() as connection:
        log(connection, BEGIN + timedelta(hours=1))
    assert days(0, "ben") == []
    assert zones() == 0
    for hours in range(-11, 12):
        assert days(hours) == [date(2026, 3, 20) if hours >= -1 else date(2026, 3, 19)]
    assert zones() == usage.MOST_OFFSETS

    def locked(*_: object, **__: object) -> None:
        raise Unavailable(database.health())

    with database.write() as connection:
        log(connection, BEGIN, "ben")
    monkeypatch.setattr(usage, "_begin_days", locked)
    assert days(1, "ben") == [date(2026, 3, 20)]


def test_the_number_of_the_list_follows_what_people_do(database: Database, say: Callable[..., turns.Begun]) -> None:
    def numbers_of(*owners: str) -> list[int]:
        listed = [len(conversations.recent(database, owner, limit=99).entries) for owner in owners]
        assert [conversations.count(database, owner) for owner in owners] == listed
        return listed

    begun = say("r1", "One", "Yes.")
    say("r2", "Two", "Yes.")
    run_id, _ = runs.create(database, OWNER, "c", ["sim/a", "sim/b"])
    assert numbers_of(OWNER, "ben") == [3, 0]
    file = "".join(export.export(database, OWNER, "json")).encode()
    for _ in range(2):
        load.load(database, "ben", file)
        assert numbers_of(OWNER, "ben") == [3, 3]
    conversations.remove(database, OWNER, begun.conversation_id)
    conversations.remove(database, OWNER, begun.conversation_id)
    assert numbers_of(OWNER) == [2]
    conversations.restore(database, OWNER, begun.conversation_id)
    assert numbers_of(OWNER) == [3]
    conversations.remove(database, OWNER, run_id)
    purge.purge(database, database.now())
    assert numbers_of(OWNER, "ben") == [2, 3]
    with pytest.raises(BadImport):
        load.load(database, OWNER, json.dumps({"format": "roundtable", "version": 1, "conversations": [5]}).encode())
    assert numbers_of(OWNER, "ben") == [2, 3]


def test_speeds_are_of_each_models_newest_answers(database: Database) -> None:
    rate = {"sim/busy": 100, "sim/rare": 40, "sim/old": 50, "sim/brief": call_rows.SPEED_TOKENS - 1}
    with database.write() as connection:
        for n in range(200):
            for model, tokens in rate.items():
                if model == "sim/busy" or n == 199:
                    when = BEGIN - timedelta(days=30) if model == "sim/old" else BEGIN + timedelta(minutes=n)
                    slow = n < 170  # long ago it was slower
                    row = {"id": f"k{next(numbers)}", "at": when, "owner_id": OWNER, "provider_id": "sim", "n": 1}
                    row |= {"model_id": model, "outcome": "ok", "ms": 5000.0 if slow else 1000.0, "cached": False}
                    connection.execute(calls.insert(), row | {"estimated": False, "output_tokens": tokens})
        connection.execute(update(calls).where(calls.c.model_id == "sim/old").values(outcome="ok"))
        log(connection, BEGIN)
        connection.execute(update(calls).where(calls.c.model_id == "groq/x").values(outcome="timeout"))
    assert call_rows.speeds(database, since=BEGIN - timedelta(days=7)) == {"sim/busy": 100.0, "sim/rare": 40.0}


def test_speeds_read_a_few_rows_of_each_model(database: Database) -> None:
    call_rows.add(database, OWNER, answer(), request_id="r")
    names, newest = plans(
        database,
        lambda: call_rows.speeds(database, since=BEGIN),
        without_seq_scan=True,
    )
    for plan in (names, newest):
        assert "calls_answered" in plan
        assert "SCAN calls" not in plan
        assert "Seq Scan" not in plan
