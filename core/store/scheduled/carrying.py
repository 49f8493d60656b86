"""Scheduled questions for the processes that send them, one pool in turn.

    look(...)       what is to be done now, and when to look again
    claim(...)      this process prepares it; two never get the same
    sending(...)    committed right before the provider is called: from here on nobody sends it again
    heard(...)      the first token is there: the next of the pool may go
    put_back(...)   the limit has not reset: wait again
    end(...)        it ended without having been sent

A process that dies before `sending` loses its lease, and another one sends the question; after it the question counts
as sent, and its answer becomes interrupted like any other of a dead process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, or_, select, update

from ...records import Completion
from .. import calls as call_rows
from .. import turns
from ..database import Database
from ..quota.ledger import Now
from ..quota.meters import now_us
from ..rows import clock, derived
from ..running import is_gone, lease
from ..tables import conversations, jobs, lanes, messages
from .making import end_unsent
from .tables import CLAIMED, EARLY, HEARD, SENT, UNSENT, WAITING, scheduled

S = scheduled.c
LOOKED_AT = 500
WITH_PLACE = (
    select(
        scheduled,
        conversations.c.deleted_at,
        func.coalesce(lanes.c.removed_at, select(conversations.c.deleted_at)
                      .where(conversations.c.id == lanes.c.run_id, conversations.c.owner_id == S.owner_id)
                      .correlate(lanes, scheduled).scalar_subquery()).label("lane_gone_at"),
        messages.c.state.label("above"),
        clock().label("at"),
    )
    .select_from(scheduled)
    .join(conversations, and_(conversations.c.id == S.conversation_id, conversations.c.owner_id == S.owner_id))
    .join(lanes, lanes.c.conversation_id == S.conversation_id, isouter=True)
    .join(messages, messages.c.id == S.after_id, isouter=True)
)  # fmt: skip
# Those with a pasted key last: they may wait for it a day, and must not take the places of what can be sent.
ORDER = (S.own_key, S.not_before_us, S.seq)


@dataclass(frozen=True, slots=True)
class DueQuestion:
    """`above`: how the answer above ended, where it has one; None: nothing goes first. `gone`: its chat, comparison or
    column was deleted."""

    seq: int
    owner_id: str
    request_id: str
    conversation_id: str
    question_id: str
    model_id: str
    pool: str
    own_key: bool
    generation: Mapping[str, Any]
    tries: int
    insist: bool
    above: str | None
    gone: bool
    expired: bool


@dataclass(frozen=True, slots=True)
class Look:
    """`due` in the order in which they are to be sent; `busy`: pools with a question that has no first token yet.
    `next_us`: the next instant at which one is due, or at which another process's lease on one ends; `owners`: of those
    that need a pasted key, due or not."""

    due: tuple[DueQuestion, ...]
    busy: frozenset[str]
    next_us: int | None
    now_us: int
    owners: frozenset[str]


def look(database: Database, process: str, *, now: Now = now_us) -> Look:
    """Only reads, but for the rows of answers that have ended."""
    with database.read() as connection:
        at_us = now(connection)
        due = or_(S.not_before_us <= at_us, S.expires_us <= at_us)
        query = WITH_PLACE.where(or_(S.state != WAITING, due)).order_by(S.insist.desc(), *ORDER).limit(LOOKED_AT)
        rows = connection.execute(query).all()
        later = select(func.min(S.not_before_us)).where(S.state == WAITING, S.not_before_us > at_us)
        next_us = connection.execute(later).scalar()
        keyed = select(S.owner_id).where(S.own_key, S.state == WAITING).distinct()
        owners = frozenset(connection.execute(keyed).scalars())
        over = _over(connection, rows)
    if over:
        _forget(database, over)
    unsent = [row for row in rows if row.state == WAITING or _is_lost(row, process)]
    busy = [row for row in rows if row.seq not in over and _is_busy(row, process)]
    leases = [row.lease_until - row.at + at_us for row in busy if row.state == CLAIMED and row.owner_process != process]
    next_us = min((instant for instant in (next_us, *leases) if instant is not None), default=None)
    return Look(tuple(_due(row, at_us) for row in unsent), frozenset(row.pool for row in busy), next_us, at_us, owners)


def claim(database: Database, process: str, due: DueQuestion) -> bool:
    """Take it, unless another one of its pool was taken meanwhile."""
    until = lease()
    with database.write() as connection:
        own = (S.pool == due.pool, S.owner_id == due.owner_id) if due.insist else (S.pool == due.pool,)
        query = select(S.seq, S.state, S.owner_process, S.lease_until, clock().label("at"))
        rows = connection.execute(query.where(*own, S.state.in_((*UNSENT, SENT))).order_by(S.seq).with_for_update())
        by_seq = {row.seq: row for row in rows}
        row = by_seq.pop(due.seq, None)
        if row is None or (row.state != WAITING and not _is_lost(row, process)):
            return False
        if not due.insist and any(_is_busy(other, process) for other in by_seq.values()):
            return False
        change = {"state": CLAIMED, "owner_process": process, "lease_until": until}
        lease_us = {"lease_us": int(database.lease_s * 1_000_000)}
        this = update(scheduled).where(S.seq == due.seq, S.owner_id == due.owner_id)
        connection.execute(this.values(**change), lease_us)
    return True


def sending(database: Database, process: str, owner_id: str, request_id: str) -> bool:
    """Note that it is sent, also that it is sent once more by the same process. False: it must not be, because it was
    cancelled or belongs to another process now."""
    own = _carried(process, owner_id, request_id)
    job = (jobs.c.owner_id == owner_id, jobs.c.request_id == request_id)
    with database.write() as connection:
        if not connection.execute(update(scheduled).where(*own).values(state=SENT)).rowcount:
            return False
        lease_us = {"lease_us": int(database.lease_s * 1_000_000)}
        change = {"state": "running", "owner_process": process, "lease_until": lease()}
        connection.execute(update(jobs).where(*job, jobs.c.state == "scheduled").values(**change), lease_us)
        answer = select(jobs.c.message_id).where(*job).scalar_subquery()
        running = update(messages).where(messages.c.id == answer, messages.c.state == "scheduled")
        connection.execute(running.values(state="running"))
    return True


def heard(database: Database, process: str, owner_id: str, request_id: str) -> None:
    own = (*_carried(process, owner_id, request_id), S.state == SENT)
    with database.write(durable=False) as connection:
        connection.execute(update(scheduled).where(*own).values(state=HEARD))


def put_back(
    database: Database,
    process: str,
    owner_id: str,
    request_id: str,
    completion: Completion,
    *,
    wait_us: int,
    counts: bool,
    now: Now = now_us,
) -> bool:
    """Let it wait again for so long, and those of its pool that are due with it, so that the order stays.

    `counts`: as one of the tries, unless a person pressed "Send now": then that is kept instead (`EARLY`). What was
    sent is in the call log. False: it is not this process's any more.
    """
    own = _carried(process, owner_id, request_id)
    job = (jobs.c.owner_id == owner_id, jobs.c.request_id == request_id)
    with database.write() as connection:
        row = connection.execute(select(scheduled).where(*own).with_for_update()).first()
        if row is None:
            return False
        not_before_us = now(connection) + wait_us
        again = {"state": WAITING, "owner_process": "", "lease_until": 0, "insist": False}
        again |= {"not_before_us": not_before_us, "tries": row.tries + (counts and not row.insist)}
        again |= {"generation": {**row.generation, EARLY: bool(row.insist)}}
        connection.execute(update(scheduled).where(S.seq == row.seq, S.owner_id == owner_id).values(**again))
        _hold_pool(connection, row.pool, row.model_id if counts else None, not_before_us)
        connection.execute(
            update(jobs).where(*job, jobs.c.state.in_(("running", "interrupted"))).values(state="scheduled", text="")
        )
        answer = update(messages).where(messages.c.id == row.answer_id)
        connection.execute(answer.values(state="scheduled", completion=None))
        _log(connection, row, completion)
    return True


def end(
    database: Database, process: str, owner_id: str, request_id: str, completion: Completion, state: turns.End
) -> bool:
    """End one that was claimed and not sent. False: it is not this process's any more."""
    own = (*_carried(process, owner_id, request_id), S.state == CLAIMED)
    with database.write() as connection:
        if not connection.execute(delete(scheduled).where(*own)).rowcount:
            return False
        end_unsent(connection, owner_id, request_id, completion, state)
    return True


def _carried(process: str, owner_id: str, request_id: str) -> tuple[Any, ...]:
    return (S.owner_id == owner_id, S.request_id == request_id, S.owner_process == process, S.state != WAITING)


def _hold_pool(connection: Connection, pool: str, model_id: str | None, not_before_us: int) -> None:
    """Let those behind it wait as long: of its model, or (None) all of the pool."""
    behind = [S.pool == pool, S.state == WAITING, S.not_before_us < not_before_us]
    if model_id is not None:  # another model of the account may have room
        behind.append(S.model_id == model_id)
    connection.execute(update(scheduled).where(*behind).values(not_before_us=not_before_us))


def _log(connection: Connection, row: Row[Any], completion: Completion) -> None:
    """The calls of a try that the provider refused; the same question's next try has calls of its own."""
    rows = call_rows.rows(row.owner_id, completion, row.request_id)
    tried = [
        {
            **call,
            "id": derived(row.owner_id, row.request_id, "call", f"{row.tries}-{call['n']}"),
            "conversation_id": row.conversation_id,
        }
        for call in rows
        if call["sent"]
    ]
    call_rows.insert(connection, {"rows": tried})


def _is_lost(row: Row[Any], process: str) -> bool:
    """Claimed by a process that has ended or gives no sign."""
    return bool(row.state == CLAIMED and (row.lease_until < row.at or is_gone(row.owner_process, process)))


def _is_busy(row: Row[Any], process: str) -> bool:
    return bool(row.state == SENT or (row.state == CLAIMED and not _is_lost(row, process)))


def _over(connection: Connection, rows: Sequence[Row[Any]]) -> dict[int, str]:
    """Those whose answers have ended, with their owners."""
    sent = {(row.owner_id, row.request_id): row for row in rows if row.state in (SENT, HEARD)}
    query = select(jobs.c.owner_id, jobs.c.request_id).where(
        jobs.c.owner_id.in_([owner for owner, _ in sent]),
        jobs.c.request_id.in_([request for _, request in sent]),
        jobs.c.state == "running",
    )
    running = {(job.owner_id, job.request_id) for job in connection.execute(query)} if sent else set()
    return {row.seq: row.owner_id for key, row in sent.items() if key not in running}


def _forget(database: Database, over: Mapping[int, str]) -> None:
    with database.write(durable=False) as connection:
        for seq, owner_id in over.items():
            own = (S.seq == seq, S.owner_id == owner_id, S.state.in_((SENT, HEARD)))
            connection.execute(delete(scheduled).where(*own))


def _due(row: Row[Any], at_us: int) -> DueQuestion:
    names = ("seq", "owner_id", "request_id", "conversation_id", "question_id", "model_id", "pool", "own_key")
    return DueQuestion(
        **{name: getattr(row, name) for name in names},
        generation=row.generation,
        tries=row.tries,
        insist=bool(row.insist),
        above=row.above,
        gone=row.deleted_at is not None or row.lane_gone_at is not None,
        expired=row.expires_us <= at_us,
    )
