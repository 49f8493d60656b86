"""Imports in portions that nobody sees until their end; indexes for deleting for good."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"

ID, NAME = sa.String(36), sa.String(200)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
DELETED = sa.text("deleted_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("owner_id", NAME, primary_key=True),
        sa.Column("id", ID, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("source", sa.String(12), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("read_bytes", sa.BigInteger, nullable=False),
        sa.Column("total_bytes", sa.BigInteger, nullable=False),
        sa.Column("conversations", sa.Integer, nullable=False),
        sa.Column("messages", sa.Integer, nullable=False),
        sa.Column("known", sa.Integer, nullable=False),
        sa.Column("left_out", JSON, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("owner_process", NAME, nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
    )
    op.create_index("imports_state", "imports", ["state"])
    op.create_table(
        "staged",
        sa.Column("owner_id", NAME, sa.ForeignKey("imports.owner_id", ondelete="CASCADE"), nullable=False),
        sa.Column("conversation_id", ID, sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("into_id", ID),
        sa.Column("known", sa.Boolean, nullable=False),
        sa.Column("comparison", JSON),
        sa.PrimaryKeyConstraint("owner_id", "conversation_id"),
    )
    op.create_index("staged_conversation", "staged", ["conversation_id"])
    op.create_index(
        "conversations_deleted", "conversations", ["deleted_at"], sqlite_where=DELETED, postgresql_where=DELETED
    )
    op.create_index("round_questions_conversation", "round_questions", ["conversation_id"])
