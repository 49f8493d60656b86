"""Blind comparisons: which run hides its names, until a vote (or its owner) reveals them for good.

A run is blind by its options: `{"blind": true}` hides the names, `{"blind": true, "revealed": true}` hid them once.
The order of its lanes was shuffled when it was made, and stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, false, func, select, update

from .. import NotFound
from ..database import Database
from ..tables import conversations, lanes, runs

# The same of a row of `runs`, in SQL.
HIDES = and_(
    runs.c.options["blind"].as_boolean(), func.coalesce(runs.c.options["revealed"].as_boolean(), false()).is_(false())
)


def hides(options: Mapping[str, Any]) -> bool:
    """Whether a run with these options hides its names now."""
    return options.get("blind") is True and options.get("revealed") is not True


def shuffled(number: int, seed: str) -> list[int]:
    """The places of so many lanes in a random order, the same for the same request, which is not shown."""
    places = list(range(number))
    Random(seed).shuffle(places)  # noqa: S311 - it hides names from a reader, not secrets from an attacker
    return places


def reveal(database: Database, owner_id: str, run_id: str) -> None:
    """Reveal the names from now on. NotFound for another owner's run."""
    with database.write() as connection:
        show(connection, run_id, locked(connection, owner_id, run_id))


def locked(connection: Connection, owner_id: str, run_id: str) -> dict[str, Any]:
    """The options of the owner's run, locked until the transaction ends; NotFound without it."""
    query = (
        select(runs.c.options)
        .join(conversations, conversations.c.id == runs.c.id)
        .where(runs.c.id == run_id, conversations.c.owner_id == owner_id, conversations.c.deleted_at.is_(None))
        .with_for_update()
    )
    options = connection.execute(query).scalar()
    if options is None:
        raise NotFound("There is no such comparison.")
    return dict(options)


def show(connection: Connection, run_id: str, options: Mapping[str, Any]) -> None:
    """Note in the run that its names were shown; nothing to do where they were never hidden."""
    if hides(options):
        connection.execute(update(runs).where(runs.c.id == run_id).values(options={**options, "revealed": True}))


def refuse(database: Database, owner_id: str, conversation_id: str) -> None:
    """Raises NotFound for a lane whose model must not be named yet: it is visible in its comparison only."""
    with database.read_of(conversation_id) as connection:
        if hidden_lanes(connection, owner_id, lanes.c.conversation_id == conversation_id):
            raise NotFound("This answer is part of a blind comparison, which is open until you vote.")


def hidden_lanes(connection: Connection, owner_id: str, *where: ColumnElement[bool]) -> dict[str, int]:
    """The owner's lanes that meet these conditions and must not be named now: conversation -> place from 0."""
    query = (
        select(lanes.c.conversation_id, lanes.c.position, runs.c.options)
        .join_from(lanes, runs, runs.c.id == lanes.c.run_id)
        .join(conversations, conversations.c.id == runs.c.id)
        .where(conversations.c.owner_id == owner_id, *where)
    )
    return {row.conversation_id: row.position for row in connection.execute(query) if hides(row.options)}
