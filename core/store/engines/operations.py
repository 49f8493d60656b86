"""What may be kept in the spool and played later. Each takes a connection and JSON values, and is idempotent by id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection

from core.store import calls, runs, turns
from core.store.rounds import asked

OPERATIONS: Mapping[str, Callable[[Connection, Mapping[str, Any]], Any]] = {
    "begin": turns.insert,
    "finish": turns.settle,
    "calls": calls.insert,
    "run": runs.insert,
    "round": asked.insert,
}
