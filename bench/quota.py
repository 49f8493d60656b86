"""The cost of the quota room, in milliseconds, as one JSON object: `python -m bench.quota [postgresql]`.

call: reserve and settle of one call with four windows, and with the provider's numbers. comparison: the same for eight
lanes. price: the line next to Send for eight lanes. talk: the same for one model with a conversation of 80 kB, first
drawn and drawn again. hit and miss: a look into the cache of 10,000 answers. calendar: half a year of 10,000 and of
100,000 calls.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from core import budget
from core.assemble import build
from core.options import load
from core.providers.limits import PlannedCall
from core.records import (
    ChatRequest,
    Completion,
    Finish,
    Limit,
    Message,
    Model,
    Provider,
    RateLimitReading,
    Timing,
    Usage,
)
from core.store.database import Database
from core.store.opening import open_database
from core.store.quota import cache, ledger, usage, view
from core.store.quota.grants import Hold
from core.store.tables import calls
from tests.store import postgres

ROUNDS = 300
MANY = Decimal(10) ** 9
LIMITS = (
    Limit("account", "requests", "day", MANY, zone="America/Los_Angeles"),
    Limit("model", "requests", "minute", MANY),
    Limit("model", "tokens", "minute", MANY),
    Limit("account", "tokens", "month", MANY),
)
ANSWER = Completion(
    "p0/small", "word " * 600, "", Usage(500, 600), Finish("stop"), Timing(datetime(2026, 1, 1, tzinfo=UTC))
)


def ask(number: int) -> PlannedCall:
    provider = Provider(f"p{number}", f"P{number}", "openai", "https://p.example/v1", limits=LIMITS)
    return PlannedCall(
        provider, Model(f"p{number}/small", "small", f"p{number}"), "k1", input_tokens=500, output_tokens=1000
    )


def call(database: Database, asks: list[PlannedCall]) -> None:
    seen = [
        RateLimitReading("requests", "minute", MANY, MANY - 5),
        RateLimitReading("tokens", "minute", MANY, MANY - 5),
    ]
    for grant in ledger.reserve(database, "bench", asks).grants:
        assert isinstance(grant, Hold)
        assert ledger.settle(database, grant.hold_id, usage=Usage(500, 600), seen=seen)


def question(number: int) -> ChatRequest:
    return ChatRequest([Message("user", f"question {number}")], model_id="p0/small")


def timed(work: Callable[[], Any], rounds: int = ROUNDS) -> dict[str, float]:
    times_ms = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        times_ms.append((time.perf_counter() - began) * 1000)
    times_ms.sort()
    return {"median": round(statistics.median(times_ms), 2), "p95": round(times_ms[int(len(times_ms) * 0.95)], 2)}


def main(kind: str) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(postgres.running()).new() if kind == "postgresql" else None
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        database = open_database(url, Path(folder))
        stack.callback(database.close)
        single, eight = [ask(0)], [ask(number) for number in range(8)]
        for asks in (single, eight):
            call(database, asks)
        result = {"kind": kind, "call_ms": timed(lambda: call(database, single))}
        result["comparison_ms"] = timed(lambda: call(database, eight), 40)
        result["price_ms"] = timed(lambda: view.prices(database, eight), 100)
        result["talk_first_ms"], result["talk_again_ms"] = talk(database, Path(folder))
        for number in range(200):
            cache.put(database, "bench", question(number), replace(ANSWER), share_bytes=10**9)
        fill(database)
        result["hit_ms"] = timed(lambda: cache.get(database, "bench", question(77)))
        result["miss_ms"] = timed(lambda: cache.get(database, "bench", question(-1)))
        for many, total in ((10_000, "10k"), (90_000, "100k")):
            log(database, many)
            result[f"calendar_{total}_ms"] = timed(lambda: calendar(database), 5)
        print(json.dumps(result))


def talk(database: Database, folder: Path) -> tuple[dict[str, float], dict[str, float]]:
    """The line with forty messages of 2 kB above the next question: their tokens counted, and remembered."""
    engine = build(load(environ={"GROQ_API_KEY": "gsk_0123456789abcdef"}, folder=folder), folder=folder)
    workspace_budget = budget.Budget(engine, database)
    words = "How a tide follows the moon, 3 times in 25 hours; 潮汐随月亮涨落。\n"
    messages = [
        Message("assistant" if n % 2 else "user", f"{n} " + words * (2000 // len(words.encode()))) for n in range(40)
    ]

    def line() -> None:
        workspace_budget.price(
            ["groq/openai/gpt-oss-20b"], [Message(message.role, f"{message.text} ") for message in messages]
        )

    def first() -> None:
        budget.forget_tokens()
        line()

    return timed(first, 50), timed(line, 50)


def log(database: Database, many: int) -> None:
    """Calls of one person, spread over half a year."""
    now = datetime.now(UTC)
    common = {"owner_id": "bench", "provider_id": "p0", "model_id": "p0/small", "n": 1, "outcome": "ok", "ms": 900.0}
    counts = {"input_tokens": 300, "output_tokens": 500, "estimated": False, "cached": False}
    ats = (now - timedelta(days=175) * (n / many) for n in range(many))
    rows = [{**common, **counts, "id": str(uuid4()), "at": at} for at in ats]
    with database.write(durable=False) as connection:
        connection.execute(calls.insert(), rows)


def calendar(database: Database) -> None:
    today = datetime.now(UTC).date()
    assert usage.by_day(database, "bench", today - timedelta(days=181), today, ZoneInfo("Europe/Berlin"))


def fill(database: Database) -> None:
    """Many answers of other owners, so that the look-up is one in a table of some size."""
    from core.store.quota.tables import cached_answers

    with database.write() as connection:
        row = connection.execute(cached_answers.select().limit(1)).one()._asdict()
        others = [{**row, "key": f"{number:064x}", "owner_id": f"o{number % 50}"} for number in range(10_000)]
        connection.execute(cached_answers.insert(), others)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "sqlite")
