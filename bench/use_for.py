"""What the advice by votes costs a page: read anew, and from memory.

    python -m bench.use_for [VOTES]

VOTES (2,000) on 8 models in 6 topics, and 4,000 measured answers, in a new SQLite file; prints a table in milliseconds.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import median

from core.assemble import build
from core.insight.topics import TOPICS, topic
from core.options import load
from core.records import Attempt, Completion, Finish, Timing, Usage
from core.store import calls, runs
from core.store.opening import open_database
from core.workspace import Workspace

OWNER, ROUNDS = "somebody", 40
MODELS = [
    *(f"sim/{name}" for name in ("quick", "steady", "slow", "thinker")),
    *(f"groq/{name}" for name in ("openai/gpt-oss-120b", "openai/gpt-oss-20b", "llama-3.3-70b-versatile")),
    "gemini/gemini-3.5-flash",
]
KEYS = {"groq": "gsk_0123456789abcdef0123", "gemini": "AIza0123456789abcdef0123456789abcdef012"}


def fill(workspace: Workspace, votes: int, answers: int) -> None:
    chance = Random(1)
    for number in range(0, votes, 50):
        pair = chance.sample(MODELS, 2)
        run_id, lanes = runs.create(workspace.database, OWNER, f"r{number}", pair, prompt="p")
        shown = [(lane.conversation_id, lane.model_id) for lane in lanes]
        for turn in range(50):
            kind = chance.choice(TOPICS[:-1])
            workspace.of(OWNER).votes.cast(run_id, turn, int(chance.random() < 0.4), shown, kind)
    for number in range(answers):
        model_id = chance.choice(MODELS)
        ttft_ms = chance.uniform(100, 3000)
        timing = Timing(datetime.now(UTC), ttft_ms, ttft_ms, 4000.0, 4010.0, 0.0, 120, 120, True)
        provider_id = model_id.partition("/")[0]
        simulated = provider_id == "sim"
        attempt = Attempt(provider_id, model_id, 1, "ok", 4010.0, cold=False, simulated=simulated)
        completion = Completion(model_id, "Yes.", "", Usage(10, 80), Finish("stop"), timing, attempts=(attempt,))
        calls.add(workspace.database, OWNER, completion, request_id=f"a{number}")


def taken_ms(work: Callable[[], object]) -> float:
    spans = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        spans.append((time.perf_counter() - began) * 1000)
    return median(spans)


def main() -> None:
    votes = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workspace = Workspace(
            build(load(environ={}, folder=folder), folder=folder), open_database(None, folder / "data")
        )
        fill(workspace, votes, answers=4_000)
        person, stranger = workspace.of(OWNER, KEYS), workspace.of("a stranger", KEYS)
        rows = {
            f"read anew, {votes:,} votes": person.recommendations.now,
            "read anew, no votes": stranger.recommendations.now,
            "from memory, as each page does": person.recommendations.recent,
            "the topic of a question": lambda: topic("Write a Python function that merges overlapping intervals."),
        }
        print("| step | ms, median |\n|---|---|")
        for step, work in rows.items():
            print(f"| {step} | {taken_ms(work):.3f} |")
        workspace.close()


if __name__ == "__main__":
    main()
