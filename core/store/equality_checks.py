"""Checks of one model at several hosts, kept for a month.

The owner of a check that used no pasted key is `EVERYBODY`: it holds nothing of anyone, and all may see it.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table, Text, delete, select

from ..views.model_equality import EqualityCheck, hosts_as_json, hosts_of_json
from . import Unavailable
from .columns import ID, NAME, Instant, Json, metadata
from .database import Database
from .rows import clean

EVERYBODY = ""
KEPT = timedelta(days=31)
MOST = 200

equality_checks = Table(
    "equality_checks",
    metadata,
    Column("owner_id", NAME, nullable=False),
    Column("id", ID, nullable=False),
    Column("family", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("questions", Integer, nullable=False),
    Column("hosts", Json, nullable=False),
    PrimaryKeyConstraint("owner_id", "id"),
    Index("equality_checks_at", "at"),
)
c = equality_checks.c


def add(database: Database, owner_id: str, check: EqualityCheck) -> None:
    """Store a check, once. Raises `StoreError`."""
    row = {
        "owner_id": EVERYBODY if check.shared else owner_id,
        "id": check.id,
        "family": clean(check.family),
        "at": check.at,
        "questions": check.questions,
        "hosts": clean(hosts_as_json(check.hosts)),
    }
    with database.write() as connection:
        connection.execute(delete(equality_checks).where(c.owner_id == row["owner_id"], c.id == check.id))
        connection.execute(equality_checks.insert(), row)


def recent(database: Database, owner_id: str) -> list[EqualityCheck]:
    """The newest 200 checks of the last month that this owner may see, newest first."""
    query = (
        select(equality_checks)
        .where(c.owner_id.in_([owner_id, EVERYBODY]), c.at > database.now() - KEPT)
        .order_by(c.at.desc(), c.id)
        .limit(MOST)
    )
    with database.read() as connection:
        return [
            EqualityCheck(
                row.id, row.family, row.at, row.questions, hosts_of_json(row.hosts), shared=row.owner_id == EVERYBODY
            )
            for row in connection.execute(query)
        ]


def drop_old(database: Database, keep_days: int | None = None) -> None:
    """For a timer: delete what is older than a month, or than `keep_days`, of all owners; nothing while the database is
    unreachable."""
    before = database.now() - min(KEPT, timedelta(days=keep_days or KEPT.days))
    try:
        with database.read() as connection:  # nearly always there is nothing, which is seen without a writer's turn
            if connection.execute(select(c.id).where(c.at <= before).limit(1)).first() is None:
                return
        with database.write(durable=False) as connection:
            connection.execute(delete(equality_checks).where(c.at <= before))
    except Unavailable:
        return
