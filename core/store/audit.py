"""The log of calls as an administrator reads it: who asked which model when, with which outcome; page by page.

Rows are only added (`calls.insert`) and deleted when they are too old (`expire`); a person who erases everything takes
their name, or the rows, with them (`erasure`). Every filter has an index in the order of the list, so a page costs the
same at a thousand calls and at a million.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, delete, func, or_, select

from ..events import person
from ..views.audit import AuditFilter, AuditPage, AuditRow
from .database import Database
from .people.tables import people
from .tables import AUDITED, calls, jobs, messages

PAGE = 50
ROWS = 1000  # deleted in one transaction
MOST_EXPORTED = 100_000
NUMBERS = (
    "id", "at", "owner_id", "provider_id", "model_id", "served_model_id", "response_model", "outcome", "n", "settings",
    "ms", "input_tokens", "output_tokens", "cost_usd", "cached", "simulated", "probe", "sent", "prompt_hash",
    "event_id",
)  # fmt: skip


def page(database: Database, chosen: AuditFilter, *, limit: int = PAGE, texts: bool = False) -> AuditPage:
    """The newest calls that match, or those before `chosen.before`. `texts`: with the questions that still exist."""
    with database.read() as connection:
        owners = _owners(database) if chosen.person.strip() else {}
        query = _matching(chosen, owners).limit(limit + 1)
        selected = connection.execute(query).all()
        names = _names(connection, {row.owner_id for row in selected})
        rows = [_row(row, names) for row in selected]
        shown, more = rows[:limit], len(rows) > limit
        if texts and shown:
            questions = _questions([row.id for row in shown])
            by_call: dict[str, str] = {row.id: row.text for row in connection.execute(questions)}
            shown = [replace(row, text=by_call.get(row.id)) for row in shown]
    return AuditPage(tuple(shown), (shown[-1].at, shown[-1].id) if more else None)


def everything(database: Database, chosen: AuditFilter, *, texts: bool = False) -> Iterator[AuditRow]:
    """All calls that match, newest first, at most a hundred thousand."""
    before, left = chosen.before, MOST_EXPORTED
    while left:
        part = page(database, replace(chosen, before=before), limit=min(ROWS, left), texts=texts)
        yield from part.rows
        left -= len(part.rows)
        before = part.following
        if before is None:
            return


def models(database: Database) -> list[str]:
    """Every model that was asked, by a loose index scan."""
    return _distinct(database, "model_id")


def outcomes(database: Database) -> list[str]:
    return _distinct(database, "outcome")


def expire(database: Database, before: datetime, *, sleep: Callable[[float], None] = time.sleep) -> int:
    """Delete the calls before that instant, in portions; returns how many."""
    expired = 0
    while True:
        with database.write(durable=False) as connection:
            oldest = select(calls.c.id).where(calls.c.at < before).order_by(calls.c.at, calls.c.id).limit(ROWS)
            number = connection.execute(delete(calls).where(calls.c.id.in_(oldest.scalar_subquery()))).rowcount
        expired += number
        if number < ROWS:
            return expired
        sleep(0.01)


def _row(row: Row[Any], names: Mapping[str, str]) -> AuditRow:
    values = row._asdict()
    owner_id = values.pop("owner_id")
    return AuditRow(person=person(owner_id), name=names.get(owner_id, ""), **values)


def _names(connection: Connection, owner_ids: Collection[str]) -> dict[str, str]:
    """The name, or else the mail address, of those who have an account."""
    query = select(people.c.owner_id, people.c.name, people.c.email).where(people.c.owner_id.in_(owner_ids))
    return {row.owner_id: row.name or row.email for row in connection.execute(query)}


def _matching(chosen: AuditFilter, owners: Mapping[str, tuple[str, str]]) -> Select[Any]:
    query = select(*(calls.c[name] for name in NUMBERS)).order_by(calls.c.at.desc(), calls.c.id.desc()).where(AUDITED)
    if chosen.person.strip():
        words = chosen.person.strip().casefold()
        ids = [owner_id for owner_id, (short, names) in owners.items() if short.startswith(words) or words in names]
        query = query.where(calls.c.owner_id.in_(ids))
    if chosen.model_id:
        query = query.where(calls.c.model_id == chosen.model_id)
    if chosen.outcome:
        query = query.where(calls.c.outcome == chosen.outcome)
    if chosen.since:
        query = query.where(calls.c.at >= chosen.since)
    if chosen.until:
        query = query.where(calls.c.at < chosen.until)
    if chosen.before:
        at, call_id = chosen.before
        query = query.where(calls.c.at <= at, or_(calls.c.at < at, and_(calls.c.at == at, calls.c.id < call_id)))
    return query


def _questions(ids: list[str]) -> Select[tuple[str, str]]:
    """The questions of these calls, as they stand in the conversations."""
    return (
        select(calls.c.id, messages.c.text)
        .join(jobs, and_(jobs.c.owner_id == calls.c.owner_id, jobs.c.request_id == calls.c.request_id))
        .join(messages, messages.c.id == jobs.c.user_message_id)
        .where(calls.c.id.in_(ids))
    )


def _owners(database: Database) -> dict[str, tuple[str, str]]:
    """The short name of everyone who asked, and the words by which those with an account are found."""
    with database.read() as connection:
        rows = connection.execute(select(people.c.owner_id, people.c.name, people.c.email))
        words = {row.owner_id: f"{row.name}\n{row.email}".casefold() for row in rows}
    return {owner_id: (person(owner_id), words.get(owner_id, "")) for owner_id in _distinct(database, "owner_id")}


def _distinct(database: Database, name: str) -> list[str]:
    column = calls.c[name]
    named = select(func.min(column).label("value")).where(AUDITED).cte("named", recursive=True)
    after = select(func.min(column)).where(column > named.c.value, AUDITED).scalar_subquery()
    query = select(named.union_all(select(after).where(named.c.value.is_not(None))).c.value)
    with database.read() as connection:
        return [value for value in connection.execute(query).scalars() if value is not None]
