"""A person's settings: small JSON values by key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, select

from .columns import from_us, to_us
from .database import Database
from .rows import clean
from .tables import settings

KEY_CHOICES = "key_choices"


def get(database: Database, owner_id: str, key: str, default: Any = None) -> Any:
    """The value under the key, `default` when there is none."""
    query = select(settings.c.value).where(settings.c.owner_id == owner_id, settings.c.key == key)
    with database.pending() as waiting:
        if waiting is not None and database.overlay.has_setting(owner_id, key):
            row = waiting.execute(query).first()
            return default if row is None else row.value
    with database.read() as connection:
        row = connection.execute(query).first()
    return default if row is None else row.value


def key_choices(database: Database, owner_id: str) -> dict[str, str]:
    """Which key a person chose, by provider id: the name of a variable, or "session" for the pasted one."""
    stored = get(database, owner_id, KEY_CHOICES)
    return {str(name): str(key) for name, key in stored.items()} if isinstance(stored, dict) else {}


def put(database: Database, owner_id: str, key: str, value: Any) -> None:
    """Keep the value; None forgets the key."""
    at_us = to_us(database.now())
    database.save("setting", {"owner_id": owner_id, "key": key, "value": clean(value), "at_us": at_us})


def insert(connection: Connection, values: Mapping[str, Any]) -> bool:
    """The operation behind `put`."""
    row = {"owner_id": values["owner_id"], "key": values["key"], "value": values["value"]}
    owned = (settings.c.owner_id == row["owner_id"], settings.c.key == row["key"])
    connection.execute(delete(settings).where(*owned))
    if row["value"] is not None:
        connection.execute(settings.insert(), {**row, "updated_at": from_us(values["at_us"])})
    return True
