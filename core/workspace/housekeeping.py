"""Background tasks, every minute: purge deleted entries and people's erased data, delete what is older than it may be
kept, end imports of dead processes, delete old files."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock, Thread

from ..store import (
    StoreError,
    Unavailable,
    audit,
    blob_cleanup,
    equality_checks,
    erasure,
    purge,
    retention,
    shared_links,
)
from ..store.database import Database
from ..store.imports import progress

CLOSE_S = 10.0
EVERY_S = 60.0
FILES_EVERY_S = 3600.0
UNUSED_FILES = timedelta(days=7)  # those above the box of a draft come back after a reload
log = logging.getLogger("roundtable.workspace")


@dataclass(frozen=True, slots=True)
class KeepingRules:
    """`undo_s`: how long a deletion can be undone; `keep_days`: how long anything is kept, None: until it is deleted;
    `keep_calls`: the calls of an erased person stay, as nobody's; `longest_answer_s`: how long an answer may
    take; `audit_days`: how long the log of calls is kept, 0: for good."""

    undo_s: float
    keep_days: int | None = None
    keep_calls: bool = False
    longest_answer_s: float = 600
    audit_days: int = 0


class Housekeeping:
    """One per process. `rules` say how long what is kept; `more`: additional tasks."""

    def __init__(
        self,
        database: Database,
        process: str,
        rules: KeepingRules,
        *more: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._process = process
        self._rules = rules
        self._more = more
        self._clock = clock
        self._done_at: float | None = None
        self._files_at: float | None = None
        self._busy = Lock()
        self._thread: Thread | None = None

    def tick(self) -> None:
        """For a timer: start what is due in a thread, because the timer renews leases and must not wait."""
        if self._done_at is not None and self._clock() - self._done_at < EVERY_S:
            return
        self.soon()

    def soon(self) -> None:
        """Start the tasks in a thread."""
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
            own = (
                self._recover,
                self._expire,
                self._purge,
                self._erase,
                self._drop_old_checks,
                self._drop_old_calls,
                self._drop_ended_links,
                self._drop_unused_files,
            )
            for task in (*own, *self._more):
                try:
                    task()
                except Exception:  # continue with the others; this one is repeated in a minute
                    log.exception("a housekeeping task failed")
        finally:
            self._busy.release()

    def _recover(self) -> None:
        progress.recover(self._database, self._process)

    def _purge(self) -> None:
        purge.tick(self._database, self._rules.undo_s)

    def _expire(self) -> None:
        if self._rules.keep_days:
            with suppress(Unavailable):
                retention.expire(self._database, self._database.now() - timedelta(days=self._rules.keep_days))

    def _erase(self) -> None:
        with suppress(Unavailable):
            erasure.go_on(
                self._database,
                keep_calls=self._rules.keep_calls,
                longest_answer_s=self._rules.longest_answer_s,
            )

    def _drop_old_calls(self) -> None:
        if self._rules.audit_days:
            with suppress(Unavailable):
                audit.expire(self._database, self._database.now() - timedelta(days=self._rules.audit_days))

    def _drop_ended_links(self) -> None:
        shared_links.drop_ended(self._database)

    def _drop_unused_files(self) -> None:
        if self._files_at is not None and self._clock() - self._files_at < FILES_EVERY_S:
            return
        self._files_at = self._clock()
        try:
            blob_cleanup.drop_unused(self._database, self._database.now() - UNUSED_FILES)
        except StoreError as error:
            log.warning("files that nobody needs were not all deleted: %s", error)

    def _drop_old_checks(self) -> None:
        equality_checks.drop_old(self._database, self._rules.keep_days)
