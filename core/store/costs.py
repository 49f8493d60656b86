"""The costs of the answers of conversations, versions that are not shown among them: they were paid for too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, literal, select, union_all

from ..records import Usage
from ..views.costs import AnswerCost
from .database import Database
from .tables import conversations, lanes, messages

COUNTS = [field.name for field in fields(Usage) if field.name.endswith("_tokens")]


def of_conversations(database: Database, owner_id: str, conversation_ids: Sequence[str]) -> list[AnswerCost]:
    """Raises `StoreError`."""
    return _read(database, owner_id, messages.c.conversation_id.in_(list(conversation_ids)))


def of_entry(database: Database, owner_id: str, entry_id: str) -> list[AnswerCost]:
    """Of a chat, or of all columns of a comparison. Raises `StoreError`."""
    columns = select(lanes.c.conversation_id).where(lanes.c.run_id == entry_id)
    return _read(database, owner_id, messages.c.conversation_id.in_(union_all(columns, select(literal(entry_id)))))


def _read(database: Database, owner_id: str, those: ColumnElement[bool]) -> list[AnswerCost]:
    details = messages.c.completion
    query = (
        select(
            messages.c.conversation_id,
            messages.c.model_id,
            details["served_model_id"].as_string().label("served"),
            details["cost_usd"].as_string().label("cost"),
            details["cached"].as_boolean().label("cached"),
            *(details["usage"][name].as_integer().label(name) for name in COUNTS),
        )
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(
            conversations.c.owner_id == owner_id,
            those,
            messages.c.role == "assistant",
            messages.c.completion.is_not(None),
            messages.c.text != "",
        )
    )
    with database.read() as connection:
        return [_cost(row) for row in connection.execute(query)]


def _cost(row: Any) -> AnswerCost:
    usage = Usage(**{name: getattr(row, name) for name in COUNTS})
    return AnswerCost(
        row.conversation_id,
        row.served or row.model_id or "",
        None if row.cost is None else Decimal(row.cost),
        None if usage == Usage() else usage,
        bool(row.cached),
    )
