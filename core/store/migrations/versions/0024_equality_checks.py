"""Checks of one model at several hosts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.create_table(
        "equality_checks",
        sa.Column("owner_id", sa.String(200), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("family", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("questions", sa.Integer, nullable=False),
        sa.Column("hosts", json, nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "id"),
    )
    op.create_index("equality_checks_at", "equality_checks", ["at"])
