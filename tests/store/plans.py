"""How the database goes about what it is asked, in its own words: durable where a measured time is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import event, text

from core.store.database import Database


def plans(database: Database, act: Callable[[], Any], *, without_seq_scan: bool = False) -> list[str]:
    """The plan of every statement that reads, in the order in which `act` gave them.

    PostgreSQL reads a table of a page or two from end to end whatever indexes it has; `without_seq_scan` shows which
    one it would take.
    """
    statements: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH", "DELETE", "UPDATE")):
            statements.append((statement, values))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN " if database.engine.dialect.name == "sqlite" else "EXPLAIN "
    plans_read = []
    with database.read() as connection:
        if without_seq_scan and database.engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        for statement, values in statements:
            rows = connection.exec_driver_sql(explain + statement, values)
            plans_read.append("\n".join(str(row[-1]) for row in rows))
    return plans_read
