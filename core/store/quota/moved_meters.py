"""Which meters a call moves."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, or_, select

from ...providers.limits import BY_ADDRESS, BY_MODEL, Meter, PlannedCall, meters_of
from . import meters as counters
from .tables import meters


def meter_rows(connection: Connection, asks: Sequence[PlannedCall], *, lock: bool = False) -> dict[str, Row[Any]]:
    """The existing meters of these providers, keys and people, by id and in that order, which is the order of all
    locks."""
    keys = sorted({(ask.provider.id, key) for ask in asks for key in (ask.key_hash, "")})
    if not keys:
        return {}
    personal = sorted({meter.id for ask in asks for meter in ask.of_person})
    values = {f"meter_{number}": name for number, name in enumerate(personal)}
    for number, (provider, key) in enumerate(keys):
        values |= {f"provider_{number}": provider, f"key_{number}": key}
    result = connection.execute(_rows_query(len(keys), len(personal), lock), values)
    return {row.id: row for row in result}


@lru_cache(256)
def _rows_query(keys: int, personal: int, lock: bool) -> Select[Any]:
    """Built once for so many keys and counters of people: building it costs more than running it."""
    m = meters.c
    owned = [
        and_(m.provider_id == bindparam(f"provider_{number}"), m.key_hash == bindparam(f"key_{number}"))
        for number in range(keys)
    ]
    owned += [m.id == bindparam(f"meter_{number}") for number in range(personal)]
    query = select(meters).where(or_(*owned)).order_by(m.id)
    return query.with_for_update() if lock else query


def meters_moved_by(ask: PlannedCall, rows: Any) -> list[Meter]:
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
