"""Line-ups: models that a person compares often, saved under a name."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from sqlalchemy import Column, Connection, Index, Table, Text, UniqueConstraint, delete, func, select, update

from ..views.line_ups import LineUp
from . import Changed, NotFound
from .columns import ID, NAME, Instant, Json, metadata
from .database import Database
from .rows import clean
from .words import fold

MOST = 100
LONGEST = 60

line_ups = Table(
    "line_ups",
    metadata,
    Column("id", ID, primary_key=True),
    Column("owner_id", NAME, nullable=False),
    Column("folded", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("model_ids", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("owner_id", "folded", name="line_ups_name"),
    Index("line_ups_owner", "owner_id", "created_at"),
)
c = line_ups.c


def all_of(database: Database, owner_id: str) -> list[LineUp]:
    """The owner's line-ups, by name."""
    query = select(c.id, c.name, c.model_ids).where(c.owner_id == owner_id).order_by(c.folded)
    with database.read() as connection:
        return [LineUp(row.id, row.name, tuple(row.model_ids)) for row in connection.execute(query)]


def save(database: Database, owner_id: str, name: str, model_ids: Sequence[str]) -> str:
    """Save these models under the name, in place of what had it; returns the id. ValueError without a name or a model,
    Changed beyond 100 line-ups."""
    line = named(name)
    if not line or not model_ids:
        raise ValueError("a line-up has a name and models")
    with database.write() as connection:
        saved = _of_name(connection, owner_id, line)
        if saved:
            _change(connection, owner_id, saved, name=line, model_ids=clean(list(model_ids)))
            return saved
        if connection.execute(select(func.count()).where(c.owner_id == owner_id)).scalar_one() >= MOST:
            raise Changed(f"There are {MOST} line-ups: delete one first.")
        row = {"id": str(uuid4()), "owner_id": owner_id, "folded": fold(line), "name": line}
        connection.execute(line_ups.insert(), row | {"model_ids": clean(list(model_ids)), "created_at": database.now()})
    return str(row["id"])


def rename(database: Database, owner_id: str, line_up_id: str, name: str) -> None:
    """Give it another name. Changed if another one has it, NotFound for another owner's."""
    line = named(name)
    if not line:
        raise ValueError("a line-up has a name")
    with database.write() as connection:
        if _of_name(connection, owner_id, line) not in (None, line_up_id):
            raise Changed("Another line-up has this name.")
        _change(connection, owner_id, line_up_id, name=line, folded=fold(line))


def swap(database: Database, owner_id: str, line_up_id: str, old: str, new: str) -> None:
    """Put a model in another one's place. NotFound for another owner's line-up."""
    these = (c.owner_id == owner_id, c.id == line_up_id)
    with database.write() as connection:
        models = connection.execute(select(c.model_ids).where(*these).with_for_update()).scalar()
        if models is None:
            raise NotFound("There is no such line-up.")
        changed = list(dict.fromkeys(new if each == old else each for each in models))
        _change(connection, owner_id, line_up_id, model_ids=changed)


def remove(database: Database, owner_id: str, line_up_id: str) -> None:
    """Delete it. NotFound for another owner's."""
    with database.write() as connection:
        if not connection.execute(delete(line_ups).where(c.owner_id == owner_id, c.id == line_up_id)).rowcount:
            raise NotFound("There is no such line-up.")


def named(name: str) -> str:
    """The name in one line, at most 60 characters; "" where nothing of it can be seen."""
    line = " ".join(str(clean(name)).split())[:LONGEST].strip()
    return line if fold(line) else ""


def _of_name(connection: Connection, owner_id: str, name: str) -> str | None:
    query = select(c.id).where(c.owner_id == owner_id, c.folded == fold(name))
    line_up_id: str | None = connection.execute(query).scalar()
    return line_up_id


def _change(connection: Connection, owner_id: str, line_up_id: str, **values: object) -> None:
    change = update(line_ups).where(c.owner_id == owner_id, c.id == line_up_id).values(**values)
    if not connection.execute(change).rowcount:
        raise NotFound("There is no such line-up.")
