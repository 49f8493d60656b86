"""The prompt library of each person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Boolean, Column, Connection, Index, Table, Text, delete, func, select, update

from ..views.prompts import LONGEST_DEFAULT, LONGEST_SYSTEM, LONGEST_TEXT, LONGEST_TITLE, LibraryPrompt
from . import Changed, NotFound
from .columns import ID, NAME, Instant, Json, metadata
from .database import Database
from .rows import clean

MOST = 1000

prompts = Table(
    "prompts",
    metadata,
    Column("id", ID, primary_key=True),
    Column("owner_id", NAME, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("system", Text, nullable=False),
    Column("defaults", Json, nullable=False),
    Column("from_file", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Index("prompts_owner", "owner_id", "created_at"),
)
c = prompts.c


def all_of(database: Database, owner_id: str) -> list[LibraryPrompt]:
    """The owner's prompts, by title."""
    with database.read() as connection:
        return within(connection, owner_id)


def save(database: Database, owner_id: str, prompt: LibraryPrompt) -> str:
    """Change a prompt, or add it where its id is ""; returns its id. NotFound for another owner's, Changed beyond 1,000
    prompts."""
    if not prompt.id:
        return add(database, owner_id, [prompt])[0]
    change = update(prompts).where(c.owner_id == owner_id, c.id == prompt.id)
    with database.write() as connection:
        if not connection.execute(change.values(**_values(prompt), updated_at=database.now())).rowcount:
            raise NotFound("There is no such prompt.")
    return prompt.id


def add(database: Database, owner_id: str, new: Sequence[LibraryPrompt]) -> list[str]:
    """Add these prompts; returns their ids. Changed, and none is added, where they would be more than 1,000."""
    now = database.now()
    rows = [row(owner_id, prompt, now) for prompt in new]
    with database.write() as connection:
        number = connection.execute(select(func.count()).where(c.owner_id == owner_id)).scalar_one()
        if number + len(rows) > MOST:
            raise Changed(f"A library has at most {MOST} prompts.")
        if rows:
            connection.execute(prompts.insert(), rows)
    return [str(each["id"]) for each in rows]


def row(owner_id: str, prompt: LibraryPrompt, now: datetime) -> dict[str, Any]:
    """The row of a new prompt."""
    return {"id": str(uuid4()), "owner_id": owner_id, **_values(prompt), "created_at": now, "updated_at": now}


def remove(database: Database, owner_id: str, prompt_id: str) -> None:
    """Delete a prompt. NotFound for another owner's."""
    with database.write() as connection:
        if not connection.execute(delete(prompts).where(c.owner_id == owner_id, c.id == prompt_id)).rowcount:
            raise NotFound("There is no such prompt.")


def within(connection: Connection, owner_id: str) -> list[LibraryPrompt]:
    """`all_of`, inside a transaction."""
    query = select(prompts).where(c.owner_id == owner_id).order_by(func.lower(c.title), c.id)
    return [
        LibraryPrompt(row.id, row.title, row.text, row.system, dict(row.defaults), row.from_file)
        for row in connection.execute(query)
    ]


def _values(prompt: LibraryPrompt) -> dict[str, Any]:
    """What is stored of a prompt, cut to what the library keeps; defaults of variables that it does not have go."""
    defaults = {name: value[:LONGEST_DEFAULT] for name, value in prompt.defaults.items() if value}
    return {
        "title": " ".join(clean(prompt.title).split())[:LONGEST_TITLE],
        "text": clean(prompt.text)[:LONGEST_TEXT],
        "system": clean(prompt.system)[:LONGEST_SYSTEM],
        "defaults": clean({name: defaults[name] for name in prompt.variables if name in defaults}),
        "from_file": prompt.from_file,
    }
