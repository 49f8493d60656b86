"""What the store costs, as one JSON object: `python -m bench.store [postgresql]`.

turn_ms: begin, four checkpoints, finish. open_ratio: opening 10,000 messages against 100. list_ms: the first 50 of
10,000 conversations. search_ms: a rare and a common word among their messages. together: 50 answers at once.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from core.records import Attempt, Completion, Finish, Timing, Usage
from core.store import conversations, running, search, tree, turns
from core.store.database import Database
from core.store.imports import load
from core.store.opening import open_database
from core.store.portable import ours
from tests.store import postgres

OWNER = "bench"
TEXT = "A sentence of some words that somebody wrote, 一些中文, and a few more. "
START = datetime(2026, 1, 1, tzinfo=UTC)


def answer(text: str) -> Completion:
    timing, attempts = Timing(START, 1, 2, 3, 4), (Attempt("sim", "sim/quick", 1, "ok", 900.0),)
    return Completion("sim/quick", text, "", Usage(100, 200), Finish("stop"), timing, attempts=attempts)


def percentiles(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {"median": round(statistics.median(ordered), 2), "p95": round(ordered[int(len(ordered) * 0.95)], 2)}


def timed(work: Callable[[], Any], rounds: int) -> list[float]:
    """Milliseconds of each round."""
    times_s = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        times_s.append((time.perf_counter() - began) * 1000)
    return times_s


def turn(database: Database, request: str, after: turns.Begun | None) -> turns.Begun:
    begun = turns.begin(
        database,
        OWNER,
        turns.NewTurn(
            request,
            TEXT,
            model_id="sim/quick",
            conversation_id=after.conversation_id if after else None,
            parent_id=after.answer_message_id if after else None,
        ),
        owner_process="bench",
    )
    for part in range(1, 5):
        running.checkpoint(database, [running.AnswerCheckpoint(OWNER, request, TEXT * 8 * part)])
    turns.finish(database, OWNER, request, answer(TEXT * 40))
    return begun


def turn_ms(database: Database) -> dict[str, float]:
    after: turns.Begun | None = None
    times_s = []
    for number in range(220):
        began = time.perf_counter()
        after = turn(database, f"turn-{number}", after)
        times_s.append((time.perf_counter() - began) * 1000)
    return percentiles(times_s[20:])


def chain(name: str, length: int) -> dict[str, Any]:
    messages = [
        _message(str(n), str(n - 1) if n else None, "assistant" if n % 2 else "user", TEXT * 5, START)
        for n in range(length)
    ]
    return _talk(name, START, messages)


def keep(database: Database, talks: list[dict[str, Any]]) -> None:
    """Bring conversations in as a file of our own."""
    content = {"format": ours.FORMAT, "version": ours.VERSION, "conversations": talks}
    load.load(database, OWNER, json.dumps(content).encode())


def _talk(name: str, at: datetime, messages: list[dict[str, Any]]) -> dict[str, Any]:
    day = at.isoformat()
    return {"id": name, "title": name, "created_at": day, "updated_at": day, "messages": messages}


def _message(name: str, parent: str | None, role: str, text: str, at: datetime) -> dict[str, Any]:
    return {"id": name, "parent_id": parent, "role": role, "text": text, "created_at": at.isoformat()}


def open_ms(database: Database) -> dict[str, Any]:
    keep(database, [chain("short", 100), chain("long", 10_000)])
    ids = {entry.title: entry.id for entry in conversations.recent(database, OWNER, limit=200).entries}
    times: dict[str, list[float]] = {"short": [], "long": []}
    for _ in range(60):
        for name, values in times.items():
            values += timed(partial(tree.path, database, OWNER, ids[name]), 1)
    short, long = (percentiles(times[name][10:]) for name in ("short", "long"))
    return {"of_100_ms": short, "of_10000_ms": long, "ratio": round(long["median"] / short["median"], 2)}


def history(database: Database) -> dict[str, Any]:
    """10,000 conversations of two messages each, every hundredth with a rare word."""
    talks = []
    for n in range(10_000):
        at = START + timedelta(minutes=n)
        question = _message(f"q{n}", None, "user", f"Question {n} {'zyzzyva 罕见' if n % 100 == 0 else ''}", at)
        talks.append(_talk(f"Question {n}", at, [question, _message(f"a{n}", f"q{n}", "assistant", TEXT * 3, at)]))
    keep(database, talks)
    second = conversations.recent(database, OWNER).following
    return {
        "list_ms": percentiles(timed(lambda: conversations.recent(database, OWNER), 50)),
        "next_page_ms": percentiles(timed(lambda: conversations.recent(database, OWNER, after=second), 50)),
        "search_rare_ms": percentiles(timed(lambda: search.find(database, OWNER, "zyzzyva"), 30)),
        "search_chinese_ms": percentiles(timed(lambda: search.find(database, OWNER, "罕见"), 30)),
        "search_common_ms": percentiles(timed(lambda: search.find(database, OWNER, "sentence"), 30)),
    }


def together(database: Database) -> dict[str, float]:
    """50 answers at once, each with its own thread: turns a second, and how long one took."""
    with ThreadPoolExecutor(50) as pool:
        began = time.perf_counter()
        times_s = list(pool.map(lambda n: timed(lambda: turn(database, f"many-{n}", None), 1)[0], range(500)))
        whole = time.perf_counter() - began
    return {"turns_per_s": round(500 / whole, 1), **percentiles(times_s)}


def batched(database: Database) -> dict[str, float]:
    """One saver for 50 running answers: one transaction of 50 checkpoints."""
    for n in range(50):
        turns.begin(database, OWNER, turns.NewTurn(f"batch-{n}", TEXT), owner_process="bench")
    parts = [running.AnswerCheckpoint(OWNER, f"batch-{n}", TEXT * 30) for n in range(50)]
    return percentiles(timed(lambda: running.checkpoint(database, parts), 60))


def start_ms(url: str | None, folder: Path) -> dict[str, float]:
    def start() -> None:
        open_database(url, folder).close()

    return {"new": round(timed(start, 1)[0], 1), "again": round(statistics.median(timed(start, 9)), 1)}


@contextmanager
def place(kind: str) -> Iterator[str | None]:
    if kind == "sqlite":
        yield None
        return
    with postgres.running() as server:
        yield server.new()


def main(kind: str) -> None:
    with place(kind) as url, tempfile.TemporaryDirectory(prefix="rt-bench-") as name:
        figures: dict[str, Any] = {"database": kind, "open_database_ms": start_ms(url, Path(name))}
        database = open_database(url, Path(name))
        figures["turn_ms"] = turn_ms(database)
        figures["open_conversation"] = open_ms(database)
        figures["history_of_10000"] = history(database)
        figures["50_at_once"] = together(database)
        figures["50_checkpoints_in_one_ms"] = batched(database)
        database.close()
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "sqlite")
