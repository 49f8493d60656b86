"""The cost of a long comparison: reading it, as every rerun of its page does, and writing all its files.

`python -m bench.lanes` prints one JSON object: medians in ms for eight columns after 1, 10 and 100 turns.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from core.assemble import build
from core.options import load
from core.records import Completion, Finish, Timing, Usage
from core.report.columns import ReportColumn
from core.report.page import page
from core.report.tables import markdown, table, whole
from core.store import runs, turns
from core.store.database import Database
from core.store.opening import open_database
from core.store.rounds import asked
from core.workspace import Workspace

OWNER = "bench"
LANES = 8
TEXT = "A sentence of an answer that is as long as answers are.\n\n" * 20
TURNS = (1, 10, 100)
ROUNDS = 20


def main() -> None:
    out: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(None, Path(folder) / "data")
        engine = build(load(environ={}, folder=Path(folder)), folder=Path(folder))
        workspace = Workspace(engine, database)
        for number in TURNS:
            run_id = made(database, number)
            run = workspace.of(OWNER).comparisons.get(run_id)
            columns = [ReportColumn(lane.id, lane.model_id, {}) for lane in run.lanes]
            out[f"{number} turns"] = {
                "read_ms": median_ms(lambda run_id=run_id: workspace.of(OWNER).comparisons.get(run_id)),  # type: ignore[misc]
                "files_ms": median_ms(
                    lambda run=run, columns=columns: [make(run, columns) for make in (markdown, table, whole, page)]  # type: ignore[misc]
                ),
            }
        database.close()
    print(json.dumps(out))


def made(database: Database, number: int) -> str:
    """A comparison of eight lanes with this many turns, each lane going on from its own answers."""
    run_id, lanes = runs.create(database, OWNER, f"c{number}", ["sim/quick"] * LANES, prompt="Why?")
    last: dict[str, str] = {}
    usage, timing = Usage(100, 200), Timing(datetime.now(UTC), 100.0, 100.0, 900.0, 1000.0, chunks=9)
    answer = Completion("sim/quick", TEXT, "", usage, Finish("stop"), timing)
    for turn in range(number):
        names = {lane.conversation_id: f"{number}-{turn}-{lane.position}" for lane in lanes}
        questions = {lane_id: asked.question_id(OWNER, name) for lane_id, name in names.items()}
        asked.begin(database, OWNER, run_id, f"{number}-{turn}", "Why?", questions)
        for lane_id, name in names.items():
            begun = turns.begin(
                database,
                OWNER,
                turns.NewTurn(name, "Why?", conversation_id=lane_id, parent_id=last.get(lane_id)),
                owner_process="p",
            )
            turns.finish(database, OWNER, name, answer)
            last[lane_id] = begun.answer_message_id
    return run_id


def median_ms(act: Callable[[], object]) -> float:
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        act()
        took.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(took), 2)


if __name__ == "__main__":
    main()
