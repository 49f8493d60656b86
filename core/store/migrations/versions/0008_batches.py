"""Batches: their prompts, and one item for each prompt and model."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"

ID, NAME, WORD = sa.String(36), sa.String(200), sa.String(24)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    _batches()
    _rows()
    _items()


def _needed(kind: Any, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def _batches() -> None:
    op.create_table(
        "batches",
        sa.Column("id", ID, primary_key=True),
        *_needed(NAME, "owner_id"),
        *_needed(sa.Text(), "name"),
        *_needed(WORD, "state", "why"),
        *_needed(JSON, "model_ids"),
        *_needed(sa.Text(), "system"),
        *_needed(JSON, "settings"),
        sa.Column("rule", JSON),
        *_needed(WORD, "when_spent"),
        *_needed(JSON, "pasted"),
        *_needed(sa.Integer(), "rows", "items", "done", "failed", "skipped"),
        *_needed(JSON, "rests"),
        *_needed(NAME, "owner_process"),
        *_needed(sa.BigInteger(), "lease_until", "created_at", "started_at"),
        sa.Column("ended_at", sa.BigInteger),
    )
    op.create_index("batches_owner", "batches", ["owner_id", "created_at"])
    op.create_index("batches_state", "batches", ["state", "lease_until"])


def _rows() -> None:
    op.create_table(
        "batch_rows",
        sa.Column("batch_id", ID, sa.ForeignKey("batches.id", ondelete="CASCADE"), nullable=False),
        *_needed(sa.Integer(), "n"),
        *_needed(sa.Text(), "prompt"),
        sa.Column("expected", sa.Text),
        sa.PrimaryKeyConstraint("batch_id", "n"),
    )


def _items() -> None:
    op.create_table(
        "batch_items",
        sa.Column("batch_id", ID, sa.ForeignKey("batches.id", ondelete="CASCADE"), nullable=False),
        *_needed(sa.Integer(), "place", "n"),
        *_needed(WORD, "state"),
        *_needed(sa.Integer(), "again", "tries"),
        sa.Column("passed", sa.Boolean),
        sa.Column("ttft_ms", sa.Float),
        sa.Column("total_ms", sa.Float),
        sa.Column("input_tokens", sa.Integer),
        sa.Column("output_tokens", sa.Integer),
        *_needed(sa.Boolean(), "estimated"),
        sa.Column("cost_usd", sa.BigInteger),
        *_needed(WORD, "finish", "error_kind"),
        *_needed(sa.Text(), "error"),
        sa.Column("ended_at", sa.BigInteger),
        *_needed(sa.Text(), "text"),
        sa.PrimaryKeyConstraint("batch_id", "place", "n"),
    )
    op.create_index("batch_items_state", "batch_items", ["batch_id", "place", "state", "n"])
