"""One row for each answer whose model "auto" chose: the size that answered, the question's difficulty, the verdict.

The row comes with the end of the answer, in its transaction (`insert`); a person's verdict is put on it and taken back
(`judge`). It goes when its message goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Float, ForeignKey, Index, String, Table, func, select, update

from ..records import Size
from .columns import ID, NAME, Instant, metadata
from .database import Database
from .rows import insert_new
from .tables import conversations, messages

SIZE = String(8)

routed_answers = Table(
    "routed_answers",
    metadata,
    Column("message_id", ID, ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
    Column("owner_id", NAME, nullable=False),
    Column("tier", SIZE, nullable=False),  # the size of the model that answered
    Column("difficulty", Float),  # of the question, 0 to 1; NULL: not known
    Column("by_difficulty", Boolean, nullable=False),  # whether that number alone chose the size
    Column("at", Instant, nullable=False),
    Column("verdict", SIZE),  # the size that it should have been, by the person
    Column("judged_at", Instant),
    Index("routed_answers_owner", "owner_id", "at"),
)
c = routed_answers.c


@dataclass(frozen=True, slots=True)
class Routed:
    """One answer. `verdict` is the size that it should have been; None: no complaint."""

    message_id: str
    tier: Size
    difficulty: float | None
    by_difficulty: bool
    at: datetime
    verdict: Size | None = None


def insert(connection: Connection, owner_id: str, message_id: str, at: datetime, chosen: Mapping[str, Any]) -> None:
    """Note an answer; `chosen` holds tier, difficulty and by_difficulty. A second time changes nothing."""
    row = {"message_id": message_id, "owner_id": owner_id, "at": at, **chosen}
    insert_new(connection, routed_answers, [row])


def judge(database: Database, owner_id: str, message_id: str, verdict: Size | None, chosen: Mapping[str, Any]) -> bool:
    """Store the owner's verdict on an answer, None takes it back; False where the owner has no such answer.

    `chosen` is for an answer without a row: it is older than this table, or was imported.
    """
    at = database.now()
    change = (
        update(routed_answers)
        .where(c.owner_id == owner_id, c.message_id == message_id)
        .values(verdict=verdict, judged_at=at if verdict else None)
    )
    answer = (
        select(messages.c.created_at)
        .join_from(messages, conversations, conversations.c.id == messages.c.conversation_id)
        .where(conversations.c.owner_id == owner_id, messages.c.id == message_id, messages.c.role == "assistant")
    )
    with database.write() as connection:
        if connection.execute(change).rowcount:
            return True
        made_at = connection.execute(answer).scalar()
        if made_at is None:
            return False
        insert(connection, owner_id, message_id, made_at, chosen)
        return connection.execute(change).rowcount == 1


def of_conversation(database: Database, owner_id: str, conversation_id: str) -> dict[str, Size]:
    """The verdicts in one conversation, by message."""
    query = (
        select(c.message_id, c.verdict)
        .join_from(routed_answers, messages, messages.c.id == c.message_id)
        .where(c.owner_id == owner_id, messages.c.conversation_id == conversation_id, c.verdict.is_not(None))
    )
    with database.read() as connection:
        return {row.message_id: row.verdict for row in connection.execute(query)}


def count(database: Database, owner_id: str) -> int:
    """How many verdicts an owner has given."""
    query = select(func.count()).where(c.owner_id == owner_id, c.verdict.is_not(None))
    with database.read() as connection:
        return connection.execute(query).scalar_one()


def newest(database: Database, owner_id: str, *, limit: int = 2000) -> list[Routed]:
    """The owner's answers, the newest first."""
    columns = (c.message_id, c.tier, c.difficulty, c.by_difficulty, c.at, c.verdict)
    query = select(*columns).where(c.owner_id == owner_id).order_by(c.at.desc(), c.message_id).limit(limit)
    with database.read() as connection:
        return [Routed(*row) for row in connection.execute(query)]
