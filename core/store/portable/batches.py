"""Batches in our own JSON: their heads, then all their rows one by one, each with its files and every answer.

    "batches": [{"id": "…", "name": "…", "model_ids": […], …}]
    "batch_rows": [{"batch_id": "…", "n": 1, "prompt": "…", …, "answers": [{"place": 0, "state": "done", …}]}]

A question without an answer has no entry, as it is asked when the batch goes on. Not in the file: who runs it, and an
administrator's decision, which holds where it was made.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, select

from ...views.conversation import File
from .. import attachments
from ..batches.tables import HIDDEN, batches, items, rows

PIECE = 200  # rows that are read at once
HEAD = (
    *("id", "name", "state", "model_ids", "system", "settings", "rule", "when_spent"),
    *("created_at", "started_at", "ended_at", "rehearsal", "fields", "mends"),
)
ANSWER = tuple(column.name for column in items.c if column.name not in ("batch_id", "n"))
UNANSWERED = ("waiting", "asking")


def heads(connection: Connection, owner_id: str) -> Iterator[dict[str, Any]]:
    """The batches of an owner, the newest first."""
    query = (
        select(*(batches.c[name] for name in HEAD))
        .where(batches.c.owner_id == owner_id, batches.c.state != HIDDEN)
        .order_by(batches.c.created_at.desc(), batches.c.id)
    )
    for row in connection.execute(query).all():
        yield {name: _plain(value) for name, value in row._mapping.items()}


def rows_of(connection: Connection, owner_id: str, batch_id: str) -> Iterator[dict[str, Any]]:
    """The rows of one batch in their order."""
    last = 0
    while True:
        query = (
            select(rows)
            .where(rows.c.batch_id == batch_id, rows.c.n > last, _owned(owner_id, batch_id))
            .order_by(rows.c.n)
            .limit(PIECE)
        )
        prompts = connection.execute(query).all()
        if not prompts:
            return
        answers = _answers(connection, owner_id, batch_id, prompts[0].n, prompts[-1].n)
        for row in prompts:
            held = {name: value for name, value in row._mapping.items() if value is not None}
            held.pop("reference_check", None)  # made anew where it is read
            if row.files:
                held["files"] = [_file(attachments.of_json(file)) for file in row.files]
            yield held | {"answers": answers[row.n]}
        last = prompts[-1].n


def _answers(
    connection: Connection, owner_id: str, batch_id: str, first: int, last: int
) -> dict[int, list[dict[str, Any]]]:
    columns = (items.c.n, *(items.c[name] for name in ANSWER))
    within = (items.c.batch_id == batch_id, items.c.n.between(first, last), items.c.state.not_in(UNANSWERED))
    query = select(*columns).where(*within, _owned(owner_id, batch_id)).order_by(items.c.n, items.c.place)
    answers: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in connection.execute(query):
        held = {name: _plain(getattr(row, name)) for name in ANSWER}
        answers[row.n].append({name: value for name, value in held.items() if value is not None})
    return answers


def _file(file: File) -> dict[str, Any]:
    return {name: value for name, value in asdict(file).items() if value not in (None, "")} | {"name": file.name}


def _owned(owner_id: str, batch_id: str) -> ColumnElement[bool]:
    return exists().where(batches.c.id == batch_id, batches.c.owner_id == owner_id)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else value


def pieces(connection: Connection, owner_id: str, media_types: dict[str, str]) -> Iterator[str]:
    """Both members of the file as text; `media_types` gets those of the rows' files, by their hash."""
    listed = list(heads(connection, owner_id))
    if not listed:
        return
    yield ', "batches": [\n' + ",\n".join(json.dumps(head, ensure_ascii=False) for head in listed)
    yield '\n], "batch_rows": ['
    first = True
    for head in listed:
        for row in rows_of(connection, owner_id, head["id"]):
            media_types |= {file["sha256"]: file["media_type"] for file in row.get("files", ()) if file.get("sha256")}
            yield ("\n" if first else ",\n") + json.dumps(row, ensure_ascii=False)
            first = False
    yield "\n]"
