"""The table of verdicts; the words themselves are messages of their conversations."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text

from .columns import ID, Instant, Json, metadata
from .tables import conversations, runs

verdicts = Table(
    "verdicts",
    metadata,
    Column("conversation_id", ID, ForeignKey(conversations.c.id, ondelete="CASCADE"), primary_key=True),
    Column("run_id", ID, ForeignKey(runs.c.id, ondelete="CASCADE"), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("model_id", Text, nullable=False),
    Column("answers", Json, nullable=False),  # ids of messages, in the order of the letters A, B, C
    Column("created_at", Instant, nullable=False),
    Index("verdicts_run", "run_id"),
)
