"""Three years of use against a hundredth of it: `scripts/bench scale [--small]`, a Markdown table.

Every act of a person is measured warm, in milliseconds, as the median of some rounds, on SQLite and on PostgreSQL, by
the owner who has three fifths of everything: on 1,000,000 messages in 100,000 conversations, a million calls, 20,000
voted comparisons and as many kept answers, and on a hundredth of that. `--small` takes a twentieth of both. A file of
5,000 messages is brought in and taken out again, and all that the owner has is taken out, each in a process of its own.
`python -m bench.scale FOLDER [URL]` measures a database that `bench.world` has filled, as one JSON object. The Latency
page has a measurement of its own, `python -m bench.latency page`: it reads histograms, which this log has none of.
"""

from __future__ import annotations

import json
import logging
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench.process import ROOT, measure
from bench.world import MOST, SMALL

MOST_RATIO, MOST_MS, MOST_MB = 3.0, 150.0, 300.0
IMPORTED = 5000
SIZES = (10_000, 1_000_000)
ROUNDS = 9
QUERIES = {
    "a common word": "model", "a common beginning": "se", "a Chinese word": "模型", "two words": "model sentence",
    "a rare word": "zyzzyva", "a rare Chinese word": "罕见", "no word of it": "qqqq", "C++": "C++",
    "a path": "/usr/local", "an emoji": "🎉",
}  # fmt: skip
PAGES = {
    "chat page": ("streamlit_app.py", {}),
    "a chat, opened": ("streamlit_app.py", {"c": "chat"}),
    "history page": ("pages/history.py", {}),
    "a voted comparison": ("pages/compare.py", {"run": "run"}),
    "insights page": ("pages/insights.py", {}),
    "quota page": ("pages/quota.py", {}),
    "batch page": ("pages/batch.py", {}),
}
Act = Callable[[], Any]


def of_store(database: Any) -> Iterator[tuple[str, Act]]:
    """Acts below the pages, each a function to be called again and again."""
    from datetime import timedelta
    from itertools import count
    from zoneinfo import ZoneInfo

    from bench import quota, store
    from core.store import calls, conversations, search
    from core.store.quota import cache, usage

    number = count()
    now = database.now()
    yield "list: the first 50", lambda: conversations.recent(database, MOST)
    yield "list: how many", lambda: conversations.count(database, MOST)
    for name, query in QUERIES.items():
        yield f"search: {name}", partial(search.find, database, MOST, query)
    yield "search: a common word, an owner with little", lambda: search.find(database, SMALL, "model")
    yield "a turn: begin, four parts, finish", lambda: store.turn(database, f"scale-{time.time_ns()}", None)
    yield "speeds, for `auto`", lambda: calls.speeds(database, since=now - timedelta(days=7))
    for zone in ("Europe/Berlin", "Asia/Kolkata"):
        first, last, where = now.date() - timedelta(days=181), now.date(), ZoneInfo(zone)
        span = (first, last, where)
        yield f"calendar, half a year, {zone}", partial(usage.by_day, database, MOST, *span, without=("sim",))
    yield (
        "an answer kept for again",
        lambda: cache.put(database, MOST, quota.question(next(number)), quota.ANSWER, share_bytes=10**9),
    )
    yield "kept answers, how many", lambda: cache.size_of(database, MOST)
    yield "a vote", voting(database)


def voting(database: Any) -> Act:
    """One more vote on a comparison, another way each time."""
    from itertools import cycle

    from sqlalchemy import select

    from core.store.votes import ballots
    from core.store.votes.tables import votes

    with database.read() as connection:
        newest = select(votes).where(votes.c.owner_id == MOST).order_by(votes.c.at.desc()).limit(1)
        vote = connection.execute(newest).one()
    choices = cycle((0, 1, 2))
    return lambda: ballots.cast(database, MOST, vote.run_id, 1, next(choices), vote.lanes, "code")


def of_pages(database: Any) -> Iterator[tuple[str, Act]]:
    """Runs of page scripts, without a browser, each drawn once before it is measured."""
    from sqlalchemy import select
    from streamlit.testing.v1 import AppTest

    from core.store.tables import conversations
    from core.store.votes.tables import votes

    with database.read() as connection:
        newest_run = select(votes.c.run_id).where(votes.c.owner_id == MOST).order_by(votes.c.at.desc()).limit(1)
        newest = select(conversations.c.id).where(conversations.c.owner_id == MOST, conversations.c.kind == "chat")
        ids = {
            "run": connection.execute(newest_run).scalar_one(),
            "chat": connection.execute(newest.order_by(conversations.c.updated_at.desc()).limit(1)).scalar_one(),
        }
    for name, (page, query) in PAGES.items():
        at = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
        for key, kind in query.items():
            at.query_params[key] = ids[kind]
        at.run()
        if page != "streamlit_app.py":
            at.switch_page(page).run()
        assert not at.exception, (name, at.exception)
        yield name, at.run
        if name == "history page":
            yield "history page: More", partial(more, at)


def more(at: Any) -> None:
    """The second fifty below the first."""
    at.session_state["history-shown"] = 50
    at.button(key="more").click().run()


def measured(folder: Path, url: str | None) -> dict[str, float]:
    """Every operation on an existing database, in milliseconds: the median of some rounds after two warm-up rounds."""
    from bench import store
    from core.assemble import build
    from core.options import load
    from core.ui import app_state, owner, visitor
    from core.ui.app_state import AppState

    logging.disable(logging.WARNING)  # Streamlit misses its server at every call
    environ = {"ROUNDTABLE_LOCAL_SERVERS": "false", "GROQ_API_KEY": "gsk_0123456789abcdef"}
    environ |= {"DATABASE_URL": url} if url else {}
    settings = load(environ={**environ, "ROUNDTABLE_DATA_FOLDER": str(folder)}, secrets={}, folder=folder)
    owner.current, visitor.is_new, visitor.settle = lambda: MOST, lambda: False, lambda: None
    store.OWNER = MOST

    def start() -> None:
        if app_state._app_state:
            app_state._app_state.close()
        began = time.perf_counter()
        app_state._app_state = AppState(build(settings, folder=folder))
        app_state._app_state.open()
        starts.append((time.perf_counter() - began) * 1000)

    starts: list[float] = []
    for _ in range(ROUNDS + 1):
        start()
    times = {"start: the database opened, first": starts[0], "start, warm": statistics.median(starts[1:])}
    shared = app_state.get()
    database = shared.workspace.database
    for acts in (of_store(database), of_pages(database)):
        for name, act in acts:
            times[name] = statistics.median(store.timed(act, ROUNDS + 2)[2:])
            print(f"{times[name]:10.1f} ms  {name}", file=sys.stderr, flush=True)
    shared.close()
    return times | files(folder, url)


def files(folder: Path, url: str | None) -> dict[str, float]:
    """Milliseconds for a thousand messages, and the most memory that it took, beside somebody else's questions."""
    from bench import backup

    owner, results = uuid4().hex, {}
    environ = {"DATABASE_URL": url} if url else {}
    with tempfile.TemporaryDirectory(prefix="rt-scale-") as name:
        path = Path(name) / "file.json"
        backup.write(path, IMPORTED)
        for label, operation, whose in (
            (f"import of {IMPORTED:,}", "import", owner),
            (f"export of {IMPORTED:,}", "export", owner),
            ("export of all", "export", MOST),
        ):
            run = measure("bench.backup", "--act", operation, str(folder), str(path), whose, **environ)
            results[f"{label}, 1,000 messages"] = run["s"] * 1e6 / run["messages"]
            results[f"{label}: memory, MB"] = run["peak_mb"]
            print(json.dumps({label: run}), file=sys.stderr, flush=True)
    return results


def both(kind: str, sizes: tuple[int, int]) -> tuple[dict[str, float], dict[str, float]]:
    """Both sizes on one kind of database, each in a process of its own."""
    results = []
    for size in sizes:
        with ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="rt-scale-"))
            place = [folder]
            if kind == "postgresql":
                from tests.store import postgres

                place.append(stack.enter_context(postgres.running()).new())
            subprocess.run([sys.executable, "-m", "bench.world", folder, str(size), *place[1:]], cwd=ROOT, check=True)
            results.append(measure("bench.scale", *place))
    return results[0], results[1]


def table(small: bool) -> int:
    sizes = (SIZES[0] // 20, SIZES[1] // 20) if small else SIZES
    missed = 0
    print(f"| act, ms | database | {sizes[0]:,} messages | {sizes[1]:,} | × | ≤ {MOST_RATIO:g} ×, ≤ {MOST_MS:g} ms |")
    print("|---|---|---|---|---|---|")
    for kind in ("sqlite", "postgresql"):
        few, many = both(kind, sizes)
        for name in many:
            ratio = many[name] / few[name]
            most = MOST_MB if name.endswith("MB") else math.inf if name.endswith("1,000 messages") else MOST_MS
            ok = many[name] <= most and (ratio <= MOST_RATIO or many[name] < 1)
            missed += not ok
            verdict = "kept" if ok else "**missed**"
            print(f"| {name} | {kind} | {few[name]:.1f} | {many[name]:.1f} | {ratio:.1f} | {verdict} |", flush=True)
    return 1 if missed else 0


def main(arguments: list[str]) -> int:
    """The table, or (with a folder) one database."""
    places = [word for word in arguments if not word.startswith("--")]
    if places:
        print(json.dumps(measured(Path(places[0]), places[1] if len(places) > 1 else None)))
        return 0
    return table("--small" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
