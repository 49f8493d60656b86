"""What the pages of usage and latency ask of a database with many calls, in milliseconds, as one JSON object.

`python -m bench.usage_queries [CALLS]` fills a SQLite and a PostgreSQL database with CALLS (1,000,000) calls of one
person over 90 days, two in five of them with an effort, and asks each question eleven times.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bench.calls import fill
from bench.seeded import OWNER
from core.store.database import Database
from core.store.latency.buckets import ODD, Metric, effort_of, since
from core.store.latency.read import Measurements
from core.store.opening import open_database
from core.store.past_outputs import PastOutputs
from core.store.quota import day_costs, usage
from core.ui.latency.strip import DOTS, FEWEST_DOTS, MOST_DOTS
from tests.store import postgres

TIMES = 11
ZONE = ZoneInfo("Asia/Shanghai")


# What triggers would have added up, in one statement.
HOURS = """INSERT INTO usage_hours (owner_id, phase, hour, provider_id, requests, failures, counted, tokens, estimated,
        unsent, pico_usd, unpriced)
    SELECT owner_id, phase, (at / 900000000 + phase) / 4, provider_id, count(*),
           sum(CASE WHEN outcome = 'ok' THEN 0 ELSE 1 END), count(*), sum(input_tokens + output_tokens), 0, 0,
           sum(coalesce(cost_usd, 0)), sum(CASE WHEN cost_usd IS NULL THEN 1 ELSE 0 END)
    FROM calls CROSS JOIN (SELECT 0 AS phase UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) AS phases
    GROUP BY 1, 2, 3, 4"""


def _without_triggers(connection: Connection) -> None:
    """A trigger a call would take longer than all the questions."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET session_replication_role = replica")
        return
    names = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'calls'"
    for (name,) in connection.exec_driver_sql(names).all():
        connection.exec_driver_sql(f"DROP TRIGGER {name}")


def questions(database: Database, now: datetime) -> dict[str, Callable[[], object]]:
    times, today = Measurements(database, OWNER), now.astimezone(ZONE).date()
    series, hours = times.series_of(), since(now, 30 * 24)
    series = [replace(entry, apart=effort_of(entry.flags)) for entry in series if not entry.flags & ODD]
    most = max(min(DOTS, MOST_DOTS // len({entry.name for entry in series})), FEWEST_DOTS)

    def latency_page() -> None:
        """All that the page asks when it opens, over all time."""
        times.series_of()
        chosen = series
        times.histograms(chosen, None, list(Metric))
        times.newest(chosen, None, most)
        times.outcomes(chosen, None)

    return {
        "cost of a day": lambda: day_costs.of_day(database, OWNER, today - timedelta(days=10), ZONE),
        "calendar of half a year": lambda: usage.by_day(database, OWNER, today - timedelta(days=181), today, ZONE),
        "past answers by effort": lambda: PastOutputs(database).of(OWNER, "groq/model-0", "high"),
        "latency: series": times.series_of,
        "latency: histograms, ever": lambda: times.histograms(series, None, list(Metric)),
        "latency: histograms, 30 days": lambda: times.histograms(series, hours, list(Metric)),
        "latency: trend, 30 days": lambda: times.bands(series, hours, Metric.TTFT, now),
        "latency: newest answers": lambda: times.newest(series, None, most),
        "latency: outcomes": lambda: times.outcomes(series, None),
        "latency: the page": latency_page,
    }


def measured(database: Database, calls: int) -> dict[str, object]:
    now = datetime.now(UTC)
    began = time.perf_counter()
    with database.write() as connection:
        _without_triggers(connection)
        fill(connection, calls, OWNER, now)
        connection.exec_driver_sql(HOURS)
    results: dict[str, object] = {"calls": calls, "filled_s": round(time.perf_counter() - began)}
    if database.kind == "postgresql":
        with database.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.commit()
    for name, ask in questions(database, now).items():
        ask()
        spent_ms = []
        for _ in range(TIMES):
            began = time.perf_counter()
            ask()
            spent_ms.append((time.perf_counter() - began) * 1000)
        results[name] = {"median_ms": round(median(spent_ms), 1), "longest_ms": round(max(spent_ms), 1)}
    return results


def main(calls: str = "1000000") -> None:
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(None, Path(folder) / "sqlite")
        results["sqlite"] = measured(database, int(calls))
        database.close()
        with postgres.running() as server:
            database = open_database(server.new(), Path(folder) / "postgresql")
            results["postgresql"] = measured(database, int(calls))
            database.close()
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
