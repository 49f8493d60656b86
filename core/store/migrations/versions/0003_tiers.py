"""Answers whose model was chosen here, with a person's verdict on the size."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "routed_answers",
        sa.Column("message_id", sa.String(36), sa.ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("owner_id", sa.String(200), nullable=False),
        sa.Column("tier", sa.String(8), nullable=False),
        sa.Column("difficulty", sa.Float),
        sa.Column("by_difficulty", sa.Boolean, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("verdict", sa.String(8)),
        sa.Column("judged_at", sa.BigInteger),
    )
    op.create_index("routed_answers_owner", "routed_answers", ["owner_id", "at"])
