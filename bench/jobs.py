"""Do 50 answers that are kept stream as fast as 50 that are not? `python -m bench.jobs kept|unkept` prints chunks/s.

Each answer is longer than it can be read in the time, so that nothing but the reading decides.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from bench.process import provider
from core import ChatRequest, Message, build
from core.engine import Engine
from core.job import Job
from core.jobs import Jobs
from core.options import load
from core.store.opening import open_database
from core.workspace import Workspace

ANSWERS = 50
MODEL = "openai/c1500-r150"


def start_kept(engine: Engine, folder: Path, stack: ExitStack) -> list[Job]:
    workspace = Workspace(engine, open_database(None, folder / "data"))
    stack.callback(workspace.close)
    workspace.begin_work()
    for number in range(ANSWERS):
        workspace.of("bench").chats.ask(f"r{number}", "Go", MODEL)
    return [job for number in range(ANSWERS) if (job := workspace.of("bench").chats.job(f"r{number}"))]


def start_unkept(engine: Engine, _folder: Path, stack: ExitStack) -> list[Job]:
    jobs = Jobs(engine)
    stack.callback(jobs.close)
    return [jobs.start(ChatRequest([Message("user", "Go")], model_id=MODEL)) for _ in range(ANSWERS)]


def main(kind: str) -> None:
    with tempfile.TemporaryDirectory() as name, provider() as port, ExitStack() as stack:
        folder = Path(name)
        environ = {"OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1", "OPENAI_API_KEY": "none-needed-at-all"}
        engine = build(load(environ={**os.environ, **environ}, folder=folder), folder=folder)
        began = time.perf_counter()
        jobs = {"kept": start_kept, "unkept": start_unkept}[kind](engine, folder, stack)
        chunks = 0
        for job in jobs:
            while not job.done:
                job.wait(1)
            completion = job.progress().completion
            chunks += completion.timing.chunks if completion else 0
        wall_s = time.perf_counter() - began
        print(json.dumps({"chunks_per_s": chunks / wall_s, "chunks": chunks, "wall_s": wall_s}))


if __name__ == "__main__":
    main(sys.argv[1])
