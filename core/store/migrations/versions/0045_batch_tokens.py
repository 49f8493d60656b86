"""Tokens of a batch's answers that have a price of their own, and how a rehearsal's old answers are checked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("batch_rows", sa.Column("reference_check", json))
    for name in ("cached_tokens", "reasoning_tokens"):
        op.add_column("batch_items", sa.Column(name, sa.Integer()))


def downgrade() -> None:
    """Answers and their costs stay."""
    for name in ("cached_tokens", "reasoning_tokens"):
        op.drop_column("batch_items", name)
    op.drop_column("batch_rows", "reference_check")
