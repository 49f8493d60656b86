"""Remaining quota for pages: the current windows, and the price of calls before they are made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection

from ...providers.limits import Meter, PlannedCall, Price, personal, price, window_of, without_remaining
from ...providers.shares import Sharer
from ...records import Provider, Window
from .. import Unavailable
from ..columns import from_us, to_us
from ..database import Database
from . import meters as counters
from . import shares
from .ledger import Now
from .moved_meters import meter_rows, meters_moved_by

NO_SHARERS: Mapping[str, Sharer] = MappingProxyType({})


def windows(
    database: Database,
    keys: Iterable[tuple[Provider, str]],
    *,
    sharers: Mapping[str, Sharer] = NO_SHARERS,
    now: Now = counters.now_us,
) -> list[Window]:
    """Every window of these providers with these keys (by hash), for the models of the catalogue and those in use.

    A key's windows are visible only to those who hold the key, because its hash is needed. `sharers`: by provider, who
    has a fair share of them, which then stands beside what is left for all.
    """
    asks = [
        PlannedCall(provider, model, key_hash, sharer=sharers.get(provider.id))
        for provider, key_hash in keys
        for model in (*provider.models, *provider.speech)
        if model.listed
    ]
    by_id = {window.id: window for moved in _of_asks(database, asks, now) for window in moved}
    return [by_id[name] for name in sorted(by_id)]


def prices(database: Database, asks: Sequence[PlannedCall], *, now: Now = counters.now_us) -> list[Price]:
    """Estimated usage of these calls against the remaining quota, one line per provider."""
    return price(asks, of_asks(database, asks, now=now))


def of_asks(database: Database, asks: Sequence[PlannedCall], *, now: Now = counters.now_us) -> list[list[Window]]:
    """For each call the windows that it would move, as they are now; unknown while the database is unreachable.

    What remains is what the person may take, where people have fair shares.
    """
    return [[personal(window) for window in moved] for moved in _of_asks(database, asks, now)]


def _of_asks(database: Database, asks: Sequence[PlannedCall], now: Now) -> list[list[Window]]:
    try:
        with database.read() as connection:
            return _read(connection, asks, now)
    except Unavailable:
        at = from_us(to_us(database.now()))
        return [[without_remaining(window_of(meter, at)) for meter in meters_moved_by(ask, ())] for ask in asks]


def _read(connection: Connection, asks: Sequence[PlannedCall], now: Now) -> list[list[Window]]:
    at_us = now(connection)
    rows = meter_rows(connection, asks)
    moved = [meters_moved_by(ask, rows.values()) for ask in asks]
    ids = {
        meter.id: None
        for ask, own_meters in zip(asks, moved, strict=True)
        if ask.sharer
        for meter in own_meters
        if meter.provider_id == ask.provider.id
    }
    people = shares.read(connection, list(ids), at_us) if ids else {}
    return [
        [_window(ask, meter, rows.get(meter.id), people.get(meter.id), at_us) for meter in own_meters]
        for ask, own_meters in zip(asks, moved, strict=True)
    ]


def _window(ask: PlannedCall, meter: Meter, row: Any, people: Sequence[Any] | None, at_us: int) -> Window:
    window = window_of(meter, from_us(at_us)) if row is None else counters.window(row, meter, at_us)
    if people is None or ask.sharer is None or window.remaining is None:
        return window
    over = row is None or row.ends_us <= at_us
    turn = 0 if row is None else row.turn + over
    count = {
        name: counters.grains(meter.unit, getattr(window, name)) or 0 for name in ("used", "reserved", "remaining")
    }
    ends_us = None if window.resets_at is None else to_us(window.resets_at)
    starts_us = 0 if window.starts_at is None else to_us(window.starts_at)
    now = shares.CurrentWindow(turn, sum(count.values()), count["remaining"], starts_us, ends_us)
    shared = shares.shared_window(ask.sharer, meter.per, now, people, at_us)
    return replace(window, share=shares.share_of(ask.sharer, meter.unit, shared))
