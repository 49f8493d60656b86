"""Bytes kept once a person: where they are, what becomes of them, and what is said when they cannot be read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from core.store import StoreError, blob_cleanup, blobs, erasure, owners, settings, turns
from core.store.blob_places import AWAY, NO_PLACE, BlobPlace, FolderPlace, S3Place, place_of
from core.store.database import Database
from core.views.conversation import File
from tests.store.conftest import OWNER

DATA, MORE = b"\x89PNG-1", b"\x89PNG-2"
DAY = timedelta(days=1)


def keep(database: Database, data: bytes = DATA, owner_id: str = OWNER) -> str:
    return blobs.put(database, owner_id, data, "image/png")


def number(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(blobs.blobs)).scalar_one())


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def file_of(name: str) -> File:
    return File("cat.png", media_type="image/png", sha256=name, size_bytes=len(DATA))


def ask(database: Database, request_id: str, name: str, owner_id: str = OWNER) -> turns.Begun:
    return turns.begin(database, owner_id, turns.NewTurn(request_id, "Look", files=[file_of(name)]), owner_process="p")


@pytest.fixture(scope="module")
def s3() -> Iterator[Callable[[str], BlobPlace]]:
    """A place in a bucket of an S3 on loopback."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    keys = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "us-east-1"}
    address = f"http://{host}:{port}"
    session = boto3.Session("k", "s", region_name="us-east-1")
    session.client("s3", endpoint_url=address).create_bucket(Bucket="files")

    def made(option: str) -> BlobPlace:
        place = place_of(option, address, keys)
        assert place is not None
        return place

    yield made
    server.stop()


def test_unused_bytes_go_after_a_day_and_used_ones_stay(database: Database) -> None:
    used, waiting, draft = keep(database), keep(database, MORE), keep(database, b"draft")
    ask(database, "r1", used)
    settings.put(database, OWNER, "next:c", {"prompt": "x", "files": [{"sha256": waiting}]})
    elsewhere = keep(database, DATA, "ben")  # the same bytes, which only the other one's message refers to
    assert blob_cleanup.drop_unused(database, database.now() - DAY) == 0
    assert blob_cleanup.drop_unused(database, database.now() + DAY, sleep=lambda _: None) == 2
    assert set(blobs.load(database, OWNER, [used, waiting, draft])) == {used, waiting}
    assert not blobs.load(database, "ben", [elsewhere])


def test_what_is_attached_again_is_kept_for_a_day_more(database: Database) -> None:
    keep(database)
    first = database.now()
    keep(database)
    assert blob_cleanup.drop_unused(database, first) == 0
    assert number(database) == 1


def test_an_erased_person_leaves_no_bytes_and_others_keep_theirs(database: Database, folder: Path) -> None:
    keep(database, b"in the database")
    database.blob_place = FolderPlace(folder / "files")
    keep(database)
    keep(database, DATA, "ben")
    assert len(files_in(folder)) == 2
    erasure.begin(database, OWNER)
    erasure.go_on(database, keep_calls=False, longest_answer_s=0, sleep=lambda _: None)
    assert (number(database), len(files_in(folder))) == (1, 1)
    assert len(blobs.load(database, "ben", [keep(database, DATA, "ben")])) == 1


def test_an_export_of_all_rows_has_no_bytes(database: Database) -> None:
    name = keep(database)
    with database.read() as connection:
        (line,) = owners.lines(connection, OWNER, blobs.blobs)
    assert json.loads(line)["sha256"] == name
    assert "data" not in json.loads(line)


def test_a_damaged_blob_is_never_handed_out(database: Database, folder: Path) -> None:
    name = keep(database)
    with database.write() as connection:
        connection.execute(update(blobs.blobs).where(blobs.c.owner_id == OWNER).values(data=b"other"))
    with pytest.raises(blobs.Damaged, match="is damaged"):
        blobs.load(database, OWNER, [name])
    database.blob_place = FolderPlace(folder / "files")
    outside = keep(database, MORE)
    files_in(folder)[0].write_bytes(b"cut")
    with pytest.raises(blobs.Damaged):
        blobs.load(database, OWNER, [outside])


def test_a_folder_keeps_what_the_database_names(database: Database, folder: Path) -> None:
    inside = keep(database)
    database.blob_place = FolderPlace(folder / "files")
    outside = keep(database, MORE)
    assert keep(database, MORE) == outside
    assert blobs.load(database, OWNER, [inside, outside]) == {inside: DATA, outside: MORE}
    assert [path.name for path in files_in(folder)] == [outside]
    database.blob_place = None
    with pytest.raises(StoreError, match=NO_PLACE):
        blobs.load(database, OWNER, [outside])
    keep(database, MORE)  # attached again: now it is in the database
    assert blobs.load(database, OWNER, [outside]) == {outside: MORE}


def test_a_folder_that_is_not_mounted_is_no_missing_file(database: Database, folder: Path) -> None:
    database.blob_place = FolderPlace(folder / "files")
    name = keep(database)
    (folder / "files").rename(folder / "elsewhere")
    with pytest.raises(StoreError, match=AWAY):
        blobs.load(database, OWNER, [name])
    with pytest.raises(StoreError, match=AWAY):
        blob_cleanup.drop_unused(database, database.now() + DAY)
    assert number(database) == 1


def test_bytes_that_cannot_be_written_are_not_kept(database: Database, folder: Path) -> None:
    (folder / "files").write_text("a file where the folder should be")
    database.blob_place = FolderPlace(folder / "files")
    with pytest.raises(StoreError, match="cannot be written"):
        keep(database)
    database.blob_place = FolderPlace(folder / "others")
    name = keep(database)  # the row is there already, the bytes are not
    assert blobs.load(database, OWNER, [name]) == {name: DATA}


def test_an_s3_compatible_store(tmp_path: Path, s3: Callable[[str], BlobPlace], database: Database) -> None:
    database.blob_place = s3(f"s3://files/{database.kind}")
    name = keep(database)
    assert blobs.load(database, OWNER, [name]) == {name: DATA}
    assert database.blob_place.has(OWNER, name)
    assert database.blob_place.get("ben", name) is None
    assert blob_cleanup.drop_unused(database, database.now() + DAY, sleep=lambda _: None) == 1
    assert not database.blob_place.has(OWNER, name)
    database.blob_place = s3("s3://no-such-bucket")
    with pytest.raises(StoreError, match=AWAY):
        keep(database)


def test_a_client_that_fails_in_our_own_code_is_not_called_away() -> None:
    def broken() -> None:
        raise KeyError("ours")

    with pytest.raises(KeyError):
        S3Place("b", "", broken).get(OWNER, "x")


def test_nothing_is_deleted_while_a_question_waits_to_be_saved(database: Database) -> None:
    keep(database)
    database.spool.add("begin", {"text": "x"})
    assert blob_cleanup.drop_unused(database, database.now() + DAY) == 0
    assert number(database) == 1


def test_bytes_are_copied_for_who_continues_a_shared_chat(database: Database) -> None:
    name = keep(database)
    blobs.copy(database, OWNER, [name, "0" * 64], "ben")
    assert blobs.load(database, "ben", [name]) == {name: DATA}
