"""Files that are no text: pictures, documents and sounds, whose bytes are kept once a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("attachments", sa.Column("sha256", sa.String(64)))
    op.add_column("attachments", sa.Column("details", json))
    op.create_index("attachments_blob", "attachments", ["sha256"])
    op.create_table(
        "blobs",
        sa.Column("owner_id", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("data", sa.LargeBinary),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "sha256"),
    )


def downgrade() -> None:
    """Questions keep the text of their files; what was no text is lost."""
    op.drop_table("blobs")
    op.drop_index("attachments_blob", "attachments")
    op.drop_column("attachments", "details")
    op.drop_column("attachments", "sha256")
