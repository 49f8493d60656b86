"""Standings: how the last call with each key of a provider ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "standings",
        sa.Column("provider_id", sa.String(200), nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("why", sa.String(40), nullable=False),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("good", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("provider_id", "key_hash"),
    )
