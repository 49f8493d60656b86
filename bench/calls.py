"""A log of many calls: `python -m bench.calls FOLDER NUMBER [OWNER]` fills a SQLite database, evenly over 90 days.

Twelve models of four providers, with log-normal times; three in a hundred fail, one in ten is retried, cold or
buffered, two in five have an effort, and one in twenty has no known cost. Rows and histograms are what
`core.store.calls` would have made of each, written in bulk.
"""

from __future__ import annotations

import math
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from bench.seeded import OWNER
from core.store.columns import from_us, to_us
from core.store.latency import tables, write
from core.store.latency.buckets import HOUR_US, AnswerFlag, bucket_of, slots_of
from core.store.opening import open_database
from core.store.tables import calls

PROVIDERS = ("groq", "gemini", "mistral", "sim")
MODELS = tuple(f"{provider}/model-{n}" for provider in PROVIDERS for n in range(3))
DAYS = 90
ODD = (AnswerFlag.RETRIED, AnswerFlag.COLD, AnswerFlag.BUFFERED)
EFFORTS = ("low", "medium", "high", 8_000)
BATCH = 20_000


def rows(number: int, owner: str, now: datetime, days: int = DAYS) -> Iterator[tuple[dict[str, Any], int]]:
    """Rows of `calls`, the oldest first, each with the marks of its series."""
    chance, end = random.Random(7), to_us(now)
    step = days * 24 * HOUR_US / number
    for place in range(number):
        which = chance.randrange(len(MODELS))
        ttft = chance.lognormvariate(math.log(300 + 90 * which), 0.5)
        odd = chance.choice(ODD) if chance.random() < 0.1 else 0
        tokens = chance.randrange(80, 700)
        last = ttft + tokens * 1000 / chance.lognormvariate(math.log(40 + 15 * which), 0.2)
        outcome = "ok" if chance.random() > 0.03 else chance.choice(("rate_limited", "overloaded", "timeout"))
        row = {
            "id": f"{owner[:4]:0>4}{place:032d}", "at": from_us(end - int((number - place) * step)), "owner_id": owner,
            "provider_id": MODELS[which].partition("/")[0], "model_id": MODELS[which], "n": 1, "outcome": outcome,
            "ms": last + 5, "ttft_ms": ttft, "first_answer_ms": ttft, "last_ms": last, "waited_ms": 0.0,
            "chunks": 1 if odd == AnswerFlag.BUFFERED else tokens, "streamed": True, "failed_over": False,
            "cold": odd == AnswerFlag.COLD, "simulated": False, "probe": False, "input_tokens": 100,
            "output_tokens": tokens, "reasoning_tokens": None, "estimated": False,
            "cost_usd": None if chance.random() < 0.05 else Decimal(tokens) / 1_000_000,
            "cached": False, "request_id": f"r{place}", "conversation_id": None,
            "settings": {"effort": chance.choice(EFFORTS)} if chance.random() < 0.4 else None,
        }  # fmt: skip
        yield row, write.flags_of(row, retried=odd == AnswerFlag.RETRIED)


def fill(connection: Connection, number: int, owner: str, now: datetime) -> None:
    """The rows, and what `write.count` would have added up for them."""
    names: dict[tuple[str, int], int] = {}
    counts: Counter[tuple[int, ...]] = Counter()
    outcomes: Counter[tuple[Any, ...]] = Counter()
    batch = []
    for row, marks in rows(number, owner, now):
        name = (row["model_id"], marks)
        if name not in names:
            names[name] = write.series_of(connection, row, marks)
        series_id, measured = names[name], write.measures(row)
        for span, slot in slots_of(to_us(row["at"])).items():
            outcomes[series_id, span, slot, row["outcome"]] += 1
            for metric, value in measured.items():
                counts[series_id, metric, span, slot, bucket_of(value)] += 1
        batch.append({**row, "series_id": series_id if measured else None})
        if len(batch) == BATCH:
            connection.execute(insert(calls), batch)
            batch = []
    if batch:
        connection.execute(insert(calls), batch)
    _keep(connection, tables.counts, counts)
    _keep(connection, tables.outcomes, outcomes)


def _keep(connection: Connection, table: Any, counted: Counter[Any]) -> None:
    names = [column.name for column in table.primary_key]
    made = [{**dict(zip(names, key, strict=True)), "n": n} for key, n in sorted(counted.items())]
    for start in range(0, len(made), BATCH):
        connection.execute(insert(table), made[start : start + BATCH])


def main(folder: str, number: str, owner: str = OWNER) -> None:
    began, opened = time.perf_counter(), open_database(None, Path(folder))
    with opened.write() as connection:
        fill(connection, int(number), owner, datetime.now(UTC))
    opened.close()
    print(f"{number} calls in {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
