"""The conversations of an export, read in portions inside one transaction: a snapshot, with few in memory at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, and_, literal_column, select

from .. import NotFound
from .. import tags as tag_store
from ..tables import LISTED, attachments, conversations, jobs, lanes, messages, runs
from ..votes import blind
from . import judgements, rounds
from . import votes as votes

PORTION = 50  # conversations whose heads are read in one query
ROWS = 100  # messages that are read at once
MESSAGE_COLUMNS = tuple(column for column in messages.c if column.name != "words")
ENTRIES = (conversations.c.pinned.desc(), conversations.c.updated_at.desc(), conversations.c.id.desc())


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation: its head, and its messages, read as they are consumed.

    Consume the messages before the next conversation. `branch` are the ids of those that are shown.
    """

    head: dict[str, Any]
    messages: Iterator[dict[str, Any]]
    branch: frozenset[str]


class _Light(NamedTuple):
    seq: int
    id: str
    parent_id: str | None


def read(
    connection: Connection, owner_id: str, ids: Sequence[str] | None, *, whole: bool = False
) -> Iterator[Talk]:  # fmt: skip
    """Conversations of an owner, each comparison followed by its lanes. `ids` None: all, the newest first. `whole`:
    with models' verdicts on comparisons, and what the person said of the choices of "auto".

    NotFound, before the first, for an id that is not the owner's. A blind comparison without a vote is exported without
    names: letters for its models, no numbers of their answers.
    """
    for entries in _entries(connection, owner_id, ids):
        wanted = _with_lanes(connection, entries)
        verdicts = judgements.links(connection, owner_id, entries) if whole else {}
        wanted += verdicts
        rows = {
            row.id: row
            for row in connection.execute(
                select(conversations).where(conversations.c.id.in_(wanted), conversations.c.owner_id == owner_id)
            )
        }
        hidden = blind.hidden_lanes(connection, owner_id, lanes.c.conversation_id.in_(wanted))
        tags = tag_store.held(connection, owner_id, wanted)
        light, waiting = _light(connection, wanted)
        order = [message.seq for name in wanted for message in light[name]]
        unsent = {message.id: message.parent_id for name in wanted for message in waiting[name]}
        message_stream = _messages(connection, owner_id, order, _with_files(connection, order), unsent, whole=whole)
        for name in wanted:
            own_messages = islice(message_stream, len(light[name]))
            letter = _letter(hidden[name]) if name in hidden else None
            head = _head(connection, rows[name], hidden) | ({"tags": list(tags[name])} if name in tags else {})
            head["leaf_id"] = unsent.get(head["leaf_id"], head["leaf_id"])
            if letter:
                head["model_id"] = letter
            if name in verdicts:
                head["verdict"] = verdicts[name]
            yield Talk(
                head,
                _veiled(own_messages, letter) if letter else own_messages,
                _branch(head["leaf_id"], light[name], unsent),
            )
            for _ in own_messages:  # those that were not consumed
                pass


def _entries(connection: Connection, owner_id: str, ids: Sequence[str] | None) -> Iterator[Sequence[str]]:
    query = select(conversations.c.id).where(conversations.c.owner_id == owner_id)
    if ids is None:
        result = connection.execute(query.where(LISTED).order_by(*ENTRIES).execution_options(yield_per=PORTION))
        for portion in result.partitions():
            yield [row.id for row in portion]
        return
    owned = query.where(conversations.c.deleted_at.is_(None), conversations.c.id.in_(ids))
    names = list(connection.execute(owned).scalars())
    if len(names) != len(set(ids)):
        raise NotFound("There is no such conversation.")
    yield names


def _with_lanes(connection: Connection, entries: Sequence[str]) -> list[str]:
    columns: dict[str, list[str]] = defaultdict(list)
    query = select(lanes.c.run_id, lanes.c.conversation_id).where(lanes.c.run_id.in_(entries))
    for row in connection.execute(query.order_by(lanes.c.run_id, lanes.c.position)):
        columns[row.run_id].append(row.conversation_id)
    return list(dict.fromkeys(each for entry in entries for each in (entry, *columns[entry])))


def _light(connection: Connection, ids: Sequence[str]) -> tuple[Mapping[str, list[_Light]], Mapping[str, list[_Light]]]:
    """The ids of the messages, in the order in which they were written, without their texts; apart from them the
    answers to questions that wait for a limit: there is nothing to export of these."""
    by_conversation: dict[str, list[_Light]] = defaultdict(list)
    waiting: dict[str, list[_Light]] = defaultdict(list)
    names = (messages.c.conversation_id, messages.c.seq, messages.c.id, messages.c.parent_id, messages.c.state)
    query = select(*names).where(messages.c.conversation_id.in_(ids)).order_by(messages.c.seq)
    for row in connection.execute(query):
        into = waiting if row.state == "scheduled" else by_conversation
        into[row.conversation_id].append(_Light(row.seq, row.id, row.parent_id))
    return by_conversation, waiting


def _branch(leaf_id: str | None, light: Sequence[_Light], unsent: Mapping[str, str | None]) -> frozenset[str]:
    parent_of = {message.id: unsent.get(message.parent_id or "", message.parent_id) for message in light}
    branch: set[str] = set()
    while leaf_id in parent_of and leaf_id is not None and leaf_id not in branch:
        branch.add(leaf_id)
        leaf_id = parent_of[leaf_id]
    return frozenset(branch)


def _with_files(connection: Connection, order: Sequence[int]) -> set[int]:
    """Which of these messages came with files."""
    seqs: set[int] = set()
    for start in range(0, len(order), ROWS):
        within = messages.c.seq.in_(order[start : start + ROWS])
        query = select(messages.c.seq).where(
            within, select(literal_column("1")).where(attachments.c.message_id == messages.c.id).exists()
        )
        seqs.update(connection.execute(query).scalars())
    return seqs


def _messages(
    connection: Connection,
    owner_id: str,
    order: Sequence[int],
    with_files: set[int],
    unsent: Mapping[str, str | None],
    *,
    whole: bool,
) -> Iterator[dict[str, Any]]:
    """`unsent`: answers that are left out, with the question that what follows is then joined to."""
    for start in range(0, len(order), ROWS):
        portion = order[start : start + ROWS]
        query = (
            select(*MESSAGE_COLUMNS, jobs.c.text.label("part"))
            .join(jobs, and_(jobs.c.message_id == messages.c.id, jobs.c.owner_id == owner_id), isouter=True)
            .where(messages.c.seq.in_(portion))
        )
        rows = {row.seq: row for row in connection.execute(query)}
        answer_ids = [row.id for row in rows.values() if row.role == "assistant"]
        routed = judgements.routed(connection, owner_id, answer_ids) if whole else {}
        for seq in portion:
            row = rows.pop(seq)
            message = _message(row, _files(connection, row.id) if seq in with_files else [])
            if row.id in routed:
                message["routed"] = routed[row.id]
            yield {**message, "parent_id": unsent.get(row.parent_id, row.parent_id)}


def _message(row: Any, files: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": row.id,
        "parent_id": row.parent_id,
        "role": row.role,
        "text": row.part if row.state == "running" else row.text,
        "model_id": row.model_id,
        "state": "interrupted" if row.state == "running" else row.state,
        "completion": row.completion,
        "created_at": row.created_at.isoformat(),
        **({"files": files} if files else {}),
    }


def _files(connection: Connection, message_id: str) -> list[dict[str, Any]]:
    query = select(attachments).where(attachments.c.message_id == message_id).order_by(attachments.c.position)
    return [
        {
            "name": row.name,
            "media_type": row.media_type,
            "text": row.text,
            **({"sha256": row.sha256, "size_bytes": row.size_bytes} if row.sha256 else {}),
            **(row.details or {}),
        }
        for row in connection.execute(query)
    ]


def _veiled(message_stream: Iterator[dict[str, Any]], letter: str) -> Iterator[dict[str, Any]]:
    for message in message_stream:
        yield {**message, "model_id": message["model_id"] and letter, "completion": None}


def _letter(place: int) -> str:
    return chr(ord("A") + place)


def _head(connection: Connection, row: Row[Any], hidden: Mapping[str, int]) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "title": row.title,
        "title_by_person": row.title_by_person,
        "pinned": row.pinned,
        "system": row.system,
        "settings": row.settings,
        "model_id": row.model_id,
        "leaf_id": row.leaf_id,
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
        **(_comparison(connection, row.owner_id, row.id, hidden) if row.kind == "comparison" else {}),
    }


def _comparison(connection: Connection, owner_id: str, run_id: str, hidden: Mapping[str, int]) -> dict[str, Any]:
    options = connection.execute(select(runs.c.options).where(runs.c.id == run_id)).scalar()
    lane_rows = connection.execute(select(lanes).where(lanes.c.run_id == run_id).order_by(lanes.c.position)).all()
    veiled = [lane.conversation_id for lane in lane_rows if lane.conversation_id in hidden]
    columns = [
        {
            "conversation_id": lane.conversation_id,
            "model_id": lane.model_id,
            "wishes": lane.wishes,
            "removed_at": lane.removed_at.isoformat() if lane.removed_at else None,
        }
        for lane in lane_rows
    ]
    return {
        "options": options or {},
        "lanes": [{"conversation_id": name, "model_id": _letter(hidden[name])} for name in veiled] or columns,
        "rounds": rounds.exported(connection, run_id),
        "votes": votes.exported(connection, owner_id, run_id),
    }
