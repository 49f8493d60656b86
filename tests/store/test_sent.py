"""Refusals of ours before sending are kept, but not counted as calls; older ones are told apart by their error."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module

from sqlalchemy import select, text, update

from core.errors import RateLimited
from core.records import Attempt, Completion, Timing
from core.store import calls as kept
from core.store import turns
from core.store.database import Database
from core.store.latency.read import Measurements
from core.store.quota.usage import by_day
from core.store.tables import calls
from core.workspace.refusals import NOT_SENT

AT = datetime(2026, 5, 5, 12, tzinfo=UTC)


def refused(sent: bool) -> Completion:
    error = RateLimited("No room. Nothing was sent.", code=NOT_SENT)
    error.sent = sent
    attempts = (Attempt("acme", "acme/small", 1, "server", 40.0), Attempt("acme", "acme/small", 2, error.kind, 2.0))
    attempts = (attempts[0], replace(attempts[1], sent=sent))
    return Completion("acme/small", "", "", None, None, Timing(AT), attempts=attempts, error=error)


def test_unsent_ones_stand_apart(database: Database) -> None:
    for number in range(3):
        assert kept.add(database, "ana", refused(sent=False), request_id=f"r{number}")
    rows = kept.recent(database, "ana", since=AT - timedelta(days=1))
    assert sorted((row.n, row.sent) for row in rows) == [(1, True)] * 3 + [(2, False)] * 3
    (day,) = by_day(database, "ana", AT.date(), AT.date())
    assert (day.requests, day.failures, day.unsent) == (3, 3, 3)
    chosen = Measurements(database, "ana").series_of()
    assert Measurements(database, "ana").outcomes(chosen, None) == {"acme/small": {"server": 3}}
    assert Measurements(database, "ana").unsent(chosen, None) == 3
    assert sum(sum(held.values()) for held in Measurements(database, "ana").week_outcomes(chosen, None).values()) == 3


def test_what_was_not_noted_counts_as_sent(database: Database) -> None:
    made = kept.rows("ana", refused(sent=False), "r1")  # as an older version left it in its spool
    rows = [{name: row[name] for name in row if name != "sent"} | {"conversation_id": None} for row in made]
    database.save("calls", {"rows": rows})
    assert [row.sent for row in kept.recent(database, "ana")] == [None, None]
    (day,) = by_day(database, "ana", AT.date(), AT.date())
    assert (day.requests, day.unsent) == (2, 0)


def test_what_was_kept_before_is_told_apart_by_its_error(database: Database) -> None:
    for name, sent in (("ours", False), ("theirs", True)):
        completion = refused(sent=sent)
        if sent and completion.error:
            completion.error.code = "rate_limit_exceeded"
        turns.begin(database, "ana", turns.NewTurn(name, "Hi", model_id="acme/small"), owner_process="p")
        turns.finish(database, "ana", name, completion, "failed")
    revision = import_module("core.store.migrations.versions.0013_sent")
    with database.write() as connection:
        connection.execute(update(calls).values(sent=None))
        connection.execute(text(revision.REFUSED.format(code=revision.CODE[connection.dialect.name])))
        rows = connection.execute(select(calls.c.request_id, calls.c.n).where(calls.c.sent.is_(False))).all()
    assert [tuple(row) for row in rows] == [("ours", 2)]
