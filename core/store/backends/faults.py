"""A driver's error as a state of the store, by codes and never by English text."""

from __future__ import annotations

from sqlalchemy import exc

from .. import Health

FULL = Health("read-only", "full", "The disk is full: new messages are stored separately and saved when there is room.")
LOCKED = Health("read-only", "locked", "Another program is using the database: new messages are saved when it is free.")
READ_ONLY = Health("read-only", "read_only", "The database is read-only: new messages are stored separately.")
UNREACHABLE = Health(
    "down", "unreachable", "The database is unavailable: new messages are stored separately until it is back."
)
GONE = Health("read-only", "gone", "The data folder is gone: new messages are kept in memory only.")
BROKEN = Health("down", "broken", "The database file is damaged: it is moved aside, never deleted, at the next start.")

BY_SQLITE = {
    "SQLITE_FULL": FULL,
    "SQLITE_BUSY": LOCKED,
    "SQLITE_LOCKED": LOCKED,
    "SQLITE_READONLY": READ_ONLY,
    "SQLITE_CANTOPEN": UNREACHABLE,
    "SQLITE_IOERR": UNREACHABLE,
    "SQLITE_CORRUPT": BROKEN,
    "SQLITE_NOTADB": BROKEN,
}
BY_SQLSTATE = {"53100": FULL, "25006": READ_ONLY, "55P03": LOCKED, "40001": LOCKED, "40P01": LOCKED}


def diagnose(error: BaseException) -> Health | None:
    """The database failure behind this error, or None if it is a fault of the program."""
    if isinstance(error, exc.TimeoutError):
        return LOCKED
    if not isinstance(error, exc.DBAPIError):
        return None
    cause = error.orig
    sqlite = _sqlite(getattr(cause, "sqlite_errorname", None))
    if sqlite:
        return sqlite
    state = getattr(cause, "sqlstate", None)
    if state in BY_SQLSTATE:
        return BY_SQLSTATE[state]
    lost = isinstance(error, exc.InterfaceError | exc.OperationalError) or error.connection_invalidated
    is_postgresql = hasattr(cause, "sqlstate")
    return UNREACHABLE if lost and is_postgresql else None


def _sqlite(name: str | None) -> Health | None:
    """`SQLITE_IOERR_WRITE` and the like belong to their family; a schema fault (`SQLITE_ERROR`) is ours."""
    if not name:
        return None
    return next((health for family, health in BY_SQLITE.items() if name.startswith(family)), None)
