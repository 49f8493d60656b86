"""What each person took of a window that people share."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    numbers = ("turn", "taken", "kept", "wanted", "wanted_us", "gone_us")
    op.create_table(
        "quota_shares",
        sa.Column("meter_id", sa.Text, nullable=False),
        sa.Column("owner_id", sa.String(200), nullable=False),
        sa.Column("weight", sa.Integer, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in numbers),
        sa.PrimaryKeyConstraint("meter_id", "owner_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("quota_shares_gone", "quota_shares", ["gone_us"])
    op.create_index("quota_shares_owner", "quota_shares", ["owner_id"])
