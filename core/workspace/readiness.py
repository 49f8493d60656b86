"""Whether this process can take a question now: its database, what waits to be saved, and the loop of its answers."""

from __future__ import annotations

from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from ..jobs import Jobs
from ..store import Unavailable
from ..store.database import Database

LOOP_S = 1.0


@dataclass(frozen=True, slots=True)
class Readiness:
    """`spool` is "memory" where changes that wait for the database would be lost with the process; `waiting` counts
    them. `loop`: it answered within a second."""

    database: Literal["ok", "read-only", "down"]
    spool: Literal["ok", "memory"]
    waiting: int
    loop: bool

    @property
    def ready(self) -> bool:
        """A database that only reads is enough: what is said then waits on disk."""
        return self.database != "down" and self.spool == "ok" and self.loop


def of(database: Database, jobs: Jobs) -> Readiness:
    """Ask each of them."""
    with suppress(Unavailable):
        database.ping()
    health = database.health()
    return Readiness(health.state, "memory" if health.in_memory else "ok", health.waiting, _turns(jobs))


def _turns(jobs: Jobs) -> bool:
    async def nothing() -> None:
        pass

    try:
        jobs.beside(nothing()).result(LOOP_S)
    except (TimeoutError, CancelledError, RuntimeError):
        return False
    return True
