"""What the quota room costs, in milliseconds, as one JSON object: `python -m bench.quota [postgresql]`.

call: reserve and settle of one call with four windows, and with the provider's numbers. comparison: the same for eight
lanes. price: the line next to Send for eight lanes. hit and miss: a look into the cache of 10,000 answers.
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
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.providers.limits import Ask
from core.records import ChatRequest, Completion, Finish, Limit, Message, Model, Provider, Seen, Timing, Usage
from core.store import database as databases
from core.store.database import Database
from core.store.quota import cache, ledger, view
from core.store.quota.grants import Held
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


def ask(number: int) -> Ask:
    provider = Provider(f"p{number}", f"P{number}", "openai", "https://p.example/v1", limits=LIMITS)
    return Ask(provider, Model(f"p{number}/small", "small", f"p{number}"), "k1", input_tokens=500, output_tokens=1000)


def call(database: Database, asks: list[Ask]) -> None:
    seen = [Seen("requests", "minute", MANY, MANY - 5), Seen("tokens", "minute", MANY, MANY - 5)]
    for grant in ledger.reserve(database, "bench", asks).grants:
        assert isinstance(grant, Held)
        assert ledger.settle(database, grant.hold_id, usage=Usage(500, 600), seen=seen)


def question(number: int) -> ChatRequest:
    return ChatRequest([Message("user", f"question {number}")], model_id="p0/small")


def timed(work: Callable[[], Any], rounds: int = ROUNDS) -> dict[str, float]:
    spent = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        spent.append((time.perf_counter() - began) * 1000)
    spent.sort()
    return {"median": round(statistics.median(spent), 2), "p95": round(spent[int(len(spent) * 0.95)], 2)}


def main(kind: str) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(postgres.running()).new() if kind == "postgresql" else None
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        database = databases.open(url, Path(folder))
        stack.callback(database.close)
        one, eight = [ask(0)], [ask(number) for number in range(8)]
        for asks in (one, eight):
            call(database, asks)
        found = {"kind": kind, "call_ms": timed(lambda: call(database, one))}
        found["comparison_ms"] = timed(lambda: call(database, eight), 40)
        found["price_ms"] = timed(lambda: view.prices(database, eight), 100)
        for number in range(200):
            cache.put(database, "bench", question(number), replace(ANSWER), share_bytes=10**9)
        fill(database)
        found["hit_ms"] = timed(lambda: cache.get(database, "bench", question(77)))
        found["miss_ms"] = timed(lambda: cache.get(database, "bench", question(-1)))
        print(json.dumps(found))


def fill(database: Database) -> None:
    """Many answers of other owners, so that the look-up is one in a table of some size."""
    from core.store.quota.tables import cached_answers

    with database.write() as connection:
        row = connection.execute(cached_answers.select().limit(1)).one()._asdict()
        others = [{**row, "key": f"{number:064x}", "owner_id": f"o{number % 50}"} for number in range(10_000)]
        connection.execute(cached_answers.insert(), others)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "sqlite")
