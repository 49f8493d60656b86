"""What a process does beside the answers, every minute: delete for good, and end imports whose process is gone."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Lock, Thread

from ..store import purge
from ..store.database import Database
from ..store.imports import progress

CLOSE_S = 10.0
EVERY_S = 60.0
log = logging.getLogger("roundtable.workspace")


class Housekeeping:
    """One for a process. `kept_s`: how long a deletion can be undone; `more`: what else is to be done."""

    def __init__(
        self,
        database: Database,
        process: str,
        kept_s: float,
        more: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._process = process
        self._kept_s = kept_s
        self._more = more
        self._clock = clock
        self._done_at: float | None = None
        self._busy = Lock()
        self._thread: Thread | None = None

    def tick(self) -> None:
        """For a timer: begin, in a thread, what is due. The timer renews leases and must not wait."""
        if self._done_at is not None and self._clock() - self._done_at < EVERY_S:
            return
        self._done_at = self._clock()
        self._thread = Thread(target=self.tidy, name="housekeeping", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Wait for what goes on to end; it works in portions and gives up soon."""
        if self._thread:
            self._thread.join(CLOSE_S)

    def tidy(self) -> None:
        """All of it, now; nothing while the last time still goes on."""
        if not self._busy.acquire(blocking=False):
            return
        try:
            for act in (self._recover, self._purge, self._more):
                try:
                    act()
                except Exception:  # the others are done all the same, and this one again in a minute
                    log.exception("a part of the housekeeping failed")
        finally:
            self._busy.release()

    def _recover(self) -> None:
        progress.recover(self._database, self._process)

    def _purge(self) -> None:
        purge.tick(self._database, self._kept_s)
