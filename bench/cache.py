"""How long a kept answer takes, in milliseconds of server time, as one JSON object: `python -m bench.cache`.

workspace: from the question to its whole answer (committed, looked up, counted, kept). page: the whole click on the
chat page: the drawing that sends the question, the wait for its answer, and the drawing with the answer in it. Beside
each the same for a question that the simulator answers at once, and the page drawn without a question. One process on
an SQLite file; every round asks in a chat of its own; the page is run without a browser. `cpu` is what the process
worked in that time, which a busy computer disturbs less than the clock.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from streamlit.testing.v1 import AppTest

from core.assemble import build
from core.options import load
from core.ui import app_state, owner, visitor
from core.ui.app_state import AppState
from core.views.conversation import GenerationSettings
from core.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
ROUNDS, WARM = 60, 5
OWNER = "bench"
QUESTION = "Why is the sky blue?"
MODEL = "sim/quick"
Spent = tuple[float, float]


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder, app(Path(folder)) as shared:
        result = {
            "desk_hit_ms": timed(lambda n: at_workspace(shared.workspace, f"h{n}", reuse=True), rounds),
            "desk_asked_ms": timed(lambda n: at_workspace(shared.workspace, f"a{n}", reuse=False), rounds),
            "page_hit_ms": timed(lambda n: on_page(reuse=True), rounds),
            "page_asked_ms": timed(lambda n: on_page(reuse=False), rounds),
            "page_drawn_ms": timed(drawn, rounds),
        }
        print(json.dumps(result))


@contextmanager
def app(folder: Path) -> Iterator[AppState]:
    """The app of one visitor, with the answer to the question kept."""
    environ = {"ROUNDTABLE_SIMULATOR_SPEED": "100000", "ROUNDTABLE_LOCAL_SERVERS": "false"}
    shared = AppState(build(load(environ=environ, secrets={}, folder=folder), folder=folder))
    app_state._app_state = shared
    owner.current, visitor.is_new, visitor.settle = lambda: OWNER, lambda: False, lambda: None
    at_workspace(shared.workspace, "first", reuse=True)
    yield shared
    shared.close()
    app_state.reset()


def at_workspace(workspace: Workspace, request_id: str, *, reuse: bool) -> Spent:
    began = now()
    workspace.of(OWNER).chats.ask(request_id, QUESTION, MODEL, generation=GenerationSettings(reuse=reuse))
    job = workspace.of(OWNER).chats.job(request_id)
    assert job
    while not job.done:
        job.wait(0.05)
    times = since(began)
    completion = job.progress().completion
    assert completion
    assert completion.cached is (reuse and request_id != "first")
    return times


def on_page(*, reuse: bool) -> Spent:
    at = opened(reuse=reuse)
    at.chat_input(key="ask").set_value(QUESTION)
    began = now()
    at.run()
    times = since(began)
    assert not at.exception
    assert any("no quota was used" in caption.value for caption in at.caption) is reuse
    return times


def drawn(_number: int) -> Spent:
    at = opened(reuse=False)
    began = now()
    at.run()
    return since(began)


def opened(*, reuse: bool) -> AppTest:
    at = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=30)
    at.session_state["model"] = MODEL
    at.session_state["draft"] = {"reuse": True} if reuse else {}
    return at.run()


def now() -> Spent:
    """By the clock and by the processor, in seconds."""
    return time.perf_counter(), time.process_time()


def since(began: Spent) -> Spent:
    wall_s, cpu_s = now()
    return wall_s - began[0], cpu_s - began[1]


def timed(work: Callable[[int], Spent], rounds: int) -> dict[str, float]:
    """The first few rounds are not counted."""
    times = [work(number) for number in range(rounds + WARM)][WARM:]
    wall_ms = sorted(wall_s * 1000 for wall_s, _ in times)
    cpu_ms = statistics.median(cpu_s * 1000 for _, cpu_s in times)
    p95_ms = wall_ms[int(len(wall_ms) * 0.95)]
    return {"median": round(statistics.median(wall_ms), 1), "p95": round(p95_ms, 1), "cpu": round(cpu_ms, 1)}


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
