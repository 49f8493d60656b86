"""Read-only links of chats and comparisons."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    conversation = sa.ForeignKey("conversations.id", ondelete="CASCADE")
    op.create_table(
        "shared_links",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("owner_id", sa.String(200), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(36), conversation, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("with_files", sa.Boolean, nullable=False),
        sa.Column("snapshot", json),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("revoked_at", sa.BigInteger),
        sa.Column("opened", sa.Integer, nullable=False),
        sa.Column("opened_at", sa.BigInteger),
        sa.UniqueConstraint("token_hash", name="shared_links_token"),
    )
    op.create_index("shared_links_owner", "shared_links", ["owner_id", "created_at"])
    op.create_index("shared_links_conversation", "shared_links", ["conversation_id"])
