"""How much a person may use of the server's keys in a day: counters of the ledger, beside those of the providers.

    meters_of(owner_id, rule, zone)          what a call with a shared key moves, for `PlannedCall.of_person`
    windows(database, owner_id, rule, zone)  as they stand
    expire(database)                         counters of past days

A counter names its person by a hash. It outlives an erasure, which gives nobody a second allowance, until its day ends.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import delete, select

from ...providers.limits import OF_PERSON, Meter, meter_id, window_of
from ...records import Unit, Window
from ...views.people import KeyRule
from ..columns import from_us
from ..database import Database
from . import meters as counters
from .ledger import Now
from .meters import m
from .tables import meters

KEPT = timedelta(days=1)


def meters_of(owner_id: str, rule: KeyRule, zone: str) -> tuple[Meter, ...]:
    """A counter for each amount that the rule limits."""
    amounts: dict[Unit, Decimal | int | None] = {"requests": rule.requests, "tokens": rule.tokens, "usd": rule.usd}
    return tuple(
        _meter(owner_id, unit, Decimal(amount), zone) for unit, amount in amounts.items() if amount is not None
    )


def windows(
    database: Database, owner_id: str, rule: KeyRule, zone: str, *, now: Now = counters.now_us
) -> list[Window]:  # fmt: skip
    """The person's day, a window for each limit. Raises Unavailable."""
    return windows_of_people(database, {owner_id: rule}, zone, now=now)[owner_id]


def windows_of_people(
    database: Database, rules: Mapping[str, KeyRule], zone: str, *, now: Now = counters.now_us
) -> dict[str, list[Window]]:
    """The same for several people, by their ids."""
    by_person = {owner_id: meters_of(owner_id, rule, zone) for owner_id, rule in rules.items()}
    ids = [meter.id for own in by_person.values() for meter in own]
    with database.read() as connection:
        at_us = now(connection)
        rows = {row.id: row for row in connection.execute(select(meters).where(m.id.in_(ids)))} if ids else {}
    return {
        owner_id: [
            counters.window(rows[meter.id], meter, at_us) if meter.id in rows else window_of(meter, from_us(at_us))
            for meter in own
        ]
        for owner_id, own in by_person.items()
    }


def expire(database: Database, *, now: Now = counters.now_us) -> int:
    """Delete counters whose day ended a day ago or earlier; returns how many."""
    with database.write(durable=False) as connection:
        before_us = now(connection) - int(KEPT.total_seconds()) * 1_000_000
        past = (m.provider_id == OF_PERSON, m.reserved == 0, m.ends_us < before_us)
        return connection.execute(delete(meters).where(*past)).rowcount


def _meter(owner_id: str, unit: Unit, amount: Decimal, zone: str) -> Meter:
    person = hashlib.sha256(f"person\n{owner_id}".encode()).hexdigest()[:32]
    name = meter_id(OF_PERSON, OF_PERSON, person, "*", unit, "day")
    return Meter(name, OF_PERSON, OF_PERSON, "*", person, unit, "day", amount, zone)
