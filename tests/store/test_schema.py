"""Migrations: what they make is what the tables say, they run once, and a newer schema is left alone."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from core import store
from core.store import NewerSchema, Refused
from core.store import database as databases
from core.store.columns import metadata
from core.store.database import Database
from core.store.migrations import HEAD
from core.store.opening import open_database

pytestmark = pytest.mark.migrates
# Full text lives beside the tables, and an index with an order is read back otherwise than it was written.
APART = ("message_words", "messages_terms", "roundtable_version", "conversations_listed")


def test_the_migrations_make_the_tables(database: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    for module in pkgutil.walk_packages(store.__path__, "core.store."):
        if ".migrations" not in module.name:
            import_module(module.name)  # each defines its tables in `metadata`

    def is_own(thing: Any, name: str | None, kind: str, *_: object) -> bool:
        return not (name or "").startswith(APART) and (kind, name) != ("column", "terms")

    with database.read() as connection:
        options = {"include_object": is_own, "compare_type": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []


def test_the_newest_revision_is_the_one_we_ask_for() -> None:
    folder = Path(databases.__file__).parent / "migrations" / "versions"
    assert max(path.name for path in folder.glob("*.py")).startswith(HEAD)


def test_several_processes_may_open_a_new_database_at_once(url: str | None, tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda _: open_database(url, tmp_path), range(4)))
    assert [database.health().state for database in opened] == ["ok"] * 4
    assert not any(database.notices for database in opened)
    for database in opened:
        database.close()


def test_a_newer_schema_is_refused_and_not_touched(database: Database, url: str | None, tmp_path: Path) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE roundtable_version SET version_num = '9001'"))
    database.close()
    file = tmp_path / "data" / "roundtable.db"
    before = file.read_bytes() if url is None else b""
    says = rf"newer Roundtable .schema 9001, this one knows {HEAD}.*Nothing was changed"
    with pytest.raises(NewerSchema, match=says):
        open_database(url, tmp_path / "data")
    assert (file.read_bytes() if url is None else b"") == before


def test_a_schema_of_somebody_else_is_refused(database: Database, url: str | None, tmp_path: Path) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE roundtable_version SET version_num = 'ab12'"))
    database.close()
    with pytest.raises(Refused, match="not Roundtable's"):
        open_database(url, tmp_path / "data")


@pytest.mark.parametrize(
    "url", ["mysql://root:secret@x/y", "postgresql://u:secret@h:port/x", "secret", "http://secret"]
)
def test_an_address_that_is_none_is_refused_without_repeating_it(url: str, tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        open_database(url, tmp_path)
    assert "secret" not in str(caught.value)


def test_a_second_start_does_not_import_alembic(tmp_path: Path) -> None:
    open_database(None, tmp_path).close()
    code = (
        "import sys; from pathlib import Path; from core.store.opening import open_database;"
        f"open_database(None, Path({str(tmp_path)!r})); print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_importing_core_does_not_bring_sqlalchemy() -> None:
    code = "import sys, core, core.records, core.store; print('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
