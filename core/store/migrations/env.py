"""Alembic's entry: run the revisions on the connection, and in the transaction, that we were given."""

from __future__ import annotations

from alembic import context

from core.store.migrations import VERSION_TABLE
from core.store.tables import metadata


def run() -> None:
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        version_table=VERSION_TABLE,
        render_as_batch=True,
        transactional_ddl=True,
    )
    context.run_migrations()


if hasattr(context, "config"):  # only while Alembic runs this file; an import does nothing
    run()
