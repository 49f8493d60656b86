"""Votes on the turns of comparisons."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"

ID, NAME = sa.String(36), sa.String(200)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "votes",
        sa.Column("run_id", ID, sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("owner_id", NAME, nullable=False),
        sa.Column("outcome", sa.String(8), nullable=False),
        sa.Column("place", sa.Integer),
        sa.Column("lanes", JSON, nullable=False),
        sa.Column("blind", sa.Boolean, nullable=False),
        sa.Column("topic", sa.String(24), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "turn"),
    )
    op.create_index("votes_owner", "votes", ["owner_id", "at"])
