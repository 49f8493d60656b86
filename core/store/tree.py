"""A conversation's messages as a tree, and the one branch of it that is shown.

    question 1 -- answer 1 -- question 2 ------ answer 2
                         \\-- question 2, edited -- answer 2', answer 2'' (asked again)

The branch is followed from its last message (the leaf) towards the root, so that opening a long conversation reads only
one page of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, Connection, Row, func, literal, or_, select, update

from ..records import Completion, Message, Note, Role, Text
from ..views.conversation import Attached, File, asked_with, named
from . import Changed, NotFound, parts
from . import completion as codec
from .attachments import attached_of, file_of
from .conversations import find
from .database import Database
from .tables import attachments, conversations, jobs, messages

PAGE = 20


@dataclass(frozen=True, slots=True)
class BranchMessage:
    """One message of the branch. `siblings` are all versions in order, this one among them: ‹ index/len(siblings) ›.

    `state` is done, or for an answer running, stopped, failed, interrupted; while it runs, `text` is the last part that
    was kept. `request_id` names an answer's job.
    """

    id: str
    parent_id: str | None
    role: Role
    text: str
    model_id: str | None
    state: str
    completion: Completion | None
    created_at: datetime
    depth: int
    siblings: tuple[str, ...]
    attached: tuple[Attached, ...] = ()
    request_id: str | None = None
    reasoning: str = ""

    @property
    def index(self) -> int:
        return self.siblings.index(self.id) + 1


@dataclass(frozen=True, slots=True)
class Branch:
    """The last turns of the branch shown; `earlier` counts the messages above them."""

    conversation_id: str
    turns: tuple[BranchMessage, ...]
    earlier: int
    leaf_id: str | None
    version: int


def path(
    database: Database,
    owner_id: str,
    conversation_id: str,
    *,
    leaf_id: str | None = None,
    limit: int = PAGE,
    at: str | None = None,
) -> Branch:
    """The branch that ends at `leaf_id` (None: the one shown last), its newest `limit` messages, oldest first.

    `at` is a message to land on: the branch leads through it, and reaches far enough up to hold it.
    """
    with database.read_of(conversation_id) as connection:
        conversation = find(connection, owner_id, conversation_id)
        leaf_id = leaf_id or conversation.leaf_id
        if at:
            leaf_id, limit = _reach(connection, conversation_id, leaf_id, at, limit)
        rows = _climb(connection, conversation_id, leaf_id, limit) if leaf_id else []
        if leaf_id and not rows:
            raise NotFound("There is no such message in this conversation.")
        turns = _turns(connection, owner_id, conversation_id, rows)
    return Branch(conversation_id, turns, turns[0].depth - 1 if turns else 0, leaf_id, conversation.version)


def history(
    database: Database, owner_id: str, conversation_id: str, leaf_id: str, *, limit: int = 1000
) -> list[Message]:
    """The turns that lead to a message, oldest first, with their files and the steps of answers: a model's context."""
    with database.read_of(conversation_id) as connection:
        find(connection, owner_id, conversation_id)
        rows = _climb(connection, conversation_id, leaf_id, limit)
        files = defaultdict(list)
        for file in _attached(connection, [row.id for row in rows], attachments.c.text):
            files[file.message_id].append(file_of(file))
    return [message for row in rows for message in _messages(row, files[row.id])]


def _messages(row: Row[Any], own_files: Sequence[File]) -> list[Message]:
    if row.role == "user":
        return [asked_with(row.text, own_files)]
    completion = row.completion or {}
    thoughts, rest = codec.parts_around(completion)
    return [
        *parts.decode_messages(completion.get("steps")),
        Message(row.role, [*thoughts, Text(row.text), *rest], _named(row)),
    ]


def _named(row: Row[Any]) -> str | None:
    notes = (row.completion or {}).get("notes") or ()
    return named(row.model_id, [Note(str(note.get("kind")), str(note.get("detail", ""))) for note in notes])


def files(database: Database, owner_id: str, message_id: str) -> list[File]:
    """The files of a message, without their bytes."""
    query = (
        select(attachments)
        .join(messages, messages.c.id == attachments.c.message_id)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(attachments.c.message_id == message_id, conversations.c.owner_id == owner_id)
        .order_by(attachments.c.position)
    )
    with database.read() as connection:
        return [file_of(row) for row in connection.execute(query)]


def select_branch(
    database: Database, owner_id: str, conversation_id: str, message_id: str, *, version: int | None = None
) -> str:
    """Show the branch through this message from now on; returns its leaf, the newest one below. Changed as in
    `conversations`."""
    named = {"owner_id": owner_id, "conversation_id": conversation_id, "message_id": message_id}
    if version is None:
        return str(database.save("select", named).result)
    with database.write() as connection:
        if find(connection, owner_id, conversation_id).version != version:
            raise Changed("This conversation was changed elsewhere: reload it.")
        return select_leaf(connection, named)


def select_leaf(connection: Connection, values: Mapping[str, Any]) -> str:
    """The operation behind `select_branch`."""
    conversation_id = values["conversation_id"]
    find(connection, values["owner_id"], conversation_id)
    leaf_id = _newest_below(connection, conversation_id, values["message_id"])
    connection.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id, conversations.c.owner_id == values["owner_id"])
        .values(leaf_id=leaf_id, version=conversations.c.version + 1)
    )
    return leaf_id


def _reach(connection: Connection, conversation_id: str, leaf_id: str | None, at: str, limit: int) -> tuple[str, int]:
    """The leaf of a branch through that message (the branch shown, if it is one), and how far up the message is."""
    depths = select(messages.c.depth).where(messages.c.conversation_id == conversation_id)
    depth = connection.execute(depths.where(messages.c.id == at)).scalar()
    if depth is None:
        raise NotFound("There is no such message in this conversation.")
    end = connection.execute(depths.where(messages.c.id == leaf_id)).scalar() or 0
    if leaf_id is None or at not in {row.id for row in _climb(connection, conversation_id, leaf_id, end - depth + 1)}:
        leaf_id = _newest_below(connection, conversation_id, at)
        end = connection.execute(depths.where(messages.c.id == leaf_id)).scalar_one()
    return leaf_id, max(limit, end - depth + 2)


def _climb(connection: Connection, conversation_id: str, leaf_id: str, limit: int) -> Sequence[Row[Any]]:
    if limit < 1:
        return []
    first = select(messages.c.id, messages.c.parent_id, literal(1).label("step")).where(
        messages.c.id == leaf_id, messages.c.conversation_id == conversation_id
    )
    up: CTE = first.cte("up", recursive=True)
    above = select(messages.c.id, messages.c.parent_id, up.c.step + 1).join_from(
        up, messages, messages.c.id == up.c.parent_id
    )
    up = up.union_all(above.where(up.c.step < limit))
    query = select(messages).join_from(up, messages, messages.c.id == up.c.id).order_by(messages.c.depth)
    return connection.execute(query).all()


def _newest_below(connection: Connection, conversation_id: str, message_id: str) -> str:
    """The newest message at or below this one; nothing can be below it, since children are newer than parents."""
    owned = select(messages.c.id, messages.c.seq).where(messages.c.conversation_id == conversation_id)
    down: CTE = owned.where(messages.c.id == message_id).cte("down", recursive=True)
    down = down.union_all(owned.join(down, messages.c.parent_id == down.c.id))
    last = select(func.max(down.c.seq)).scalar_subquery()
    newest_id = connection.execute(select(messages.c.id).where(messages.c.seq == last)).scalar()
    if newest_id is None:
        raise NotFound("There is no such message in this conversation.")
    return str(newest_id)


def _turns(
    connection: Connection, owner_id: str, conversation_id: str, rows: Sequence[Row[Any]]
) -> tuple[BranchMessage, ...]:
    siblings = _siblings(connection, conversation_id, rows)
    attached = attached_to(connection, [row.id for row in rows])
    answers = [row.id for row in rows if row.role == "assistant"]
    query = select(jobs).where(jobs.c.message_id.in_(answers), jobs.c.owner_id == owner_id)
    job_rows = connection.execute(query) if answers else ()
    job_of = {job.message_id: job for job in job_rows}
    return tuple(
        turn_of(row, siblings[row.parent_id], attached[row.id], job_of.get(row.id)) for row in rows
    )  # fmt: skip


def turn_of(
    row: Row[Any], siblings: Sequence[str], attached: tuple[Attached, ...], job: Row[Any] | None
) -> BranchMessage:
    """A message out of its row, and an answer's job."""
    running = job is not None and row.state == "running"
    completion = codec.decode(row.completion, row.text) if row.completion else None
    return BranchMessage(
        id=row.id,
        parent_id=row.parent_id,
        role=row.role,
        text=job.text if job is not None and running else row.text,
        model_id=row.model_id,
        state=row.state,
        completion=completion,
        created_at=row.created_at,
        depth=row.depth,
        siblings=tuple(siblings),
        attached=attached,
        request_id=job.request_id if job is not None else None,
        reasoning=job.reasoning if job is not None and running else completion.reasoning if completion else "",
    )


def _siblings(connection: Connection, conversation_id: str, rows: Sequence[Row[Any]]) -> dict[str | None, list[str]]:
    parents = [row.parent_id for row in rows if row.parent_id]
    same: ColumnElement[bool] = messages.c.parent_id.in_(parents)
    if any(row.parent_id is None for row in rows):
        same = or_(same, messages.c.parent_id.is_(None))
    by_parent: dict[str | None, list[str]] = defaultdict(list)
    if rows:
        query = select(messages.c.id, messages.c.parent_id).where(messages.c.conversation_id == conversation_id, same)
        for row in connection.execute(query.order_by(messages.c.seq)):
            by_parent[row.parent_id].append(row.id)
    return by_parent


def attached_to(connection: Connection, message_ids: Sequence[str]) -> Mapping[str, tuple[Attached, ...]]:
    """The files of these messages, by message; none for the others."""
    attached: dict[str, tuple[Attached, ...]] = defaultdict(tuple)
    for file in _attached(connection, message_ids):
        attached[file.message_id] += (attached_of(file),)
    return attached


def _attached(connection: Connection, message_ids: Sequence[str], *more: Any) -> Sequence[Row[Any]]:
    if not message_ids:
        return []
    a = attachments.c
    query = select(a.message_id, a.name, a.media_type, a.size_bytes, a.sha256, a.details, *more)
    return connection.execute(query.where(a.message_id.in_(message_ids)).order_by(a.message_id, a.position)).all()
