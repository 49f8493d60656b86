"""Remaining quota for pages: the current windows, and the price of calls before they are made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from ...providers.limits import PlannedCall, Price, price, window_of, without_remaining
from ...records import Provider, Window
from .. import Unavailable
from ..database import Database
from ..tables import from_us, to_us
from . import meters as counters
from .ledger import Now, meters_of_ask, rows_of


def windows(
    database: Database, keys: Iterable[tuple[Provider, str]], *, now: Now = counters.now_us
) -> list[Window]:  # fmt: skip
    """Every window of these providers with these keys (by hash), for the models of the catalogue and those in use.

    A key's windows are visible only to those who hold the key, because its hash is needed.
    """
    asks = [
        PlannedCall(provider, model, key_hash)
        for provider, key_hash in keys
        for model in provider.models
        if model.listed
    ]  # fmt: skip
    by_id = {window.id: window for moved in _of_asks(database, asks, now) for window in moved}
    return [by_id[name] for name in sorted(by_id)]


def prices(database: Database, asks: Sequence[PlannedCall], *, now: Now = counters.now_us) -> list[Price]:
    """Estimated usage of these calls against the remaining quota, one line per provider."""
    return price(asks, _of_asks(database, asks, now))


def of_asks(database: Database, asks: Sequence[PlannedCall], *, now: Now = counters.now_us) -> list[list[Window]]:
    """For each call the windows that it would move, as they are now; unknown while the database is unreachable."""
    return _of_asks(database, asks, now)


def _of_asks(database: Database, asks: Sequence[PlannedCall], now: Now) -> list[list[Window]]:
    try:
        with database.read() as connection:
            return _read(connection, asks, now)
    except Unavailable:
        at = from_us(to_us(database.now()))
        return [[without_remaining(window_of(meter, at)) for meter in meters_of_ask(ask, ())] for ask in asks]


def _read(connection: Connection, asks: Sequence[PlannedCall], now: Now) -> list[list[Window]]:
    at_us = now(connection)
    rows = rows_of(connection, asks)
    return [
        [
            counters.window(rows[meter.id], meter, at_us) if meter.id in rows else window_of(meter, from_us(at_us))
            for meter in meters_of_ask(ask, rows.values())
        ]
        for ask in asks
    ]
