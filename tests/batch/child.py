"""A process that carries a batch until it is killed: python -m tests.batch.child <data folder> <rows>."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from core.assemble import build, open_workspace
from core.options import load
from core.views.batches import BatchPlan

OWNER, REQUEST = "owner-me", "killed"


def main(folder: Path, rows: int) -> None:
    environ = {"ROUNDTABLE_LOCAL_SERVERS": "false", "ROUNDTABLE_SIMULATOR_SPEED": "40"}
    workspace = open_workspace(build(load(environ=environ, secrets={}, folder=folder), folder=folder))
    batches = workspace.of(OWNER).batches
    prompts = [(f"What is {n} + 1?", f"{n + 1}") for n in range(rows)]
    batch_id = batches.start(REQUEST, BatchPlan("killed", ["sim/steady"], prompts))
    while True:
        print(batch_id, batches.get(batch_id).done, flush=True)
        time.sleep(0.01)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
