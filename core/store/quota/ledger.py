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
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import BigInteger, Connection, Row, and_, bindparam, delete, or_, select, update

from ...providers.limits import (
    BY_ADDRESS,
    BY_MODEL,
    OF_PERSON,
    Meter,
    PlannedCall,
    meter_id,
    meters_of,
    need,
    window_of,
)
from ...records import Per, RateLimitReading, Unit, Usage, Window
from .. import Unavailable
from ..database import Database
from ..tables import from_us
from . import meters as counters
from .grants import CannotCount, DoesNotFit, Grant, Hold, Reserved, Uncounted
from .meters import MeterShare
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
            if sent:
                refused = outcome in TURNED_AWAY.split()
                counters.settle(connection, {part: _actual_usage(part, usage, cost_usd, refused) for part in parts})
            else:
                counters.give_back(connection, sorted(parts))
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
            moves = [(part, bool(hold.sent)) for hold in ended for part in _parts(hold)]
            for part, sent in sorted(moves, key=lambda move: move[0].id):
                if sent:
                    counters.settle(connection, {part: part.n})
                else:
                    counters.give_back(connection, [part])
    except Unavailable:
        return 0
    return len(ended)


def _reserve(
    connection: Connection, owner_id: str, asks: Sequence[PlannedCall], held_s: float, now: Now
) -> list[Grant]:
    at_us = now(connection)
    rows = rows_of(connection, asks, lock=True)
    grants: list[Grant] = []
    hold_rows: list[dict[str, Any]] = []
    for ask in asks:
        parts = _take(connection, ask, rows, at_us)
        if isinstance(parts, DoesNotFit):
            grants.append(parts)
            continue
        hold = _hold(owner_id, ask, parts, at_us + int(held_s * 1_000_000))
        hold_rows.append(hold)
        grants.append(Hold(hold["id"]))
    if hold_rows:
        connection.execute(holds.insert(), hold_rows)
    return grants


def _take(
    connection: Connection, ask: PlannedCall, rows: dict[str, Row[Any]], at_us: int
) -> list[MeterShare] | DoesNotFit:
    """Hold one call's share of every meter, or none; then the window that is too full."""
    parts: list[MeterShare] = []
    for meter in meters_of_ask(ask, rows.values()):
        wanted = need(meter.unit, ask)
        if wanted == 0:
            continue
        n = counters.grains(meter.unit, wanted)
        insist = ask.insist and meter.pool != OF_PERSON
        turn = counters.take(connection, meter, n, at_us, insist=insist, exists=meter.id in rows)
        if turn is None:
            counters.give_back(connection, parts)
            return DoesNotFit(_window(connection, meter, at_us), wanted)
        parts.append(MeterShare(meter.id, meter.unit, meter.per, n, turn))
    return parts


def _window(connection: Connection, meter: Meter, at_us: int) -> Window:
    row = connection.execute(select(meters).where(meters.c.id == meter.id)).first()
    return window_of(meter, from_us(at_us)) if row is None else counters.window(row, meter, at_us)


def rows_of(connection: Connection, asks: Sequence[PlannedCall], *, lock: bool = False) -> dict[str, Row[Any]]:
    """The existing meters of these providers, keys and people, by id and in that order, which is the order of all
    locks."""
    keys = {(ask.provider.id, key) for ask in asks for key in (ask.key_hash, "")}
    owned = [and_(meters.c.provider_id == provider, meters.c.key_hash == key) for provider, key in sorted(keys)]
    if not owned:
        return {}
    if personal := sorted({meter.id for ask in asks for meter in ask.of_person}):
        owned.append(meters.c.id.in_(personal))
    query = select(meters).where(or_(*owned)).order_by(meters.c.id)
    result = connection.execute(query.with_for_update() if lock else query)
    return {row.id: row for row in result}


def meters_of_ask(ask: PlannedCall, rows: Any) -> list[Meter]:
    """The meters that a call moves: those of the catalogue, those known only from the provider's readings, and those of
    the person who asks."""
    of_provider = meters_of(ask.provider, ask.model.name, ask.key_hash)
    by_id = {meter.id: meter for meter in (*of_provider, *ask.of_person)}
    for row in rows:
        applies = row.provider_id == ask.provider.id and (row.key_hash == ask.key_hash or row.pool in BY_ADDRESS)
        applies = applies and row.id not in by_id
        if applies and (row.told, row.ceiling) != (None, None) and _covers(row, ask.model.name):
            by_id[row.id] = counters.meter_of(row)
    return [by_id[name] for name in sorted(by_id)]


def _covers(row: Any, model_name: str) -> bool:
    if row.pool in BY_MODEL:
        return bool(row.scope == model_name)
    return any(fnmatchcase(model_name, pattern) for pattern in row.scope.split(","))


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


def _actual_usage(part: MeterShare, usage: Usage | None, cost_usd: Decimal | None, refused: bool) -> int | None:
    """The usage of one meter by a sent call; if unknown, the reserved amount."""
    if part.unit == "requests":
        return part.n
    amount = _used(part.unit, usage or Usage(), cost_usd)
    if amount is not None:
        return counters.grains(part.unit, amount)
    return 0 if refused else part.n


def _used(unit: str, usage: Usage, cost_usd: Decimal | None) -> Decimal | int | None:
    match unit:
        case "tokens":
            counts = [count for count in (usage.input_tokens, usage.output_tokens) if count is not None]
            return sum(counts) if usage.output_tokens is not None else None
        case "input_tokens":
            return usage.input_tokens
        case "output_tokens":
            return usage.output_tokens
        case "usd":
            return usage.cost_usd if cost_usd is None else cost_usd
    return None


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
