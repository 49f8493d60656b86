"""A batch of 10,000 prompts on three simulated models: how fast it goes, what the page costs meanwhile, and memory.

python -m bench.batch [rows]      a Markdown table; the simulator answers a thousand times faster than a provider would
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from streamlit.testing.v1 import AppTest

from core.assemble import build
from core.batch import table
from core.batch.batches import Batches
from core.batch.carrier import BatchCarrier
from core.options import load
from core.records import Attempt, ChatRequest, Completion, Finish, Owner, Timing, Usage
from core.ui import app_state, owner, visitor
from core.ui.app_state import AppState
from core.views.batches import BatchPlan

ROOT = Path(__file__).resolve().parents[1]
OWNER = "bench"
MODELS = ("sim/quick", "sim/steady", "sim/thinker")
LOOKS = 11


def timed(act: Callable[[], object], times: int = LOOKS) -> float:
    """The median of so many runs, in milliseconds."""
    times_s = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        times_s.append((time.perf_counter() - began) * 1000)
    return statistics.median(times_s)


def memory_mb() -> float:
    """The most that this process has used so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def a_page(query: dict[str, str]) -> Callable[[], AppTest]:
    """The page's script run, again and again, with the address that a browser would have."""
    at = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    at.run()
    at.switch_page("pages/batch.py")
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at.run


def row(label: str, value: str) -> None:
    print(f"| {label} | {value} |", flush=True)


def looks(batches: Batches, batch_id: str, when: str) -> None:
    again = a_page({"batch": batch_id})
    row(f"page run, {when} (server, the app's frame included)", f"{timed(again):.0f} ms")
    row(f"counts, sums and medians by SQL, {when}", f"{timed(lambda: batches.look(batch_id)):.0f} ms")
    middle = batches.get(batch_id).rows // 2
    row(f"25 rows of the middle, {when}", f"{timed(lambda: batches.page(batch_id, first=middle)):.0f} ms")
    wrong = timed(lambda: (batches.number(batch_id, "wrong"), batches.page(batch_id, "wrong", first=100)))
    row(f"25 wrong rows and how many there are, {when}", f"{wrong:.0f} ms")


def kept_a_second(shared: AppState, prompts: list[tuple[str, str | None]]) -> float:
    """The cost of asking, checking and storing alone: no model is called, every answer is there at once."""

    async def at_once(request: ChatRequest, keys: Mapping[str, str], owner_id: str) -> Completion:
        timing = Timing(datetime.now(UTC), 1.0, 1.0, 2.0, 2.0, 0.0, 2)
        done = (Attempt("sim", request.model_id or "", 1, "ok", 2.0),)
        return Completion(
            request.model_id or "", "word " * 100, "", Usage(10, 100), Finish("stop"), timing, attempts=done
        )

    space = shared.workspace
    carrier = BatchCarrier(space.engine, space.database, space.process, space.jobs, ask=at_once)
    batches, began = Batches(carrier, space.input_limits, space.budget, Owner(OWNER)), time.perf_counter()
    batch_id = batches.start("at once", BatchPlan("at once", MODELS, prompts, rule={"kind": "number"}))
    while batches.get(batch_id).state == "running":
        time.sleep(0.05)
    return len(prompts) * len(MODELS) / (time.perf_counter() - began)


def measure(folder: Path, rows: int) -> None:
    environ = {"ROUNDTABLE_SIMULATOR_SPEED": "1000", "ROUNDTABLE_LOCAL_SERVERS": "false"}
    shared = AppState(build(load(environ=environ, secrets={}, folder=folder), folder=folder))
    app_state._app_state = shared
    owner.current = lambda: OWNER
    visitor.settle = lambda: None
    text = "prompt,expected\n" + "".join(f"What is {n} + 1?,{n + 1}\n" for n in range(rows))
    row("read the CSV", f"{timed(lambda: table.read(text.encode(), 'csv'), 3):.0f} ms")
    empty = a_page({})
    row("page run without a batch", f"{timed(empty):.0f} ms")
    before = memory_mb()
    prompts = table.prompts(table.read(text.encode(), "csv"), "prompt", "expected")
    batches, began = shared.workspace.of(OWNER).batches, time.perf_counter()
    plan = BatchPlan("bench", MODELS, prompts, rule={"kind": "number"})
    batch_id = batches.start("bench", plan)
    row(
        f"Start: {rows:,} rows and {rows * len(MODELS):,} items written",
        f"{(time.perf_counter() - began) * 1000:.0f} ms",
    )
    while batches.get(batch_id).over < rows * len(MODELS) // 2:
        time.sleep(0.2)
    undisturbed = batches.get(batch_id).over / (time.perf_counter() - began)
    row("answers kept a second, nobody looking", f"{undisturbed:.0f}")
    looks(batches, batch_id, "half done and running")
    while (batch := batches.get(batch_id)).state == "running":
        time.sleep(0.2)
    row("the whole batch, the looks included", f"{time.perf_counter() - began:.0f} s, {batch.done:,} answered")
    looks(batches, batch_id, "done")
    row("memory: the process before, and its most", f"{before:.0f} MB, {memory_mb():.0f} MB")
    row("answers kept a second of a model that answers at once", f"{kept_a_second(shared, prompts[:3000]):,.0f}")
    began = time.perf_counter()
    data = batches.download(batch_id, "csv")
    row("CSV of everything", f"{(time.perf_counter() - began) * 1000:.0f} ms, {len(data) / 1e6:.1f} MB")
    row("memory after the download", f"{memory_mb():.0f} MB")
    shared.workspace.database.close()


def main(arguments: list[str]) -> None:
    rows = int(arguments[0]) if arguments else 10_000
    print(f"| {rows:,} rows × {len(MODELS)} simulated models, SQLite | measured |\n|---|---|", flush=True)
    with tempfile.TemporaryDirectory(prefix="rt-batch-") as name:
        measure(Path(name), rows)


if __name__ == "__main__":
    main(sys.argv[1:])
