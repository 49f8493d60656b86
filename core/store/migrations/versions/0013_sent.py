"""Which attempts were sent, and which we refused ourselves before sending."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0010"

# Until now a refusal of ours is told by the code in the answer that it ended; the attempt is the answer's last one.
REFUSED = """
    UPDATE calls SET sent = false
    WHERE outcome <> 'ok' AND EXISTS (
        SELECT 1 FROM jobs JOIN messages ON messages.id = jobs.message_id
        WHERE jobs.owner_id = calls.owner_id AND jobs.request_id = calls.request_id
        AND messages.state = 'failed' AND {code} = 'not_sent'
    ) AND n = (
        SELECT max(others.n) FROM calls AS others
        WHERE others.owner_id = calls.owner_id AND others.request_id = calls.request_id
    )
"""
CODE = {
    "sqlite": "json_extract(messages.completion, '$.error.code')",
    "postgresql": "messages.completion #>> '{error,code}'",
}


def upgrade() -> None:
    op.add_column("calls", sa.Column("sent", sa.Boolean))
    op.create_index("calls_request", "calls", ["owner_id", "request_id"])
    op.execute(REFUSED.format(code=CODE[op.get_bind().dialect.name]))
    op.drop_index("calls_request", "calls")
    small, large = sa.text("sent IS 0"), sa.text("sent IS false")
    op.create_index("calls_unsent", "calls", ["owner_id", "at"], sqlite_where=small, postgresql_where=large)
    op.add_column("batch_items", sa.Column("origin", sa.String(10)))
