"""The operations that may wait in the spool. Each takes a connection and JSON values, and is idempotent by id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection

from .. import calls, conversations, runs, settings, tree, turns
from ..rounds import asked, branch

OPERATIONS: Mapping[str, Callable[[Connection, Mapping[str, Any]], Any]] = {
    "begin": turns.insert,
    "finish": turns.settle,
    "calls": calls.insert,
    "change": conversations.change,
    "mark": conversations.mark,
    "select": tree.select_leaf,
    "setting": settings.insert,
    "run": runs.insert,
    "lane": runs.insert_lane,
    "column": runs.change_lane,
    "round": asked.insert,
    "join": asked.insert_questions,
    "copy": branch.insert_copy,
    "fork": branch.insert_fork,
}
