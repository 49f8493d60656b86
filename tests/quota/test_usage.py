"""The calendar's days are those of the reader's wall clock, daylight saving included; nobody else's calls are in it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from core.store.database import Database
from core.store.quota.usage import by_day, shifts
from core.store.tables import calls
from core.views.usage import Day

BERLIN = ZoneInfo("Europe/Berlin")
SHANGHAI = ZoneInfo("Asia/Shanghai")


def log(database: Database, *ats: datetime, **fields: object) -> None:
    common = {
        "owner_id": "ana", "provider_id": "groq", "model_id": "groq/small", "n": 1, "outcome": "ok", "ms": 5.0,
        "input_tokens": 10, "output_tokens": 20, "estimated": False, "cached": False, **fields,
    }  # fmt: skip
    rows = [{**common, "id": str(uuid4()), "at": at} for at in ats]
    with database.write() as connection:
        connection.execute(calls.insert(), rows)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "days"),
    [
        (UTC, {date(2026, 3, 28): 1, date(2026, 3, 29): 2, date(2026, 3, 30): 1}),
        (BERLIN, {date(2026, 3, 29): 2, date(2026, 3, 30): 2}),
        (SHANGHAI, {date(2026, 3, 29): 1, date(2026, 3, 30): 3}),
    ],
)
def test_a_day_begins_at_the_readers_midnight(database: Database, zone: tzinfo, days: dict[date, int]) -> None:
    """On 2026-03-29 Berlin's day has 23 hours: 22:30 UTC is past its midnight, an hour less than the day before."""
    log(database, at("2026-03-28T23:30"), at("2026-03-29T21:30"), at("2026-03-29T22:30"), at("2026-03-30T05:00"))
    calendar = by_day(database, "ana", date(2026, 3, 1), date(2026, 4, 30), zone)
    assert {day_sums.day: day_sums.requests for day_sums in calendar} == days


def test_what_is_summed_and_what_is_left_out(database: Database) -> None:
    day = at("2026-05-05T10:00")
    log(database, day, day + timedelta(hours=1))
    log(database, day + timedelta(hours=2), outcome="server", input_tokens=None, output_tokens=None)
    log(database, day + timedelta(hours=3), estimated=True, output_tokens=None)
    log(database, day, cached=True, owner_id="ana", provider_id="kept")
    log(database, day, owner_id="bo")
    log(database, day, provider_id="sim")
    log(database, day + timedelta(days=1), outcome="server", input_tokens=None, output_tokens=None)
    log(database, at("2026-04-30T23:59"), at("2026-05-07T00:00"))
    calendar = by_day(database, "ana", date(2026, 5, 1), date(2026, 5, 6), without=["sim"])
    assert calendar == [
        Day(date(2026, 5, 5), 4, 1, 70, True, unpriced=3),
        Day(date(2026, 5, 6), 1, 1, None, False),
    ]
    with_sim = by_day(database, "ana", date(2026, 5, 5), date(2026, 5, 5))
    assert [day_sums.requests for day_sums in with_sim] == [5]


def test_the_instants_at_which_a_clock_was_moved() -> None:
    moved = shifts(at("2026-01-01T00:00"), at("2026-12-31T00:00"), ZoneInfo("America/Los_Angeles"))
    assert [(when, away.total_seconds() / 3600) for when, away in moved] == [
        (at("2026-01-01T00:00"), -8),
        (at("2026-03-08T10:00"), -7),
        (at("2026-11-01T09:00"), -8),
    ]
    assert len(shifts(at("2026-01-01T00:00"), at("2026-12-31T00:00"), SHANGHAI)) == 1
