"""Owners: whether an id is in use, the only check of an id before anything is shown to it; and all rows of one."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import Connection, LargeBinary, Table, exists, or_, select

from .batches.tables import batches
from .columns import metadata
from .database import Database
from .equality_checks import equality_checks
from .line_ups import line_ups
from .model_moves import model_moves
from .prompts import prompts
from .shared_links import shared_links
from .tables import calls, conversations, jobs, settings
from .votes.tables import votes

_OWNED_TABLES = (
    conversations, jobs, calls, settings, batches, votes, model_moves, equality_checks, shared_links, line_ups, prompts
)  # fmt: skip


def has_anything(database: Database, owner_id: str) -> bool:
    """Whether anything is stored for this owner, or waits to be saved. Raises Unavailable."""
    query = select(or_(*(exists().where(table.c.owner_id == owner_id) for table in _OWNED_TABLES)))
    with database.pending() as waiting:
        if waiting is not None and waiting.scalar(query):
            return True
    with database.read() as connection:
        return bool(connection.scalar(query))


def tables_of_people() -> list[Table]:
    """Every table whose rows name their owner; parents before children."""
    return [table for table in metadata.sorted_tables if "owner_id" in table.c]


def lines(connection: Connection, owner_id: str, table: Table) -> Iterator[str]:
    """The owner's rows of a table, each as a line of JSON, without bytes; instants as in the database's own columns, as
    text."""
    columns = [column for column in table.c if not isinstance(column.type, LargeBinary)]
    query = select(*columns).where(table.c.owner_id == owner_id)
    for row in connection.execution_options(yield_per=500).execute(query):
        yield json.dumps(dict(row._mapping), ensure_ascii=False, default=str) + "\n"
