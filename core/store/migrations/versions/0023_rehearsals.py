"""Rehearsals: what a model answered before, beside the rows of a batch; questions by model; moves to a successor."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

ID, NAME = sa.String(36), sa.String(200)
ANSWERED = sa.text("outcome = 'ok' AND conversation_id IS NOT NULL")


def upgrade() -> None:
    json = sa.JSON(none_as_null=True)
    if op.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        json = postgresql.JSONB(none_as_null=True)
    op.add_column("batches", sa.Column("rehearsal", json))
    op.add_column("batch_rows", sa.Column("reference", sa.Text))
    op.add_column("batch_rows", sa.Column("setup", json))
    op.add_column("batch_items", sa.Column("likeness", sa.Float))
    op.add_column("batch_items", sa.Column("clashes", sa.Integer))
    op.create_index(
        "calls_of_model",
        "calls",
        ["owner_id", "model_id", "at"],
        sqlite_where=ANSWERED,
        postgresql_where=ANSWERED,
    )
    op.create_index("conversations_model", "conversations", ["owner_id", "model_id"])
    op.create_table(
        "model_moves",
        sa.Column("id", ID, primary_key=True),
        sa.Column("owner_id", NAME, nullable=False),
        sa.Column("from_model_id", sa.Text, nullable=False),
        sa.Column("to_model_id", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("undone_at", sa.BigInteger),
    )
    op.create_index("model_moves_owner", "model_moves", ["owner_id", "at"])
    op.create_table(
        "moved_conversations",
        sa.Column("move_id", ID, sa.ForeignKey("model_moves.id", ondelete="CASCADE"), nullable=False),
        sa.Column("conversation_id", ID, sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
        sa.PrimaryKeyConstraint("move_id", "conversation_id"),
    )
    op.create_index("moved_conversations_conversation", "moved_conversations", ["conversation_id"])
