"""A small log to ask: made with the functions by which the app writes its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert

from core.records import Attempt, CallFacts, Completion, Finish, Timing, Usage
from core.store import calls, turns
from core.store.columns import to_us
from core.store.database import Database
from core.store.quota.tables import FOREVER, meters, shares
from core.store.tables import conversations
from core.store.votes.tables import votes

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
FACTS = CallFacts(
    "ab" * 32, temperature=0.5, seed=2**53, max_output_tokens=100, effort=2000, response_format="schema", tools="a b"
)
LANES = [["c1", "sim/quick"], ["c2", "sim/steady"]]


def answer(at: datetime, model_id: str = "sim/quick", **fields: Any) -> Completion:
    """A streamed answer of 20 tokens, at the second attempt."""
    values: dict[str, Any] = {
        "usage": Usage(10, 20, 5), "finish": Finish("length", "max_tokens"), "cost_usd": Decimal("0.00012"),
        "timing": Timing(at, 100.5, 120.25, 900.0, 950.0, 12.0, 34, 30, True),
        "attempts": (
            Attempt("sim", model_id, 1, "overloaded", 40.0, 0.5, simulated=True),
            Attempt("sim", model_id, 2, "ok", 950.0, cold=False, simulated=True),
        ),
        "facts": FACTS,
    } | fields  # fmt: skip
    return Completion(model_id=model_id, text="Yes.", reasoning="hm", **values)


def call(database: Database, owner_id: str, name: str, at: datetime, **fields: Any) -> None:
    """One call without a conversation, of one attempt."""
    once = (Attempt("sim", fields.get("model_id", "sim/quick"), 1, "ok", 950.0, cold=True),)
    calls.add(database, owner_id, answer(at, attempts=once, **fields), request_id=name)


def ten_calls(database: Database) -> None:
    """Seven of Ana and three of Ben, 31 days apart, the first on 1 March 2026 at noon."""
    for place in range(10):
        call(database, "ben" if place % 3 == 2 else "ana", f"r{place}", START + timedelta(days=31 * place))


def talk(database: Database, owner_id: str, request_id: str, question: str) -> str:
    """A question and its answer; the id of the conversation."""
    begun = turns.begin(
        database,
        owner_id,
        turns.NewTurn(request_id, question, model_id="sim/quick", conversation_id=None, parent_id=None),
        owner_process="p",
    )
    turns.finish(database, owner_id, request_id, answer(START))
    return begun.conversation_id


def vote(database: Database, owner_id: str, run_id: str, at: datetime, outcome: str, place: int | None) -> None:
    """A vote on a comparison of two models."""
    entry = {"id": run_id, "owner_id": owner_id, "kind": "comparison", "title": "", "title_by_person": False}
    entry |= {"pinned": False, "settings": {}, "version": 1, "created_at": at, "updated_at": at}
    row = {"run_id": run_id, "turn": 1, "owner_id": owner_id, "outcome": outcome, "place": place, "lanes": LANES}
    with database.write() as connection:
        connection.execute(insert(conversations).values(**entry))
        connection.execute(insert(votes).values(**row, blind=True, topic="code", at=at))


def counters(database: Database) -> None:
    """A daily limit of money that two people share, of whom one used some in this window; an endless one; one blind."""
    day_us = 86_400_000_000
    common = {"provider_id": "groq", "pool": "key", "scope": "*", "zone": "UTC", "total": 0, "blind": 0, "turn": 3}
    common |= {"starts_us": to_us(START), "ends_us": to_us(START) + day_us, "source": "counted", "reserved": 0}
    money = {"id": "m1", "key_hash": "abcdef01" * 4, "unit": "usd", "per": "day", "amount": 5 * 10**12, "used": 10**12}
    endless = {"id": "m2", "key_hash": "", "unit": "requests", "per": "month", "ceiling": 7, "used": 2, "reserved": 1}
    blind = {"id": "m3", "key_hash": "", "unit": "tokens", "per": "day", "amount": 100, "used": 50, "blind": 1}
    part = {"meter_id": "m1", "weight": 1, "kept": 0, "wanted": 0, "wanted_us": 0, "gone_us": 0, "taken": 10**12 // 2}
    with database.write() as connection:
        for row in (money, endless | {"ends_us": FOREVER}, blind):
            connection.execute(insert(meters).values(**common | row))
        for owner_id, turn in (("ana", 3), ("ben", 2)):
            connection.execute(insert(shares).values(**part, owner_id=owner_id, turn=turn))


def fill(database: Database) -> None:
    """Something of everything, of two people."""
    ten_calls(database)
    talk(database, "ana", "t1", "Why is the sky blue?")
    talk(database, "ben", "t2", "=1+1")
    vote(database, "ana", "run1", START, "winner", 1)
    vote(database, "ben", "run2", START + timedelta(days=40), "tie", None)
    counters(database)
