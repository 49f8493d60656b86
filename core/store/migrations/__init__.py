"""Bring a database to the schema of this program, under a lock. Alembic is imported only when there is work to do."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Literal

from sqlalchemy import Connection, column, select, table, text

from .. import NewerSchema, Refused

HEAD = "0045"
VERSION_TABLE = "roundtable_version"
LOCK_NUMBER = 0x526F756E64  # "Round": one name for every process that migrates this database


def current(connection: Connection) -> str | None:
    """The schema's revision, None for a database without ours."""
    if not connection.dialect.has_table(connection, VERSION_TABLE):
        return None
    return connection.execute(select(column("version_num")).select_from(table(VERSION_TABLE))).scalar()


def check(connection: Connection) -> bool:
    """True when the schema is ours. NewerSchema, with nothing changed, when it is beyond us."""
    revision = current(connection)
    if revision is not None and not revision.isdigit():
        raise Refused(f"The database has a schema that is not Roundtable's ({revision}); nothing was changed.")
    if revision is not None and revision > HEAD:
        raise NewerSchema(
            f"The database was written by a newer Roundtable (schema {revision}, this one knows {HEAD}): "
            "update Roundtable, or use another database. Nothing was changed."
        )
    return revision == HEAD


_one_at_a_time = Lock()  # alembic keeps its state in a module: two databases of one process would mix


def upgrade(connection: Connection) -> None:
    """Migrate inside the caller's transaction: all or nothing. Processes that waited for the lock find it done."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK_NUMBER})
    if not check(connection):
        _migrate(connection, "upgrade", "head")


def downgrade(connection: Connection, revision: str) -> None:
    """Bring the schema back to an earlier revision, from "0033" on, for a program that knows no later one."""
    _migrate(connection, "downgrade", revision)


def _migrate(connection: Connection, direction: Literal["upgrade", "downgrade"], revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes.update(connection=connection, version_table=VERSION_TABLE)
    with _one_at_a_time:
        (command.upgrade if direction == "upgrade" else command.downgrade)(config, revision)
