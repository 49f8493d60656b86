"""Erase everything of one person, for good and without an undo.

    begin(database, owner_id)            at once nothing of theirs is shown, found or sent any more
    go_on(database, keep_calls=...)      deletes the rest in portions, also what a process that died had begun

What they do afterwards is theirs again, and stays. A mark in their settings holds the instant; it is the last to go,
after the longest time that an answer begun before may take to end.

The call log holds numbers and no text. `keep_calls`: somebody answers for shared keys and must be able to add up what
they were used for, so the calls stay under a name that belongs to nobody.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import Connection, Table, delete, exists, or_, select, update

from . import Changed, Unavailable
from .blobs import blobs, remove, remove_strays
from .columns import from_us, to_us
from .database import Database
from .imports import progress
from .imports.tables import UNDERWAY, imports, staged
from .latency.tables import counts, outcomes, series
from .owners import tables_of_people
from .people.tables import key_rules, people
from .purge import PORTION, erase
from .quota.tables import cache_sizes, faqs, holds, usage_days, usage_hours, usage_offsets
from .settings import insert
from .tables import ERASED, STAGED, calls, conversations, list_sizes, settings
from .votes.tables import vote_sums

MARK = "erasing"
ROWS = 500
FILES = 20
# Sums follow the rows that they add up, by triggers; here, the column that is 0 once there are none.
SUMS = {
    usage_days: usage_days.c.requests + usage_days.c.unsent,
    usage_hours: usage_hours.c.requests + usage_hours.c.unsent,
    vote_sums: vote_sums.c.n,
    list_sizes: list_sizes.c.listed,
    cache_sizes: cache_sizes.c.answers,
}
LATER = {*SUMS, usage_offsets, conversations, calls, imports, staged, blobs}
KEPT = {people, key_rules}  # nobody gets rid of being blocked, nor of a limit
WITHIN_MINUTES = {holds}  # a hold on a quota ends with its call


def begin(database: Database, owner_id: str) -> None:
    """Hide all conversations for good and delete what is not much, in one transaction.

    Raises Changed while an import is being completed, and Unavailable, also while something waits to be saved.
    """
    if not database.flush() and not database.spool.empty:
        raise Unavailable(database.health())
    progress.stop(database, owner_id)
    with database.write() as connection:
        query = select(imports.c.state).where(imports.c.owner_id == owner_id)
        if connection.execute(query).scalar() == "showing":
            raise Changed("An import is being completed: try again in a minute.")
        shown = or_(conversations.c.deleted_at.is_(None), conversations.c.deleted_at != STAGED)
        everything = update(conversations).where(conversations.c.owner_id == owner_id, shown)
        connection.execute(everything.values(deleted_at=ERASED))
        measured = select(series.c.id).where(series.c.owner_id == owner_id)
        for table in (counts, outcomes):
            connection.execute(delete(table).where(table.c.series_id.in_(measured)))
        for table in deleted_first():
            connection.execute(delete(table).where(table.c.owner_id == owner_id))
        connection.execute(delete(people).where(people.c.owner_id == owner_id, people.c.role == ""))
        connection.execute(update(faqs).where(faqs.c.marked_by == owner_id).values(marked_by=""))
        now_us = to_us(database.now())
        insert(connection, {"owner_id": owner_id, "key": MARK, "value": now_us, "at_us": now_us})
    database.spool.forget({owner_id})
    database.waiting_files.forget(owner_id)


def go_on(
    database: Database, *, keep_calls: bool, longest_answer_s: float, sleep: Callable[[float], None] = time.sleep
) -> int:
    """Continue all erasures, of whichever process; returns how many are complete. Several may do this at once."""
    if not database.spool.empty:  # something that waits may belong to them, and would be left over
        return 0
    with database.read() as connection:
        query = select(settings.c.owner_id, settings.c.value).where(settings.c.key == MARK)
        marks = [(row.owner_id, from_us(row.value)) for row in connection.execute(query)]
    complete = 0
    for owner_id, until in marks:
        _conversations(database, owner_id, sleep)
        _calls(database, owner_id, until, keep_calls, sleep)
        _files(database, owner_id, until, sleep)
        over = database.now() - until > timedelta(seconds=longest_answer_s)
        if over:
            remove_strays(database, owner_id)
        complete += over
        with database.write() as connection:
            _leftovers(connection, owner_id)
            if over:
                connection.execute(delete(settings).where(settings.c.owner_id == owner_id, settings.c.key == MARK))
    if marks:
        database.settle_log()
    return complete


def deleted_first() -> list[Table]:
    """All tables of people but the large ones and what follows from them; tables to come are among them."""
    return [table for table in reversed(tables_of_people()) if table not in LATER | WITHIN_MINUTES | KEPT]


def _conversations(database: Database, owner_id: str, sleep: Callable[[float], None]) -> None:
    claimed = (conversations.c.owner_id == owner_id, conversations.c.deleted_at == ERASED)
    while True:
        with database.read() as connection:
            ids = list(connection.execute(select(conversations.c.id).where(*claimed).limit(PORTION)).scalars())
        if not ids:
            return
        erase(database, ids, sleep=sleep)


def _calls(database: Database, owner_id: str, until: datetime, keep: bool, sleep: Callable[[float], None]) -> None:
    """The calls until then, in portions."""
    nobody = uuid4().hex
    while True:
        with database.write(durable=False) as connection:
            oldest = select(calls.c.id).where(calls.c.owner_id == owner_id, calls.c.at <= until).limit(ROWS)
            ids = list(connection.execute(oldest).scalars())
            these = (calls.c.owner_id == owner_id, calls.c.id.in_(ids))
            if keep:
                unlinked = {"owner_id": nobody, "conversation_id": None, "request_id": None, "series_id": None}
                unlinked["prompt_hash"] = None  # of a short text it can be guessed
                connection.execute(update(calls).where(*these).values(**unlinked))
            else:
                connection.execute(delete(calls).where(*these))
        if len(ids) < ROWS:
            return
        sleep(0.01)


def _files(database: Database, owner_id: str, until: datetime, sleep: Callable[[float], None]) -> None:
    """The bytes of what was attached until then, also where they are outside the database."""
    while True:
        with database.write() as connection:
            attached = select(blobs.c.sha256).where(blobs.c.owner_id == owner_id, blobs.c.created_at <= until)
            names = list(connection.execute(attached.limit(FILES).with_for_update()).scalars())
            for name in names:
                remove(connection, database.blob_place, owner_id, name)
        if len(names) < FILES:
            return
        sleep(0.01)


def _leftovers(connection: Connection, owner_id: str) -> None:
    """Sums of nothing, zones of days without any, an import that has ended and whose hidden rows are gone."""
    for table, number in SUMS.items():
        connection.execute(delete(table).where(table.c.owner_id == owner_id, number == 0))
    counted = exists().where(usage_days.c.owner_id == owner_id)
    connection.execute(delete(usage_offsets).where(usage_offsets.c.owner_id == owner_id, ~counted))
    hidden = exists().where(staged.c.owner_id == owner_id)
    ended = (imports.c.owner_id == owner_id, imports.c.state.not_in(UNDERWAY), ~hidden)
    connection.execute(delete(imports).where(*ended))
