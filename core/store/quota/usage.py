"""How much was asked on each day of a calendar, summed by the database over the log of calls.

A day is the reader's: it begins at midnight in their zone, so one in spring has 23 hours and one in autumn 25.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import BigInteger, case, func, select, type_coerce

from core.store.database import Database
from core.store.tables import EPOCH, calls, to_us

DAY = timedelta(days=1)
DAY_US = 86_400_000_000
FIRST = EPOCH.toordinal()


@dataclass(frozen=True, slots=True)
class Day:
    """One day's calls that were sent, failures too; `unsent` we refused ourselves.

    `tokens` None: no call told any; `estimated`: some of them are our own count.
    """

    day: date
    requests: int
    failures: int
    tokens: int | None
    estimated: bool
    unsent: int = 0


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
    at_us = type_coerce(calls.c.at, BigInteger)
    day = ((at_us + _offset(at_us, shifts(start, end, zone))) // DAY_US).label("day")
    tokens = func.coalesce(calls.c.input_tokens, 0) + func.coalesce(calls.c.output_tokens, 0)
    told = calls.c.input_tokens.is_not(None) | calls.c.output_tokens.is_not(None)
    query = (
        select(
            day,
            func.count(),
            func.count().filter(calls.c.outcome != "ok"),
            func.sum(tokens).filter(told),
            func.count().filter(calls.c.estimated),
        )
        .where(calls.c.owner_id == owner_id, calls.c.at >= start, calls.c.at < end, calls.c.cached.is_(False))
        .group_by(day)
        .order_by(day)
    )
    if without:
        query = query.where(calls.c.provider_id.not_in(without))
    unsent = select(day, func.count()).where(
        calls.c.owner_id == owner_id, calls.c.at >= start, calls.c.at < end, calls.c.sent.is_(False)
    )
    if without:
        unsent = unsent.where(calls.c.provider_id.not_in(without))
    with database.read() as connection:
        found = connection.execute(query).all()
        refused = {int(number): int(n) for number, n in connection.execute(unsent.group_by(day))}
    return [
        Day(
            date.fromordinal(FIRST + number),
            n - refused.get(number, 0),
            failed - refused.get(number, 0),
            None if sum_ is None else int(sum_),
            estimated > 0,
            refused.get(number, 0),
        )
        for number, n, failed, sum_, estimated in found
    ]


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


def _offset(at_us: Any, changes: Sequence[tuple[datetime, timedelta]]) -> Any:
    """Microseconds to add to an instant for the clock on the reader's wall."""
    offsets = [away // timedelta(microseconds=1) for _, away in changes]
    before = [(at_us < to_us(change), offset) for (change, _), offset in zip(changes[1:], offsets[:-1], strict=True)]
    return case(*before, else_=offsets[-1]) if before else offsets[-1]


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
