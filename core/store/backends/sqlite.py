"""SQLite: one file, WAL, one writer at a time. A damaged file is moved aside under another name, never deleted."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc
from sqlalchemy.pool import StaticPool

from .. import Notice, migrations
from ..rows import dumps
from .lock import locked

BUSY_MS = 5000
CHECKED_BYTES = 64_000_000  # a larger file is checked in full only after it has shown damage
COPIED_BYTES = 256_000_000
LOG_BYTES = 64_000_000  # the write-ahead log is cut to this size when all of it is in the file


def connect(path: Path | None, *, timeout_s: float = BUSY_MS / 1000, read_only: bool = False) -> Engine:
    """An engine on the file, or on memory for None. Nothing is opened until it is used."""
    arguments: dict[str, Any] = {"timeout": timeout_s, "check_same_thread": False, "isolation_level": None}
    if path is None:
        engine = create_engine(
            "sqlite://",
            connect_args=arguments,
            poolclass=StaticPool,
            json_serializer=dumps,
            pool_reset_on_return=None,
            hide_parameters=True,
        )
    else:
        mode = _reading_mode(path) if read_only else "mode=rw"  # never create the file: a removed one would come back
        uri = f"{path.absolute().as_uri()}?{mode}"
        engine = create_engine(
            URL.create("sqlite", database=str(path)),
            creator=lambda: sqlite3.connect(uri, uri=True, **arguments),
            json_serializer=dumps,
            pool_size=5,
            max_overflow=60,
            hide_parameters=True,
        )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _reading_mode(path: Path) -> str:
    """A reader makes the files of a write-ahead log, too; where it may not, there must be none that matters."""
    log = path.with_name(path.name + "-wal")
    settled = not log.exists() or log.stat().st_size == 0
    return "mode=ro&immutable=1" if settled and not os.access(path.parent, os.W_OK) else "mode=ro"


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA temp_store=MEMORY")
    connection.execute("PRAGMA cache_size=-16000")
    connection.execute("PRAGMA secure_delete=ON")  # what is deleted is overwritten with zeros
    connection.execute(f"PRAGMA journal_size_limit={LOG_BYTES}")


def _begin(connection: Connection) -> None:
    """A writer takes the lock before it reads: a read that turns into a write fails at once, without waiting."""
    options = connection.get_execution_options()
    if "durable" not in options:
        connection.exec_driver_sql("BEGIN")
        return
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA synchronous=FULL" if options["durable"] else "PRAGMA synchronous=NORMAL")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def open_file(path: Path, now: Callable[[], datetime], notices: list[Notice]) -> Engine | None:
    """An engine on a sound file, or None when nothing can be written there. A damaged file is moved aside first."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked(path.with_name(path.name + ".lock")):
            if path.exists() and not is_sound(path):
                notices.append(move_aside(path, now()))
            engine = connect(path)
            if path.exists():
                with engine.connect() as connection:
                    migrations.check(connection)
            use_wal(path)
            return engine
    except (OSError, sqlite3.OperationalError, exc.OperationalError) as error:
        cause = getattr(error, "orig", error)
        busy = (getattr(cause, "sqlite_errorname", "") or "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
        return connect(path) if busy else None


def place(path: Path) -> tuple[int, int] | None:
    """Which file is there now, None when there is none."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


def use_wal(path: Path) -> None:
    """Turn on write-ahead logging, which the file remembers; this also shows whether we may write at all."""
    with closing(sqlite3.connect(path, timeout=BUSY_MS / 1000, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("CREATE TABLE roundtable_probe (n)")
        connection.execute("ROLLBACK")


def settle_log(engine: Engine, *, empty: bool) -> None:
    """Move the write-ahead log into the file, and `empty` it if nobody is reading it. Never waits."""
    raw = engine.raw_connection()
    try:
        driver: Any = raw.driver_connection
        driver.execute("PRAGMA busy_timeout=0")
        driver.execute(f"PRAGMA wal_checkpoint({'TRUNCATE' if empty else 'PASSIVE'})").fetchall()
    except sqlite3.OperationalError:  # somebody writes: the next time
        pass
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        raw.close()


def is_sound(path: Path) -> bool:
    """False for a file that is not a database, a damaged one, and an empty one (which SQLite opens silently)."""
    if path.stat().st_size == 0:
        return False
    full = path.stat().st_size <= CHECKED_BYTES or suspect(path).exists()
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_MS / 1000)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            return not full or connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
    except sqlite3.DatabaseError as error:
        return not (error.sqlite_errorname or "").startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def suspect(path: Path) -> Path:
    """The mark beside a file that showed damage while in use."""
    return path.with_name(path.name + ".suspect")


def move_aside(path: Path, now: datetime) -> Notice:
    """Rename the database and its side files, with the time in the new name."""
    target = path.with_name(f"{path.stem}.damaged-{now:%Y%m%dT%H%M%S}{path.suffix}")
    number = 1
    while target.exists():
        number += 1
        target = path.with_name(f"{path.stem}.damaged-{now:%Y%m%dT%H%M%S}-{number}{path.suffix}")
    for end in ("-wal", "-shm"):
        beside = path.with_name(path.name + end)
        if beside.exists():
            os.replace(beside, target.with_name(target.name + end))
    os.replace(path, target)
    suspect(path).unlink(missing_ok=True)
    return Notice(
        "moved_aside",
        f"The database {path.name} was damaged. It was kept as {target.name}, and a new one was started.",
        str(target),
    )


def copy_into(engine: Engine, path: Path) -> bool:
    """Fill a memory engine from a read-only file, so that it can at least be read."""
    try:
        if not 0 < path.stat().st_size <= COPIED_BYTES:
            return False
    except OSError:
        return False
    for mode in (
        "mode=ro",
        "mode=ro&immutable=1",
    ):  # a write-ahead log needs a writable folder, unless there is no writer
        try:
            with (
                closing(sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True)) as source,
                engine.connect() as target,
            ):
                driver: Any = target.connection.dbapi_connection
                source.backup(driver)
            return True
        except sqlite3.DatabaseError:
            continue
    return False
