"""Comparisons go on: rounds, their questions, and columns that were taken out or have settings of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"

ID, NAME = sa.String(36), sa.String(200)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "rounds",
        sa.Column("run_id", ID, sa.ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("request_id", NAME, nullable=False),
        sa.Column("prompt", sa.Text, nullable=False),
        sa.Column("follows", ID),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "number"),
        sa.UniqueConstraint("run_id", "request_id", name="rounds_request"),
    )
    op.create_table(
        "round_questions",
        sa.Column("run_id", ID, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("conversation_id", ID, sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("question_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "number", "conversation_id"),
        sa.ForeignKeyConstraint(["run_id", "number"], ["rounds.run_id", "rounds.number"], ondelete="CASCADE"),
    )
    op.add_column("lanes", sa.Column("removed_at", sa.BigInteger))
    op.add_column("lanes", sa.Column("wishes", JSON))
