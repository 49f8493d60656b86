"""Run a check that was written for an earlier arrangement of `core`:  python tests/moved.py CHECK ROOT.

A module or a name that has moved since is one more line here; a call that has changed is one more function.
"""

from __future__ import annotations

import importlib
import runpy
import sys
from pathlib import Path
from typing import Any

MODULES = {"core.providers.seen": "core.providers.rate_limit_headers"}
NAMES = {"core.store.database": {"memory": ("core.store.opening", "memory_database")}}


def main(check: str, root: str) -> None:
    sys.path[:0] = [root, str(Path(check).parents[1])]
    for old, new in MODULES.items():
        sys.modules[old] = importlib.import_module(new)
    for module, names in NAMES.items():
        for old, (where, new) in names.items():
            setattr(importlib.import_module(module), old, getattr(importlib.import_module(where), new))
    _accept_loose_arguments(importlib.import_module("core.store.turns"))
    sys.argv = [check, root]
    runpy.run_path(check, run_name="__main__")


def _accept_loose_arguments(turns: Any) -> None:
    """Of a question, which is one value now."""
    begin = turns.begin

    def begin_loosely(database: Any, owner_id: str, *question: Any, owner_process: str, **more: Any) -> Any:
        turn = question[0] if isinstance(question[0], turns.NewTurn) else turns.NewTurn(*question, **more)
        return begin(database, owner_id, turn, owner_process=owner_process)

    turns.begin = begin_loosely


if __name__ == "__main__":
    main(*sys.argv[1:])
