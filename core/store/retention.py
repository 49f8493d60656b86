"""Delete what nobody changed since an instant, of all owners: conversations, comparisons, batches that have ended."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, or_, select, update

from .batches.tables import batches
from .database import Database
from .purge import PORTION
from .tables import ERASED, conversations, lanes
from .verdict_tables import verdicts


def expire(database: Database, before: datetime) -> int:
    """Hide for good what was last changed before, for `purge` to delete; returns how many entries and batches.

    Nobody can bring it back: whoever set the time wanted it gone by then.
    """
    expired = 0
    while number := _conversations(database, before):
        expired += number
    over = batches.c.state.in_(("done", "cancelled", "declined")) & (batches.c.ended_at < before)
    waited = (batches.c.state == "approval") & (batches.c.created_at < before)
    with database.write() as connection:
        return expired + connection.execute(delete(batches).where(over | waited)).rowcount


def _conversations(database: Database, before: datetime) -> int:
    """Some entries, with their lanes and verdicts."""
    old = (
        conversations.c.kind != "lane",
        conversations.c.updated_at < before,
        conversations.c.deleted_at.is_(None),
    )
    with database.read() as connection:
        ids = list(connection.execute(select(conversations.c.id).where(*old).limit(PORTION)).scalars())
    if not ids:
        return 0
    of_runs = select(lanes.c.conversation_id).where(lanes.c.run_id.in_(ids))
    about_runs = select(verdicts.c.conversation_id).where(verdicts.c.run_id.in_(ids))
    belonging = or_(conversations.c.id.in_(ids), conversations.c.id.in_(of_runs), conversations.c.id.in_(about_runs))
    with database.write() as connection:
        connection.execute(update(conversations).where(belonging).values(deleted_at=ERASED))
    return len(ids)
