"""A database from before gets the table and keeps what is in it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from core.store import settings
from core.store.migrations import HEAD
from core.store.opening import open_database

BEFORE = Path(__file__).resolve().parents[3] / "before"


def test_an_old_database_is_upgraded() -> None:
    database = open_database(None, BEFORE)
    try:
        with database.write() as connection:
            connection.execute(text("INSERT INTO bookmarks (owner_id, message_id) VALUES ('me', 'one')"))
        with database.read() as connection:
            assert connection.execute(text("SELECT message_id FROM bookmarks")).scalars().all() == ["one"]
            assert connection.execute(text("SELECT version_num FROM roundtable_version")).scalar() == HEAD
        assert settings.get(database, "me", "greeting") == "from before"
    finally:
        database.close()
