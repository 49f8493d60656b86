"""An index that holds all a batch's sums need, so that they are made without reading its answers."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"

COLUMNS = (
    "batch_id", "place", "state", "total_ms", "passed", "again", "input_tokens", "output_tokens", "estimated",
    "cost_usd", "ended_at", "n",
)  # fmt: skip


def upgrade() -> None:
    op.create_index("batch_items_sums", "batch_items", COLUMNS)
