"""Delete the blobs that nothing refers to any more: of drafts never sent, of conversations deleted for good."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Text, and_, cast, exists, select

from . import queued_question
from .batches.tables import batches
from .blobs import blobs, remove
from .database import Database
from .tables import attachments, conversations, messages, settings

ROWS = 500  # looked at in one query
PORTION = 20  # deleted in one transaction, outside the database one by one
c = blobs.c


def drop_unused(database: Database, before: datetime, *, sleep: Callable[[float], None] = time.sleep) -> int:
    """Delete what was attached last before this instant and belongs to no message, no batch and no waiting question,
    of all owners; returns how many. Several processes may do this at once. Raises StoreError."""
    if not database.spool.empty:  # a question that waits may refer to it
        return 0
    dropped = 0
    for names in _unused(database, before):
        for start in range(0, len(names), PORTION):
            dropped += _drop(database, names[start : start + PORTION], before)
            sleep(0.01)
    return dropped


def _unused(database: Database, before: datetime) -> Iterator[list[tuple[str, str]]]:
    """(owner, hash) in portions."""
    last = ("", "")
    while True:
        after = (c.owner_id > last[0]) | and_(c.owner_id == last[0], c.sha256 > last[1])
        query = select(c.owner_id, c.sha256, _used().label("used")).where(after, c.created_at < before)
        with database.read() as connection:
            rows = connection.execute(query.order_by(c.owner_id, c.sha256).limit(ROWS)).all()
        yield [(row.owner_id, row.sha256) for row in rows if not row.used]
        if len(rows) < ROWS:
            return
        last = (rows[-1].owner_id, rows[-1].sha256)


def _drop(database: Database, names: list[tuple[str, str]], before: datetime) -> int:
    """Delete those of them that are still unused."""
    dropped = 0
    for owner_id, name in names:
        with database.write(durable=False) as connection:
            this = (c.owner_id == owner_id, c.sha256 == name, c.created_at < before, ~_used())
            if connection.execute(select(c.sha256).where(*this).with_for_update()).first():
                remove(connection, database.blob_place, owner_id, name)
                dropped += 1
    return dropped


def _used() -> ColumnElement[bool]:
    """Whether a message or a batch of the blob's owner, or a question that waits for an answer's end, has it."""
    of_message = (
        select(attachments.c.message_id)
        .join(messages, messages.c.id == attachments.c.message_id)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(attachments.c.sha256 == c.sha256, conversations.c.owner_id == c.owner_id)
        .exists()
    )
    waits = exists().where(
        settings.c.owner_id == c.owner_id,
        settings.c.key.startswith(queued_question.KEY, autoescape=True),
        cast(settings.c.value, Text).contains(c.sha256),
    )
    of_batch = exists().where(batches.c.owner_id == c.owner_id, cast(batches.c.file_hashes, Text).contains(c.sha256))
    return of_message | waits | of_batch
