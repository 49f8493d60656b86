"""The tables of the rounds.

rounds             one row a prompt; `follows` is the lane whose talk all lanes went on from, NULL: each its own
round_questions    the question that a round is in a lane's conversation; none where the lane was not asked
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Index, Integer, PrimaryKeyConstraint, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from .columns import ID, NAME, Instant, metadata

rounds = Table(
    "rounds",
    metadata,
    Column("run_id", ID, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("request_id", NAME, nullable=False),
    Column("prompt", Text, nullable=False),
    Column("follows", ID),
    Column("created_at", Instant, nullable=False),
    PrimaryKeyConstraint("run_id", "number"),
    Unique("run_id", "request_id", name="rounds_request"),
)

round_questions = Table(
    "round_questions",
    metadata,
    Column("run_id", ID, nullable=False),
    Column("number", Integer, nullable=False),
    Column("conversation_id", ID, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("question_id", ID, nullable=False),
    PrimaryKeyConstraint("run_id", "number", "conversation_id"),
    ForeignKeyConstraint(["run_id", "number"], ["rounds.run_id", "rounds.number"], ondelete="CASCADE"),
    Index("round_questions_conversation", "conversation_id"),
)
