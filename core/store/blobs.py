"""The bytes of pictures, documents and sounds: kept once a person, under their SHA-256.

A row says what there is; its bytes are in it, or in the database's `blob_place` (a folder, or S3). The row is written
first and the bytes after it, so that whatever is in such a place has a row by which it is found and deleted. A blob
that nothing refers to is deleted after a day (`blob_cleanup`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    func,
    select,
    update,
)

from . import StoreError, Unavailable
from .backends.waiting_files import WaitingFile
from .blob_places import NO_PLACE, BlobPlace
from .columns import NAME, Instant, metadata
from .database import Database
from .rows import insert_new

DAMAGED = "A file is damaged: what is stored is not what was attached. Attach it again."

blobs = Table(
    "blobs",
    metadata,
    Column("owner_id", NAME, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("data", LargeBinary),  # NULL: kept outside the database
    Column("created_at", Instant, nullable=False),  # when it was attached last
    PrimaryKeyConstraint("owner_id", "sha256"),
)
c = blobs.c


class Damaged(StoreError):
    """The bytes do not have the hash under which they are stored."""


@dataclass(frozen=True, slots=True)
class BlobFacts:
    media_type: str
    size_bytes: int


def put(database: Database, owner_id: str, data: bytes, media_type: str) -> str:
    """Keep these bytes and return their hash; they are durable then. What is kept already is kept once, for a week more
    at least. While the database is unavailable they wait beside it (`waiting_files`). Raises StoreError where they
    cannot be kept now."""
    name = sha256(data).hexdigest()
    try:
        _put(database, owner_id, name, data, media_type)
    except Unavailable:
        database.waiting_files.put(owner_id, name, data, media_type)
        return name
    if database.kind == "memory" and database.path:  # of a file that cannot be written now
        database.waiting_files.put(owner_id, name, data, media_type)
    return name


def keep_waiting(database: Database, file: WaitingFile) -> None:
    """Store what waited. Raises StoreError, and then it waits on."""
    _put(database, file.owner_id, sha256(file.data).hexdigest(), file.data, file.media_type)


def _put(database: Database, owner_id: str, name: str, data: bytes, media_type: str) -> None:
    place = database.blob_place
    row = {"owner_id": owner_id, "sha256": name, "media_type": media_type, "size_bytes": len(data)}
    with database.write() as connection:
        is_new = _insert(connection, database, {**row, "data": None if place else data})
        outside = not is_new and connection.execute(select(c.data.is_(None)).where(*_this(owner_id, name))).scalar()
        if outside and not place:  # it was kept in a place that is not configured any more
            connection.execute(update(blobs).where(*_this(owner_id, name)).values(data=data))
    if place and (is_new or (outside and not place.has(owner_id, name))):
        place.put(owner_id, name, data)


def _insert(connection: Connection, database: Database, row: Mapping[str, object]) -> bool:
    """Insert the row, or note that the blob was attached again; whether it is new."""
    at = database.now()
    owner_id, name = str(row["owner_id"]), str(row["sha256"])
    while not insert_new(connection, blobs, [{**row, "created_at": at}]):
        again = update(blobs).where(*_this(owner_id, name)).values(created_at=at)
        if connection.execute(again).rowcount:  # else it was deleted in this moment
            return False
    return True


def usage(database: Database, owner_id: str, data: bytes) -> tuple[int, bool]:
    """The size of all that is kept for this owner, in bytes, and whether these bytes are among it; of what waits, while
    the database is unavailable."""
    own = c.owner_id == owner_id
    name = sha256(data).hexdigest()
    query = select(func.coalesce(func.sum(c.size_bytes), 0)).where(own)
    same = select(c.sha256).where(own, c.sha256 == name)
    try:
        with database.read() as connection:
            stored_bytes = int(connection.execute(query).scalar_one())
            has_it = connection.execute(same).first() is not None
    except Unavailable:
        stored_bytes, has_it = 0, False
    waiting = database.waiting_files
    return stored_bytes + waiting.size_of(owner_id), has_it or waiting.get(owner_id, name) is not None


def hashes(database: Database, owner_id: str) -> set[str]:
    """Of all that is kept for this owner."""
    with database.read() as connection:
        return set(connection.execute(select(c.sha256).where(c.owner_id == owner_id)).scalars())


def facts(database: Database, owner_id: str, name: str) -> BlobFacts | None:
    """What is kept under this hash, without its bytes; None where there is nothing of this owner."""
    if file := database.waiting_files.get(owner_id, name):
        return BlobFacts(file.media_type, len(file.data))
    with database.read() as connection:
        row = connection.execute(select(c.media_type, c.size_bytes).where(*_this(owner_id, name))).first()
    return BlobFacts(row.media_type, row.size_bytes) if row else None


def load(database: Database, owner_id: str, names: Iterable[str]) -> Mapping[str, bytes]:
    """The bytes by hash, of what waits too; those that are not kept are missing. Raises Damaged, and StoreError where
    they cannot be read now."""
    wanted = sorted(set(names))
    waiting = {name: file.data for name in wanted if (file := database.waiting_files.get(owner_id, name))}
    if len(waiting) == len(wanted):
        return waiting
    with database.read() as connection:
        stored = {
            name: data
            for name in wanted
            if name not in waiting and (data := read(connection, database.blob_place, owner_id, name))
        }
    return {**stored, **waiting}


def read(connection: Connection, place: BlobPlace | None, owner_id: str, name: str) -> bytes | None:
    """The bytes of one blob within a transaction, as `load`."""
    row = connection.execute(select(c.data).where(*_this(owner_id, name))).first()
    if row is None:
        return None
    data: bytes | None = row.data
    if data is None:
        if place is None:
            raise StoreError(NO_PLACE)
        data = place.get(owner_id, name)
    if data is not None and sha256(data).hexdigest() != name:
        raise Damaged(DAMAGED)
    return data


def copy(database: Database, owner_id: str, names: Iterable[str], to_owner_id: str) -> None:
    """Keep these for another owner too; what there is not, is left out."""
    for name in sorted(set(names)):
        blob = facts(database, owner_id, name)
        data = load(database, owner_id, [name]).get(name)
        if blob and data:
            put(database, to_owner_id, data, blob.media_type)


def remove_strays(database: Database, owner_id: str) -> None:
    """Delete what is in the place for files without a row: writing it was begun and never ended, or it ended after the
    row was deleted. Raises StoreError."""
    place = database.blob_place
    for name in place.names(owner_id) if place else ():
        with database.read() as connection:
            stored = connection.execute(select(c.sha256).where(*_this(owner_id, name))).first()
        if place and stored is None:  # a row is written before its bytes
            place.remove(owner_id, name)


def remove(connection: Connection, place: BlobPlace | None, owner_id: str, name: str) -> None:
    """Delete a blob inside the caller's transaction, the bytes first: where they cannot be deleted, the row stays for
    the next time."""
    outside = connection.execute(select(c.data.is_(None)).where(*_this(owner_id, name))).scalar()
    if outside and place:
        place.remove(owner_id, name)
    connection.execute(blobs.delete().where(*_this(owner_id, name)))


def _this(owner_id: str, name: str) -> tuple[ColumnElement[bool], ...]:
    return c.owner_id == owner_id, c.sha256 == name
