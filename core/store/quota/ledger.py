"""The ledger: reserve before a call is sent, settle after it, expire what was not settled.

    reserve(database, owner, asks)                all calls of a comparison at once: each is granted, or refused
    sending(database, hold, deadline_s)           from here on the provider may have counted it
    settle(database, hold, usage=..., seen=...)   what it really took, and what the provider said
    expire(database)                              now and then: not sent -> given back, sent -> counted in full

A grant is a conditional UPDATE that the database decides; earlier reads are not trusted. Instants are the database's,
one per transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import BigInteger, Connection, Row, bindparam, delete, select, update

from ...providers.limits import (
    OF_PERSON,
    Meter,
    PlannedCall,
    meter_id,
    need,
    window_of,
)
from ...records import Per, RateLimitReading, Unit, Usage
from .. import Unavailable
from ..columns import from_us
from ..database import Database
from . import meters as counters
from . import shares
from .actual_usage import actual_usage
from .grants import CannotCount, DoesNotFit, Grant, Hold, Reserved, Uncounted
from .meters import MeterShare
from .moved_meters import meter_rows, meters_moved_by
from .shares import ShareBook
from .tables import holds, meters

Now = Callable[[Connection], int]
HELD_S = 150.0
GRACE_S = 30.0
TRIES = 3
# Outcomes of calls that the provider refused before it read or wrote a token.
TURNED_AWAY = "auth credits forbidden not_found bad_request context_too_long rate_limited quota_spent overloaded"


HELD = holds.c.id == bindparam("hold")
SENDING = update(holds).where(HELD).values(sent=True, expires_us=bindparam("until", type_=BigInteger))
CLAIM = delete(holds).where(HELD).returning(holds)
LOOK = select(holds).where(HELD)


def reserve(
    database: Database,
    owner_id: str,
    asks: Sequence[PlannedCall],
    *,
    held_s: float = HELD_S,
    now: Now = counters.now_us,
) -> Reserved:
    """Hold what the calls need, all in one transaction; some may be granted and others not.

    A call that is not marked as `sending` within `held_s` is given back. Earlier asks have priority where not all fit.
    """
    for attempt in range(TRIES):
        try:
            with database.write(durable=False) as connection:
                return Reserved(tuple(_reserve(connection, owner_id, asks, held_s, now)))
        except Unavailable as error:
            if error.health.code != "locked" or attempt == TRIES - 1:
                why = error.health.sentence
    free = [ask.own or ask.provider.local for ask in asks]  # no other person's quota is affected
    return Reserved(tuple(Uncounted(why) if exempt else CannotCount(why) for exempt in free))


def sending(database: Database, hold_id: str | None, deadline_s: float, *, now: Now = counters.now_us) -> bool:
    """Note that the call is being sent and ends within `deadline_s`; False when the hold is gone or cannot be marked:
    do not send.

    A call without a hold (`Uncounted`) may be sent.
    """
    if hold_id is None:
        return True
    try:
        with database.write(durable=False) as connection:
            until = now(connection) + int((deadline_s + GRACE_S) * 1_000_000)
            return connection.execute(SENDING, {"hold": hold_id, "until": until}).rowcount == 1
    except Unavailable:
        return False


def settle(
    database: Database,
    hold_id: str | None,
    *,
    sent: bool = True,
    outcome: str = "ok",
    usage: Usage | None = None,
    cost_usd: Decimal | None = None,
    seen: Sequence[RateLimitReading] = (),
    now: Now = counters.now_us,
) -> bool:
    """Count what the call took and end its hold; False when it was settled or had expired, or cannot be settled now.

    A sent call counts as a request whatever its outcome. Tokens are the provider's (`usage`); without them none for a
    call it refused (`outcome` is "ok" or the error's kind), else all that was held. A hold that cannot be settled now
    expires and counts in full.
    """
    if hold_id is None:
        return False
    try:
        with database.write(durable=False) as connection:
            hold = connection.execute(CLAIM, {"hold": hold_id}).first()
            if hold is None:
                return False
            parts = _parts(hold)
            used: dict[MeterShare, int | None] = dict.fromkeys(parts, 0)
            if sent:
                refused = outcome in TURNED_AWAY.split()
                used = {part: actual_usage(part, usage, cost_usd, refused) for part in parts}
                counters.settle(connection, used)
            else:
                counters.give_back(connection, sorted(parts))
            shares.settle(connection, hold.owner_id, used)
            if seen:
                _tell(connection, hold, parts, seen, now(connection))
    except Unavailable:
        return False
    return True


def tell(
    database: Database, hold_id: str | None, seen: Sequence[RateLimitReading], *, now: Now = counters.now_us
) -> bool:
    """Store the readings in the head of a reply, while its answer is still arriving."""
    if hold_id is None or not seen:
        return False
    try:
        with database.write(durable=False) as connection:
            hold = connection.execute(LOOK, {"hold": hold_id}).first()
            if hold is None:
                return False
            _tell(connection, hold, _parts(hold), seen, now(connection))
    except Unavailable:
        return False
    return True


def forget(database: Database, meter_id: str) -> bool:
    """Forget the provider's reading of a meter, because a person says it is wrong; our own count stays."""
    quiet = (
        update(meters).where(meters.c.id == meter_id).values(told=None, ceiling=None, seen_us=None, source="counted")
    )
    with database.write() as connection:
        return connection.execute(quiet).rowcount == 1


def expire(database: Database, *, limit: int = 500, now: Now = counters.now_us) -> int:
    """End the expired holds and return how many: not sent -> given back, sent -> counted in full."""
    try:
        with database.write(durable=False) as connection:
            due = select(holds.c.id).where(holds.c.expires_us <= now(connection)).limit(limit)
            claim = delete(holds).where(holds.c.id.in_(due.with_for_update(skip_locked=True))).returning(holds)
            ended = connection.execute(claim).all()
            moves = [(part, hold) for hold in ended for part in _parts(hold)]
            for part, hold in sorted(moves, key=lambda move: move[0].id):
                if hold.sent:
                    counters.settle(connection, {part: part.n})
                else:
                    counters.give_back(connection, [part])
                shares.settle(connection, hold.owner_id, {part: part.n if hold.sent else 0})
    except Unavailable:
        return 0
    return len(ended)


def _reserve(
    connection: Connection, owner_id: str, asks: Sequence[PlannedCall], held_s: float, now: Now
) -> list[Grant]:
    at_us = now(connection)
    rows = meter_rows(connection, asks, lock=True)
    moved = [meters_moved_by(ask, rows.values()) for ask in asks]
    book = _share_book(connection, asks, moved, rows, at_us)
    grants: list[Grant] = []
    hold_rows: list[dict[str, Any]] = []
    for ask, own_meters in zip(asks, moved, strict=True):
        parts = _take(connection, ask, own_meters, rows, at_us, book)
        if isinstance(parts, DoesNotFit):
            grants.append(parts)
            continue
        hold = _hold(owner_id, ask, parts, at_us + int(held_s * 1_000_000))
        hold_rows.append(hold)
        grants.append(Hold(hold["id"]))
    if hold_rows:
        connection.execute(holds.insert(), hold_rows)
    if book:
        book.write()
    return grants


def _share_book(
    connection: Connection,
    asks: Sequence[PlannedCall],
    moved: Sequence[Sequence[Meter]],
    rows: dict[str, Row[Any]],
    at_us: int,
) -> ShareBook | None:
    """The shares in the meters that these calls move, all of them locked; None where people share none of them."""
    shared = {
        meter.id: meter
        for ask, own_meters in zip(asks, moved, strict=True)
        if ask.sharer
        for meter in own_meters
        if meter.provider_id == ask.provider.id and need(meter.unit, ask) != 0
    }
    if not shared:
        return None
    if missing := sorted(shared.keys() - rows.keys()):
        counters.add_missing(connection, [shared[name] for name in missing], at_us)
        rows.update(meter_rows(connection, asks, lock=True))
    return ShareBook(connection, sorted(shared), at_us)


def _take(
    connection: Connection,
    ask: PlannedCall,
    own_meters: Sequence[Meter],
    rows: dict[str, Row[Any]],
    at_us: int,
    book: ShareBook | None,
) -> list[MeterShare] | DoesNotFit:
    """Hold one call's part of every meter, or none; then the window that is too full, or whose rest is kept for
    others."""
    parts: list[MeterShare] = []
    for meter in own_meters:
        wanted = need(meter.unit, ask)
        if wanted == 0:
            continue
        n = counters.grains(meter.unit, wanted)
        insist = ask.insist and meter.pool != OF_PERSON
        row = counters.take(connection, meter, n, at_us, insist=insist, exists=meter.id in rows)
        if row is None:
            counters.give_back(connection, parts)
            return _does_not_fit(connection, ask, meter, wanted, at_us, book)
        shares_it = book is not None and book.covers(ask, meter, row)
        parts.append(MeterShare(meter.id, meter.unit, meter.per, n, row.turn, shares_it))
        if book and shares_it and not book.claim(ask, meter, row, n):
            counters.give_back(connection, parts)
            return _does_not_fit(connection, ask, meter, wanted, at_us, book, of_share=True)
    if book:
        book.keep()
    return parts


def _does_not_fit(
    connection: Connection, ask: PlannedCall, meter: Meter, wanted: Decimal | None, at_us: int, book: ShareBook | None,
    *, of_share: bool = False,
) -> DoesNotFit:  # fmt: skip
    row = connection.execute(select(meters).where(meters.c.id == meter.id)).first()
    if row is None:
        return DoesNotFit(window_of(meter, from_us(at_us)), wanted)
    window = counters.window(row, meter, at_us)
    if book is None or not book.covers(ask, meter, row):
        return DoesNotFit(window, wanted)
    share, lent_us = book.refuse(ask, meter, row, counters.grains(meter.unit, wanted))
    lent_at = from_us(lent_us) if of_share and lent_us else None
    return DoesNotFit(replace(window, share=share), wanted, of_share, lent_at)


def _hold(owner_id: str, ask: PlannedCall, parts: list[MeterShare], expires_us: int) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "owner_id": owner_id,
        "provider_id": ask.provider.id,
        "model": ask.model.name,
        "key_hash": ask.key_hash,
        "parts": [list(part) for part in parts],
        "sent": False,
        "expires_us": expires_us,
    }


def _parts(hold: Any) -> list[MeterShare]:
    return [MeterShare(*part) for part in hold.parts]


def _tell(
    connection: Connection, hold: Any, parts: Sequence[MeterShare], seen: Sequence[RateLimitReading], at_us: int
) -> None:
    """Store each reading in the narrowest meter of its unit and period, or in a new one for the next call."""
    turns: Mapping[str, int] = {part.id: part.turn for part in parts}
    for reading in sorted(seen, key=lambda reading: (reading.unit, reading.per)):
        alike = [part for part in parts if (part.unit, part.per) == (reading.unit, reading.per)]
        fitting = [part for part in alike if not part.id.startswith(OF_PERSON)]
        meter = _meter_for(hold, fitting, reading)
        counters.tell(connection, meter, reading, at_us, turns.get(meter.id))


def _meter_for(hold: Any, fitting: Sequence[MeterShare], reading: RateLimitReading) -> Meter:
    own = meter_id(hold.provider_id, "model", hold.key_hash, hold.model, reading.unit, reading.per)
    if not fitting:
        return Meter(own, hold.provider_id, "model", hold.model, hold.key_hash, reading.unit, reading.per)
    part = next((part for part in fitting if part.id == own), fitting[0])
    unit, per = cast(Unit, part.unit), cast(Per, part.per)
    return Meter(part.id, hold.provider_id, "", "", hold.key_hash, unit, per)
