"""SQLite's online backup: one consistent moment, although the app goes on writing."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from core.store.migrations import HEAD, VERSION_TABLE
from scripts.database_backup.refusal import BackupRefused, is_new

PAGES = 1000  # copied between two looks at whether somebody waits
NAP_S = 0.01
PRIVATE = 0o600


def save(path: Path, file: Path) -> str:
    is_new(file)
    if not path.is_file():
        raise BackupRefused(f"There is no database at {path}.")
    with closing(_read_only(path)) as source:
        _revision(source, path)
        _copy(source, file)
    return f"Saved {path} to {file}: {_about(file)}."


def check(path: Path, file: Path) -> str:
    """Whether the backup is whole and can be restored by this version."""
    return f"{file} is whole: {_about(file)}."


def restore(path: Path, file: Path) -> str:
    """Into a file that does not exist yet. The app must not run meanwhile."""
    _about(file)
    for place in (path, path.with_name(path.name + "-wal")):
        is_new(place)
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(_read_only(file)) as source:
        _copy(source, path)
    return f"Restored {file} to {path}: {_about(path)}."


def _copy(source: sqlite3.Connection, target: Path) -> None:
    """Written beside and renamed at the end, so that a copy that broke off is never taken for a whole one."""
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_WRONLY, PRIVATE))
    try:
        with closing(sqlite3.connect(part)) as copy:
            source.backup(copy, pages=PAGES, sleep=NAP_S)
            copy.execute("PRAGMA journal_mode=DELETE")
        with part.open("rb") as written:
            os.fsync(written.fileno())
        os.link(part, target)  # fails where another process was quicker
    except FileExistsError:
        raise BackupRefused(f"{target} exists already and was not overwritten.") from None
    finally:
        part.unlink(missing_ok=True)


def _about(file: Path) -> str:
    """How much is in it. Raises where it is damaged, or from a newer version."""
    if not file.is_file():
        raise BackupRefused(f"There is no backup at {file}.")
    try:
        with closing(_read_only(file)) as connection:
            revision = _revision(connection, file)
            if connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
                raise BackupRefused(f"{file} is damaged.")
            (number,) = connection.execute("SELECT count(*) FROM conversations").fetchone()
    except sqlite3.DatabaseError:
        raise BackupRefused(f"{file} is damaged, or not a backup of SQLite.") from None
    return f"{number} conversations, schema {revision}, {file.stat().st_size:,} bytes"


def _revision(connection: sqlite3.Connection, path: Path) -> str:
    try:
        (revision,) = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()  # noqa: S608
    except (sqlite3.OperationalError, TypeError):
        raise BackupRefused(f"{path} is not a database of Roundtable.") from None
    if revision > HEAD:
        raise BackupRefused(f"{path} was written by a newer Roundtable (schema {revision}, this one knows {HEAD}).")
    return str(revision)


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
