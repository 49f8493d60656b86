"""A new database in the time of a copy: the migrations make the newest schema once a process.

tests/store/test_schema.py tests the migrations themselves, and takes nothing from here.
"""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, text

from core.store import migrations
from core.store.backends import sqlite

migrate = migrations.upgrade
open_for_writing = sqlite.use_wal


def use_wal(path: Path) -> None:
    """In place of `sqlite.use_wal`: a file that is not there yet begins with the newest schema."""
    if not path.exists():
        path.write_bytes(new_file())
    open_for_writing(path)


def upgrade(connection: Connection) -> None:
    """In place of `migrations.upgrade`: a new SQLite database gets its schema as it stands, any other is migrated."""
    if connection.dialect.name == "sqlite" and not schema(connection):
        for statement in made():
            connection.exec_driver_sql(statement)
        connection.execute(text(f"INSERT INTO {migrations.VERSION_TABLE} VALUES ('{migrations.HEAD}')"))
        return
    migrate(connection)


@cache
def new_file() -> bytes:
    """A SQLite file with the newest schema and no rows, in the mode of a write-ahead log."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "new.db"
        open_for_writing(path)
        engine = sqlite.connect(path)
        with engine.connect() as connection:
            writer = connection.execution_options(durable=False)
            with writer.begin():
                upgrade(writer)
        engine.dispose()  # the last connection moves the log into the file
        return path.read_bytes()


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
