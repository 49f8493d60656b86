"""Tags of chats and comparisons."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    conversation = sa.ForeignKey("conversations.id", ondelete="CASCADE")
    op.create_table(
        "tags",
        sa.Column("owner_id", sa.String(200), nullable=False),
        sa.Column("conversation_id", sa.String(36), conversation, nullable=False),
        sa.Column("folded", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "folded"),
    )
    op.create_index("tags_owner", "tags", ["owner_id", "folded", "conversation_id"])
