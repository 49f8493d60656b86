"""How much was asked on each day of a calendar.

A day is the reader's: it begins at midnight in their zone, so one in spring has 23 hours and one in autumn 25. The
database keeps sums, in the transaction that adds a call: of days for each offset from UTC in which their owner reads
(from the first reading on), and of hours four times over, which begin at the full hour, and 15, 30 and 45 minutes
before it. A day on which a clock is moved is made of these hours. A zone that is no whole quarters ahead of UTC, as
those of long ago, is summed over the log itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    BigInteger,
    Select,
    Table,
    case,
    cast,
    func,
    insert,
    literal,
    select,
    text,
    type_coerce,
)

from ...views.usage import Day
from .. import Unavailable
from ..columns import EPOCH, PICO, to_us
from ..database import Database
from ..rows import insert_new
from ..tables import calls
from .tables import usage_days, usage_hours, usage_offsets

DAY = timedelta(days=1)
QUARTER, NOTHING = timedelta(minutes=15), timedelta(0)
DAY_US, HOUR_US, QUARTER_US = 86_400_000_000, 3_600_000_000, 900_000_000
FIRST = EPOCH.toordinal()
COUNTS = ("requests", "failures", "counted", "tokens", "estimated", "unsent", "pico_usd", "unpriced")
MOST_OFFSETS = 8  # per owner; days in further zones are added up from hours


def by_day(
    database: Database,
    owner_id: str,
    first: date,
    last: date,
    zone: tzinfo = UTC,
    *,
    without: Sequence[str] = (),
    free: Sequence[str] = (),
) -> list[Day]:
    """The owner's days from `first` to `last` with calls, in order; without the providers `without`. A call of unknown
    cost counts as such unless its provider is one of `free`.

    Answers from the cache are not calls and do not count.
    """
    parts = list(_parts(first, last, zone))
    summed_offsets = _summed_offsets(database, owner_id, {part.ahead for part in parts if part.ahead is not None})
    rows: list[Any] = []
    with database.read() as connection:
        for part in parts:
            query, table = _of_part(part, summed_offsets, zone, free)
            query = query.where(table.c.owner_id == owner_id)
            if without:
                query = query.where(table.c.provider_id.not_in(without))
            rows += connection.execute(query).all()
    return [
        Day(
            date.fromordinal(FIRST + number),
            int(n),
            int(bad),
            int(sum_) if counted else None,
            guessed > 0,
            int(unsent),
            Decimal(int(pico_usd)) / PICO,
            int(unpriced),
        )
        for number, n, bad, counted, sum_, guessed, unsent, pico_usd, unpriced in rows
    ]


@dataclass(frozen=True, slots=True)
class DayRange:
    """Days in a row that begin `ahead` quarters of an hour before UTC's; None: not all at the same whole number."""

    first: date
    last: date
    ahead: int | None


def _parts(first: date, last: date, zone: tzinfo) -> Iterator[DayRange]:
    """The days from `first` to `last`, in order."""
    changes = shifts(_midnight(first, zone), _midnight(last + DAY, zone), zone)
    begins = first
    for (_, before), (change, after) in pairwise(changes):
        near = [(change - edge + away).date() for edge in (timedelta.resolution, NOTHING) for away in (before, after)]
        moved, over = max(min(near), begins), min(max(near), last)
        if begins < moved:
            yield DayRange(begins, moved - DAY, _quarters(before))
        if moved <= over:
            yield DayRange(moved, over, None)
        begins = max(over + DAY, begins)
    if begins <= last:
        yield DayRange(begins, last, _quarters(changes[-1][1]))


def _quarters(away: timedelta) -> int | None:
    return None if away % QUARTER else away // QUARTER


def _of_part(part: DayRange, summed_offsets: set[int], zone: tzinfo, free: Sequence[str]) -> tuple[Select[Any], Table]:
    if part.ahead in summed_offsets:
        return _of_days(part, free), usage_days
    start, end = _midnight(part.first, zone), _midnight(part.last + DAY, zone)
    changes = shifts(start, end, zone)
    phases = {None if ahead is None else ahead % 4 for ahead in (_quarters(away) for _, away in changes)}
    phase = phases.pop() if len(phases) == 1 else None
    if phase is None:
        return _of_log(start, end, changes, free), calls
    return _of_hours(start, end, changes, phase, free), usage_hours


def _summed_offsets(database: Database, owner_id: str, wanted: set[int]) -> set[int]:
    """The UTC offsets whose days are stored as sums; the wanted ones are added if the owner has any calls."""
    with database.read() as connection:
        summed_offsets = set(
            connection.execute(select(usage_offsets.c.ahead).where(usage_offsets.c.owner_id == owner_id)).scalars()
        )
        more = sorted(wanted - summed_offsets)[: MOST_OFFSETS - len(summed_offsets)]
        any_call = select(usage_hours.c.hour).where(usage_hours.c.owner_id == owner_id).limit(1)
        if not more or connection.execute(any_call).first() is None:
            return summed_offsets
    with suppress(Unavailable):  # then hours are added up
        for ahead in more:
            _begin_days(database, owner_id, ahead)
            summed_offsets.add(ahead)
    return summed_offsets


def _begin_days(database: Database, owner_id: str, ahead: int) -> None:
    """Fill the days from the hours, under a lock: a call is either in the hours already, or added to the days later."""
    h = usage_hours.c
    day = ((h.hour * 4 - h.phase + ahead) // 96).label("day")
    of_hours = select(h.owner_id, literal(ahead), day, h.provider_id, *_added(usage_hours)).where(
        h.owner_id == owner_id, h.phase == ahead % 4
    )
    names = ["owner_id", "ahead", "day", "provider_id", *COUNTS]
    fill = insert(usage_days).from_select(names, of_hours.group_by(h.owner_id, day, h.provider_id))
    with database.write(durable=False) as connection:
        if database.kind == "postgresql":
            connection.execute(text("LOCK TABLE calls IN SHARE MODE"))
        if insert_new(connection, usage_offsets, [{"owner_id": owner_id, "ahead": ahead}]):
            connection.execute(fill)


Shifts = Sequence[tuple[datetime, timedelta]]


def _of_days(part: DayRange, free: Sequence[str]) -> Select[Any]:
    d = usage_days.c
    first, last = (day.toordinal() - FIRST for day in (part.first, part.last))
    query = select(d.day, *_added(usage_days, free)).where(d.ahead == part.ahead, d.day.between(first, last))
    return query.where(_something(usage_days)).group_by(d.day).order_by(d.day)


def _of_hours(start: datetime, end: datetime, changes: Shifts, phase: int, free: Sequence[str]) -> Select[Any]:
    h, before_us = usage_hours.c, phase * QUARTER_US
    at_us = cast(h.hour, BigInteger) * HOUR_US - before_us
    day = ((at_us + _offset(at_us, changes)) // DAY_US).label("day")
    first, after = ((to_us(edge) + before_us) // HOUR_US for edge in (start, end))
    query = select(day, *_added(usage_hours, free)).where(h.phase == phase, h.hour >= first, h.hour < after)
    return query.where(_something(usage_hours)).group_by(day).order_by(day)


def _added(table: Table, free: Sequence[str] = ()) -> list[Any]:
    unpriced = case((table.c.provider_id.in_(free), 0), else_=table.c.unpriced) if free else table.c.unpriced
    return [func.sum(unpriced if name == "unpriced" else table.c[name]) for name in COUNTS]


def _something(table: Table) -> Any:
    """Only sums that are not zero."""
    return (table.c.requests > 0) | (table.c.unsent > 0)


def _of_log(start: datetime, end: datetime, changes: Shifts, free: Sequence[str]) -> Select[Any]:
    at_us = type_coerce(calls.c.at, BigInteger)
    day = ((at_us + _offset(at_us, changes)) // DAY_US).label("day")
    tokens = func.coalesce(calls.c.input_tokens, 0) + func.coalesce(calls.c.output_tokens, 0)
    counted = calls.c.input_tokens.is_not(None) | calls.c.output_tokens.is_not(None)
    unsent = calls.c.sent.is_(False)
    sent = calls.c.sent.is_not(False)
    is_charged = (
        sent & calls.c.simulated.is_not(True) & ((calls.c.outcome == "ok") | calls.c.output_tokens.is_not(None))
    )
    is_unpriced = is_charged & calls.c.cost_usd.is_(None) & calls.c.provider_id.not_in(free)
    numbers = (sent, sent & (calls.c.outcome != "ok"), counted, calls.c.estimated, unsent, is_unpriced)
    n, failed, with_tokens, estimated, refused, unpriced = (func.count().filter(condition) for condition in numbers)
    pico_usd = func.sum(case((is_charged, func.coalesce(type_coerce(calls.c.cost_usd, BigInteger), 0)), else_=0))
    return (
        select(day, n, failed, with_tokens, func.sum(tokens), estimated, refused, pico_usd, unpriced)
        .where(calls.c.at >= start, calls.c.at < end, calls.c.cached.is_(False))
        .group_by(day)
        .order_by(day)
    )


def shifts(start: datetime, end: datetime, zone: tzinfo) -> list[tuple[datetime, timedelta]]:
    """The zone's offsets from UTC between two instants, each with its first instant; exact to the minute."""
    changes = [(start, _away(start, zone))]
    while start < end:
        after = start + DAY
        if _away(after, zone) != changes[-1][1]:
            before, change = start, after
            while change - before > timedelta(minutes=1):
                middle = before + (change - before) / 2
                before, change = (middle, change) if _away(middle, zone) == changes[-1][1] else (before, middle)
            changes.append((change.replace(second=0, microsecond=0), _away(after, zone)))
        start = after
    return changes


def _away(at: datetime, zone: tzinfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)


def _offset(at_us: Any, changes: Shifts) -> Any:
    """Microseconds to add to an instant for the reader's local time."""
    offsets = [away // timedelta(microseconds=1) for _, away in changes]
    before = [(at_us < to_us(change), offset) for (change, _), offset in zip(changes[1:], offsets[:-1], strict=True)]
    return case(*before, else_=offsets[-1]) if before else offsets[-1]


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
