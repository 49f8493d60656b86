"""The database: opened once for a process (see `opening`), read and written in short transactions from any thread.

    database = open_database(None, Path("data"))   # SQLite in data/roundtable.db, or PostgreSQL by URL
    with database.read() as connection: ...
    database.save("begin", values)                 # written now, or kept in the spool and written when it can be

Failures become `Unavailable`, with a `Health` that a banner can show.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

from sqlalchemy import Connection, Engine, exc

from .. import events
from . import Health, NewerSchema, Notice, StoreError, Unavailable, migrations
from .availability import HOLD_OFF_S, Availability
from .backends import faults, sqlite
from .backends.spool import Spool, SpoolFull, Values, read
from .backends.waiting_files import WaitingFile, WaitingFiles
from .blob_places import BlobPlace

Kind = Literal["sqlite", "postgresql", "memory"]
Operations = Mapping[str, Callable[[Connection, Values], Any]]
Read = Callable[[], AbstractContextManager[Connection]]
LEASE_S = 30.0
PATIENT_TRIES = 60
MEMORY = "Nothing can be saved here: conversations last until the app stops."


def utc_now() -> datetime:
    return datetime.now(UTC)


class Saved(NamedTuple):
    """An operation's result, None where it is not known yet. `now` False: it waits in the spool."""

    result: Any
    now: bool = True


class Waiting(Protocol):
    """The spool's unsaved changes, readable as if they were saved: `pending.overlay`."""

    def keep(self, operation: str, values: Values) -> Any: ...

    def look(self, conversation_id: str | None = None) -> AbstractContextManager[Connection | None]: ...

    def is_partial(self, conversation_id: str) -> bool: ...

    def has_setting(self, owner_id: str, key: str) -> bool: ...


class Database:
    """One open database. `operations` are what may wait in the spool, `overlay` makes what shows them meanwhile;
    `keep_file` stores what waited in `waiting_files`.

    `kind` is "memory" when no file could be written; `notices` tell what opening found."""

    def __init__(
        self,
        engine: Engine,
        kind: Kind,
        spool: Spool,
        operations: Operations,
        overlay: Callable[[Spool, Read], Waiting],
        waiting_files: WaitingFiles,
        keep_file: Callable[[Database, WaitingFile], object],
        *,
        notices: tuple[Notice, ...] = (),
        now: Callable[[], datetime] = utc_now,
        clock: Callable[[], float] = time.monotonic,
        lease_s: float = LEASE_S,
    ) -> None:
        self.engine = engine
        self.kind: Kind = kind
        self.spool = spool
        self._operations = operations
        self._keep_file = keep_file
        self.notices = notices
        self.now = now
        self.lease_s = lease_s
        self.overlay = overlay(spool, self.read)
        self.path: Path | None = None
        self.blob_place: BlobPlace | None = None  # where the bytes of blobs are; None: in the database
        self.waiting_files = waiting_files
        self._place: tuple[int, int] | None = None
        self.availability = Availability(self._log_state, clock)
        self._gate = threading.RLock()
        self._memory_event_id = self._log_state(Health("read-only", "memory")) if kind == "memory" else ""
        self._ready = False

    def read(self) -> AbstractContextManager[Connection]:
        """A transaction that only reads: one moment of the database."""
        return self._transaction({})

    def ping(self) -> None:
        """Raise Unavailable where the database does not answer."""
        with self.read() as connection:
            connection.exec_driver_sql("SELECT 1")

    def snapshot(self) -> AbstractContextManager[Connection]:
        """As `read`, and of one moment from its first query to its last, for as long as it is open."""
        return self._transaction({}, isolation_level="REPEATABLE READ")

    @contextmanager
    def read_of(self, conversation_id: str) -> Iterator[Connection]:
        """As `read`, for one conversation or comparison, with its waiting changes applied."""
        with self.pending(conversation_id) as waiting:
            if waiting is not None:
                yield waiting
                return
        with self.read() as connection:
            yield connection

    def pending(self, conversation_id: str | None = None) -> AbstractContextManager[Connection | None]:
        """The waiting changes, of one conversation or of all; None while there are none."""
        return nullcontext(None) if self.kind == "memory" else self.overlay.look(conversation_id)

    def write(self, *, durable: bool = True) -> AbstractContextManager[Connection]:
        """A transaction that writes. `durable` False: on disk soon, which is enough for a checkpoint; refused at once
        where another program was found to hold the file a moment ago, since such writes come one after another."""
        return self._transaction({"durable": durable})

    @contextmanager
    def patient_write(
        self, sleep: Callable[[float], None] = time.sleep, *, durable: bool = False
    ) -> Iterator[Connection]:
        """As `write`, for background work: it waits some minutes for another program that holds the file."""
        with ExitStack() as stack:
            for left in reversed(range(PATIENT_TRIES)):
                try:
                    connection = stack.enter_context(self.write(durable=durable))
                    break
                except Unavailable as error:
                    if error.health.code != "locked" or not left:
                        raise
                    sleep(HOLD_OFF_S)
            yield connection

    def save(self, operation: str, values: Values) -> Saved:
        """Do the operation now, or put it into the spool, where reads find it all the same."""
        if self.kind == "memory":
            if self.path:
                with suppress(SpoolFull):
                    self.spool.add(operation, values)
            return Saved(self._play(operation, values))
        if self.spool.empty or self.flush():
            with suppress(Unavailable):
                return Saved(self._play_twice(operation, values))
        return Saved(self.overlay.keep(operation, values), now=False)

    def flush(self) -> bool:
        """Save the waiting changes; True when none is left. Cheap: call it every ten seconds or so."""
        try:
            if self.kind == "memory":
                self._leave_memory()
            elif not self.spool.empty or not self.waiting_files.empty:
                self._probe()
                self._drain()
            elif self.availability.fault:
                self._probe()
        except Unavailable:
            return False
        return self.kind != "memory"

    def _drain(self) -> None:
        self.waiting_files.drain(lambda file: self._keep_file(self, file))  # before the questions that refer to them
        self.spool.drain(self._play)

    def has_waiting(self, owner_id: str) -> bool:
        """Whether changes of this owner wait here. Names are random, so a line that holds one is about its owner."""
        in_spool = not self.spool.empty and any(owner_id in line for line in self.spool.lines())
        return in_spool or self.waiting_files.size_of(owner_id) > 0

    def settle_log(self, *, empty: bool = True) -> None:
        """Remove deleted data from SQLite's write-ahead log, and keep it small. Does not block other connections."""
        if self.kind == "sqlite":
            with self._watched():
                sqlite.settle_log(self.engine, empty=empty)

    def health(self) -> Health:
        """Whether changes can be saved. Cheap: runs no query."""
        if self.kind == "memory":
            sentence = self.notices[-1].sentence if self.notices else MEMORY
            return Health("read-only", "memory", sentence, event_id=self._memory_event_id)
        waiting = 0 if self.spool.empty else self.spool.waiting
        fault = self.availability.fault
        health = replace(fault, event_id=self.availability.event_id) if fault else Health("ok")
        return replace(health, waiting=waiting, in_memory=self.spool.in_memory)

    def close(self) -> None:
        self.engine.dispose()

    def show_waiting(self) -> None:
        """Load into memory what an earlier process could not save; it stays in the spool."""
        for entry in filter(None, map(read, self.spool.lines())):
            with suppress(StoreError):
                self._play(entry["operation"], entry["values"])

    def prepare(self) -> None:
        """Bring the schema up to date. Unavailable when that cannot be done now, NewerSchema when it must not."""
        with self._gate:
            if self._ready:
                return
            with self._turn(writes=True), self._watched(), self.engine.connect() as connection:
                if not migrations.check(connection):
                    connection.rollback()
                    writer = connection.execution_options(durable=True)
                    with writer.begin():
                        migrations.upgrade(writer)
            self._ready = True
            self.availability.worked()

    def _play(self, operation: str, values: Values) -> Any:
        with self.write() as connection:
            return self._operations[operation](connection, values)

    def _play_twice(self, operation: str, values: Values) -> Any:
        """A server that was restarted, or that broke a deadlock, accepts the same operation on the second try."""
        single_try = self.kind != "postgresql" or self.availability.is_down
        try:
            return self._play(operation, values)
        except Unavailable as error:
            if single_try or error.health.code not in ("unreachable", "locked"):
                raise
        self.availability.hold_off(0.0)
        return self._play(operation, values)

    def _probe(self) -> None:
        """Raise Unavailable while a writer would still fail for the reason that the last one did."""
        if self.availability.holds_off:
            raise Unavailable(self.health())
        with self.write():
            pass

    @contextmanager
    def _transaction(self, options: dict[str, Any], isolation_level: str | None = None) -> Iterator[Connection]:
        if self.availability.is_down:
            raise Unavailable(self.health())
        if not self._ready:
            self._prepare_late()
        writes = bool(options)
        if writes and self.kind == "sqlite":
            self._find_file()
        hasty = options.get("durable") is False
        self._refuse_locked(hasty)
        with self._turn(writes), self._watched(), self.engine.connect() as connection:
            self._refuse_locked(hasty)  # found while we waited for our turn
            session = connection.execution_options(**options) if options else connection
            if isolation_level and self.kind == "postgresql":  # SQLite's reader has it always
                session = session.execution_options(isolation_level=isolation_level)
            with session.begin():
                yield session
        fault = self.availability.fault
        if fault and (writes or fault.state == "down"):
            self.availability.worked()

    def _refuse_locked(self, hasty: bool) -> None:
        if hasty and self.kind == "sqlite" and self.availability.is_locked:
            raise Unavailable(self.health())

    def _find_file(self) -> None:
        """Notice that the file was moved or deleted while open: writes would silently go to the old file."""
        place_now = sqlite.place(self.path) if self.path else None
        if self.path and place_now is None:
            self._fail(faults.GONE)
            raise Unavailable(faults.GONE)
        before, self._place = self._place, place_now
        if before not in (None, place_now):  # another one was put there
            self.engine.dispose()
            self._ready = False
            self.prepare()

    def _prepare_late(self) -> None:
        try:
            self.prepare()
        except NewerSchema as error:
            self._fail(Health("down", "newer", str(error)))
            raise Unavailable(self.health()) from error

    @contextmanager
    def _turn(self, writes: bool) -> Iterator[None]:
        """Queue SQLite's writers here, which is fairer than its busy timeout; the memory database has one
        connection."""
        if self.kind == "postgresql" or (self.kind == "sqlite" and not writes):
            yield
            return
        if not self._gate.acquire(timeout=sqlite.BUSY_MS / 1000):
            raise Unavailable(faults.LOCKED)
        try:
            yield
        finally:
            self._gate.release()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            yield
        except (exc.DBAPIError, exc.TimeoutError) as error:
            health = faults.diagnose(error)
            if health is None:
                raise
            self._fail(health)
            raise Unavailable(health) from error

    def _fail(self, health: Health) -> None:
        if self.path and self.kind == "sqlite" and not self.path.exists():
            health = faults.GONE
        self.availability.failed(health)
        if health is faults.BROKEN and self.path:
            sqlite.suspect(self.path).touch()

    def _log_state(self, health: Health) -> str:
        level = {"ok": logging.INFO, "read-only": logging.WARNING, "down": logging.ERROR}[health.state]
        return events.log(
            "database_state", level=level, database=self.kind, state=health.state, code=health.code or None
        )

    def _leave_memory(self) -> None:
        """The folder may be writable by now: open the file and save the changes since into it."""
        if self.path is None or self.availability.holds_off:
            return
        self.availability.hold_off()
        with self._gate:
            engine = sqlite.open_file(self.path, self.now, [])
            if engine is None:
                return
            memory, self.engine, self.kind = self.engine, engine, "sqlite"
            memory.dispose()
            self._ready = False
            self._drain()
            self.notices = self.notices[:-1]
            self._log_state(Health("ok"))
