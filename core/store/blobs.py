"""The bytes of pictures, documents and sounds: kept once a person, under their SHA-256."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256

from sqlalchemy import BigInteger, Column, LargeBinary, PrimaryKeyConstraint, String, Table, Text, func, select

from .database import Database
from .tables import NAME, Instant, insert_new, metadata

blobs = Table(
    "blobs",
    metadata,
    Column("owner_id", NAME, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("data", LargeBinary),  # NULL: kept outside the database
    Column("created_at", Instant, nullable=False),
    PrimaryKeyConstraint("owner_id", "sha256"),
)


def put(database: Database, owner_id: str, data: bytes, media_type: str) -> str:
    """Keep these bytes; returns their hash. What is kept already stays as it is."""
    name = sha256(data).hexdigest()
    row = {"owner_id": owner_id, "sha256": name, "media_type": media_type, "size_bytes": len(data), "data": data}
    with database.write() as connection:
        insert_new(connection, blobs, [{**row, "created_at": database.now()}])
    return name


def usage(database: Database, owner_id: str, data: bytes) -> tuple[int, bool]:
    """The size of all that is kept for this owner, in bytes, and whether these bytes are among it."""
    own = blobs.c.owner_id == owner_id
    query = select(func.coalesce(func.sum(blobs.c.size_bytes), 0)).where(own)
    same = select(blobs.c.sha256).where(own, blobs.c.sha256 == sha256(data).hexdigest())
    with database.read() as connection:
        return int(connection.execute(query).scalar_one()), connection.execute(same).first() is not None


def read(database: Database, owner_id: str, name: str) -> tuple[bytes, str] | None:
    """The bytes with this hash and their media type; None where this owner has none."""
    query = select(blobs.c.data, blobs.c.media_type).where(blobs.c.owner_id == owner_id, blobs.c.sha256 == name)
    with database.read() as connection:
        row = connection.execute(query).first()
    return (row.data, row.media_type) if row and row.data is not None else None


def load(database: Database, owner_id: str, names: Iterable[str]) -> Mapping[str, bytes]:
    """The bytes by hash; those that are not kept are missing."""
    query = select(blobs.c.sha256, blobs.c.data).where(
        blobs.c.owner_id == owner_id, blobs.c.sha256.in_(sorted(set(names))), blobs.c.data.is_not(None)
    )
    with database.read() as connection:
        return {row.sha256: row.data for row in connection.execute(query)}
