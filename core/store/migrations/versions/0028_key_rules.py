"""What people and groups may use of the server's keys, and batches that ask an administrator."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table("key_groups", sa.Column("name", sa.String(200), primary_key=True), *_rule())
    op.create_table(
        "key_rules",
        sa.Column("owner_id", sa.String(200), primary_key=True),
        sa.Column("group_name", sa.String(200), nullable=False),
        *_rule(),
    )
    op.add_column("batches", sa.Column("approval", JSON))


def _rule() -> list[sa.Column[Any]]:
    return [
        sa.Column("models", JSON),
        sa.Column("requests", sa.BigInteger),
        sa.Column("tokens", sa.BigInteger),
        sa.Column("usd", sa.BigInteger),
    ]
