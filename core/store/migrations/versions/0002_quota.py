"""Quota: meters, holds, rests, the cache of answers and the questions that all may share."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"

ID, NAME, WORD, HASH = sa.String(36), sa.String(200), sa.String(16), sa.String(64)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    _meters()
    _holds()
    _rests()
    _cache()


def _counts(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger, nullable=False) for name in names]


def _meters() -> None:
    op.create_table(
        "quota_meters",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("provider_id", NAME, nullable=False),
        sa.Column("pool", WORD, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("key_hash", HASH, nullable=False),
        sa.Column("unit", WORD, nullable=False),
        sa.Column("per", WORD, nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("amount", sa.BigInteger),
        sa.Column("told", sa.BigInteger),
        sa.Column("ceiling", sa.BigInteger),
        *_counts("used", "reserved", "total"),
        sa.Column("blind", sa.Integer, nullable=False),
        *_counts("turn", "starts_us", "ends_us"),
        sa.Column("source", WORD, nullable=False),
        sa.Column("seen_us", sa.BigInteger),
        sa.CheckConstraint("used >= 0", name="quota_meters_used"),
        sa.CheckConstraint("reserved >= 0", name="quota_meters_reserved"),
    )
    op.create_index("quota_meters_key", "quota_meters", ["provider_id", "key_hash"])


def _holds() -> None:
    op.create_table(
        "quota_holds",
        sa.Column("id", ID, primary_key=True),
        sa.Column("owner_id", NAME, nullable=False),
        sa.Column("provider_id", NAME, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("key_hash", HASH, nullable=False),
        sa.Column("parts", JSON, nullable=False),
        sa.Column("sent", sa.Boolean, nullable=False),
        *_counts("expires_us"),
    )
    op.create_index("quota_holds_expiry", "quota_holds", ["expires_us"])


def _rests() -> None:
    op.create_table(
        "rests",
        sa.Column("provider_id", NAME, nullable=False),
        sa.Column("model", NAME, nullable=False),
        sa.Column("key_hash", HASH, nullable=False),
        *_counts("fail_1_us", "fail_2_us", "fail_3_us", "fail_4_us"),
        sa.Column("opens", sa.Integer, nullable=False),
        *_counts("open_until_us"),
        sa.Column("probe_by", NAME, nullable=False),
        *_counts("probe_until_us", "cool_until_us"),
        sa.Column("why", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("provider_id", "model", "key_hash"),
    )


def _cache() -> None:
    op.create_table(
        "cached_answers",
        sa.Column("key", HASH, primary_key=True),
        sa.Column("owner_id", NAME, nullable=False),
        sa.Column("model_id", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.Column("size_bytes", sa.Integer, nullable=False),
        sa.Column("hits", sa.Integer, nullable=False),
        *_counts("tokens", "pico_usd", "made_us", "used_us"),
    )
    op.create_index("cached_answers_owner", "cached_answers", ["owner_id", "used_us"])
    op.create_table(
        "faqs",
        sa.Column("key", HASH, primary_key=True),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("marked_by", NAME, nullable=False),
        *_counts("marked_us"),
    )
