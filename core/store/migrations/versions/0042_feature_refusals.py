"""What providers refused for their models."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    op.create_table(
        "feature_refusals",
        sa.Column("provider_id", sa.String(200), nullable=False),
        sa.Column("place", sa.String(64), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("feature", sa.String(20), nullable=False),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("provider_id", "place", "model", "feature"),
    )


def downgrade() -> None:
    """What was refused is asked for once more."""
    op.drop_table("feature_refusals")
