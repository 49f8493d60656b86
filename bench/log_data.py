"""The same questions to the log by pandas on SQLite and by DuckDB on Parquet: `python -m bench.log_data [CALLS ...]`.

One table for each size (1,000,000 and 10,000,000 calls): seconds, seconds of CPU, and the most memory of a fresh
process that opens the log, asks once and ends, Python and its packages included. The answers must be the same.
`DuckDB on SQLite` is asked too where DuckDB's extension is installed. Everything lies in a temporary folder, which is
deleted: 0.6 GB a million calls.

A year of calls by 1,000 people, of whom a few ask most, to twelve models. The database is the app's; to fill it soon,
its triggers and the indexes that no question here uses are left out.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from bench.backup import peak_mb
from bench.process import ROOT

SIZES = (1_000_000, 10_000_000)
PEOPLE, MODELS, PORTION = 1000, 12, 100_000
START, YEAR_US = datetime(2025, 11, 1, tzinfo=UTC), 365 * 86_400 * 1_000_000
OUTCOMES = ("ok", "rate_limited", "overloaded", "timeout", "filtered")
SHARES = (0.93, 0.04, 0.015, 0.01, 0.005)
FOLDER, FILE = "parquet", "roundtable.db"
ENGINES = {"pandas": "pandas on SQLite", "duckdb": "DuckDB on Parquet", "attached": "DuckDB on SQLite"}
SQL = {
    "median first token by model and day": """
        SELECT model_id, date_trunc('day', started_at) AS day, median(ttft_ms) AS ms FROM calls
        WHERE outcome = 'ok' GROUP BY ALL ORDER BY ALL""",
    "failures by hour and kind": """
        SELECT date_trunc('hour', started_at) AS hour, outcome, count(*) AS n FROM calls
        WHERE outcome <> 'ok' GROUP BY ALL ORDER BY ALL""",
    "tokens by owner": """
        SELECT owner_id, sum(input_tokens + output_tokens) AS tokens FROM calls
        WHERE output_tokens IS NOT NULL GROUP BY owner_id ORDER BY owner_id""",
    "p95 of the total time by model": """
        SELECT model_id, quantile_cont(total_ms, 0.95) AS ms FROM calls
        WHERE outcome = 'ok' GROUP BY model_id ORDER BY model_id""",
    "money by month and provider": """
        SELECT date_trunc('month', started_at) AS month, provider_id, sum(cost_usd) AS usd FROM calls
        WHERE cost_usd IS NOT NULL GROUP BY ALL ORDER BY ALL""",
}
ONE = "all calls of one person in a month"
RANGE: dict[str, Any] = {"owner": "person-40", "since": "2026-03-01", "until": "2026-04-01"}


def by_pandas(log: Any, question: str) -> Any:
    """The question to a database, with no more columns than it needs."""
    match question:
        case "median first token by model and day":
            calls = log.calls(columns=["started_at", "model_id", "ttft_ms", "outcome"])
            calls = calls[calls.outcome == "ok"]
            return calls.groupby(["model_id", calls.started_at.dt.floor("D")]).ttft_ms.median().sort_index()
        case "failures by hour and kind":
            calls = log.calls(columns=["started_at", "outcome"])
            calls = calls[calls.outcome != "ok"]
            return calls.groupby([calls.started_at.dt.floor("h"), "outcome"]).size().sort_index()
        case "tokens by owner":
            calls = log.calls(columns=["owner_id", "input_tokens", "output_tokens"]).dropna()
            return (calls.input_tokens + calls.output_tokens).groupby(calls.owner_id).sum().sort_index()
        case "p95 of the total time by model":
            calls = log.calls(columns=["model_id", "total_ms", "outcome"])
            return calls[calls.outcome == "ok"].groupby("model_id").total_ms.quantile(0.95).sort_index()
        case "money by month and provider":
            calls = log.calls(columns=["started_at", "provider_id", "cost_usd"]).dropna()
            month = calls.started_at.dt.tz_localize(None).dt.to_period("M")
            return calls.groupby([month, "provider_id"]).cost_usd.sum().sort_index()
    raise ValueError(question)


def ask(engine: str, folder: Path, question: str) -> dict[str, Any]:
    """Seconds, memory, and the sum of the answer's last column, by which answers are compared."""
    began = time.perf_counter()
    from core import open_log, open_parquet

    log: Any = open_parquet(folder / FOLDER) if engine == "duckdb" else open_log(folder / FILE)
    log = log.attached() if engine == "attached" else log
    if question == ONE:
        values = log.calls(**RANGE).total_ms
    elif engine == "pandas":
        values = by_pandas(log, question)
    else:
        values = log.sql(SQL[question]).iloc[:, -1]
    log.close()
    seconds = time.perf_counter() - began
    used = {"s": seconds, "cpu_s": time.process_time(), "peak_mb": peak_mb()}
    return {**used, "rows": len(values), "sum": float(values.sum())}


def export(folder: Path) -> dict[str, Any]:
    """The log as Parquet."""
    began = time.perf_counter()
    from core import open_log

    with open_log(folder / FILE) as log:
        rows = log.to_parquet(folder / FOLDER, frames=["calls"])["calls"]
    size = sum(path.stat().st_size for path in (folder / FOLDER).rglob("*.parquet"))
    seconds = time.perf_counter() - began
    database = (folder / FILE).stat().st_size
    used = {"s": seconds, "cpu_s": time.process_time(), "peak_mb": peak_mb()}
    return {**used, "rows": rows, "mb": size / 1e6, "database_mb": database / 1e6}


def fill(folder: Path, size: int) -> None:
    """A database of the app's with so many calls."""
    from core.store.opening import open_database

    open_database(None, folder).close()
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as database:
        for setting in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-400000"):
            database.execute(f"PRAGMA {setting}")
        of_calls = "SELECT type, name FROM sqlite_master WHERE tbl_name = 'calls' AND type IN ('index', 'trigger')"
        for kind, name in database.execute(of_calls).fetchall():
            if name != "calls_at" and not name.startswith("sqlite_"):
                database.execute(f"DROP {kind} {name}")
        rng = np.random.default_rng(7)
        for first in range(0, size, PORTION):
            columns = list(_columns(rng, first, min(PORTION, size - first), size))
            names = ", ".join(name for name, _ in columns)
            marks = ", ".join("?" * len(columns))
            rows = zip(*(values for _, values in columns), strict=True)
            database.execute("BEGIN")
            database.executemany(f"INSERT INTO calls ({names}) VALUES ({marks})", rows)
            database.execute("COMMIT")
        database.execute("CREATE INDEX calls_owner ON calls (owner_id, at)")
        database.execute("ANALYZE")


def _columns(rng: np.random.Generator, first: int, n: int, size: int) -> Iterator[tuple[str, list[Any]]]:
    """The columns of the next rows, by time; a failed call has no tokens, a model in four no price."""
    place = np.arange(first, first + n)
    model = rng.integers(0, MODELS, n)
    outcome = rng.choice(len(OUTCOMES), n, p=SHARES)
    ok = outcome == 0
    ttft = rng.lognormal(5.5 + model / 8, 0.5)
    total = ttft + rng.lognormal(7, 0.7, n)
    inputs, outputs = rng.integers(20, 4000, n), rng.integers(1, 1200, n)

    def where_known(values: Any, where: Any = ok) -> list[Any]:
        cells = np.asarray(values).astype(object)
        cells[~np.asarray(where)] = None
        filled: list[Any] = cells.tolist()
        return filled

    started = int(START.timestamp()) * 1_000_000 + place * YEAR_US // size
    yield "id", [f"{number:036x}" for number in place.tolist()]
    yield "at", started.tolist()
    yield "owner_id", [f"person-{number}" for number in (PEOPLE * rng.power(0.3, n)).astype(int).tolist()]
    yield "provider_id", [f"provider-{number % 5}" for number in model.tolist()]
    yield "model_id", [f"provider-{number % 5}/model-{number}" for number in model.tolist()]
    yield "n", [1] * n
    yield "outcome", [OUTCOMES[number] for number in outcome.tolist()]
    yield "ms", total.tolist()
    yield "ttft_ms", where_known(ttft)
    yield "first_answer_ms", where_known(ttft * 1.1)
    yield "last_ms", where_known(total - 2)
    yield "waited_ms", [0.0] * n
    yield "chunks", where_known(outputs)
    yield "input_tokens", where_known(inputs)
    yield "output_tokens", where_known(outputs)
    yield "cost_usd", where_known(inputs * 100_000 + outputs * 400_000, ok & (model % 4 > 0))
    yield "request_id", [f"request-{number:020x}" for number in place.tolist()]
    yield "conversation_id", [f"{number // 8:036x}" for number in place.tolist()]
    yield "prompt_hash", [f"{number * 2654435761 % 2**64:064x}" for number in place.tolist()]
    yield "settings", ['{"temperature": 0.7, "max_output_tokens": 2048}'] * n
    for name, value in (("estimated", 0), ("cached", 0), ("streamed", 1), ("sent", 1), ("probe", 0), ("simulated", 0)):
        yield name, [value] * n


def child(*arguments: object) -> dict[str, Any] | None:
    """What a fresh process measures; None where it cannot."""
    command = [sys.executable, "-m", "bench.log_data", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, Any] | None = json.loads(done.stdout.splitlines()[-1])
    return figures


def measured(size: int) -> None:
    with tempfile.TemporaryDirectory(prefix="rt-log-") as name:
        began = time.perf_counter()
        child("--fill", name, size)
        print(f"\n{size:,} calls, made in {time.perf_counter() - began:.0f} s", flush=True)
        exported = child("--export", name)
        assert exported
        print("to Parquet: {s:.0f} s, {cpu_s:.0f} s of CPU, {peak_mb:.0f} MB of memory".format(**exported))
        print("{database_mb:.0f} MB of SQLite, {mb:.0f} MB of Parquet".format(**exported))
        print(f"\n| question | {' | '.join(ENGINES.values())} |\n|---|{'---|' * len(ENGINES)}", flush=True)
        for question in (*SQL, ONE):
            runs = {engine: child("--ask", engine, name, question) for engine in ENGINES}
            answers = [run for run in runs.values() if run]
            for run in answers:
                assert run["rows"] == answers[0]["rows"], (question, runs)
                assert np.isclose(run["sum"], answers[0]["sum"], rtol=1e-9), (question, runs)
            cells = [
                "{s:.1f} s, {cpu_s:.1f} s, {peak_mb:.0f} MB".format(**run) if run else "—" for run in runs.values()
            ]
            print(f"| {question} | {' | '.join(cells)} |", flush=True)


def main(arguments: list[str]) -> None:
    from core.log_data import LogUnavailable

    acts: dict[str, Callable[..., Any]] = {
        "--fill": lambda folder, size: fill(Path(folder), int(size)),
        "--export": lambda folder: export(Path(folder)),
        "--ask": lambda engine, folder, question: ask(engine, Path(folder), question),
    }
    if arguments and arguments[0] in acts:
        try:
            print(json.dumps(acts[arguments[0]](*arguments[1:])))
        except LogUnavailable as error:
            print(error, file=sys.stderr)
            print("null")
        return
    for size in map(int, arguments or SIZES):
        measured(size)


if __name__ == "__main__":
    main(sys.argv[1:])
