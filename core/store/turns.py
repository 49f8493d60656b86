"""One question and its answer in progress: committed before any model is called, visible to every process.

    begin -> (checkpoint ...) -> finish        the job's lease is renewed while its process lives
                  \\-> interrupted             `leases`, when the process died; the part is kept

All ids derive from the owner and the request id, so a question that is sent twice, or replayed from the spool, is the
same question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, and_, bindparam, select, update

from ..records import Completion
from ..views.conversation import File, GenerationSettings
from . import NotFound, routed_answers
from . import attachments as attachment_rows
from . import calls as call_rows
from . import completion as codec
from .columns import from_us, to_us
from .conversations import title_of
from .database import Database
from .rows import clean, derived, insert_new
from .running import OWN_JOB, end_job, lease
from .search import index_words
from .tables import attachments, conversations, jobs, messages

End = Literal["done", "stopped", "failed"]
AnswerState = Literal["running", "scheduled"]
LONGEST_ID = 200


# Statements used by every answer are built once: building them costs more than running them.
JOB = select(
    jobs.c.conversation_id, jobs.c.user_message_id, jobs.c.message_id, jobs.c.owner_process, jobs.c.created_at
).where(OWN_JOB)
LOCKED_JOB = (
    select(jobs.c.owner_id, jobs.c.request_id, jobs.c.conversation_id, jobs.c.message_id, jobs.c.state)
    .where(OWN_JOB)
    .with_for_update()
)
PLACE = (
    select(conversations.c.title, conversations.c.model_id, messages.c.depth, messages.c.role)
    .join_from(
        conversations,
        messages,
        and_(messages.c.conversation_id == conversations.c.id, messages.c.id == bindparam("parent")),
        isouter=True,
    )
    .where(
        conversations.c.id == bindparam("here"),
        conversations.c.owner_id == bindparam("of"),
        conversations.c.deleted_at.is_(None),
    )
)
HERE = and_(conversations.c.id == bindparam("here"), conversations.c.owner_id == bindparam("of"))
GROW = (
    update(conversations)
    .where(HERE)
    .values(
        leaf_id=bindparam("leaf"),
        updated_at=bindparam("at"),
        version=conversations.c.version + 1,
        title=bindparam("called"),
        model_id=bindparam("model"),
    )
)
TOUCH = (
    update(conversations).where(HERE, conversations.c.updated_at < bindparam("at")).values(updated_at=bindparam("at"))
)


@dataclass(frozen=True, slots=True)
class NewTurn:
    """A question and its place: below the message `parent_id`, None for a first one; a second child of one parent is a
    branch. `conversation_id` None starts a conversation. `text` None asks for another answer to `parent_id`, a
    question. `generation`: the settings of a conversation that starts."""

    request_id: str
    text: str | None
    model_id: str | None = None
    conversation_id: str | None = None
    parent_id: str | None = None
    generation: GenerationSettings | None = None
    files: Sequence[File] = ()


@dataclass(frozen=True, slots=True)
class Begun:
    """`fresh` False: the request was begun before, do not send it again. `saved` False: it waits in the spool."""

    conversation_id: str
    user_message_id: str | None
    answer_message_id: str
    fresh: bool
    saved: bool = True


def begin(database: Database, owner_id: str, turn: NewTurn, *, owner_process: str) -> Begun:
    """Commit a question and the job that answers it, in one transaction, once per request id."""
    values = question_values(database, owner_id, turn, owner_process=owner_process)
    result, saved = database.save("begin", values)
    if result is None:
        return Begun(values["conversation_id"], values["user_id"], values["answer_id"], fresh=True, saved=saved)
    return begun_of(result, saved=saved)


def begun_of(result: Mapping[str, Any], *, saved: bool = True) -> Begun:
    """What `insert` returned."""
    return Begun(result["conversation_id"], result["user_message_id"], result["message_id"], result["fresh"], saved)


def question_values(
    database: Database, owner_id: str, turn: NewTurn, *, owner_process: str, state: AnswerState = "running"
) -> dict[str, Any]:
    """The arguments of `begin` as JSON values for `insert`; `state` is that of the answer and its job."""
    if not 0 < len(turn.request_id) <= LONGEST_ID:
        raise ValueError("request_id must have 1 to 200 characters")
    request_id, generation = clean(turn.request_id), turn.generation
    return {
        "owner_id": owner_id,
        "request_id": request_id,
        "conversation_id": turn.conversation_id or derived(owner_id, request_id, "conversation"),
        "starts": turn.conversation_id is None,
        "parent_id": turn.parent_id,
        "text": clean(turn.text),
        "user_id": None if turn.text is None else derived(owner_id, request_id, "question"),
        "answer_id": derived(owner_id, request_id, "answer"),
        "model_id": turn.model_id,
        "owner_process": owner_process,
        "lease_us": int(database.lease_s * 1_000_000),
        "system": clean(generation.system) if generation else None,
        "settings": clean(generation.sampling()) if generation else {},
        "files": [attachment_rows.values(file) for file in turn.files],
        "at_us": to_us(database.now()),
        "state": state,
    }


def insert(connection: Connection, values: Mapping[str, Any]) -> dict[str, Any]:
    """The operation behind `begin`: the job's ids, and whether they are new."""
    owned = {"of": values["owner_id"], "request": values["request_id"]}
    at = from_us(values["at_us"])
    job = connection.execute(JOB, owned).first()
    if job is None:
        if values["starts"]:
            insert_new(connection, conversations, [_conversation(values, at)])
        place = _place(connection, values)
        model_id = values["model_id"] or place.model_id
        insert_new(connection, messages, _messages(values, at, place.depth or 0, model_id))
        insert_new(connection, attachments, _attachments(values))
        if insert_new(connection, jobs, [_job(values, at)], lease_until=lease()):
            title = place.title or title_of(values["text"] or "")
            news = {"leaf": values["answer_id"], "at": at, "called": title, "model": model_id}
            connection.execute(GROW, {"here": values["conversation_id"], "of": values["owner_id"], **news})
        job = connection.execute(JOB, owned).one()
    # A repeated call, after the database's reply was lost, still counts as the first.
    fresh = job.owner_process == values["owner_process"] and job.created_at == at
    return {
        "conversation_id": job.conversation_id,
        "user_message_id": job.user_message_id,
        "message_id": job.message_id,
        "fresh": fresh,
    }


def finish(
    database: Database,
    owner_id: str,
    request_id: str,
    completion: Completion,
    state: End = "done",
    chosen: Mapping[str, Any] | None = None,
) -> bool:
    """Store the answer, its calls and its end, in one transaction; False when it waits in the spool.

    An answer that was marked as interrupted while its process slept is still accepted; one that had ended stays as it
    is. `chosen` tells how "auto" chose the model, for `routed_answers.insert`.
    """
    return database.save("finish", answer_values(database, owner_id, request_id, completion, state, chosen)).now


def answer_values(
    database: Database,
    owner_id: str,
    request_id: str,
    completion: Completion,
    state: End = "done",
    chosen: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The arguments of `finish` as JSON values for `settle`."""
    return {
        "owner_id": owner_id,
        "request_id": request_id,
        "state": state,
        "text": clean(completion.text),
        "completion": clean(codec.encode(completion)),
        "model_id": completion.model_id,
        "at_us": to_us(database.now()),
        "calls": call_rows.rows(owner_id, completion, request_id),
        "chosen": dict(chosen) if chosen else None,
    }


def settle(connection: Connection, values: Mapping[str, Any]) -> bool:
    """The operation behind `finish`; False when the answer had ended before."""
    job = connection.execute(LOCKED_JOB, {"of": values["owner_id"], "request": values["request_id"]}).first()
    if job is None:
        raise NotFound("There is no such answer.")
    if job.state not in ("running", "interrupted"):
        return False
    end_job(connection, job, values["state"], values["text"], values["completion"], values["model_id"])
    insert_new(connection, attachments, attachment_rows.of_answer(job.message_id, values["completion"]))
    connection.execute(TOUCH, {"here": job.conversation_id, "of": values["owner_id"], "at": from_us(values["at_us"])})
    call_rows.insert(connection, {"rows": [{**row, "conversation_id": job.conversation_id} for row in values["calls"]]})
    if chosen := values.get("chosen"):
        routed_answers.insert(connection, job.owner_id, job.message_id, from_us(values["at_us"]), chosen)
    return True


class _Place(NamedTuple):
    title: str
    model_id: str | None
    depth: int | None


def _place(connection: Connection, values: Mapping[str, Any]) -> _Place:
    """The place of the question. NotFound unless conversation and parent exist and are the owner's."""
    parent = values["parent_id"]
    where = {"here": values["conversation_id"], "of": values["owner_id"], "parent": parent}
    row = connection.execute(PLACE, where).first()
    if row is None:
        raise NotFound("There is no such conversation.")
    if parent is not None and row.depth is None:
        raise NotFound("There is no such message in this conversation.")
    if values["text"] is None and row.role != "user":
        raise NotFound("Only a question can be answered again.")
    return _Place(row.title, row.model_id, row.depth)


def _conversation(values: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    return {
        "id": values["conversation_id"],
        "owner_id": values["owner_id"],
        "kind": "chat",
        "title": title_of(values["text"] or ""),
        "title_by_person": False,
        "pinned": False,
        "system": values["system"],
        "settings": values["settings"],
        "model_id": values["model_id"],
        "version": 0,
        "created_at": at,
        "updated_at": at,
    }


def _messages(values: Mapping[str, Any], at: datetime, depth: int, model_id: str | None) -> list[dict[str, Any]]:
    common = {"conversation_id": values["conversation_id"], "created_at": at, "completion": None}
    text, parent = values["text"], values["parent_id"]
    rows: list[dict[str, Any]] = []
    if text is not None:
        question = {"id": values["user_id"], "parent_id": parent, "depth": depth + 1, "role": "user", "state": "done"}
        rows.append({**common, **question, "text": text, "words": index_words(text), "model_id": None})
        parent, depth = values["user_id"], depth + 1
    answer = {"id": values["answer_id"], "parent_id": parent, "depth": depth + 1, "role": "assistant"}
    state = values.get("state", "running")
    rows.append({**common, **answer, "state": state, "text": "", "words": "", "model_id": model_id})
    return rows


def _attachments(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        attachment_rows.row(values["user_id"], position, attachment_rows.of_json(file))
        for position, file in enumerate(values["files"])
    ]


def _job(values: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    return {
        "owner_id": values["owner_id"],
        "request_id": values["request_id"],
        "conversation_id": values["conversation_id"],
        "user_message_id": values["user_id"],
        "message_id": values["answer_id"],
        "owner_process": values["owner_process"],
        "lease_us": values["lease_us"],
        "updated_at": values["at_us"],
        "state": values.get("state", "running"),
        "text": "",
        "reasoning": "",
        "created_at": at,
    }
