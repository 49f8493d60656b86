"""Answers in progress, shared by all processes: their texts so far, and the leases that say which process owns them.

A living process renews its leases; the answers of a dead one are claimed by the others. Leases use the database's
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
from .columns import from_us
from .database import Database
from .rows import clean, clock
from .search import index_words
from .tables import jobs, messages


@dataclass(frozen=True, slots=True)
class AnswerCheckpoint:
    """The text so far of one running answer."""

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
    """An answer whose process has ended; it is `interrupted` now."""

    owner_id: str
    request_id: str
    conversation_id: str
    message_id: str


def lease() -> ColumnElement[int]:
    """When a lease of `lease_us` microseconds ends that is taken now, by the database's clock."""
    return clock() + bindparam("lease_us", type_=BigInteger)


# Statements used by every answer are built once: building them costs more than running them.
OWN_JOB = and_(jobs.c.owner_id == bindparam("of"), jobs.c.request_id == bindparam("request"))
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
END = update(jobs).where(OWN_JOB).values(state=bindparam("new"), text="", reasoning="", updated_at=clock())


CHECKPOINT = (
    update(jobs)
    .where(OWN_JOB, jobs.c.state == "running")
    .values(text=bindparam("so_far"), reasoning=bindparam("thoughts"), updated_at=clock(), lease_until=lease())
)
RENEW = (
    update(jobs)
    .where(jobs.c.state == "running", jobs.c.owner_process == bindparam("process"))
    .values(lease_until=lease())
)


def process_name() -> str:
    """A name for this process with its host and number, so that its successor can see that it has ended."""
    return f"{socket.gethostname()[:100]}/{os.getpid()}/{uuid4().hex[:12]}"


def checkpoint(database: Database, parts: Iterable[AnswerCheckpoint]) -> bool:
    """Store the text so far of these answers, in one transaction, and renew their leases.

    False if that is not possible now, or if one of the answers is no longer running.
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
    """One answer, of any process. NotFound for another owner's."""
    query = (
        select(jobs, messages.c.text.label("whole"), messages.c.completion)
        .join_from(jobs, messages, messages.c.id == jobs.c.message_id)
        .where(jobs.c.owner_id == owner_id, jobs.c.request_id == request_id)
    )
    with database.pending() as waiting:
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
    """Renew the leases of this process's answers. False if that is not possible now."""
    return _try(database, RENEW, {"process": owner_process, "lease_us": int(database.lease_s * 1_000_000)}) is not None


def claim_orphans(database: Database, *, limit: int = 200) -> list[Orphan]:
    """Mark answers whose lease has expired as interrupted; their text stays. No two processes claim the same one."""
    with database.write() as connection:
        return interrupt_jobs(connection, jobs.c.lease_until < clock(), limit)


def at_start(database: Database, owner_process: str) -> list[Orphan]:
    """As `claim_orphans`, and at once for answers of ended processes of this computer."""
    with database.read() as connection:
        query = select(jobs.c.owner_process).where(jobs.c.state == "running").distinct()
        gone = [name for name in connection.execute(query).scalars() if is_gone(name, owner_process)]
    with database.write() as connection:
        return interrupt_jobs(connection, or_(jobs.c.lease_until < clock(), jobs.c.owner_process.in_(gone)))


def give_back(database: Database, owner_process: str) -> list[Orphan]:
    """A process that ends: its running answers become interrupted at once, with the text that was stored last."""
    with database.write() as connection:
        return interrupt_jobs(connection, jobs.c.owner_process == owner_process)


def tick(database: Database, owner_process: str) -> list[Orphan]:
    """A process's duties every ten seconds: save what waits, renew its leases, claim orphans."""
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
    """Give an answer its final text and state, and clear the job's text."""
    answer = {"whole": text, "index": index_words(text), "data": completion, "model": model_id}
    connection.execute(ANSWER, {"message": job.message_id, "new": state, **answer})
    connection.execute(END, {"of": job.owner_id, "request": job.request_id, "new": state})


def _try(database: Database, change: Update, values: Any) -> int | None:
    """How many rows were changed; None when the database is not available now."""
    try:
        with database.write(durable=False) as connection:
            return connection.execute(change, values).rowcount
    except Unavailable:
        return None


def interrupt_jobs(connection: Connection, condition: ColumnElement[bool], limit: int = 10_000) -> list[Orphan]:
    """Interrupt the running answers that meet the condition, oldest first."""
    query = (
        select(jobs, messages.c.model_id)
        .join_from(jobs, messages, messages.c.id == jobs.c.message_id)
        .where(jobs.c.state == "running", condition)
        .order_by(jobs.c.created_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=jobs)
    )
    running_jobs = connection.execute(query).all()
    for job in running_jobs:
        part = Completion(
            job.model_id or "", job.text, job.reasoning, None, Finish("truncated"), Timing(job.created_at)
        )
        end_job(connection, job, "interrupted", job.text, codec.encode(part), None)
    return [Orphan(job.owner_id, job.request_id, job.conversation_id, job.message_id) for job in running_jobs]


def is_gone(name: str, own_name: str) -> bool:
    """True when the process ran on this computer and has ended; where its number is in use again, the lease decides."""
    host, _, rest = name.partition("/")
    number = rest.partition("/")[0]
    if host != socket.gethostname()[:100] or not number.isdigit():
        return False
    if int(number) == os.getpid():
        return name != own_name
    if os.name == "nt":  # where os.kill would end the process
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
