"""The form of a batch's answers: whether each fits, and which of its fields are as expected."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0041"
down_revision = "0040"

FORMED = ("batch_id", "place", "form", "repaired", "marks", "n")


def upgrade() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("batches", sa.Column("fields", json))
    op.add_column("batches", sa.Column("mends", sa.Boolean()))
    op.add_column("batch_rows", sa.Column("expected_fields", json))
    for name, kind in {
        "form": sa.String(24), "form_problem": sa.Text(), "marks": sa.String(200), "repaired": sa.String(60),
    }.items():  # fmt: skip
        op.add_column("batch_items", sa.Column(name, kind))
    has_form = sa.text("form IS NOT NULL")
    op.create_index("batch_items_form", "batch_items", FORMED, sqlite_where=has_form, postgresql_where=has_form)


def downgrade() -> None:
    """The answers stay; what was found out about their form is lost, and expected values of fields are."""
    op.drop_index("batch_items_form", "batch_items")
    for name in ("form", "form_problem", "marks", "repaired"):
        op.drop_column("batch_items", name)
    op.drop_column("batch_rows", "expected_fields")
    op.drop_column("batches", "mends")
    op.drop_column("batches", "fields")
