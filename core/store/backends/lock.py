"""One lock between the processes of a computer, on every system, released when its process ends."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def locked(path: Path, timeout_s: float = 30.0) -> Iterator[None]:
    """Hold the lock of that name: an empty SQLite database, because SQLite's file locks work on every platform."""
    with closing(sqlite3.connect(path, timeout=timeout_s, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
