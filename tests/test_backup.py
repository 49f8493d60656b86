"""Backup and restore of both databases by one script, while the app writes; and a migration that fails."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from core.store import blobs, conversations, migrations, running, turns
from core.store.backends.postgresql import address
from core.store.blob_places import FolderPlace
from core.store.database import Database
from core.store.opening import FILE, open_database
from scripts.database_backup import __main__ as script
from scripts.database_backup import postgresql as by_dump
from tests.store import postgres
from tests.store.conftest import OWNER, answer

pytestmark = pytest.mark.migrates
PASSWORD = "not-in-any-message"
Backup = Callable[..., str]


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    with postgres.running() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str | None]:
    """The URL of a database that is empty, another one at every call; None: the SQLite file of a new folder."""
    if request.param == "sqlite":
        return lambda: None
    server: postgres.Server = request.getfixturevalue("server")
    programs = str(server.programs)  # of the same version as the server, which this computer's need not be
    monkeypatch.setenv("PATH", programs + os.pathsep + os.environ["PATH"])
    return server.empty


@pytest.fixture
def backup(monkeypatch: pytest.MonkeyPatch) -> Backup:
    """`scripts/backup ACT FILE` for the database at this URL or in this folder; its last sentence."""

    def run(act: str, file: Path, url: str | None, folder: Path) -> str:
        monkeypatch.delenv("DATABASE_URL", raising=False)
        monkeypatch.setenv("ROUNDTABLE_DATA_FOLDER", str(folder))
        if url:
            monkeypatch.setenv("DATABASE_URL", url)
        try:
            return script.main([act, str(file)])
        except SystemExit as error:
            return str(error.code)

    return run


def ask(database: Database, number: int) -> None:
    turns.begin(
        database, OWNER, turns.NewTurn(f"r{number}", f"Question {number} 🎉 " + "x" * 2000), owner_process="host/1/a"
    )
    turns.finish(database, OWNER, f"r{number}", answer(f"Answer {number}"))


def titles(database: Database) -> set[str]:
    """Which questions are in it, by their beginning."""
    entries = conversations.recent(database, OWNER, limit=1000).entries
    return {" ".join(entry.title.split()[:2]) for entry in entries}


def test_saved_while_it_is_written_to_and_restored_into_an_empty_one(
    new_url: Callable[[], str | None], backup: Backup, tmp_path: Path
) -> None:
    url, file = new_url(), tmp_path / "roundtable.backup"
    database = open_database(url, tmp_path / "data")
    for number in range(20):
        ask(database, number)
    stop, written = threading.Event(), threading.Event()

    def write() -> None:
        number = 20
        while not stop.is_set():
            ask(database, number)
            number += 1
            written.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert written.wait(30)
    says = backup("save", file, url, tmp_path / "data")
    stop.set()
    writer.join()
    assert says.startswith("Saved "), says
    assert file.stat().st_mode & 0o077 == 0
    after = titles(database)
    database.close()
    assert "is whole" in backup("check", file, url, tmp_path / "data")

    other = new_url()
    says = backup("restore", file, other, tmp_path / "other")
    assert says.startswith("Restored "), says
    restored = open_database(other, tmp_path / "other")
    assert restored.health().state == "ok"
    assert {f"Question {number}" for number in range(20)} <= titles(restored) <= after
    assert running.read(restored, OWNER, "r7").text == "Answer 7"
    ask(restored, 5000)  # triggers and sequences came along
    assert "Question 5000" in titles(restored)
    restored.close()


def test_nothing_that_exists_is_overwritten(new_url: Callable[[], str | None], backup: Backup, tmp_path: Path) -> None:
    url, file = new_url(), tmp_path / "roundtable.backup"
    database = open_database(url, tmp_path / "data")
    ask(database, 1)
    assert backup("save", file, url, tmp_path / "data").startswith("Saved ")
    before = file.read_bytes()
    assert "was not overwritten" in backup("save", file, url, tmp_path / "data")
    assert file.read_bytes() == before
    ask(database, 2)
    says = backup("restore", file, url, tmp_path / "data")
    assert "was not overwritten" in says or "was not touched" in says
    assert titles(database) == {"Question 1", "Question 2"}
    database.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "roundtable.backup"]


def test_what_is_no_backup_is_refused(new_url: Callable[[], str | None], backup: Backup, tmp_path: Path) -> None:
    url, file = new_url(), tmp_path / "roundtable.backup"
    assert "There is no backup" in backup("restore", file, url, tmp_path / "data")
    file.write_bytes(b"something else " * 1000)
    says = backup("restore", file, url, tmp_path / "data")
    assert "not a backup" in says or "failed" in says
    database = open_database(url, tmp_path / "data")
    assert titles(database) == set()
    database.close()


def test_a_damaged_backup_is_found(backup: Backup, tmp_path: Path) -> None:
    file = tmp_path / "roundtable.backup"
    database = open_database(None, tmp_path / "data")
    for number in range(50):
        ask(database, number)
    database.close()
    backup("save", file, None, tmp_path / "data")
    damaged = bytearray(file.read_bytes())
    damaged[len(damaged) // 2 : len(damaged) // 2 + 20_000] = bytes(20_000)
    file.write_bytes(damaged)
    assert "damaged" in backup("check", file, None, tmp_path / "data")
    assert "damaged" in backup("restore", file, None, tmp_path / "other")
    assert not (tmp_path / "other" / FILE).exists()


def test_a_backup_of_a_newer_version_is_refused(backup: Backup, tmp_path: Path) -> None:
    open_database(None, tmp_path / "data").close()
    with sqlite3.connect(tmp_path / "data" / FILE) as connection:
        connection.execute("UPDATE roundtable_version SET version_num = '9001'")
    assert "newer Roundtable" in backup("save", tmp_path / "file", None, tmp_path / "data")


def test_an_older_backup_is_restored_and_then_brought_up_to_date(
    backup: Backup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(migrations, "HEAD", "0020")
        to_revision(before, "0020")
        open_database(None, tmp_path / "data").close()
    assert "schema 0020" in backup("save", tmp_path / "file", None, tmp_path / "data")
    assert "schema 0020" in backup("restore", tmp_path / "file", None, tmp_path / "other")
    database = open_database(None, tmp_path / "other")
    ask(database, 1)
    assert revision_of(database) == migrations.HEAD
    database.close()


def test_a_password_is_in_no_message_and_no_command(
    backup: Backup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[list[str]] = []

    def run(command: list[str], **options: object) -> SimpleNamespace:
        calls.append(command)
        return SimpleNamespace(returncode=1, stderr="pg_restore: error: no", stdout="")

    monkeypatch.setattr(subprocess, "run", run)
    (tmp_path / "file").write_bytes(b"x")
    url = f"postgresql://me:{PASSWORD}@127.0.0.1:9/none"
    says = backup("restore", tmp_path / "file", url, tmp_path / "data")
    assert "pg_restore failed" in says
    assert calls
    assert PASSWORD not in f"{says} {calls}"
    assert by_dump._login(address(url))["PGPASSWORD"] == PASSWORD


def to_revision(monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    from alembic import command

    upgrade = command.upgrade
    monkeypatch.setattr(command, "upgrade", lambda config, _: upgrade(config, target))


def revision_of(database: Database) -> str:
    with database.read() as connection:
        return str(connection.execute(text("SELECT version_num FROM roundtable_version")).scalar_one())


BROKEN = '''"""A revision that does something and then fails."""

import sqlalchemy as sa
from alembic import op

revision = "9000"
down_revision = "{head}"


def upgrade() -> None:
    op.create_table("half_done", sa.Column("n", sa.Integer))
    op.add_column("calls", sa.Column("half_done", sa.Integer))
    op.execute("DELETE FROM messages")
    op.execute("SELECT * FROM a_table_that_is_not_there")
'''


def test_a_migration_that_fails_leaves_the_old_state(
    new_url: Callable[[], str | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, head = new_url(), migrations.HEAD
    database = open_database(url, tmp_path / "data")
    ask(database, 1)
    database.close()
    folder = tmp_path / "migrations"
    shutil.copytree(Path(migrations.__file__).parent, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9000_broken.py").write_text(BROKEN.format(head=head))
    with monkeypatch.context() as newer:
        newer.setattr(migrations, "HEAD", "9000")
        newer.setattr(migrations, "__file__", str(folder / "__init__.py"))
        with pytest.raises(Exception, match="a_table_that_is_not_there"):
            open_database(url, tmp_path / "data")
    database = open_database(url, tmp_path / "data")
    assert revision_of(database) == head
    assert titles(database) == {"Question 1"}
    assert running.read(database, OWNER, "r1").text == "Answer 1"
    with database.read() as connection:
        assert not connection.dialect.has_table(connection, "half_done")
        columns = {column["name"] for column in connection.dialect.get_columns(connection, "calls")}
    assert "half_done" not in columns
    ask(database, 2)
    database.close()


def keep_files(database: Database, place: Path) -> list[str]:
    """Three files in a folder outside the database, one of them of another person."""
    database.blob_place = FolderPlace(place)
    owned = ((OWNER, b"\x89PNG-1"), (OWNER, b"\x89PNG-2"), ("ben", b"\x89PNG-1"))
    return [blobs.put(database, owner_id, data, "image/png") for owner_id, data in owned]


def test_files_outside_the_database_are_saved_with_it_and_put_back(
    new_url: Callable[[], str | None], backup: Backup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, file, place = new_url(), tmp_path / "a.backup", tmp_path / "place"
    monkeypatch.setenv("ROUNDTABLE_FILES_PLACE", str(place))
    database = open_database(url, tmp_path / "data")
    first, second, _ = keep_files(database, place)
    database.close()
    assert "Saved 3 files" in backup("save", file, url, tmp_path / "data")
    packed = tmp_path / "a.backup.files.zip"
    assert packed.stat().st_mode & 0o077 == 0
    assert "3 files are whole." in backup("check", file, url, tmp_path / "data")
    assert "was not overwritten" in backup("save", tmp_path / "a.backup", url, tmp_path / "data")

    other, new_place = new_url(), tmp_path / "new place"
    monkeypatch.setenv("ROUNDTABLE_FILES_PLACE", "")
    assert "set ROUNDTABLE_FILES_PLACE" in backup("restore", file, other, tmp_path / "other")
    monkeypatch.setenv("ROUNDTABLE_FILES_PLACE", str(new_place))
    assert "3 of 3 files are in their place, 3 from the backup." in backup("restore", file, other, tmp_path / "other")
    restored = open_database(other, tmp_path / "other")
    restored.blob_place = FolderPlace(new_place)
    assert blobs.load(restored, OWNER, [first, second]) == {first: b"\x89PNG-1", second: b"\x89PNG-2"}
    restored.close()

    next(new_place.rglob(second)).unlink()
    assert "3 of 3 files are in their place, 1 from the backup." in backup("files", file, other, tmp_path / "other")
    next(new_place.rglob(second)).unlink()
    packed.unlink()
    says = backup("files", file, other, tmp_path / "other")
    assert "2 of 3 files are in their place, 0 from the backup; 1 is lacking: " in says
    assert second in says


def test_a_damaged_file_of_a_backup_is_found_and_never_put_back(
    backup: Backup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, place = tmp_path / "a.backup", tmp_path / "place"
    monkeypatch.setenv("ROUNDTABLE_FILES_PLACE", str(place))
    database = open_database(None, tmp_path / "data")
    keep_files(database, place)
    database.close()
    backup("save", file, None, tmp_path / "data")
    packed = tmp_path / "a.backup.files.zip"
    packed.write_bytes(packed.read_bytes().replace(b"PNG-2", b"PNG-X"))
    assert "is damaged" in backup("check", file, None, tmp_path / "data")
    monkeypatch.setenv("ROUNDTABLE_FILES_PLACE", str(tmp_path / "new"))
    assert "2 of 3 files are in their place" in backup("restore", file, None, tmp_path / "other")
    with zipfile.ZipFile(packed, "w"):
        pass
    assert "3 are not among them" in backup("check", file, None, tmp_path / "data")
    packed.write_text("no zip")
    assert "is damaged, or no ZIP" in backup("check", file, None, tmp_path / "data")
