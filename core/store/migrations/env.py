"""Alembic's entry: run the revisions on the connection, and in the transaction, that we were given.

Alembic runs this file by its path, outside any package: what it needs comes in the configuration's attributes.
"""

from __future__ import annotations

from alembic import context


def run() -> None:
    context.configure(
        connection=context.config.attributes["connection"],
        version_table=context.config.attributes["version_table"],
        render_as_batch=True,
        transactional_ddl=True,
    )
    context.run_migrations()


if hasattr(context, "config"):  # only while Alembic runs this file; an import does nothing
    run()
