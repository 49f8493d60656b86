"""What an administrator's log of calls needs: settings, the question's hash, the id in the log, and quick filters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.add_column("calls", sa.Column("settings", JSON))
    op.add_column("calls", sa.Column("prompt_hash", sa.String(64)))
    op.add_column("calls", sa.Column("event_id", sa.String(20)))
    op.create_index("calls_at", "calls", ["at", "id"])
    audited = sa.text("id <> ''")
    for name, column in (("calls_outcome", "outcome"), ("calls_model", "model_id")):
        op.create_index(name, "calls", [column, "at", "id"], sqlite_where=audited, postgresql_where=audited)
