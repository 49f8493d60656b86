"""Files while the database is unavailable: held, read, and stored once when it is back."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core.store import Unavailable, availability, blobs, erasure, turns
from core.store.backends import waiting_files
from core.store.backends.faults import UNREACHABLE
from core.store.backends.spool import SpoolFull
from core.store.backends.waiting_files import WaitingFiles
from core.store.blob_places import FolderPlace
from core.store.database import Database
from core.store.opening import open_database
from tests.store.conftest import OWNER
from tests.store.test_blobs import file_of

DATA, MORE = b"\x89PNG-1\nwith a line", b"\x89PNG-2"
NAME = sha256(DATA).hexdigest()


@contextmanager
def away(database: Database) -> Iterator[None]:
    """The database cannot be reached."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(availability, "HOLD_OFF_S", 0.0)

        def refuse() -> None:
            raise Unavailable(UNREACHABLE)

        patched.setattr(database.engine, "connect", refuse)
        yield


def put(database: Database, data: bytes = DATA, owner_id: str = OWNER) -> str:
    return blobs.put(database, owner_id, data, "image/png")


def number(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(blobs.blobs)).scalar_one())


def waiting_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.parent.suffix == ".files"]


def test_a_file_is_held_read_and_stored_once(database: Database, tmp_path: Path) -> None:
    with away(database):
        assert put(database) == put(database) == NAME
        assert blobs.load(database, OWNER, [NAME]) == {NAME: DATA}
        assert blobs.load(database, "ben", []) == {}
        facts = blobs.facts(database, OWNER, NAME)
        assert facts
        assert (facts.media_type, facts.size_bytes) == ("image/png", len(DATA))
        assert blobs.usage(database, OWNER, DATA) == (waiting_size(tmp_path), True)
        assert database.has_waiting(OWNER)
        assert not database.has_waiting("ben")
        with pytest.raises(Unavailable):
            blobs.load(database, "ben", [NAME])
    (path,) = waiting_in(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert NAME in path.name
    assert OWNER not in path.name
    assert database.flush()
    assert (number(database), waiting_in(tmp_path), database.has_waiting(OWNER)) == (1, [], False)
    assert blobs.load(database, OWNER, [NAME]) == {NAME: DATA}


def waiting_size(folder: Path) -> int:
    return sum(path.stat().st_size for path in waiting_in(folder))


def test_a_question_and_its_file_that_waited_are_there_after_a_restart(url: str | None, tmp_path: Path) -> None:
    first = open_database(url, tmp_path)
    with away(first):
        begun = turns.begin(first, OWNER, turns.NewTurn("r1", "Look", files=[file_of(put(first))]), owner_process="p")
        assert not begun.saved
    first.close()
    second = open_database(url, tmp_path)
    assert blobs.load(second, OWNER, [NAME]) == {NAME: DATA}
    assert (number(second), second.spool.empty, second.waiting_files.empty) == (1, True, True)
    second.close()


def test_what_was_stored_before_is_not_stored_twice(database: Database) -> None:
    put(database)
    with away(database):
        put(database)
    put(database)
    assert database.flush()
    assert number(database) == 1


def test_it_goes_to_the_place_for_files_when_that_is_back(database: Database, folder: Path, tmp_path: Path) -> None:
    place = folder / "files"
    database.blob_place = FolderPlace(place)
    with away(database):
        put(database)
    place.write_text("in the way")
    database.flush()
    assert len(waiting_in(tmp_path)) == 1
    assert blobs.load(database, OWNER, [NAME]) == {NAME: DATA}
    place.unlink()
    assert database.flush()
    assert waiting_in(tmp_path) == []
    assert [path.name for path in place.rglob("*") if path.is_file()] == [NAME]


def test_there_is_a_bound_on_disk_and_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_disk = WaitingFiles(tmp_path / "a.files", most_bytes=300)
    on_disk.put(OWNER, NAME, DATA, "image/png")
    with pytest.raises(SpoolFull):
        on_disk.put(OWNER, "b" * 64, b"x" * 300, "image/png")
    monkeypatch.setattr(waiting_files, "MOST_MEMORY_BYTES", 100)
    (tmp_path / "file").touch()
    in_memory = WaitingFiles(tmp_path / "file" / "a.files")
    in_memory.put(OWNER, NAME, DATA, "image/png")
    assert in_memory.get(OWNER, NAME)
    with pytest.raises(SpoolFull):
        in_memory.put(OWNER, "b" * 64, b"x" * 100, "image/png")


def test_a_torn_file_is_not_handed_out(tmp_path: Path) -> None:
    files = WaitingFiles(tmp_path / "a.files")
    files.put(OWNER, NAME, DATA, "image/png")
    (path,) = waiting_in(tmp_path)
    path.write_bytes(path.read_bytes()[:-3])
    assert files.get(OWNER, NAME) is None
    files.drain(lambda file: pytest.fail("it was stored"))
    assert files.empty
    assert [each.suffix for each in waiting_in(tmp_path)] == [".damaged"]
    files.forget(OWNER)
    assert waiting_in(tmp_path) == []


def test_a_file_of_an_unwritable_folder_moves_to_the_database(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.write_text("no folder")
    database = open_database(None, data)
    assert database.kind == "memory"
    put(database)
    assert blobs.load(database, OWNER, [NAME]) == {NAME: DATA}
    data.unlink()
    data.mkdir()
    database.availability.hold_off(0.0)
    assert database.flush()
    assert (database.kind, number(database)) == ("sqlite", 1)
    database.close()


def test_an_erased_person_leaves_no_file_that_waits(database: Database, folder: Path, tmp_path: Path) -> None:
    database.blob_place = FolderPlace(folder / "files")
    with away(database):
        put(database)
        put(database, MORE, "ben")
    (folder / "files").write_text("in the way")  # so that they wait on
    erasure.begin(database, OWNER)
    (path,) = waiting_in(tmp_path)
    assert sha256(MORE).hexdigest() in path.name
