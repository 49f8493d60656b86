"""Quota: what the cache spared, one row each time it answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "cache_hits",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("owner_id", sa.String(200), nullable=False),
        sa.Column("model_id", sa.Text, nullable=False),
        sa.Column("tokens", sa.BigInteger),
        sa.Column("cost_usd", sa.BigInteger),
        sa.Column("ms", sa.Float),
        sa.Column("faq_key", sa.String(64)),
    )
    op.create_index("cache_hits_owner", "cache_hits", ["owner_id", "at_us"])
    op.create_index("cache_hits_faq", "cache_hits", ["faq_key"])
