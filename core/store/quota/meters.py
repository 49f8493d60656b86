"""One counter in SQL: the conditional statements that move it, and its row as a `Window`.

A statement that finds the window over begins the next one by itself: used is 0, calls in flight stay reserved, the size
that the provider stated last counts, and its last `remaining` is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple, cast

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Integer,
    Row,
    Text,
    and_,
    bindparam,
    case,
    func,
    null,
    or_,
    select,
    update,
)

from ...providers.limits import LENGTH, Meter, window_at
from ...records import Per, RateLimitReading, Unit, Window
from ..columns import PICO, from_us, to_us
from ..rows import clock, insert_new
from .tables import FOREVER, meters

m = meters.c


class MeterShare(NamedTuple):
    """The reservation of one call in one meter: `n` grains in its `turn`. `n` None: not known before the call.

    `fair`: it is also in `quota_shares`, as what its owner took.
    """

    id: str
    unit: str
    per: str
    n: int | None
    turn: int
    fair: bool = False


def _number(name: str) -> Any:
    return bindparam(name, type_=BigInteger)


# Statements are built once: building them costs more than running them.
NOW = select(clock())
OVER = m.ends_us <= _number("now_us")
SIZE = case((m.told.is_(None), _number("documented")), (OVER, m.told), else_=m.amount)
BASE = case((OVER, 0), else_=m.used)
WANTED = BASE + m.reserved + _number("wanted")
FITS = or_(
    bindparam("insist", type_=Boolean),
    and_(or_(SIZE.is_(None), WANTED <= SIZE), or_(OVER, m.ceiling.is_(None), m.ceiling >= WANTED)),
)
RESERVE = (
    update(meters)
    .where(m.id == bindparam("meter", type_=Text), FITS)
    .values(
        amount=SIZE,
        ceiling=case((OVER, null()), else_=m.ceiling),
        used=BASE,
        reserved=m.reserved + _number("n"),
        blind=case((OVER, 0), else_=m.blind),
        turn=m.turn + case((OVER, 1), else_=0),
        starts_us=case((OVER, _number("starts")), else_=m.starts_us),
        ends_us=case((OVER, _number("ends")), else_=m.ends_us),
        source=case((OVER, "counted"), else_=m.source),
        seen_us=case((OVER, null()), else_=m.seen_us),
    )
    .returning(m.turn, m.amount, m.ceiling, m.used, m.reserved, m.starts_us, m.ends_us)
)
RELEASE = (
    update(meters)
    .where(m.id == bindparam("meter", type_=Text))
    .values(reserved=m.reserved - _number("n"))
)  # fmt: skip
SAME_TURN = m.turn == _number("of_turn")
SETTLE = (
    update(meters)
    .where(m.id == bindparam("meter", type_=Text))
    .values(
        reserved=m.reserved - _number("n"),
        used=m.used + case((and_(SAME_TURN, m.per != "at_once"), _number("spent")), else_=0),
        total=m.total + _number("spent"),
        blind=m.blind + case((SAME_TURN, bindparam("unseen", type_=Integer)), else_=0),
    )
)
LIMIT, LEFT = _number("limit"), _number("left")
REACH = LEFT + m.used + m.reserved
TELL = (
    update(meters)
    .where(m.id == bindparam("meter", type_=Text), or_(_number("of_turn") < 0, SAME_TURN))
    .values(
        amount=case((LIMIT.is_(None), m.amount), (or_(m.amount.is_(None), m.amount > LIMIT), LIMIT), else_=m.amount),
        told=func.coalesce(LIMIT, m.told),
        ceiling=case(
            (LEFT.is_(None), m.ceiling), (or_(m.ceiling.is_(None), m.ceiling > REACH), REACH), else_=m.ceiling
        ),
        ends_us=func.coalesce(_number("until"), m.ends_us),
        source=bindparam("from_where", type_=Text),
        seen_us=_number("now_us"),
    )
)


def now_us(connection: Connection) -> int:
    """The database's clock, in microseconds."""
    return int(connection.execute(NOW).scalar_one())


def grains(unit: str, amount: Decimal | int | None) -> int | None:
    """An amount in the meter's grains, rounded up."""
    if amount is None:
        return None
    whole = Decimal(amount) * PICO if unit == "usd" else Decimal(amount)
    return min(int(whole.to_integral_value("ROUND_CEILING")), FOREVER)


def amount(unit: str, count: int) -> Decimal:
    return Decimal(count) / PICO if unit == "usd" else Decimal(count)


def bounds(meter: Meter, at_us: int) -> tuple[int, int]:
    start, end = window_at(meter.per, meter.zone, from_us(at_us))
    return to_us(start), FOREVER if end is None else to_us(end)


def take(
    connection: Connection, meter: Meter, n: int | None, at_us: int, *, insist: bool, exists: bool
) -> Row[Any] | None:
    """Reserve `n` grains and return the window with them, or None when they do not fit. `exists` False: there may be
    no row yet.

    An unknown amount reserves nothing, but does not fit where nothing is left.
    """
    starts_us, ends_us = bounds(meter, at_us)
    values = {
        "meter": meter.id,
        "now_us": at_us,
        "documented": grains(meter.unit, meter.amount),
        "wanted": 1 if n is None else n,
        "n": n or 0,
        "insist": insist,
        "starts": starts_us,
        "ends": ends_us,
    }
    if not exists:
        insert_new(connection, meters, [_fresh(meter, starts_us, ends_us)])
    return connection.execute(RESERVE, values).first()


def add_missing(connection: Connection, missing: Iterable[Meter], at_us: int) -> None:
    """Give these meters their rows, so that they can be locked."""
    for meter in missing:
        insert_new(connection, meters, [_fresh(meter, *bounds(meter, at_us))])


def give_back(connection: Connection, parts: list[MeterShare]) -> None:
    if parts:
        connection.execute(RELEASE, [{"meter": part.id, "n": part.n or 0} for part in parts])


def settle(connection: Connection, used_by_share: Mapping[MeterShare, int | None]) -> None:
    """Turn what is held into what is used; None: not known, so that the window's rest becomes unknown."""
    rows = [
        {"meter": part.id, "n": part.n or 0, "of_turn": part.turn, "spent": used or 0, "unseen": int(used is None)}
        for part, used in sorted(used_by_share.items())
    ]
    if rows:
        connection.execute(SETTLE, rows)


def tell(connection: Connection, meter: Meter, seen: RateLimitReading, at_us: int, turn: int | None) -> None:
    """Store a provider's reading: a lower number counts at once, a higher size from the next window on.

    Calls in flight are assumed to be in its count already. `turn` is that of the answered call, None for a meter
    without holds.
    """
    if turn is None:
        starts_us, ends_us = bounds(meter, at_us)
        insert_new(connection, meters, [_fresh(meter, starts_us, ends_us)])
    values = {
        "meter": meter.id,
        "of_turn": -1 if turn is None else turn,
        "limit": grains(meter.unit, seen.limit),
        "left": grains(meter.unit, seen.remaining),
        "until": _until(seen, at_us),
        "from_where": seen.source,
        "now_us": at_us,
    }
    connection.execute(TELL, values)


def _until(seen: RateLimitReading, at_us: int) -> int | None:
    """When the provider says that the window ends, unless that is impossible for a window of that period."""
    if seen.resets_at is None or seen.per not in LENGTH:
        return None
    until, length_us = to_us(seen.resets_at), int(LENGTH[seen.per].total_seconds() * 1_000_000)
    return until if at_us - 1_000_000 <= until <= at_us + 2 * length_us else None


def _fresh(meter: Meter, starts_us: int, ends_us: int) -> dict[str, Any]:
    return {
        "id": meter.id,
        "provider_id": meter.provider_id,
        "pool": meter.pool,
        "scope": meter.scope,
        "key_hash": meter.key_hash,
        "unit": meter.unit,
        "per": meter.per,
        "zone": meter.zone,
        "amount": grains(meter.unit, meter.amount),
        **dict.fromkeys(("used", "reserved", "total", "blind", "turn"), 0),
        "starts_us": starts_us,
        "ends_us": ends_us,
        "source": "counted",
    }


def meter_of(row: Any) -> Meter:
    """The meter of a row that the catalogue does not name: only the provider's readings do."""
    return Meter(
        row.id, row.provider_id, row.pool, row.scope, row.key_hash, cast(Unit, row.unit), cast(Per, row.per),
        None, row.zone,
    )  # fmt: skip


def window(row: Any, meter: Meter, at_us: int) -> Window:
    """A row's window at this instant: the next one if its own has ended."""
    over = row.ends_us <= at_us
    documented = grains(meter.unit, meter.amount)
    size = documented if row.told is None else row.told if over else row.amount
    used = 0 if over else row.used
    caps = [cap for cap in (size, None if over else row.ceiling) if cap is not None]
    blind = row.blind and not over and row.ceiling is None
    left = max(min(caps) - used - row.reserved, 0) if caps and not blind else None
    starts_us, ends_us = bounds(meter, at_us) if over else (row.starts_us, row.ends_us)
    endless = ends_us >= FOREVER
    source = cast(Literal["header", "error", "counted"], "counted" if over else row.source)
    return Window(
        id=row.id,
        provider_id=row.provider_id,
        pool=row.pool,
        scope=row.scope,
        key_hash=row.key_hash,
        unit=meter.unit,
        per=meter.per,
        limit=None if size is None else amount(meter.unit, size),
        used=amount(meter.unit, used),
        reserved=amount(meter.unit, row.reserved),
        remaining=None if left is None else amount(meter.unit, left),
        starts_at=None if endless else from_us(starts_us),
        resets_at=None if endless else from_us(ends_us),
        source=source,
        seen_at=_instant(None if over else row.seen_us),
        zone=meter.zone,
        note=meter.note,
    )


def _instant(us: int | None) -> datetime | None:
    return None if us is None else from_us(us)
