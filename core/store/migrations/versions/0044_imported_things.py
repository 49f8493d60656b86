"""What an import brings besides conversations: counts of it, and batches that are hidden until all of it is read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    op.add_column("imports", sa.Column("things", sa.JSON().with_variant(postgresql.JSONB(), "postgresql")))


def downgrade() -> None:
    """Batches of an import on its way are not shown by an older version's import, and go; it can be done again."""
    op.get_bind().exec_driver_sql("DELETE FROM batches WHERE state = 'importing'")
    op.drop_column("imports", "things")
