"""A lane's messages as a branch of another conversation: a shared context, or a chat that continues from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from .. import NotFound
from ..columns import from_us, to_us
from ..conversations import find
from ..database import Database
from ..rows import clean, derived, insert_new
from ..tables import conversations, messages


def copy(database: Database, owner_id: str, request_id: str, leaf_id: str, source_id: str, target_id: str) -> str:
    """Copy the branch of `source_id` that ends at `leaf_id` into `target_id`, once; returns the id of its last message
    there.

    A search does not find the copies, only the originals. NotFound for another owner's.
    """
    named = {"owner_id": owner_id, "request_id": request_id, "leaf_id": leaf_id, "source_id": source_id}
    return str(database.save("copy", {**named, "conversation_id": target_id}).result)


def insert_copy(connection: Connection, values: Mapping[str, Any]) -> str:
    """The operation behind `copy`."""
    owner_id, source_id, target_id = values["owner_id"], values["source_id"], values["conversation_id"]
    find(connection, owner_id, target_id)
    return _copy(connection, owner_id, values["request_id"], values["leaf_id"], source_id, target_id, searched=False)


def fork(
    database: Database,
    owner_id: str,
    leaf_id: str,
    source_id: str,
    *,
    system: str | None = None,
    settings: Mapping[str, Any] | None = None,
) -> str:
    """A new chat that begins with this branch, once per answer; returns its id. NotFound for another owner's."""
    chat_id = derived(owner_id, leaf_id, "fork")
    named = {"owner_id": owner_id, "leaf_id": leaf_id, "source_id": source_id, "conversation_id": chat_id}
    wishes = {"system": clean(system), "settings": dict(settings or {})}
    database.save("fork", {**named, **wishes, "at_us": to_us(database.now())})
    return chat_id


def insert_fork(connection: Connection, values: Mapping[str, Any]) -> bool:
    """The operation behind `fork`."""
    owner_id, source_id, chat_id = values["owner_id"], values["source_id"], values["conversation_id"]
    source, at = find(connection, owner_id, source_id), from_us(values["at_us"])
    row = {name: getattr(source, name) for name in ("owner_id", "title", "title_by_person", "model_id")}
    row |= {"id": chat_id, "kind": "chat", "pinned": False, "version": 0, "created_at": at, "updated_at": at}
    row |= {"system": values["system"], "settings": values["settings"]}
    chat = update(conversations).where(conversations.c.id == chat_id, conversations.c.owner_id == owner_id)
    if insert_new(connection, conversations, [row]):
        last = _copy(connection, owner_id, chat_id, values["leaf_id"], source_id, chat_id, searched=True)
        connection.execute(chat.values(leaf_id=last))
    else:
        connection.execute(chat.values(deleted_at=None))
    return True


def _copy(
    connection: Connection,
    owner_id: str,
    request_id: str,
    leaf_id: str,
    source_id: str,
    target_id: str,
    *,
    searched: bool,
) -> str:
    find(connection, owner_id, source_id)
    rows = _climb(connection, source_id, leaf_id)
    if not rows:
        raise NotFound("There is no such message in this conversation.")
    new = {row.id: derived(owner_id, request_id, target_id, row.id) for row in rows}
    existing = select(func.count()).select_from(messages).where(messages.c.id.in_(list(new.values())))
    if connection.execute(existing).scalar_one() < len(new):
        names = ("depth", "role", "text", "model_id", "completion", "created_at")
        insert_new(
            connection,
            messages,
            [
                {name: getattr(row, name) for name in names}
                | {"id": new[row.id], "parent_id": new.get(row.parent_id), "conversation_id": target_id}
                | {"words": row.words if searched else "", "state": "done" if row.state == "running" else row.state}
                for row in rows
            ],
        )
    return new[leaf_id]


def _climb(connection: Connection, conversation_id: str, leaf_id: str) -> list[Row[Any]]:
    """The branch from its first message down to `leaf_id`."""
    rows = {
        row.id: row for row in connection.execute(select(messages).where(messages.c.conversation_id == conversation_id))
    }
    branch: list[Row[Any]] = []
    at: str | None = leaf_id
    while at in rows:
        branch.append(rows[at])
        at = rows[at].parent_id
    return branch[::-1]
