"""The log as data: calls, messages, votes and quota as pandas DataFrames, as Parquet and as CSV; questions by DuckDB.

    open_log() -> DatabaseLog      the app's own SQLite or PostgreSQL, read and never written
    open_parquet(folder) -> DuckLog    what `to_parquet` wrote; `sql(question)` answers within a bound of memory

Both have the methods of `Log` and the columns of `columns.FRAMES`, which docs/log.md lists. Lines for operators are
something else: `core/logs.py`. The log is for who runs the server, whose files these are, and holds what everybody
asked; code that shows it to a person takes `log.of(owner_id)`, which reads nothing of others.
"""

from __future__ import annotations

from typing import Literal

from ..errors import Setup

Cause = Literal["missing", "unreachable", "locked", "older", "newer", "foreign", "damaged", "package"]


class LogUnavailable(Setup):
    """The log cannot be read. The message is one sentence on what to do; `cause` is the same as a word:

    missing (no database or folder there), unreachable, locked, older or newer (the schema, than this program), foreign
    (not Roundtable's), damaged, package (one is not installed).
    """

    def __init__(self, cause: Cause, message: str) -> None:
        super().__init__(message)
        self.cause: Cause = cause
