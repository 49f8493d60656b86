"""Questions that wait for a limit to reset."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
    op.create_table(
        "scheduled",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("owner_id", sa.String(200), nullable=False),
        sa.Column("request_id", sa.String(200), nullable=False),
        sa.Column(
            "conversation_id", sa.String(36), sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("question_id", sa.String(36), nullable=False),
        sa.Column("answer_id", sa.String(36), nullable=False),
        sa.Column("after_id", sa.String(36)),
        sa.Column("model_id", sa.Text, nullable=False),
        sa.Column("pool", sa.String(200), nullable=False),
        sa.Column("own_key", sa.Boolean, nullable=False),
        sa.Column("generation", json, nullable=False),
        sa.Column("not_before_us", sa.BigInteger, nullable=False),
        sa.Column("expires_us", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("insist", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("owner_process", sa.String(200), nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("owner_id", "request_id", name="scheduled_request"),
    )
    op.create_index("scheduled_due", "scheduled", ["state", "not_before_us"])
    op.create_index("scheduled_pool", "scheduled", ["pool"])
    op.create_index("scheduled_conversation", "scheduled", ["conversation_id"])
