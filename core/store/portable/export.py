"""Export of one conversation, some or all: Markdown to read, JSON to keep (and import again), CSV for a table."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import Connection, Row, select

from core.store import NotFound
from core.store.database import Database
from core.store.portable import ours, rounds
from core.store.tables import LISTED, attachments, conversations, jobs, lanes, messages, runs
from core.store.votes import blind
from core.store.votes import portable as votes

Form = Literal["markdown", "json", "csv"]
COLUMNS = ("conversation_id", "title", "message_id", "parent_id", "role", "model_id", "state", "created_at", "text")
WHO = {"user": "You", "system": "System", "assistant": "Answer"}
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def export(database: Database, owner_id: str, form: Form, ids: Sequence[str] | None = None) -> Iterator[str]:
    """The text of the export in pieces. `ids` None: everything that is listed; a comparison brings its lanes.

    A blind comparison without a vote goes out without names: letters for its models, no numbers of their answers.
    """
    with database.read() as connection:
        wanted = _ids(connection, owner_id, ids)
        hidden = blind.hidden_lanes(connection, conversations.c.owner_id == owner_id)
    writers: Mapping[str, Callable[[Iterator[dict[str, Any]], Database], Iterator[str]]] = {
        "markdown": _markdown,
        "json": _json,
        "csv": _csv,
    }
    return writers[form]((_told(talk, hidden) for talk in _whole(database, wanted)), database)


def _ids(connection: Connection, owner_id: str, ids: Sequence[str] | None) -> list[str]:
    query = select(conversations.c.id).where(conversations.c.owner_id == owner_id, LISTED)
    if ids is not None:
        mine = select(conversations.c.id).where(
            conversations.c.owner_id == owner_id, conversations.c.deleted_at.is_(None), conversations.c.id.in_(ids)
        )
        found = list(connection.execute(mine).scalars())
        if len(found) != len(set(ids)):
            raise NotFound("There is no such conversation.")
    else:
        order = query.order_by(conversations.c.updated_at.desc(), conversations.c.id)
        found = list(connection.execute(order).scalars())
    columns: dict[str, list[str]] = defaultdict(list)
    of_mine = select(lanes).join(conversations, conversations.c.id == lanes.c.run_id)
    of_mine = of_mine.where(conversations.c.owner_id == owner_id).order_by(lanes.c.run_id, lanes.c.position)
    for row in connection.execute(of_mine):
        columns[row.run_id].append(row.conversation_id)
    return list(dict.fromkeys(each for entry in found for each in (entry, *columns[entry])))


def _whole(database: Database, ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Each conversation with all it holds, read one after the other: whoever reads slowly holds no transaction open."""
    for conversation_id in ids:
        with database.read() as connection:
            row = connection.execute(select(conversations).where(conversations.c.id == conversation_id)).first()
            talk = _talk(connection, row) if row else None
        if talk:
            yield talk


def _told(talk: dict[str, Any], hidden: Mapping[str, int]) -> dict[str, Any]:
    """What may be told of it now."""
    if veiled := [lane["conversation_id"] for lane in talk.get("lanes", ()) if lane["conversation_id"] in hidden]:
        return {**talk, "lanes": [{"conversation_id": name, "model_id": _letter(hidden[name])} for name in veiled]}
    if talk["id"] not in hidden:
        return talk
    letter = _letter(hidden[talk["id"]])
    said = [{**message, "model_id": message["model_id"] and letter, "completion": None} for message in talk["messages"]]
    return {**talk, "model_id": letter, "messages": said}


def _letter(place: int) -> str:
    return chr(ord("A") + place)


def _talk(connection: Connection, row: Row[Any]) -> dict[str, Any]:
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
        **(_comparison(connection, row.id) if row.kind == "comparison" else {}),
        "messages": _messages(connection, row.id),
    }


def _comparison(connection: Connection, run_id: str) -> dict[str, Any]:
    options = connection.execute(select(runs.c.options).where(runs.c.id == run_id)).scalar()
    found = connection.execute(select(lanes).where(lanes.c.run_id == run_id).order_by(lanes.c.position))
    columns = [
        {
            "conversation_id": lane.conversation_id,
            "model_id": lane.model_id,
            "wishes": lane.wishes,
            "removed_at": lane.removed_at.isoformat() if lane.removed_at else None,
        }
        for lane in found
    ]
    return {
        "options": options or {},
        "lanes": columns,
        "rounds": rounds.told(connection, run_id),
        "votes": votes.written(connection, run_id),
    }


def _messages(connection: Connection, conversation_id: str) -> list[dict[str, Any]]:
    files: dict[str, list[dict[str, str]]] = defaultdict(list)
    here = messages.c.conversation_id == conversation_id
    found = select(attachments).join(messages, messages.c.id == attachments.c.message_id).where(here)
    for file in connection.execute(found.order_by(attachments.c.position)):
        files[file.message_id].append({"name": file.name, "media_type": file.media_type, "text": file.text})
    query = (
        select(messages, jobs.c.text.label("part"))
        .join(jobs, jobs.c.message_id == messages.c.id, isouter=True)
        .where(here)
        .order_by(messages.c.seq)
    )
    return [
        {
            "id": row.id,
            "parent_id": row.parent_id,
            "role": row.role,
            "text": row.part if row.state == "running" else row.text,
            "model_id": row.model_id,
            "state": "interrupted" if row.state == "running" else row.state,
            "completion": row.completion,
            "created_at": row.created_at.isoformat(),
            **({"files": files[row.id]} if row.id in files else {}),
        }
        for row in connection.execute(query)
    ]


def _json(talks: Iterator[dict[str, Any]], database: Database) -> Iterator[str]:
    head = {"format": ours.FORMAT, "version": ours.VERSION, "exported_at": database.now().isoformat()}
    yield json.dumps(head)[:-1] + ', "conversations": ['
    for number, talk in enumerate(talks):
        yield (",\n" if number else "\n") + json.dumps(talk, ensure_ascii=False)
    yield "\n]}\n"


def _markdown(talks: Iterator[dict[str, Any]], _database: Database) -> Iterator[str]:
    """The branch that is shown; what was asked and answered otherwise is only in the JSON."""
    for number, talk in enumerate(talks):
        level = "##" if talk["kind"] == "lane" else "#"
        title = talk["title"] if talk["kind"] != "lane" else talk["model_id"]
        yield ("\n\n" if number else "") + f"{level} {title or 'Conversation'}\n\n{talk['updated_at'][:10]}\n"
        for message in _branch(talk):
            who = WHO[message["role"]] + (f" · {message['model_id']}" if message["model_id"] else "")
            state = "" if message["state"] == "done" else f" · {message['state']}"
            yield f"\n{level}# {who}{state}\n\n{message['text'].strip()}\n"
            for file in message.get("files", ()):
                fence = "`" * max(3, _longest_run(file["text"]) + 1)
                yield f"\n{file['name']}:\n\n{fence}\n{file['text'].rstrip()}\n{fence}\n"


def _branch(talk: dict[str, Any]) -> list[dict[str, Any]]:
    by_id = {message["id"]: message for message in talk["messages"]}
    message, branch = by_id.get(talk["leaf_id"]), []
    while message:
        branch.append(message)
        message = by_id.get(message["parent_id"])
    return branch[::-1]


def _longest_run(text: str) -> int:
    longest = run = 0
    for character in text:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    return longest


def _csv(talks: Iterator[dict[str, Any]], _database: Database) -> Iterator[str]:
    """One row a message. Cells that a spreadsheet would take for a formula get an apostrophe before them."""
    yield "\ufeff" + _line(COLUMNS)  # the mark by which spreadsheets know UTF-8
    for talk in talks:
        for message in talk["messages"]:
            known = {**message, "conversation_id": talk["id"], "title": talk["title"], "message_id": message["id"]}
            yield _line([_cell(known[name]) for name in COLUMNS])


def _line(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


def _cell(value: str | None) -> str:
    value = value or ""
    return "'" + value if value.startswith(FORMULA) else value
