"""A process that sends scheduled questions until it is killed: python -m tests.workspace.scheduled_child <folder>
<database URL, or -> <lease in seconds> [<a file: while it exists, this process stops before it sends>]."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from core.assemble import build, open_workspace
from core.options import load
from core.store.scheduled import carrying


def main(folder: Path, url: str, lease_s: str, stall: Path | None) -> None:
    environ = {"ROUNDTABLE_LOCAL_SERVERS": "false", "ROUNDTABLE_LEASE_S": lease_s, "ACME_KEY": "acme-0123456789abcdef"}
    if url != "-":
        environ["ROUNDTABLE_DATABASE_URL"] = url
    if stall:
        _stall(stall)
    workspace = open_workspace(build(load(environ=environ, secrets={}, folder=folder), folder=folder))
    print(workspace.process, flush=True)
    sys.stdin.read()


def _stall(while_it_exists: Path) -> None:
    commit = carrying.sending

    def late(*arguments: Any) -> bool:
        print("stalled", flush=True)
        while while_it_exists.exists():
            time.sleep(0.02)
        sent = commit(*arguments)
        print("sent" if sent else "refused", flush=True)
        return sent

    carrying.sending = late  # type: ignore[assignment]


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4]) if len(sys.argv) > 4 else None)
