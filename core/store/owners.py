"""Owners: whether an id is in use, the only check of an id before anything is shown to it; and all rows of one."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import Connection, LargeBinary, Table, exists, or_, select

from . import (
    blobs,
    equality_checks,
    line_ups,
    model_moves,
    prompts,
    round_tables,
    routed_answers,
    search_tables,
    shared_links,
    tables,
    tags,
    verdict_tables,
)
from .batches import tables as batch_tables
from .columns import metadata
from .database import Database
from .imports import tables as import_tables
from .latency import tables as latency_tables
from .people import tables as people_tables
from .quota import tables as quota_tables
from .scheduled import tables as scheduled_tables
from .votes import tables as vote_tables

# A table is in `metadata` once the module that defines it is imported, so all of them are imported here.
DEFINE_TABLES = (
    tables, batch_tables, blobs, equality_checks, import_tables, latency_tables, line_ups, model_moves, people_tables,
    prompts, quota_tables, round_tables, routed_answers, scheduled_tables, search_tables, shared_links, tags,
    verdict_tables, vote_tables
)  # fmt: skip
_SIGNS_OF_USE = (
    tables.conversations, tables.jobs, tables.calls, tables.settings, batch_tables.batches, vote_tables.votes,
    model_moves.model_moves, equality_checks.equality_checks, shared_links.shared_links, line_ups.line_ups,
    prompts.prompts
)  # fmt: skip


def has_anything(database: Database, owner_id: str) -> bool:
    """Whether anything is stored for this owner, or waits to be saved. Raises Unavailable."""
    query = select(or_(*(exists().where(table.c.owner_id == owner_id) for table in _SIGNS_OF_USE)))
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
