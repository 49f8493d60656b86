"""Background tasks, every minute: purge deleted entries, drop old checks and files, end imports of dead processes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Lock, Thread

from ..store import equality_checks, purge
from ..store.database import Database
from ..store.imports import progress

CLOSE_S = 10.0
EVERY_S = 60.0
log = logging.getLogger("roundtable.workspace")


class Housekeeping:
    """One per process. `kept_s`: how long a deletion can be undone; `more`: an additional task."""

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
        """For a timer: start what is due in a thread, because the timer renews leases and must not wait."""
        if self._done_at is not None and self._clock() - self._done_at < EVERY_S:
            return
        self._done_at = self._clock()
        self._thread = Thread(target=self.tidy, name="housekeeping", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Wait for the running tasks, which work in small portions."""
        if self._thread:
            self._thread.join(CLOSE_S)

    def tidy(self) -> None:
        """Run all tasks now, unless they are running."""
        if not self._busy.acquire(blocking=False):
            return
        try:
            for task in (self._recover, self._purge, self._drop_old_checks, self._more):
                try:
                    task()
                except Exception:  # continue with the others; this one is repeated in a minute
                    log.exception("a housekeeping task failed")
        finally:
            self._busy.release()

    def _recover(self) -> None:
        progress.recover(self._database, self._process)

    def _purge(self) -> None:
        purge.tick(self._database, self._kept_s)

    def _drop_old_checks(self) -> None:
        equality_checks.drop_old(self._database)
