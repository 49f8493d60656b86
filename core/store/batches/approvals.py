"""Batches that wait until an administrator approves them.

ask(...)         for the owner: a batch that was to go on waits
waiting(...)     for administrators: those that wait, of everybody, without a word that anybody wrote
decide(...)      for administrators: it runs, on whichever process claims it first, or it is declined

A batch leaves the state "approval" by one conditional statement, so that it is not approved and withdrawn at once.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import select, update

from ...views.batches import Approval, WaitingBatch
from ..columns import from_us, to_us
from ..database import Database
from ..rows import clean
from .tables import batches

WAITING = "approval"
MOST_REASON_CHARS = 1000


def ask(database: Database, owner_id: str, batch_id: str, approval: Approval) -> bool:
    """False where the batch has gone on meanwhile."""
    stopped = batches.c.state.in_(("paused", "declined", "done"))
    change = update(batches).where(batches.c.id == batch_id, batches.c.owner_id == owner_id, stopped)
    values = {"state": WAITING, "why": "", "approval": encoded(approval), "ended_at": None}
    with database.write() as connection:
        return connection.execute(change.values(**values)).rowcount == 1


def waiting(database: Database, *, limit: int = 200) -> list[WaitingBatch]:
    """The oldest first."""
    names = (batches.c.id, batches.c.owner_id, batches.c.model_ids, batches.c.rows, batches.c.approval)
    query = select(*names).where(batches.c.state == WAITING).order_by(batches.c.created_at).limit(limit)
    with database.read() as connection:
        return [
            WaitingBatch(row.id, row.owner_id, tuple(row.model_ids), row.rows, decoded(row.approval))
            for row in connection.execute(query)
        ]


def decide(database: Database, batch_id: str, reason: str, *, approved: bool) -> str | None:
    """The owner of the batch, None where it does not wait any more."""
    at = database.now()
    waits = (batches.c.id == batch_id, batches.c.state == WAITING)
    with database.write() as connection:
        batch = connection.execute(select(batches).where(*waits).with_for_update()).first()
        if batch is None:
            return None
        decision = {"decision": "approved" if approved else "declined", "decided_us": to_us(at)}
        answer = {**batch.approval, **decision, "reason": clean(reason.strip())[:MOST_REASON_CHARS]}
        change = {"state": "running", "started_at": at} if approved else {"state": "declined", "ended_at": at}
        connection.execute(update(batches).where(*waits).values(approval=answer, **change))
    return str(batch.owner_id)


def encoded(approval: Approval) -> dict[str, Any]:
    """As a batch stores it."""
    return {
        "calls": approval.calls,
        "input_tokens": approval.input_tokens,
        "output_tokens": approval.output_tokens,
        "cost_usd": str(approval.cost_usd),
        "unpriced": approval.unpriced,
        "asked_us": to_us(approval.asked_at),
    }


def decoded(stored: dict[str, Any]) -> Approval:
    decided_us = stored.get("decided_us")
    return Approval(
        stored["calls"],
        stored["input_tokens"],
        stored["output_tokens"],
        Decimal(stored["cost_usd"]),
        stored["unpriced"],
        from_us(stored["asked_us"]),
        stored.get("decision", ""),
        stored.get("reason", ""),
        None if decided_us is None else from_us(decided_us),
    )
