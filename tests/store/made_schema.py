"""A new database in the time of a copy: its schema is made by the migrations once a process, then repeated.

tests/store/test_schema.py tests the migrations themselves, and takes nothing from here.
"""

from __future__ import annotations

from functools import cache

from sqlalchemy import Connection, text

from core.store import migrations
from core.store.backends import sqlite

migrate = migrations.upgrade


def upgrade(connection: Connection) -> None:
    """In place of `migrations.upgrade`: a new SQLite database gets its schema as it stands, any other is migrated."""
    if connection.dialect.name == "sqlite" and not schema(connection):
        for statement in made():
            connection.exec_driver_sql(statement)
        connection.execute(text(f"INSERT INTO {migrations.VERSION_TABLE} VALUES ('{migrations.HEAD}')"))
        return
    migrate(connection)


@cache
def made() -> tuple[str, ...]:
    """The statements that make the newest schema, in their order."""
    engine = sqlite.connect(None)
    with engine.connect() as connection:
        with connection.begin():
            migrate(connection)
        statements = schema(connection)
    engine.dispose()
    return statements


def schema(connection: Connection) -> tuple[str, ...]:
    """What is in the database; the tables that SQLite keeps below a full text index come with it."""
    below = "name NOT LIKE 'message#_words#_%' ESCAPE '#'"
    query = f"SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND {below} ORDER BY rowid"
    return tuple(connection.exec_driver_sql(query).scalars())
