"""The nights of the nightly probe: when each begins, which process of several replicas asks, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import BigInteger, bindparam, delete, func, or_, select, update

from ...records import NIGHTLY
from .. import Unavailable
from ..columns import from_us, to_us
from ..database import Database
from ..rows import clock, insert_new
from ..tables import calls
from .tables import nights

KEPT = timedelta(days=400)
n = nights.c


@dataclass(frozen=True, slots=True)
class Night:
    """`night`: the day of its morning; `ended_at` None: not begun, or running."""

    night: date
    starts_at: datetime
    ended_at: datetime | None
    answered: int
    failed: int
    skipped: int


def drawn(database: Database, night: date, starts_at: datetime) -> Night:
    """The night, with the start that the first process drew for all of them. Raises Unavailable."""
    row = {"night": night.isoformat(), "starts_us": to_us(starts_at), "process": "", "lease_until": 0}
    with database.write(durable=False) as connection:
        if insert_new(connection, nights, [{**row, "ended_us": None, "answered": 0, "failed": 0, "skipped": 0}]):
            connection.execute(delete(nights).where(n.night < (night - KEPT).isoformat()))
        return _night(connection.execute(select(nights).where(n.night == night.isoformat())).one())


def claim(database: Database, night: date, process: str, lease_s: float) -> bool:
    """Take or renew the lease of a night, by the database's clock. False: it has ended, or another process holds it."""
    until = clock() + bindparam("lease_us", int(lease_s * 1_000_000), type_=BigInteger)
    free = or_(n.process.in_(("", process)), n.lease_until < clock())
    claiming = update(nights).where(n.night == night.isoformat(), n.ended_us.is_(None), free)
    with database.write(durable=False) as connection:
        return bool(connection.execute(claiming.values(process=process, lease_until=until)).rowcount)


def end(database: Database, night: date, process: str, ended_at: datetime, skipped: int) -> None:
    """Close a night of this process: what was asked is counted from the log, also what a process before asked."""
    with database.write() as connection:
        own = (n.night == night.isoformat(), n.process == process)
        starts_us = connection.execute(select(n.starts_us).where(*own)).scalar()
        if starts_us is None:
            return
        since = (calls.c.owner_id == NIGHTLY.id, calls.c.at >= from_us(starts_us))
        rows = connection.execute(select(calls.c.outcome, calls.c.sent).where(*since)).all()
        outcomes = ["unsent" if row.sent is False else row.outcome for row in rows]
        answered, unsent = outcomes.count("ok"), outcomes.count("unsent")
        failed = len(outcomes) - answered - unsent
        counts = {"answered": answered, "failed": failed, "skipped": skipped + unsent}
        connection.execute(update(nights).where(*own).values(ended_us=to_us(ended_at), **counts))


def newest(database: Database) -> Night | None:
    """The last night that has ended; None before the first one, and while the database is unavailable."""
    try:
        with database.read() as connection:
            query = select(nights).where(n.ended_us.is_not(None)).order_by(n.night.desc()).limit(1)
            row = connection.execute(query).first()
    except Unavailable:
        return None
    return _night(row) if row else None


def asked_at(database: Database) -> Mapping[str, datetime]:
    """When each model was last asked by night. Raises Unavailable."""
    query = select(calls.c.model_id, func.max(calls.c.at)).where(calls.c.owner_id == NIGHTLY.id)
    with database.read() as connection:
        return {row[0]: row[1] for row in connection.execute(query.group_by(calls.c.model_id))}


def _night(row: object) -> Night:
    ended_us = row.ended_us  # type: ignore[attr-defined]
    return Night(
        date.fromisoformat(row.night),  # type: ignore[attr-defined]
        from_us(row.starts_us),  # type: ignore[attr-defined]
        None if ended_us is None else from_us(ended_us),
        *(getattr(row, name) for name in ("answered", "failed", "skipped")),
    )
