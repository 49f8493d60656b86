"""Models' verdicts on the answers of a comparison: a judge's scores, or one answer merged from several.

Each is a conversation of its own, hidden from the history like a lane and deleted with its comparison; its row names
the answers that the model is asked about, in the order in which it sees them, and is stored before the model is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update

from ..views.comparison import Kind, Link
from . import NotFound
from .conversations import find
from .database import Database
from .rounds import branch
from .rows import clean, derived, insert_new
from .search import index_words
from .tables import conversations, messages
from .verdict_tables import verdicts


def create(
    database: Database,
    owner_id: str,
    request_id: str,
    run_id: str,
    kind: Kind,
    model_id: str,
    answers: Sequence[str],
) -> str:
    """An empty conversation for a verdict, once for a request id; its id. NotFound for another owner's comparison."""
    verdict_id = derived(owner_id, request_id, kind)
    with database.write() as connection:
        owned = (
            conversations.c.id == run_id,
            conversations.c.owner_id == owner_id,
            conversations.c.kind == "comparison",
        )
        run = connection.execute(select(conversations).where(*owned, conversations.c.deleted_at.is_(None))).first()
        if run is None:
            raise NotFound("There is no such comparison.")
        at = database.now()
        row: dict[str, Any] = {
            "id": verdict_id,
            "owner_id": owner_id,
            "kind": "lane",
            "title": run.title,
            "title_by_person": False,
        }
        row |= {"pinned": False, "system": None, "settings": {}, "model_id": model_id, "version": 0}
        if insert_new(connection, conversations, [{**row, "created_at": at, "updated_at": at}]):
            link = {"conversation_id": verdict_id, "run_id": run_id, "kind": kind, "model_id": clean(model_id)}
            insert_new(connection, verdicts, [{**link, "answers": list(answers), "created_at": at}])
    return verdict_id


def of_run(database: Database, owner_id: str, run_id: str) -> list[Link]:
    """The verdicts of a comparison, the newest first; none for another owner's."""
    query = (
        select(verdicts)
        .join(conversations, conversations.c.id == verdicts.c.conversation_id)
        .where(verdicts.c.run_id == run_id, conversations.c.owner_id == owner_id, conversations.c.deleted_at.is_(None))
        .order_by(verdicts.c.created_at.desc(), verdicts.c.conversation_id)
    )
    with database.read() as connection:
        return [
            Link(row.conversation_id, row.run_id, row.kind, row.model_id, tuple(row.answers), row.created_at)
            for row in connection.execute(query)
        ]


def fork(database: Database, owner_id: str, conversation_id: str, answer_id: str, question: str) -> str:
    """A new chat with this answer to `question`, instead of to the prompt that the model was shown; returns its id.

    Once per answer: opened again it is the same chat, with its later turns. NotFound for another owner's.
    """
    chat_id = branch.fork(database, owner_id, answer_id, conversation_id)
    text = clean(question)
    first = (messages.c.conversation_id == chat_id, messages.c.depth == 1)
    with database.write() as connection:
        find(connection, owner_id, chat_id)
        connection.execute(update(messages).where(*first).values(text=text, words=index_words(text)))
    return chat_id
