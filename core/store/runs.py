"""Comparisons: a run is an entry of the history, each of its lanes a conversation of its own with one model.

A lane's turns are begun and finished as any other (`turns`), with the lane's conversation id; which of them belong
together is told by `rounds`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from . import NotFound
from .columns import from_us, to_us
from .conversations import title_of
from .database import Database
from .rows import clean, derived, insert_new
from .tables import conversations, lanes, runs


@dataclass(frozen=True, slots=True)
class LaneRow:
    """One column of a comparison."""

    position: int
    conversation_id: str
    model_id: str


@dataclass(frozen=True, slots=True)
class Run:
    """A comparison and its lanes from left to right."""

    id: str
    title: str
    pinned: bool
    version: int
    options: Mapping[str, Any]
    lanes: tuple[LaneRow, ...]
    created_at: datetime
    updated_at: datetime


def create(
    database: Database,
    owner_id: str,
    request_id: str,
    model_ids: Sequence[str],
    *,
    prompt: str = "",
    system: str | None = None,
    settings: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
    apart: Mapping[int, Mapping[str, Any]] | None = None,
) -> tuple[str, tuple[LaneRow, ...]]:
    """Start a comparison, once per request id; returns its id and its lanes, which are then saved (or in the spool).

    `apart` holds, by their place, the settings in which lanes differ from the comparison.
    """
    run_id = derived(owner_id, request_id, "run")
    lane_rows = tuple(
        LaneRow(position, derived(owner_id, request_id, "lane", str(position)), model_id)
        for position, model_id in enumerate(model_ids)
    )
    database.save(
        "run",
        {
            "owner_id": owner_id,
            "run_id": run_id,
            "title": title_of(clean(prompt)),
            "system": clean(system),
            "settings": clean(dict(settings or {})),
            "options": clean(dict(options or {})),
            "lanes": [[lane.conversation_id, lane.model_id] for lane in lane_rows],
            "apart": {str(place): clean(dict(wishes)) for place, wishes in (apart or {}).items() if wishes},
            "at_us": to_us(database.now()),
        },
    )
    return run_id, lane_rows


def insert(connection: Connection, values: Mapping[str, Any]) -> bool:
    """The operation behind `create`; False when the comparison existed."""
    at = from_us(values["at_us"])
    common = {
        "owner_id": values["owner_id"],
        "title": values["title"],
        "title_by_person": False,
        "pinned": False,
        "system": values["system"],
        "settings": values.get("settings", {}),
        "version": 0,
        "created_at": at,
        "updated_at": at,
    }
    run = {**common, "id": values["run_id"], "kind": "comparison", "model_id": None}
    if not insert_new(connection, conversations, [run]):
        return False
    lane_conversations = [
        {**common, "id": lane_id, "kind": "lane", "model_id": model_id} for lane_id, model_id in values["lanes"]
    ]
    insert_new(connection, conversations, lane_conversations)
    insert_new(connection, runs, [{"id": values["run_id"], "options": values["options"]}])
    apart = values.get("apart", {})
    rows = [
        {"run_id": values["run_id"], "position": position, "conversation_id": lane_id, "model_id": model_id}
        | {"wishes": apart.get(str(position))}
        for position, (lane_id, model_id) in enumerate(values["lanes"])
    ]
    insert_new(connection, lanes, rows)
    return True


def add_lane(database: Database, owner_id: str, run_id: str, request_id: str, model_id: str) -> str:
    """Add a lane at the right, once per request id; returns the id of its conversation. NotFound for another
    owner's."""
    lane_id = derived(owner_id, request_id, "lane")
    named = {"owner_id": owner_id, "run_id": run_id, "lane_id": lane_id, "model_id": model_id}
    database.save("lane", {**named, "at_us": to_us(database.now())})
    return lane_id


def insert_lane(connection: Connection, values: Mapping[str, Any]) -> bool:
    """The operation behind `add_lane`; False when the lane existed."""
    run_id, owner_id, lane_id, model_id = (values[name] for name in ("run_id", "owner_id", "lane_id", "model_id"))
    owned = (conversations.c.id == run_id, conversations.c.owner_id == owner_id)
    query = select(conversations).where(*owned, conversations.c.deleted_at.is_(None))
    run = connection.execute(query.with_for_update()).first()
    if run is None:
        raise NotFound("There is no such comparison.")
    row = {"id": lane_id, "owner_id": owner_id, "kind": "lane", "title": run.title, "title_by_person": False}
    at = from_us(values["at_us"])
    more = {"pinned": False, "system": run.system, "settings": {}, "model_id": model_id, "version": 0}
    if not insert_new(connection, conversations, [{**row, **more, "created_at": at, "updated_at": at}]):
        return False
    last = select(func.coalesce(func.max(lanes.c.position), -1)).where(lanes.c.run_id == run_id)
    place = connection.execute(last).scalar_one() + 1
    lane = {"run_id": run_id, "position": place, "conversation_id": lane_id, "model_id": model_id}
    connection.execute(lanes.insert(), lane)
    connection.execute(update(conversations).where(*owned).values(updated_at=at))
    return True


def get(database: Database, owner_id: str, run_id: str) -> Run:
    """A comparison; NotFound for another owner's and for a deleted one."""
    query = (
        select(conversations, runs.c.options)
        .join_from(conversations, runs, runs.c.id == conversations.c.id)
        .where(conversations.c.id == run_id, conversations.c.owner_id == owner_id, conversations.c.deleted_at.is_(None))
    )
    with database.read_of(run_id) as connection:
        row = connection.execute(query).first()
        if row is None:
            raise NotFound("There is no such comparison.")
        result = connection.execute(
            select(lanes.c.position, lanes.c.conversation_id, lanes.c.model_id)
            .where(lanes.c.run_id == run_id)
            .order_by(lanes.c.position)
        )
        lane_rows = tuple(LaneRow(*lane) for lane in result)
    return Run(row.id, row.title, row.pinned, row.version, row.options, lane_rows, row.created_at, row.updated_at)


def take_out(database: Database, owner_id: str, conversation_id: str) -> None:
    """Hide a lane; its answers stay. NotFound for another owner's."""
    _change_lane(database, owner_id, conversation_id, removed_us=to_us(database.now()))


def put_back(database: Database, owner_id: str, conversation_id: str) -> None:
    """Undo `take_out`."""
    _change_lane(database, owner_id, conversation_id, removed_us=None)


def set_apart(database: Database, owner_id: str, conversation_id: str, wishes: Mapping[str, Any] | None) -> None:
    """Set the settings in which a lane differs from its comparison, from the next question on; None: none."""
    _change_lane(database, owner_id, conversation_id, wishes=clean(dict(wishes)) if wishes else None)


def _change_lane(database: Database, owner_id: str, conversation_id: str, **changes: Any) -> None:
    database.save("column", {"owner_id": owner_id, "conversation_id": conversation_id, "changes": changes})


def change_lane(connection: Connection, values: Mapping[str, Any]) -> bool:
    """The operation behind `take_out`, `put_back` and `set_apart`."""
    owned = select(conversations.c.id).where(
        conversations.c.id == values["conversation_id"],
        conversations.c.owner_id == values["owner_id"],
        conversations.c.deleted_at.is_(None),
    )
    changes = dict(values["changes"])
    if "removed_us" in changes:
        removed_us = changes.pop("removed_us")
        changes["removed_at"] = None if removed_us is None else from_us(removed_us)
    change = update(lanes).where(lanes.c.conversation_id.in_(owned)).values(**changes)
    if not connection.execute(change).rowcount:
        raise NotFound("There is no such lane.")
    return True
