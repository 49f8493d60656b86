"""Conversations and comparisons as the history lists them: newest first, pinned ones on top; deletions can be undone.

Every function takes the owner; what belongs to another owner is not found.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Row, func, literal, or_, select, tuple_, update

from ..views.history import Conversation, Page
from . import Changed, NotFound, Unavailable, search, tags
from .columns import from_us, to_us
from .database import Database
from .rows import clean
from .tables import ERASED, LISTED, STAGED, conversations, lanes, list_sizes
from .verdict_tables import verdicts

TITLE = 60


def title_of(text: str) -> str:
    """A conversation's title from its first question: the first line, cut between words."""
    lines = (line.strip(" \t#>*-`") for line in text[:2000].splitlines())
    line = " ".join(next((line for line in lines if line), "").split())
    if len(line) <= TITLE:
        return line
    cut = line[:TITLE].rpartition(" ")[0]
    return (cut if len(cut) > TITLE // 2 else line[:TITLE]) + "…"


def create(
    database: Database,
    owner_id: str,
    *,
    title: str = "",
    model_id: str | None = None,
    system: str | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Conversation:
    """An empty conversation. A chat needs none: `turns.begin` makes one with the first question."""
    now = database.now()
    row = {
        "id": str(uuid4()),
        "owner_id": owner_id,
        "kind": "chat",
        "title": clean(title),
        "title_by_person": bool(title),
        "pinned": False,
        "system": clean(system),
        "settings": clean(dict(settings or {})),
        "model_id": model_id,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    with database.write() as connection:
        connection.execute(conversations.insert(), row)
    return get(database, owner_id, row["id"])


def get(database: Database, owner_id: str, conversation_id: str) -> Conversation:
    """A conversation, comparison or lane; NotFound for another owner's and for a deleted one."""
    with database.read_of(conversation_id) as connection:
        return _conversation(find(connection, owner_id, conversation_id))


def find(connection: Connection, owner_id: str, conversation_id: str) -> Row[Any]:
    """The row, inside a transaction; NotFound as in `get`."""
    row = connection.execute(
        select(conversations).where(*_owned(owner_id, conversation_id), conversations.c.deleted_at.is_(None))
    ).first()
    if row is None:
        raise NotFound("There is no such conversation.")
    return row


def recent(
    database: Database, owner_id: str, *, limit: int = 50, after: str | None = None, tagged: Sequence[str] = ()
) -> Page:
    """Chats and comparisons, pinned ones first, then the newest; `after` is the `following` of the page before.

    `tagged`: only what has all these tags.
    """
    order = (conversations.c.pinned, conversations.c.updated_at, conversations.c.id)
    query = (
        select(conversations)
        .where(conversations.c.owner_id == owner_id, LISTED)
        .order_by(*(column.desc() for column in order))
    )
    if after:
        key = (literal(value, column.type) for value, column in zip(_decode(after), order, strict=True))
        query = query.where(tuple_(*order) < tuple_(*key))
    if tagged:
        query = query.where(conversations.c.id.in_(tags.entries(owner_id, tagged)))
    waiting = _waiting(database, owner_id)
    try:
        with database.read() as connection:
            rows = list(connection.execute(query.limit(limit + 1 + len(waiting))))
            if tagged and waiting:
                having = set(connection.execute(tags.entries(owner_id, tagged)).scalars())
                waiting = {entry_id: row for entry_id, row in waiting.items() if entry_id in having}
    except Unavailable:
        if not waiting or tagged:
            raise
        rows = []
    rows = [row for row in rows if row.id not in waiting] + [row for row in waiting.values() if _follows(row, after)]
    if waiting:
        rows.sort(key=lambda row: (row.pinned, row.updated_at, row.id), reverse=True)
    following = _encode(rows[limit - 1]) if len(rows) > limit else None
    return Page(tuple(_conversation(row) for row in rows[:limit]), following)


def count(database: Database, owner_id: str) -> int:
    """How many chats and comparisons an owner has."""
    waiting = _waiting(database, owner_id)
    owned = (conversations.c.owner_id == owner_id, LISTED, conversations.c.id.in_(list(waiting)))
    with database.read() as connection:
        size = connection.execute(select(list_sizes.c.listed).where(list_sizes.c.owner_id == owner_id)).scalar()
        saved = connection.execute(select(func.count()).where(*owned)).scalar_one() if waiting else 0
    return (size or 0) - saved + sum(map(_is_listed, waiting.values()))


def _waiting(database: Database, owner_id: str) -> dict[str, Row[Any]]:
    """An owner's conversations with unsaved changes, by id; deleted ones too."""
    with database.pending() as connection:
        if connection is None:
            return {}
        result = connection.execute(select(conversations).where(conversations.c.owner_id == owner_id))
        return {row.id: row for row in result}


def _is_listed(row: Row[Any]) -> bool:
    return row.deleted_at is None and row.kind != "lane"


def _follows(row: Row[Any], after: str | None) -> bool:
    return _is_listed(row) and (after is None or (row.pinned, row.updated_at, row.id) < _decode(after))


def rename(database: Database, owner_id: str, conversation_id: str, title: str, *, version: int | None = None) -> int:
    """Give it a person's own title; returns the new version. Changed if `version` is no longer the current one."""
    title = " ".join(clean(title).split())[:200]
    return _change(database, owner_id, conversation_id, version, title=title, title_by_person=bool(title))


def pin(
    database: Database, owner_id: str, conversation_id: str, pinned: bool = True, *, version: int | None = None
) -> int:
    """Keep it on top of the list, or no longer; the new version."""
    return _change(database, owner_id, conversation_id, version, pinned=pinned)


def configure(
    database: Database, owner_id: str, conversation_id: str, *, version: int | None = None, **changes: Any
) -> int:
    """Change its `system`, `settings` or `model_id`; the new version."""
    if unknown := changes.keys() - {"system", "settings", "model_id"}:
        raise ValueError(f"not a part of a conversation that can be changed: {', '.join(sorted(unknown))}")
    return _change(database, owner_id, conversation_id, version, **clean(changes))


def remove(database: Database, owner_id: str, conversation_id: str) -> None:
    """Delete it with its lanes and verdicts, until `restore`, or for good by `purge`."""
    _mark(database, owner_id, conversation_id, to_us(database.now()))


def restore(database: Database, owner_id: str, conversation_id: str) -> None:
    """Undo `remove`; NotFound when it was deleted for good meanwhile."""
    _mark(database, owner_id, conversation_id, None)


def _change(database: Database, owner_id: str, conversation_id: str, version: int | None, **values: Any) -> int:
    named = {"owner_id": owner_id, "conversation_id": conversation_id, "changes": values}
    if version is None:
        changed: int = database.save("change", named).result
        return changed
    with database.write() as connection:
        if find(connection, owner_id, conversation_id).version != version:
            raise Changed("This conversation was changed elsewhere: reload it.")
        return change(connection, named)


def change(connection: Connection, values: Mapping[str, Any]) -> int:
    """The operation behind `rename`, `pin` and `configure`: the new version."""
    owned = (*_owned(values["owner_id"], values["conversation_id"]), conversations.c.deleted_at.is_(None))
    version: int | None = connection.execute(select(conversations.c.version).where(*owned).with_for_update()).scalar()
    if version is None:
        raise NotFound("There is no such conversation.")
    connection.execute(update(conversations).where(*owned).values(version=version + 1, **values["changes"]))
    if "title" in values["changes"]:
        search.retitle(connection, values["conversation_id"], values["changes"]["title"])
    return version + 1


def mark(connection: Connection, values: Mapping[str, Any]) -> bool:
    """The operation behind `remove` and `restore`."""
    owner_id, conversation_id = values["owner_id"], values["conversation_id"]
    at = None if values["at_us"] is None else from_us(values["at_us"])
    of_run = select(lanes.c.conversation_id).where(lanes.c.run_id == conversation_id)
    about_run = select(verdicts.c.conversation_id).where(verdicts.c.run_id == conversation_id)
    ids = or_(conversations.c.id == conversation_id, conversations.c.id.in_(of_run), conversations.c.id.in_(about_run))
    for_good = conversations.c.deleted_at.in_((ERASED, STAGED))
    owned = (conversations.c.owner_id == owner_id, or_(conversations.c.deleted_at.is_(None), ~for_good))
    marked = update(conversations).where(ids, *owned).values(deleted_at=at)
    if not connection.execute(marked).rowcount:
        raise NotFound("There is no such conversation.")
    return True


def _mark(database: Database, owner_id: str, conversation_id: str, at_us: int | None) -> None:
    database.save("mark", {"owner_id": owner_id, "conversation_id": conversation_id, "at_us": at_us})


def _owned(owner_id: str, conversation_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return conversations.c.id == conversation_id, conversations.c.owner_id == owner_id


def _conversation(row: Row[Any]) -> Conversation:
    return Conversation(*(getattr(row, name) for name in Conversation.__dataclass_fields__))


def _encode(row: Row[Any]) -> str:
    key = [row.pinned, row.updated_at.isoformat(), row.id]
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def _decode(cursor: str) -> tuple[bool, datetime, str]:
    try:
        pinned, updated_at, entry_id = json.loads(base64.urlsafe_b64decode(cursor))
        return bool(pinned), datetime.fromisoformat(updated_at), str(entry_id)
    except (ValueError, TypeError):
        raise NotFound("There is no such page of the history.") from None
