"""Answers in progress, as every process sees them: their parts, and the leases that tell whose they are.

A process that lives renews its leases; one that died loses its answers to the others. Leases run by the database's
clock, which all processes share.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import BigInteger, ColumnElement, Connection, Update, and_, bindparam, func, or_, select, update

from ..records import Completion, Finish, Timing
from . import NotFound, Unavailable
from . import completion as codec
from .database import Database
from .search import index_words
from .tables import clean, clock, from_us, jobs, messages


@dataclass(frozen=True, slots=True)
class AnswerPart:
    """What there is of one running answer."""

    owner_id: str
    request_id: str
    text: str
    reasoning: str = ""


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """One answer as the database knows it: its part while `state` is running, then the whole and its completion."""

    conversation_id: str
    message_id: str
    state: str
    text: str
    reasoning: str
    completion: Completion | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Orphan:
    """An answer whose process is gone; it is `interrupted` now."""

    owner_id: str
    request_id: str
    conversation_id: str
    message_id: str


def lease() -> ColumnElement[int]:
    """When a lease of `lease_us` microseconds ends that is taken now, by the database's clock."""
    return clock() + bindparam("lease_us", type_=BigInteger)


# Statements of the way that every answer goes are made once: making them costs more than running them.
MINE = and_(jobs.c.owner_id == bindparam("of"), jobs.c.request_id == bindparam("request"))
ANSWER = (
    update(messages)
    .where(messages.c.id == bindparam("message"))
    .values(
        text=bindparam("whole"),
        words=bindparam("index"),
        state=bindparam("new"),
        completion=bindparam("data"),
        model_id=func.coalesce(bindparam("model"), messages.c.model_id),
    )
)
END = update(jobs).where(MINE).values(state=bindparam("new"), text="", reasoning="", updated_at=clock())


CHECKPOINT = (
    update(jobs)
    .where(MINE, jobs.c.state == "running")
    .values(text=bindparam("so_far"), reasoning=bindparam("thoughts"), updated_at=clock(), lease_until=lease())
)
RENEW = (
    update(jobs)
    .where(jobs.c.state == "running", jobs.c.owner_process == bindparam("process"))
    .values(lease_until=lease())
)


def process_name() -> str:
    """A name for this process that tells where it runs, so that its successor can see that it is gone."""
    return f"{socket.gethostname()[:100]}/{os.getpid()}/{uuid4().hex[:12]}"


def checkpoint(database: Database, parts: Iterable[AnswerPart]) -> bool:
    """Keep what there is of these answers, in one transaction, and renew their leases.

    False if it cannot be now, or if an answer among them does not run any more.
    """
    lease_us = int(database.lease_s * 1_000_000)
    rows = [
        {
            "of": part.owner_id,
            "request": part.request_id,
            "so_far": clean(part.text),
            "thoughts": clean(part.reasoning),
            "lease_us": lease_us,
        }
        for part in parts
    ]
    return not rows or _try(database, CHECKPOINT, rows) == len(rows)


def read(database: Database, owner_id: str, request_id: str) -> StoredAnswer:
    """One answer, from whichever process. NotFound for another owner's."""
    query = (
        select(jobs, messages.c.text.label("whole"), messages.c.completion)
        .join_from(jobs, messages, messages.c.id == jobs.c.message_id)
        .where(jobs.c.owner_id == owner_id, jobs.c.request_id == request_id)
    )
    with database.ahead() as waiting:
        row = waiting.execute(query).first() if waiting is not None else None
    if row is None:
        with database.read() as connection:
            row = connection.execute(query).first()
    if row is None:
        raise NotFound("There is no such answer.")
    completion = codec.decode(row.completion, row.whole) if row.completion else None
    text, reasoning = (completion.text, completion.reasoning) if completion else (row.text, row.reasoning)
    return StoredAnswer(
        row.conversation_id, row.message_id, row.state, text, reasoning, completion, from_us(row.updated_at)
    )  # fmt: skip


def renew(database: Database, owner_process: str) -> bool:
    """Tell that the process lives: its answers stay its own for another lease. False if it cannot be told now."""
    return _try(database, RENEW, {"process": owner_process, "lease_us": int(database.lease_s * 1_000_000)}) is not None


def claim_orphans(database: Database, *, limit: int = 200) -> list[Orphan]:
    """Answers whose lease ran out become interrupted, their part kept. Two processes never claim the same one."""
    with database.write() as connection:
        return end_alone(connection, jobs.c.lease_until < clock(), limit)


def at_start(database: Database, owner_process: str) -> list[Orphan]:
    """As `claim_orphans`, and at once for answers of processes of this computer that are gone."""
    with database.read() as connection:
        query = select(jobs.c.owner_process).where(jobs.c.state == "running").distinct()
        gone = [name for name in connection.execute(query).scalars() if is_gone(name, owner_process)]
    with database.write() as connection:
        return end_alone(connection, or_(jobs.c.lease_until < clock(), jobs.c.owner_process.in_(gone)))


def tick(database: Database, owner_process: str) -> list[Orphan]:
    """What a process does every ten seconds: save what waits, renew its leases, claim orphans."""
    database.flush()
    if not renew(database, owner_process):
        return []
    try:
        return claim_orphans(database)
    except Unavailable:
        return []


def end_job(
    connection: Connection, job: Any, state: str, text: str, completion: Mapping[str, Any], model_id: str | None
) -> None:
    """Give an answer its last text and state, and take the part off its job."""
    answer = {"whole": text, "index": index_words(text), "data": completion, "model": model_id}
    connection.execute(ANSWER, {"message": job.message_id, "new": state, **answer})
    connection.execute(END, {"of": job.owner_id, "request": job.request_id, "new": state})


def _try(database: Database, change: Update, values: Any) -> int | None:
    """How many rows were changed, None when the database cannot do it now."""
    try:
        with database.write(durable=False) as connection:
            return connection.execute(change, values).rowcount
    except Unavailable:
        return None


def end_alone(connection: Connection, condition: ColumnElement[bool], limit: int = 10_000) -> list[Orphan]:
    """Interrupt the running answers that meet the condition, oldest first."""
    query = (
        select(jobs, messages.c.model_id)
        .join_from(jobs, messages, messages.c.id == jobs.c.message_id)
        .where(jobs.c.state == "running", condition)
        .order_by(jobs.c.created_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=jobs)
    )
    found = connection.execute(query).all()
    for job in found:
        part = Completion(
            job.model_id or "", job.text, job.reasoning, None, Finish("truncated"), Timing(job.created_at)
        )
        end_job(connection, job, "interrupted", job.text, codec.encode(part), None)
    return [Orphan(job.owner_id, job.request_id, job.conversation_id, job.message_id) for job in found]


def is_gone(name: str, ours: str) -> bool:
    """True when the process ran on this computer and does not any more; a number in use again waits for its lease."""
    host, _, rest = name.partition("/")
    number = rest.partition("/")[0]
    if host != socket.gethostname()[:100] or not number.isdigit():
        return False
    if int(number) == os.getpid():
        return name != ours
    if os.name == "nt":  # where os.kill would end the process
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
