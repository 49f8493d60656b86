"""Fair shares in SQL: what each person took of each counter, decided by `providers.shares`.

    book = ShareBook(connection, ids, at_us)        in the transaction of a reservation, its counters locked
    book.claim(...) for each  ->  book.keep(), or book.refuse(...)  ->  book.write()
    settle(connection, owner_id, used_by_share)     what a call really took
    read, shared_window, share_of                   for pages, without locks

A row is read and written only after its counter's row was locked in the same transaction, so what was read still holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Connection, Text, bindparam, case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ...providers.limits import LENGTH, Meter, PlannedCall
from ...providers.shares import ShareClaim, SharedWindow, Sharer
from ...records import WindowShare
from .. import Unavailable
from ..database import Database
from . import meters as counters
from .meters import MeterShare
from .tables import FOREVER, shares

SECOND = 1_000_000
SHORT = ("second", "minute", "at_once")
WEEK_US, CALM_US = 7 * 86_400 * SECOND, 120 * SECOND
s = shares.c
COLUMNS = tuple(s.keys())


def _number(name: str) -> Any:
    return bindparam(name, type_=BigInteger)


AT_ONCE = 8
PLACES = [f"id_{number}" for number in range(AT_ONCE)]
# So many names each time: a statement with as many as there are would be built anew.
READ = select(shares).where(
    s.meter_id.in_([bindparam(name, type_=Text) for name in PLACES]), s.gone_us > _number("at_us")
)
MOVE = _number("spent") - _number("n")
SETTLE = (
    update(shares)
    .where(
        s.meter_id == bindparam("meter", type_=Text),
        s.owner_id == bindparam("owner", type_=Text),
        s.turn == _number("of_turn"),
    )
    .values(
        taken=case((s.taken + MOVE < 0, 0), else_=s.taken + MOVE),
        kept=case((s.kept < MOVE, 0), else_=s.kept - MOVE),
    )
)


LENGTHS_US = {per: int(length.total_seconds()) * SECOND for per, length in LENGTH.items()}


def length_us(per: str) -> int:
    return LENGTHS_US.get(per, 0)  # type: ignore[call-overload,no-any-return]


def known_us(per: str) -> int:
    """How long before a window a person may have asked last and is known in it, in microseconds."""
    if per in SHORT:
        return length_us(per) or CALM_US
    return max(length_us(per), WEEK_US)


class CurrentWindow(NamedTuple):
    """A counter's window as it is now; `ends_us` None: it never ends."""

    turn: int
    limit: int
    free: int
    starts_us: int
    ends_us: int | None


def current(row: Any, n: int = 0) -> CurrentWindow | None:
    """The window of a counter's row without the `n` grains that this call holds; None where its size is not known."""
    sizes = [size for size in (row.amount, row.ceiling) if size is not None]
    if not sizes:
        return None
    free = min(sizes) - row.used - row.reserved + n
    return CurrentWindow(row.turn, min(sizes), free, row.starts_us, None if row.ends_us >= FOREVER else row.ends_us)


def shared_window(sharer: Sharer, per: str, now: CurrentWindow, rows: Iterable[Any], at_us: int) -> SharedWindow:
    """The window with its people, of whom `rows` are, and who asks."""
    turn, short = now.turn, per in SHORT
    last_us = (at_us if now.ends_us is None else now.starts_us) + length_us(per)  # known are those who go later
    claims = {}
    for _, owner_id, weight, of_turn, taken_n, kept_n, wanted, wanted_us, gone_us in rows:
        if of_turn == turn:
            claims[owner_id] = ShareClaim(weight, taken_n, kept_n, wanted, wanted_us)
        elif gone_us >= last_us:
            waits = short and of_turn == turn - 1
            claims[owner_id] = ShareClaim(weight, 0, None, wanted, wanted_us) if waits else ShareClaim(weight)
    own_claim = claims.get(sharer.owner_id)
    claims[sharer.owner_id] = (
        own_claim._replace(weight=sharer.weight) if own_claim else ShareClaim(sharer.weight, new=True)
    )
    return SharedWindow(now.limit, now.free, at_us, now.starts_us, now.ends_us, short, max(sharer.team, 1), claims)


def share_of(sharer: Sharer, unit: str, window: SharedWindow) -> WindowShare:
    """For pages and refusals."""
    owner_id = sharer.owner_id
    counts = (window.share_of(owner_id), window.claims[owner_id].taken, window.available(owner_id))
    return WindowShare(*(counters.amount(unit, count) for count in counts))


def read(connection: Connection, ids: Sequence[str], at_us: int) -> dict[str, list[Any]]:
    """The rows of everybody who may be known in these counters, by counter, in the order of the columns."""
    by_meter: dict[str, list[Any]] = {name: [] for name in ids}
    for first in range(0, len(ids), AT_ONCE):
        some = ids[first : first + AT_ONCE]
        names = {name: some[number] if number < len(some) else some[0] for number, name in enumerate(PLACES)}
        for row in connection.execute(READ, {**names, "at_us": at_us}):
            by_meter[row[0]].append(row)
    return by_meter


class ShareBook:
    """The shares in one reservation's counters, which must be locked. Claims of a call are staged until `keep`; `write`
    stores what became of all calls."""

    def __init__(self, connection: Connection, ids: Sequence[str], at_us: int) -> None:
        self._connection = connection
        self._at_us = at_us
        self._rows = read(connection, ids, at_us)
        self._staged: list[tuple[Any, ...]] = []
        self._changed: dict[tuple[str, str], tuple[Any, ...]] = {}

    def covers(self, ask: PlannedCall, meter: Meter, row: Any) -> bool:
        """Whether people share this counter: its size is known, and the key is not the person's own."""
        return ask.sharer is not None and meter.id in self._rows and current(row) is not None

    def claim(self, ask: PlannedCall, meter: Meter, row: Any, n: int | None) -> bool:
        """Whether the person may take what the counter's row holds for this call already."""
        sharer, window = self._window(ask, meter, row, n or 0)
        offer = window.offer(sharer.owner_id, background=sharer.background)
        wanted = 1 if n is None else n
        if wanted > offer.most and not (ask.insist and wanted > window.free):  # a full window may be counted wrongly
            return False
        self._staged.append(
            self._row(sharer, meter, row.turn, offer.after_taking(window.claims[sharer.owner_id], n or 0))
        )
        return True

    def keep(self) -> None:
        """The call holds all that it claimed."""
        for row in self._staged:
            self._put(row)
        self._staged.clear()

    def refuse(self, ask: PlannedCall, meter: Meter, row: Any, n: int | None) -> tuple[WindowShare, int | None]:
        """The person's share, and when enough of it would be lent. A person then waits for it, and a batch does not."""
        self._staged.clear()
        wanted = 1 if n is None else n
        sharer, window = self._window(ask, meter, row, 0)
        lent_us = window.lent_at(sharer.owner_id, wanted, background=sharer.background)
        if not sharer.background and wanted <= window.limit:
            self._put(
                self._row(sharer, meter, row.turn, window.refused(sharer.owner_id, wanted).claims[sharer.owner_id])
            )
        return share_of(sharer, meter.unit, window), lent_us

    def write(self) -> None:
        if self._changed:
            rows = [dict(zip(COLUMNS, self._changed[key], strict=True)) for key in sorted(self._changed)]
            self._connection.execute(_upsert(self._connection.dialect.name), rows)

    def _window(self, ask: PlannedCall, meter: Meter, row: Any, n: int) -> tuple[Sharer, SharedWindow]:
        now = current(row, n)
        assert ask.sharer
        assert now
        return ask.sharer, shared_window(ask.sharer, meter.per, now, self._rows[meter.id], self._at_us)

    def _row(self, sharer: Sharer, meter: Meter, turn: int, claim: ShareClaim) -> tuple[Any, ...]:
        """In the order of the columns."""
        gone_us = self._at_us + known_us(meter.per) + length_us(meter.per)
        numbers = (claim.weight, turn, claim.taken, claim.kept or 0, claim.wanted, claim.wanted_us, gone_us)
        return (meter.id, sharer.owner_id, *numbers)

    def _put(self, row: tuple[Any, ...]) -> None:
        meter_id, owner_id = row[:2]
        self._rows[meter_id] = [*(other for other in self._rows[meter_id] if other[1] != owner_id), row]
        self._changed[meter_id, owner_id] = row


@cache
def _upsert(dialect: str) -> Any:
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(shares)
    fresh = {column.name: insert.excluded[column.name] for column in shares.c if not column.primary_key}
    return insert.on_conflict_do_update(index_elements=["meter_id", "owner_id"], set_=fresh)


def settle(connection: Connection, owner_id: str, used_by_share: Mapping[MeterShare, int | None]) -> None:
    """What is used less than held is kept for its owner again. After their counters were moved, which locks them."""
    rows = [
        {
            "meter": part.id,
            "owner": owner_id,
            "of_turn": part.turn,
            "n": part.n or 0,
            "spent": 0 if part.per == "at_once" else used or 0,
        }
        for part, used in sorted(used_by_share.items())
        if part.fair
    ]
    if rows:
        connection.execute(SETTLE, rows)


def drop_old(database: Database) -> None:
    """For a timer: rows of people who are not known any more."""
    try:
        with database.write(durable=False) as connection:
            now_us = int(database.now().timestamp() * SECOND)
            connection.execute(delete(shares).where(s.gone_us <= now_us))
    except Unavailable:
        return
