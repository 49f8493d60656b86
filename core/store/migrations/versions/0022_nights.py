"""What headers tell of a model's end, and the nights of the nightly probe."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("model_states", sa.Column("end_notice", sa.JSON().with_variant(JSONB(), "postgresql")))
    op.create_table(
        "nights",
        sa.Column("night", sa.String(10), primary_key=True),
        sa.Column("process", sa.String(200), nullable=False),
        sa.Column("starts_us", sa.BigInteger, nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
        sa.Column("ended_us", sa.BigInteger),
        sa.Column("answered", sa.Integer, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.Column("skipped", sa.Integer, nullable=False),
    )
