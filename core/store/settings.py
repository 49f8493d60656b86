"""A person's settings: small JSON values by key."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select

from core.store.database import Database
from core.store.tables import clean, settings


def get(database: Database, owner_id: str, key: str, default: Any = None) -> Any:
    """The value under the key, `default` when there is none."""
    query = select(settings.c.value).where(settings.c.owner_id == owner_id, settings.c.key == key)
    with database.read() as connection:
        row = connection.execute(query).first()
    return default if row is None else row.value


def put(database: Database, owner_id: str, key: str, value: Any) -> None:
    """Keep the value; None forgets the key."""
    mine = (settings.c.owner_id == owner_id, settings.c.key == key)
    with database.write() as connection:
        connection.execute(delete(settings).where(*mine))
        if value is not None:
            row = {"owner_id": owner_id, "key": key, "value": clean(value), "updated_at": database.now()}
            connection.execute(settings.insert(), row)
