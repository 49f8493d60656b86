"""Latency: what an honest time needs to know of its call, and the histograms that pages read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

NAME = sa.String(200)
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _calls()
    op.create_table(
        "latency_series",
        sa.Column("id", SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("owner_id", NAME, nullable=False),
        sa.Column("provider_id", NAME, nullable=False),
        sa.Column("model_id", sa.Text, nullable=False),
        sa.Column("marks", sa.Integer, nullable=False),
        sa.UniqueConstraint("owner_id", "provider_id", "model_id", "marks", name="latency_series_name"),
    )
    _counts("latency_counts", "metric", "span", "slot", "bucket")
    op.create_table(
        "latency_outcomes",
        sa.Column("series_id", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("span", "slot")),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("n", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("series_id", "span", "slot", "outcome"),
        sqlite_with_rowid=False,
    )


def _calls() -> None:
    """Old rows keep None in all of them: it was not noted, and no histogram counts them."""
    for name in ("first_answer_ms", "last_ms", "waited_ms"):
        op.add_column("calls", sa.Column(name, sa.Float))
    op.add_column("calls", sa.Column("reasoning_tokens", sa.BigInteger))
    op.add_column("calls", sa.Column("chunks", sa.Integer))
    for name in ("streamed", "failed_over", "cold", "simulated", "probe"):
        op.add_column("calls", sa.Column(name, sa.Boolean))
    op.add_column("calls", sa.Column("series_id", sa.BigInteger))
    op.create_index("calls_series", "calls", ["series_id", "at"])


def _counts(table: str, *names: str) -> None:
    op.create_table(
        table,
        sa.Column("series_id", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in names),
        sa.Column("n", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("series_id", *names),
        sqlite_with_rowid=False,
    )
