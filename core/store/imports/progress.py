"""The progress of imports: one row per owner, updated with every portion and visible to every process."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import BigInteger, Connection, Row, bindparam, exists, or_, select, update

from ...views.imports import THINGS, ImportStatus, LeftOut, Thing
from .. import BadImport, Unavailable
from ..database import Database
from ..rows import clean, clock, derived, insert_new
from ..running import is_gone, lease
from . import showing
from .batches import BatchStaging, are_hidden
from .library import LibraryImport
from .staging import Counts
from .tables import UNDERWAY, imports, staged

LEAST_FREE_BYTES = 200_000_000
ENDED = "The app stopped while this file was read. Nothing of it was kept: import it again."
STOPPED = "It was stopped. Nothing of it was kept."
BUSY = "Another file is being imported: wait until it is done, or stop it."
Sleep = Callable[[float], None]
c = imports.c
P = ParamSpec("P")
R = TypeVar("R")
_carried: set[str] = set()  # imports that a thread of this process works on, however long it slept
RUNNING = select(
    c.owner_id, c.id, c.state, c.owner_process, c.lease_until, c.left_out, c.things, clock().label("now")
).where(c.state.in_(UNDERWAY))


class ImportStopped(BadImport):
    """Its owner, or another process, ended the import."""


def current(database: Database, owner_id: str) -> ImportStatus | None:
    """The newest import; None where nothing was ever imported."""
    with database.read() as connection:
        row = connection.execute(select(imports).where(c.owner_id == owner_id)).first()
    if row is None:
        return None
    apart = ("left", "things", "known_things")
    values = {name: getattr(row, name) for name in ImportStatus.__dataclass_fields__ if name not in apart}
    things, known_things = things_of(row.things)
    return ImportStatus(**values, left=LeftOut.from_json(row.left_out), things=things, known_things=known_things)


def things_json(new: Mapping[Thing, int], already: Mapping[Thing, int]) -> dict[str, dict[Thing, int]]:
    """Both as the row of an import has them."""
    return {
        name: {thing: each[thing] for thing in THINGS if each.get(thing)}
        for name, each in (("new", new), ("known", already))
    }


def things_of(value: Mapping[str, Mapping[Thing, int]] | None) -> tuple[Counter[Thing], Counter[Thing]]:
    """The inverse of `things_json`: what is new, what was known."""
    return Counter((value or {}).get("new", {})), Counter((value or {}).get("known", {}))


class Import:
    """One import of an owner, only one at a time. Work on it inside `with`: until its end no thread of this process
    takes it over, even where a lease ran out because the computer slept."""

    def __init__(self, database: Database, owner_id: str, import_id: str) -> None:
        self.id = import_id
        self._database = database
        self._owner_id = owner_id
        self._signed_s = 0.0  # when the lease was renewed last
        self._own_row = (c.owner_id == owner_id, c.id == import_id)
        _carried.add(import_id)

    def __enter__(self) -> Import:
        return self

    def __exit__(self, *_: object) -> None:
        _carried.discard(self.id)

    def tell(self, connection: Connection, counts: Counts, **values: Any) -> None:
        """Record the progress, within the transaction of a portion. ImportStopped when it was stopped."""
        self._look_for_room()
        values |= {"conversations": counts.conversations, "messages": counts.messages, "known": counts.known}
        if not self._change(connection, "reading", **values):
            raise ImportStopped(STOPPED)

    def sign(self) -> None:
        """Renew the lease."""
        with self._database.patient_write() as connection:
            self._change(connection, "showing")

    def signing(self, act: Callable[P, R]) -> Callable[P, R]:
        """The same act, after which the lease is renewed where that was long ago. ImportStopped when it was stopped."""

        def signed(*arguments: P.args, **named: P.kwargs) -> R:
            result = act(*arguments, **named)
            if time.monotonic() - self._signed_s > self._database.lease_s / 3:
                self._look_for_room()
                with self._database.patient_write() as connection:
                    if not self._change(connection, "reading"):
                        raise ImportStopped(STOPPED)
            return result

        return signed

    def finish(self, left: LeftOut, batches: BatchStaging, library: LibraryImport, sleep: Sleep) -> None:
        """Keep the library and show the import. Once begun, this is completed in any case, by whichever process."""
        with self._database.patient_write(sleep, durable=True) as connection:
            if not self._change(connection, "reading", state="showing"):
                raise ImportStopped(STOPPED)
            library.keep(connection)
            things = things_json(batches.things + library.things, batches.known + library.known)
            self._change(connection, "showing", left_out=left.to_json(), things=things)
        self.show(left, things, sleep)

    def show(self, left: LeftOut, things: Mapping[str, Any] | None, sleep: Sleep = time.sleep) -> None:
        """The second half of `finish`."""
        new, already = things_of(things)
        more = showing.show(self._database, self._owner_id, left, new, self.sign, sleep)
        values = {
            "left_out": left.to_json(),
            "conversations": c.conversations + more,
            "things": things_json(new, already),
        }
        with self._database.patient_write(sleep, durable=True) as connection:
            self._change(connection, "showing", state="done", ended_at=self._database.now(), **values)

    def give_up(self, why: str, state: str = "failed") -> None:
        """Delete what is staged. Where that is not possible now, `recover` does it."""
        with self._database.write() as connection:
            ended = {"why": clean(why), "ended_at": self._database.now()}
            connection.execute(update(imports).where(*self._own_row, c.state == "reading").values(state=state, **ended))
        showing.drop(self._database, self._owner_id)

    def _change(self, connection: Connection, held: str, /, **values: Any) -> bool:
        """Change the row that is in the state `held`, and renew its lease; False where it is not."""
        self._signed_s = time.monotonic()
        lease_us = {"lease_us": int(self._database.lease_s * 1_000_000)}
        change = update(imports).where(*self._own_row, c.state == held).values(lease_until=lease(), **values)
        return connection.execute(change, lease_us).rowcount == 1

    def _look_for_room(self) -> None:
        path = self._database.path
        if path and self._database.kind == "sqlite" and shutil.disk_usage(path.parent).free < LEAST_FREE_BYTES:
            least = LEAST_FREE_BYTES // 1_000_000
            raise BadImport(f"The disk has less than {least} MB left: make room, then import the file again.")


def begin(database: Database, owner_id: str, process: str, name: str, total_bytes: int) -> Import:
    """Raises BadImport while another import of this owner runs; one whose process has died is ended first."""
    with database.read() as connection:
        held = connection.execute(RUNNING.where(c.owner_id == owner_id)).first()
    if held is not None:
        if not _is_left(held, process):
            raise BadImport(BUSY)
        _take_over(database, held, process)
    showing.drop(database, owner_id)
    at = database.now()
    import_id = derived(owner_id, name, at.isoformat(), process)
    fresh: dict[str, Any] = {"id": import_id, "state": "reading", "source": "", "name": clean(name)[:200], "why": ""}
    fresh |= dict.fromkeys(("read_bytes", "conversations", "messages", "known"), 0)
    fresh |= {"total_bytes": total_bytes, "left_out": {}, "things": None, "owner_process": process, "lease_until": 0}
    fresh |= {"started_at": at, "ended_at": None}
    with ExitStack() as unless_begun:
        new_import = unless_begun.enter_context(Import(database, owner_id, import_id))
        with database.write() as connection:
            if not insert_new(connection, imports, [{"owner_id": owner_id, **fresh}]):
                over = (c.owner_id == owner_id, c.state.not_in(UNDERWAY))
                if not connection.execute(update(imports).where(*over).values(**fresh)).rowcount:
                    raise BadImport(BUSY)
            new_import.tell(connection, Counts())
        unless_begun.pop_all()
    return new_import


def stop(database: Database, owner_id: str) -> None:
    """Stop the running import and discard it."""
    with database.write() as connection:
        ended = {"state": "stopped", "why": STOPPED, "ended_at": database.now()}
        connection.execute(update(imports).where(c.owner_id == owner_id, c.state == "reading").values(**ended))


def recover(database: Database, process: str) -> None:
    """For the start and a timer: complete or end the imports of ended processes. Does nothing while unreachable."""
    try:
        with database.read() as connection:
            running_rows = connection.execute(RUNNING).all()
            hidden = or_(exists().where(staged.c.owner_id == c.owner_id), are_hidden(c.owner_id))
            over = select(c.owner_id).where(c.state.not_in(UNDERWAY), hidden)
            left_over = list(connection.execute(over).scalars())
        for row in running_rows:
            if _is_left(row, process):
                _take_over(database, row, process)
        for owner_id in left_over:
            showing.drop(database, owner_id)
    except Unavailable:
        return


def _is_left(row: Row[Any], process: str) -> bool:
    return row.id not in _carried and (is_gone(row.owner_process, process) or row.lease_until < row.now)


def _take_over(database: Database, row: Row[Any], process: str) -> None:
    """Complete or end it, unless another process does."""
    until = clock() + bindparam("lease_us", int(database.lease_s * 1_000_000), type_=BigInteger)
    as_read = (c[name] == getattr(row, name) for name in ("owner_id", "id", "state", "owner_process", "lease_until"))
    with database.write() as connection:
        takeover = update(imports).where(*as_read).values(lease_until=until, owner_process=process)
        if not connection.execute(takeover).rowcount:
            return
    with Import(database, row.owner_id, row.id) as left_behind:
        if row.state == "showing":
            left_behind.show(LeftOut.from_json(row.left_out), row.things)
        else:
            left_behind.give_up(ENDED)
