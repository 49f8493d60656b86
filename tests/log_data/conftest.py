"""A log with something of everything in it, on SQLite; tests/store/test_log_rows.py reads both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core import open_log
from core.log_data.database import DatabaseLog
from core.store.database import Database
from core.store.opening import open_database
from tests.log_data import seeded


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(None, tmp_path / "data")
    yield database
    database.close()


@pytest.fixture
def log(database: Database, tmp_path: Path) -> Iterator[DatabaseLog]:
    seeded.fill(database)
    with open_log(tmp_path / "data" / "roundtable.db") as log:
        yield log
