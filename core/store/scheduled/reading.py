"""Scheduled questions as their owner sees them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Row, Select, and_, func, select

from ...views.scheduled import ScheduledQuestion
from ..columns import from_us
from ..database import Database
from ..tables import conversations, lanes, messages
from .tables import EARLY, UNSENT, scheduled

FIRST_CHARS = 120
S = scheduled.c


def waiting(database: Database, owner_id: str, *, conversation_id: str | None = None) -> list[ScheduledQuestion]:
    """Those that were not sent yet, in the order in which they will be; of one conversation, or of all that are not
    deleted."""
    query = _waiting(owner_id)
    if conversation_id is not None:
        query = query.where(S.conversation_id == conversation_id)
    with database.read() as connection:
        return [_question(row) for row in connection.execute(query)]


def any_waiting(database: Database, owner_id: str) -> bool:
    """Whether there is one, in a single look at an index."""
    query = select(S.seq).where(S.owner_id == owner_id, S.state.in_(UNSENT)).limit(1)
    with database.read() as connection:
        return connection.execute(query).first() is not None


def _waiting(owner_id: str) -> Select[tuple[object, ...]]:
    """A lane belongs to its comparison: that one is opened, and may be the one that was deleted."""
    run, above = conversations.alias("run"), messages.alias("above")
    names = (
        S.request_id,
        S.conversation_id,
        S.answer_id,
        S.after_id,
        S.model_id,
        S.own_key,
        S.not_before_us,
        S.generation,
    )
    return (
        select(
            *names,
            S.state,
            S.tries,
            lanes.c.run_id,
            func.substr(messages.c.text, 1, FIRST_CHARS).label("first"),
            above.c.state.label("above"),
        )
        .select_from(scheduled)
        .join(conversations, conversations.c.id == S.conversation_id)
        .join(messages, messages.c.id == S.question_id)
        .join(above, above.c.id == S.after_id, isouter=True)
        .join(lanes, lanes.c.conversation_id == S.conversation_id, isouter=True)
        .join(run, and_(run.c.id == lanes.c.run_id, run.c.owner_id == owner_id), isouter=True)
        .where(
            S.owner_id == owner_id,
            conversations.c.owner_id == owner_id,
            S.state.in_(UNSENT),
            conversations.c.deleted_at.is_(None),
            run.c.deleted_at.is_(None),
            lanes.c.removed_at.is_(None),
        )
        .order_by(S.not_before_us, S.seq)
    )


def _question(row: Row[tuple[object, ...]]) -> ScheduledQuestion:
    not_before: datetime = from_us(row.not_before_us)
    return ScheduledQuestion(
        request_id=row.request_id,
        conversation_id=row.conversation_id,
        run_id=row.run_id,
        answer_id=row.answer_id,
        follows=row.after_id if row.above in ("running", "scheduled") else None,
        model_id=row.model_id,
        first_words=" ".join(row.first.split()),
        not_before=not_before,
        own_key=bool(row.own_key),
        tries=row.tries,
        early=bool(row.generation.get(EARLY)),
        being_sent=row.state != "waiting",
    )
