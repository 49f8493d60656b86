"""From a model to its successor: all chats and columns of a person that would ask it next, at once, and back again.

    move(database, owner, request_id, old, new)   once per request id
    undo(database, owner, move_id)                what was changed otherwise since stays as it is
    standing(database, owner)                     old -> new of the moves that were not undone

A blind comparison that is still open is left alone, because its models must not be told, and so is one that has the
new model already.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    Row,
    Table,
    Text,
    func,
    insert,
    literal,
    select,
    update,
)

from ..views.model_moves import ModelMove
from . import NotFound
from .columns import ID, NAME, Instant, metadata
from .database import Database
from .rows import derived, insert_new
from .tables import conversations, lanes, runs
from .verdict_tables import verdicts
from .votes import blind

model_moves = Table(
    "model_moves",
    metadata,
    Column("id", ID, primary_key=True),
    Column("owner_id", NAME, nullable=False),
    Column("from_model_id", Text, nullable=False),
    Column("to_model_id", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("undone_at", Instant),
    Index("model_moves_owner", "owner_id", "at"),
)
moved_conversations = Table(
    "moved_conversations",
    metadata,
    Column("move_id", ID, ForeignKey("model_moves.id", ondelete="CASCADE"), nullable=False),
    Column("conversation_id", ID, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    PrimaryKeyConstraint("move_id", "conversation_id"),
    Index("moved_conversations_conversation", "conversation_id"),
)
ENTRY = conversations.c


def preview(database: Database, owner_id: str, from_model_id: str, to_model_id: str) -> tuple[int, int]:
    """How many chats and how many columns a move would change."""
    with database.read() as connection:
        return _counts(connection, owner_id, *_movable(owner_id, from_model_id, to_model_id))


def move(database: Database, owner_id: str, request_id: str, from_model_id: str, to_model_id: str) -> ModelMove:
    """All or nothing. Raises Unavailable."""
    move_id = derived(owner_id, request_id, "move")
    row = {"id": move_id, "owner_id": owner_id, "from_model_id": from_model_id, "to_model_id": to_model_id}
    with database.write() as connection:
        if insert_new(connection, model_moves, [{**row, "at": database.now(), "undone_at": None}]):
            movable = _movable(owner_id, from_model_id, to_model_id)
            source = select(literal(move_id), ENTRY.id).where(*movable)
            connection.execute(insert(moved_conversations).from_select(["move_id", "conversation_id"], source))
            _point(connection, owner_id, move_id, from_model_id, to_model_id)
        return _move(connection, owner_id, _find(connection, owner_id, move_id))


def undo(database: Database, owner_id: str, move_id: str) -> int:
    """Returns how many conversations ask the old model again. NotFound for another owner's; a second time: 0."""
    owned = (model_moves.c.id == move_id, model_moves.c.owner_id == owner_id)
    with database.write() as connection:
        made = _find(connection, owner_id, move_id)
        if made.undone_at is not None:
            return 0
        connection.execute(update(model_moves).where(*owned).values(undone_at=database.now()))
        return _point(connection, owner_id, move_id, made.to_model_id, made.from_model_id)


def last(database: Database, owner_id: str, from_model_id: str) -> ModelMove | None:
    """The newest move away from this model that was not undone."""
    query = _standing(owner_id).where(model_moves.c.from_model_id == from_model_id)
    with database.read() as connection:
        row = connection.execute(query.order_by(model_moves.c.at.desc()).limit(1)).first()
        return _move(connection, owner_id, row) if row else None


def standing(database: Database, owner_id: str) -> dict[str, str]:
    """By the old model's id, the new one's; a later move counts."""
    with database.read() as connection:
        made = connection.execute(_standing(owner_id).order_by(model_moves.c.at))
        return {row.from_model_id: row.to_model_id for row in made}


def _standing(owner_id: str) -> Any:
    return select(model_moves).where(model_moves.c.owner_id == owner_id, model_moves.c.undone_at.is_(None))


def _find(connection: Connection, owner_id: str, move_id: str) -> Row[Any]:
    query = select(model_moves).where(model_moves.c.id == move_id, model_moves.c.owner_id == owner_id)
    row = connection.execute(query.with_for_update()).first()
    if row is None:
        raise NotFound("There is no such move.")
    return row


def _movable(owner_id: str, from_model_id: str, to_model_id: str) -> tuple[Any, ...]:
    """The conditions of conversations that would ask this model next."""
    asking = (ENTRY.owner_id == owner_id, ENTRY.model_id == from_model_id, ENTRY.deleted_at.is_(None))
    judging = select(verdicts.c.conversation_id)
    own = conversations.alias("own")
    hidden = (
        select(lanes.c.conversation_id)
        .join(own, own.c.id == lanes.c.conversation_id)
        .join(runs, runs.c.id == lanes.c.run_id)
        .where(own.c.owner_id == owner_id, own.c.model_id == from_model_id, blind.HIDES)
    )
    others = conversations.alias("others")
    with_new = (
        select(lanes.c.run_id)
        .join(others, others.c.id == lanes.c.conversation_id)
        .where(others.c.owner_id == owner_id, others.c.model_id == to_model_id)
    )
    already = select(lanes.c.conversation_id).where(lanes.c.run_id.in_(with_new))
    left_alone = (ENTRY.id.not_in(subquery) for subquery in (judging, hidden, already))
    return (*asking, ENTRY.kind.in_(("chat", "lane")), *left_alone)


def _point(connection: Connection, owner_id: str, move_id: str, from_model_id: str, to_model_id: str) -> int:
    """Let the conversations of a move that ask one model ask the other."""
    of_move = select(moved_conversations.c.conversation_id).where(moved_conversations.c.move_id == move_id)
    these = (ENTRY.owner_id == owner_id, ENTRY.model_id == from_model_id, ENTRY.id.in_(of_move))
    changed = update(conversations).where(*these).values(model_id=to_model_id, version=ENTRY.version + 1)
    return connection.execute(changed).rowcount


def _move(connection: Connection, owner_id: str, row: Row[Any]) -> ModelMove:
    of_move = select(moved_conversations.c.conversation_id).where(moved_conversations.c.move_id == row.id)
    chats, columns = _counts(connection, owner_id, ENTRY.owner_id == owner_id, ENTRY.id.in_(of_move))
    return ModelMove(row.id, row.from_model_id, row.to_model_id, row.at, chats, columns)


def _counts(connection: Connection, owner_id: str, *where: Any) -> tuple[int, int]:
    query = select(ENTRY.kind, func.count()).where(ENTRY.owner_id == owner_id, *where).group_by(ENTRY.kind)
    by_kind = {kind: int(n) for kind, n in connection.execute(query)}
    return by_kind.get("chat", 0), by_kind.get("lane", 0)
