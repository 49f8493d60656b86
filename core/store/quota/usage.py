"""How much was asked on each day of a calendar.

A day is the reader's: it begins at midnight in their zone, so one in spring has 23 hours and one in autumn 25. The
database keeps sums of hours, in the transaction that adds a call, four times over: hours that begin at the full hour,
and 15, 30 and 45 minutes before it. The days of every zone of today are whole hours of one of these; a zone that is
none of them, or that changes from one to another, is summed over the log itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import BigInteger, Select, case, cast, func, select, type_coerce

from core.store.database import Database
from core.store.quota.tables import usage_hours
from core.store.tables import EPOCH, calls, to_us
from core.views.usage import Day

DAY = timedelta(days=1)
QUARTER, NOTHING = timedelta(minutes=15), timedelta(0)
DAY_US, HOUR_US, QUARTER_US = 86_400_000_000, 3_600_000_000, 900_000_000
FIRST = EPOCH.toordinal()


def by_day(
    database: Database,
    owner_id: str,
    first: date,
    last: date,
    zone: tzinfo = UTC,
    *,
    without: Sequence[str] = (),
) -> list[Day]:
    """The owner's days from `first` to `last` on which anything was asked, in order; not of the providers `without`.

    Answers from the cache were not asked of anybody and do not count.
    """
    start, end = _midnight(first, zone), _midnight(last + DAY, zone)
    changes = shifts(start, end, zone)
    phases = {away // QUARTER % 4 if away % QUARTER == NOTHING else None for _, away in changes}
    phase = phases.pop() if len(phases) == 1 else None
    query = _of_log(start, end, changes) if phase is None else _of_hours(start, end, changes, phase)
    table = calls if phase is None else usage_hours
    query = query.where(table.c.owner_id == owner_id)
    if without:
        query = query.where(table.c.provider_id.not_in(without))
    with database.read() as connection:
        found = connection.execute(query).all()
    return [
        Day(
            date.fromordinal(FIRST + number),
            int(n),
            int(failed),
            int(sum_) if counted else None,
            estimated > 0,
            int(unsent),
        )
        for number, n, failed, counted, sum_, estimated, unsent in found
    ]


Shifts = Sequence[tuple[datetime, timedelta]]


def _of_hours(start: datetime, end: datetime, changes: Shifts, phase: int) -> Select[Any]:
    h, before_us = usage_hours.c, phase * QUARTER_US
    at_us = cast(h.hour, BigInteger) * HOUR_US - before_us
    day = ((at_us + _offset(at_us, changes)) // DAY_US).label("day")
    sums = (func.sum(column) for column in (h.requests, h.failures, h.counted, h.tokens, h.estimated, h.unsent))
    first, after = ((to_us(edge) + before_us) // HOUR_US for edge in (start, end))
    query = select(day, *sums).where(h.phase == phase, h.hour >= first, h.hour < after)
    query = query.where((h.requests > 0) | (h.unsent > 0))
    return query.group_by(day).order_by(day)


def _of_log(start: datetime, end: datetime, changes: Shifts) -> Select[Any]:
    at_us = type_coerce(calls.c.at, BigInteger)
    day = ((at_us + _offset(at_us, changes)) // DAY_US).label("day")
    tokens = func.coalesce(calls.c.input_tokens, 0) + func.coalesce(calls.c.output_tokens, 0)
    counted = calls.c.input_tokens.is_not(None) | calls.c.output_tokens.is_not(None)
    unsent = calls.c.sent.is_(False)
    sent = calls.c.sent.is_not(False)
    numbers = (sent, sent & (calls.c.outcome != "ok"), counted, calls.c.estimated, unsent)
    n, failed, told, estimated, refused = (func.count().filter(condition) for condition in numbers)
    return (
        select(day, n, failed, told, func.sum(tokens), estimated, refused)
        .where(calls.c.at >= start, calls.c.at < end, calls.c.cached.is_(False))
        .group_by(day)
        .order_by(day)
    )


def shifts(start: datetime, end: datetime, zone: tzinfo) -> list[tuple[datetime, timedelta]]:
    """From which instant on the zone is how far from UTC, between two instants; exact to the minute."""
    found = [(start, _away(start, zone))]
    while start < end:
        after = start + DAY
        if _away(after, zone) != found[-1][1]:
            before, change = start, after
            while change - before > timedelta(minutes=1):
                middle = before + (change - before) / 2
                before, change = (middle, change) if _away(middle, zone) == found[-1][1] else (before, middle)
            found.append((change.replace(second=0, microsecond=0), _away(after, zone)))
        start = after
    return found


def _away(at: datetime, zone: tzinfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)


def _offset(at_us: Any, changes: Shifts) -> Any:
    """Microseconds to add to an instant for the clock on the reader's wall."""
    offsets = [away // timedelta(microseconds=1) for _, away in changes]
    before = [(at_us < to_us(change), offset) for (change, _), offset in zip(changes[1:], offsets[:-1], strict=True)]
    return case(*before, else_=offsets[-1]) if before else offsets[-1]


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
