"""Delete for good what a person deleted, as soon as that can no longer be undone.

First a conversation is claimed: its `deleted_at` becomes ERASED, which cannot be undone. Then it is deleted in
portions, its messages first, so that no writer waits for long. With it go its files, jobs, rounds, votes and verdicts,
its words in the search index, its cached answers, a pending question, and what the spool set aside of it. Its calls
stay: they are numbers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, or_, select, tuple_, update

from . import Unavailable, queued_question
from .database import Database
from .quota.faqs import near
from .quota.tables import cached_answers
from .tables import ERASED, conversations, messages, settings

PORTION = 50
ROWS = 200  # messages a transaction
CACHED = cached_answers.c


def purge(
    database: Database, before: datetime, *, most: int = 1000, sleep: Callable[[float], None] = time.sleep
) -> int:
    """Delete what was deleted before that instant, of all owners, `most` conversations or a few more; returns how many.

    Several processes may do this at once: each claims its own.
    """
    if not database.spool.empty:  # something that waits may belong to it, and would be left over
        return 0
    purged = 0
    while purged < most and (ids := _claim(database, before)):
        erase(database, ids, sleep=sleep)
        purged += len(ids)
    if purged:
        database.settle_log()
    return purged


def erase(database: Database, ids: Sequence[str], *, sleep: Callable[[float], None] = time.sleep) -> None:
    """Delete claimed conversations."""
    with database.read() as connection:
        query = select(conversations.c.id, conversations.c.owner_id).where(conversations.c.id.in_(ids))
        owners: dict[str, str] = {row.id: row.owner_id for row in connection.execute(query)}
    for conversation_id, owner_id in owners.items():
        while _some_messages(database, owner_id, conversation_id):
            sleep(0.01)
    with database.write() as connection:
        connection.execute(delete(conversations).where(conversations.c.id.in_(ids)))
        waiting = [(owner_id, queued_question.KEY + conversation_id) for conversation_id, owner_id in owners.items()]
        connection.execute(delete(settings).where(tuple_(settings.c.owner_id, settings.c.key).in_(waiting)))
    database.spool.forget(set(owners))
    sleep(0.01)


def _claim(database: Database, before: datetime) -> list[str]:
    with database.read() as connection:  # nearly always there is nothing, which is seen without a writer's turn
        old = conversations.c.deleted_at < before
        if connection.execute(select(conversations.c.id).where(old).limit(1)).first() is None:
            return []
    with database.write() as connection:
        query = select(conversations.c.id).where(old).limit(PORTION).with_for_update(skip_locked=True)
        ids = list(connection.execute(query).scalars())
        connection.execute(update(conversations).where(conversations.c.id.in_(ids)).values(deleted_at=ERASED))
    return ids


def _some_messages(database: Database, owner_id: str, conversation_id: str) -> bool:
    """Delete some messages of it; False when there are no more."""
    with database.write(durable=False) as connection:
        query = select(messages.c.seq, messages.c.role, messages.c.text)
        rows = connection.execute(query.where(messages.c.conversation_id == conversation_id).limit(ROWS)).all()
        if rows:
            _drop_cached_answers(connection, owner_id, rows)
            connection.execute(delete(messages).where(messages.c.seq.in_([row.seq for row in rows])))
    return len(rows) == ROWS


def _drop_cached_answers(connection: Connection, owner_id: str, rows: Iterable[Any]) -> None:
    """Drop the cached answers to these questions, or with these texts."""
    owned = CACHED.owner_id == owner_id
    if connection.execute(select(CACHED.key).where(owned).limit(1)).first() is None:
        return
    questions = {near(row.text) for row in rows if row.role == "user"}
    answers = {row.text for row in rows if row.role == "assistant"}
    these = or_(CACHED.question.in_(questions), CACHED.value["text"].as_string().in_(answers))
    connection.execute(delete(cached_answers).where(owned, these))


def tick(database: Database, kept_s: float) -> None:
    """For a timer: as `purge`, and nothing while the database is unreachable."""
    try:
        while purge(database, database.now() - timedelta(seconds=kept_s), most=PORTION):
            pass
    except Unavailable:
        return
