"""Schedule a question, cancel it, or have it sent now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from ...records import Completion
from .. import completion as codec
from .. import turns
from ..database import Database
from ..rows import clean, insert_new
from ..running import end_job
from ..tables import conversations, jobs, messages
from .tables import UNSENT, WAITING, scheduled

S = scheduled.c


@dataclass(frozen=True, slots=True)
class Schedule:
    """When and how a question is sent: instants in microseconds since 1970, the generation settings as stored."""

    not_before_us: int
    expires_us: int
    model_id: str
    pool: str
    own_key: bool
    generation: Mapping[str, Any]


def begin(database: Database, values: Mapping[str, Any], schedule: Schedule, *, most: int) -> turns.Begun | None:
    """Commit a question and when it is to be sent, once per request id; `values` are those of `turns.insert`.

    Another answer of a model that waits already, asked for in another tab, is the one that waits. None where the owner
    has `most` of them already. Raises Unavailable: a question that is to be sent while nobody looks must be saved, and
    cannot wait in the spool.
    """
    with database.write() as connection:
        fresh = not _is_asked(connection, values["owner_id"], values["request_id"])
        if fresh and values["text"] is None and (waiting := _same_answer(connection, values, schedule.model_id)):
            return waiting
        if fresh and _is_full(connection, values["owner_id"], most):
            return None
        result = {**turns.insert(connection, values), "fresh": fresh}
        if fresh:
            insert_new(connection, scheduled, [_row(connection, values, result, schedule)])
    return turns.begun_of(result)


def cancel(
    database: Database, owner_id: str, request_id: str, completion: Completion, state: turns.End = "stopped"
) -> bool:
    """End the answer with this completion; False where the question has been sent or is gone."""
    own = (S.owner_id == owner_id, S.request_id == request_id, S.state.in_(UNSENT))
    with database.write() as connection:
        if not connection.execute(delete(scheduled).where(*own)).rowcount:
            return False
        end_unsent(connection, owner_id, request_id, completion, state)
    return True


def send_now(database: Database, owner_id: str, request_id: str, now_us: int) -> bool:
    """Send it as soon as a process looks, whatever the limit says; False where it does not wait any more."""
    own = (S.owner_id == owner_id, S.request_id == request_id, S.state == WAITING)
    change = update(scheduled).where(*own).values(not_before_us=now_us, insist=True)
    with database.write() as connection:
        return bool(connection.execute(change).rowcount)


def end_unsent(connection: Connection, owner_id: str, request_id: str, completion: Completion, state: str) -> None:
    """End an answer that was never sent."""
    job = connection.execute(turns.LOCKED_JOB, {"of": owner_id, "request": request_id}).first()
    if job is not None and job.state == "scheduled":
        end_job(connection, job, state, completion.text, clean(codec.encode(completion)), completion.model_id or None)


def _is_asked(connection: Connection, owner_id: str, request_id: str) -> bool:
    job = select(jobs.c.request_id).where(jobs.c.owner_id == owner_id, jobs.c.request_id == request_id)
    return connection.execute(job).first() is not None


def _same_answer(connection: Connection, values: Mapping[str, Any], model_id: str) -> turns.Begun | None:
    """The answer to the same question by the same model that waits."""
    owner_id, conversation_id = values["owner_id"], values["conversation_id"]
    whole = (conversations.c.owner_id == owner_id, conversations.c.id == conversation_id)
    connection.execute(select(conversations.c.id).where(*whole).with_for_update()).all()  # of two tabs, one waits here
    same = (S.owner_id == owner_id, S.conversation_id == conversation_id, S.question_id == values["parent_id"])
    row = connection.execute(select(S.answer_id).where(*same, S.model_id == model_id, S.state.in_(UNSENT))).first()
    return turns.Begun(conversation_id, None, row.answer_id, False) if row else None


def _is_full(connection: Connection, owner_id: str, most: int) -> bool:
    own = (S.owner_id == owner_id, S.state.in_(UNSENT))
    connection.execute(select(S.seq).where(*own).with_for_update()).all()  # of two that ask at once, one waits here
    shown = (conversations.c.owner_id == owner_id, conversations.c.deleted_at.is_(None))
    rows = select(func.count()).select_from(scheduled).join(conversations, conversations.c.id == S.conversation_id)
    return int(connection.execute(rows.where(*own, *shown)).scalar_one()) >= most


def _row(
    connection: Connection, values: Mapping[str, Any], result: Mapping[str, Any], schedule: Schedule
) -> dict[str, Any]:
    question_id, parent_id = result["user_message_id"] or values["parent_id"], values["parent_id"]
    above = select(messages.c.state).where(messages.c.id == parent_id)
    goes_first = connection.execute(above).scalar() in ("running", "scheduled") if parent_id else False
    of_above = select(S.not_before_us).where(S.owner_id == values["owner_id"], S.answer_id == parent_id)
    not_before_us = connection.execute(of_above).scalar() or 0 if goes_first else 0
    return {
        "owner_id": values["owner_id"],
        "request_id": values["request_id"],
        "conversation_id": result["conversation_id"],
        "question_id": question_id,
        "answer_id": result["message_id"],
        "after_id": parent_id if goes_first else None,
        "model_id": schedule.model_id,
        "pool": schedule.pool,
        "own_key": schedule.own_key,
        "generation": clean(dict(schedule.generation)),
        "not_before_us": max(schedule.not_before_us, not_before_us),
        "expires_us": schedule.expires_us,
        "tries": 0,
        "insist": False,
        "state": WAITING,
        "owner_process": "",
        "lease_until": 0,
    }
