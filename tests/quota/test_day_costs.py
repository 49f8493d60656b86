"""The cost of a day: by the reader's midnight, their own calls only, and what is not known apart."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4
from zoneinfo import ZoneInfo

from core.records import Usage
from core.store.database import Database
from core.store.quota.day_costs import of_day
from core.store.tables import calls
from core.views.costs import AnswerCost
from tests.store.plans import plans

DAY = date(2026, 3, 29)


def log(database: Database, at: str = "2026-03-29T12:00", **fields: object) -> None:
    row = {
        "id": str(uuid4()), "at": datetime.fromisoformat(at).replace(tzinfo=UTC), "owner_id": "ana", "outcome": "ok",
        "provider_id": "groq", "model_id": "groq/small", "n": 1, "ms": 5.0, "input_tokens": 10, "output_tokens": 20,
        "estimated": False, "cached": False, **fields,
    }  # fmt: skip
    with database.write() as connection:
        connection.execute(calls.insert(), [row])


def test_each_model_has_a_sum_and_the_unknown_stands_apart(database: Database) -> None:
    for cost in ("0.001", "0.0005", "0", None):
        log(database, model_id="openai/a", cost_usd=None if cost is None else Decimal(cost))
    log(database, model_id="openai/a", served_model_id="openai/b", cost_usd=Decimal("0.2"), reasoning_tokens=7)
    log(database, owner_id="bo", cost_usd=Decimal(9))
    log(database, cached=True)
    log(database, sent=False)
    log(database, simulated=True)
    log(database, outcome="server", input_tokens=None, output_tokens=None)
    assert of_day(database, "ana", DAY, UTC) == [
        AnswerCost("", "openai/a", Decimal(0), Usage(10, 20), cached=False),
        AnswerCost("", "openai/a", Decimal("0.0015"), Usage(20, 40), cached=False, answers=2),
        AnswerCost("", "openai/a", None, Usage(10, 20), cached=False),
        AnswerCost("", "openai/b", Decimal("0.2"), Usage(10, 20, 7), cached=False),
    ]


def test_a_day_is_the_readers(database: Database) -> None:
    for at in ("2026-03-28T22:59", "2026-03-28T23:00", "2026-03-29T21:59", "2026-03-29T22:00"):
        log(database, at)
    (summed,) = of_day(database, "ana", DAY, ZoneInfo("Europe/Berlin"))  # of 23 hours
    assert summed.answers == 2


def test_only_the_calls_of_the_day_are_read(database: Database) -> None:
    (plan,) = plans(database, lambda: of_day(database, "ana", DAY, UTC), without_seq_scan=True)
    assert "calls_owner" in plan or "calls_at" in plan
    assert "SCAN calls" not in plan
    assert "Seq Scan" not in plan
