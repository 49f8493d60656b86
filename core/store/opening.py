"""Opening the database, with what may wait in its spool.

database = open_database(None, Path("data"))   # SQLite in data/roundtable.db, or PostgreSQL by URL
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from . import Notice, Unavailable, blobs
from .backends import postgresql, sqlite
from .backends.spool import Spool, name_of
from .backends.waiting_files import WaitingFiles
from .database import LEASE_S, MEMORY, Database, Kind, utc_now
from .pending.operations import OPERATIONS
from .pending.overlay import Overlay

FILE = "roundtable.db"


def open_database(
    url: str | None, folder: Path, *, now: Callable[[], datetime] = utc_now, lease_s: float = LEASE_S
) -> Database:
    """Open the database at `url`, or the file in `folder`. Refused when it must not be used; else always a Database:

    a file that cannot be written gives a memory database, an unreachable server one that is "down" until it is back.
    """
    if url and not url.startswith("sqlite:"):
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
        spool = Spool(folder / "spool", name_of(str(postgresql.address(url).set(password=None))))
        database = _over(postgresql.connect(url), "postgresql", spool, now=now, lease_s=lease_s)
    else:
        path = (Path(url.removeprefix("sqlite:///")) if url else folder / FILE).absolute()
        spool = Spool(folder / "spool", name_of(str(path)))
        notices: list[Notice] = []
        engine = sqlite.open_file(path, now, notices)
        if engine is None:
            return _in_memory(path, spool, now=now, lease_s=lease_s, notices=tuple(notices))
        database = _over(engine, "sqlite", spool, notices=tuple(notices), now=now, lease_s=lease_s)
        database.path = path
    try:
        database.prepare()
        database.flush()
    except Unavailable:
        pass
    except BaseException:
        database.close()
        raise
    return database


def memory_database(
    sentence: str = MEMORY, *, now: Callable[[], datetime] = utc_now, lease_s: float = LEASE_S
) -> Database:
    """A database that ends with the process: for tests, and for an app whose database was refused."""
    notice = Notice("memory", sentence)
    database = _over(sqlite.connect(None), "memory", Spool(None), notices=(notice,), now=now, lease_s=lease_s)
    database.prepare()
    return database


def _in_memory(
    path: Path, spool: Spool, *, notices: tuple[Notice, ...], now: Callable[[], datetime], lease_s: float
) -> Database:
    engine = sqlite.connect(None)
    copied = sqlite.copy_into(engine, path)
    folder = path.parent.name
    notice = Notice(
        "memory",
        f"The folder {folder} cannot be written: you see what was saved before, and what you write now lasts until the "
        "app stops."
        if copied
        else f"The folder {folder} cannot be written: conversations last until the app stops.",
        str(path),
    )
    database = _over(engine, "memory", spool, notices=(*notices, notice), now=now, lease_s=lease_s)
    database.path = path
    database.prepare()
    database.show_waiting()
    return database


def _over(engine: Engine, kind: Kind, spool: Spool, **options: Any) -> Database:
    files = WaitingFiles(spool.path and spool.path.with_suffix(".files"))
    return Database(engine, kind, spool, OPERATIONS, Overlay, files, blobs.keep_waiting, **options)
