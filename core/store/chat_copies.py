"""A new chat of turns that were asked elsewhere: what somebody shared, continued by another person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import update

from ..records import Completion
from ..views.conversation import File
from . import attachments as attachment_rows
from . import completion as codec
from .database import Database
from .rows import clean, derived, insert_new
from .search import index_words
from .tables import attachments, conversations, messages

CopiedTurn = tuple[str, Sequence[File], Completion | None]


def create(database: Database, owner_id: str, request_id: str, title: str, turns: Sequence[CopiedTurn]) -> str:
    """A chat of these (question, files, answer), once per request id; returns its id. Its next answer is by the model
    of the last one."""
    chat_id, now = derived(owner_id, request_id, "copy"), database.now()
    rows = list(_rows(owner_id, request_id, turns))
    models = [row["model_id"] for row in rows if row["model_id"]]
    chat = {"id": chat_id, "owner_id": owner_id, "kind": "chat", "title": clean(title), "title_by_person": False}
    chat |= {"pinned": False, "system": None, "settings": {}, "model_id": models[-1] if models else None}
    chat |= {"version": 0, "created_at": now, "updated_at": now}
    with database.write() as connection:
        if insert_new(connection, conversations, [chat]):
            common = {"conversation_id": chat_id, "created_at": now, "state": "done"}
            insert_new(connection, messages, [{**row, **common} for row in rows])
            insert_new(connection, attachments, list(_files(owner_id, request_id, turns)))
            last = update(conversations).where(conversations.c.id == chat_id, conversations.c.owner_id == owner_id)
            connection.execute(last.values(leaf_id=rows[-1]["id"] if rows else None))
    return chat_id


def _rows(owner_id: str, request_id: str, turns: Sequence[CopiedTurn]) -> Iterator[dict[str, Any]]:
    parent, depth = None, 0
    for number, (prompt, _, completion) in enumerate(turns):
        for role, text in (("user", prompt), ("assistant", completion.text if completion else None)):
            if text is None:
                continue
            message_id, depth = derived(owner_id, request_id, role, str(number)), depth + 1
            answer = completion if role == "assistant" else None
            yield {
                "id": message_id,
                "parent_id": parent,
                "depth": depth,
                "role": role,
                "text": clean(text),
                "words": index_words(clean(text)),
                "model_id": answer.model_id if answer else None,
                "completion": clean(codec.encode(answer)) if answer else None,
            }
            parent = message_id


def _files(owner_id: str, request_id: str, turns: Sequence[CopiedTurn]) -> Iterator[dict[str, Any]]:
    for number, (_, files, completion) in enumerate(turns):
        for position, file in enumerate(files):
            yield attachment_rows.row(derived(owner_id, request_id, "user", str(number)), position, file)
        if completion:
            answer_id = derived(owner_id, request_id, "assistant", str(number))
            yield from attachment_rows.of_answer(answer_id, codec.encode(completion))
