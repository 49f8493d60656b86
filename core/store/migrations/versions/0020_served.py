"""Who answered a call or a row of a batch: NULL where it was not told, or not noted yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    for table in ("calls", "batch_items"):
        for name in ("served_model_id", "response_model", "served_by", "system_fingerprint"):
            op.add_column(table, sa.Column(name, sa.Text))
