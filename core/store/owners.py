"""Whether an owner id is in use: the only check of an id before anything is shown to it."""

from __future__ import annotations

from sqlalchemy import exists, or_, select

from .batches.tables import batches
from .database import Database
from .equality_checks import equality_checks
from .tables import calls, conversations, jobs, settings
from .votes.tables import votes

_OWNED_TABLES = (conversations, jobs, calls, settings, batches, votes, equality_checks)


def has_anything(database: Database, owner_id: str) -> bool:
    """Whether anything is stored for this owner, or waits to be saved. Raises Unavailable."""
    query = select(or_(*(exists().where(table.c.owner_id == owner_id) for table in _OWNED_TABLES)))
    with database.ahead() as waiting:
        if waiting is not None and waiting.scalar(query):
            return True
    with database.read() as connection:
        return bool(connection.scalar(query))
