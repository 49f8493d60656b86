"""The files that go with the rows of a batch."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0040"
down_revision = "0034"


def upgrade() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("batches", sa.Column("file_hashes", json))
    op.add_column("batch_rows", sa.Column("files", json))


def downgrade() -> None:
    """Rows keep their prompts; which files went with them is lost."""
    op.drop_column("batch_rows", "files")
    op.drop_column("batches", "file_hashes")
