"""Which models are not called for a while, and why: one row per (provider, model, key), shared by all processes.

breaker     5 countable failures in 60 s: open for 30 s, doubled at every failed probe up to 10 min; one probe
cool-down   a 429 until its reset, a refused key with all models until it changes, no credit with those that cost
            money until the provider's midnight

breaker = Breaker(database, process)
breaker.paused([target])    the targets that are paused now, read at most every two seconds
breaker.admit(target)       None: call it (perhaps as the one probe); else the pause that forbids it
breaker.note(target, ...)   the outcome of a call

e the database is unreachable nothing is paused, so that calls with own keys continue.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, and_, bindparam, case, or_, select, update

from ...errors import LLMError
from ...providers.limits import Meter
from ...records import RateLimitReading
from .. import Unavailable
from ..columns import from_us, to_us
from ..database import Database
from ..rows import insert_new
from .ledger import Now
from .meters import now_us
from .pauses import Name, Pause, Target, cool_until
from .tables import FOREVER, rests

__all__ = ["Breaker", "Name", "Pause", "Target", "cool_until"]

SECOND = 1_000_000
WITHIN_US = 60 * SECOND
OPEN_US = 30 * SECOND
LONGEST_OPEN_US = 600 * SECOND
PROBE_US = 180 * SECOND
READ_EVERY_S = 2.0
r = rests.c


def _us(name: str) -> Any:
    return bindparam(name, type_=BigInteger)


OWN_ROW = and_(r.provider_id == bindparam("of"), r.model == bindparam("name"), r.key_hash == bindparam("key"))
AT = _us("at_us")
PROBED = and_(r.opens > 0, r.open_until_us <= AT)
FIFTH = and_(r.opens == 0, r.fail_4_us > AT - WITHIN_US)
OPENS = or_(PROBED, FIFTH)
PAUSE = case(
    *[(r.opens == n, OPEN_US * 2**n) for n in range(5)],
    else_=LONGEST_OPEN_US,
)
FAIL = (
    update(rests)
    .where(OWN_ROW)
    .values(
        fail_1_us=AT,
        fail_2_us=r.fail_1_us,
        fail_3_us=r.fail_2_us,
        fail_4_us=r.fail_3_us,
        opens=r.opens + case((OPENS, 1), else_=0),
        open_until_us=case((OPENS, AT + PAUSE), else_=r.open_until_us),
        probe_until_us=case((OPENS, 0), else_=r.probe_until_us),
    )
)
COOL = (
    update(rests)
    .where(OWN_ROW, r.cool_until_us < _us("until"))
    .values(cool_until_us=_us("until"), why=bindparam("because"))
)
CLAIM = (
    update(rests)
    .where(OWN_ROW, r.opens > 0, r.open_until_us <= AT, r.probe_until_us <= AT)
    .values(probe_by=bindparam("process"), probe_until_us=AT + PROBE_US)
)
FAILS = ("fail_1_us", "fail_2_us", "fail_3_us", "fail_4_us", "opens", "probe_until_us")
ZEROES = (*FAILS, "open_until_us", "cool_until_us")
CLOSE = (
    update(rests)
    .where(OWN_ROW, r.opens > 0, r.open_until_us <= AT)
    .values(probe_by="", **dict.fromkeys(FAILS, 0))
)  # fmt: skip
CLEAR = update(rests).where(OWN_ROW).values(probe_by="", why="", **dict.fromkeys(ZEROES, 0))
# A probe that ended without a result (stopped, or refused for a reason of its own) lets the next one try.
LET_GO = update(rests).where(OWN_ROW, r.probe_by == bindparam("process")).values(probe_until_us=0)


class Breaker:
    """The pauses in one database as one process sees them. Thread-safe; changes by other processes take 2 s."""

    def __init__(
        self,
        database: Database,
        process: str,
        *,
        now: Now = now_us,
        clock: Callable[[], float] = time.monotonic,
        read_every_s: float = READ_EVERY_S,
    ) -> None:
        self._database = database
        self._process = process
        self._now = now
        self._clock = clock
        self._read_every_s = read_every_s
        self._lock = threading.Lock()
        self._rows: dict[Name, Row[Any]] = {}
        self._read_at: float | None = None
        self._ahead_us = 0

    def paused(self, targets: Iterable[Target]) -> dict[Target, Pause]:
        """The targets that are paused now; not those whose pause is over and that wait for a probe."""
        with self._lock:
            self._refresh()
            at_us = int(self._clock() * SECOND) + self._ahead_us
            by_target = {target: self._pause(target, at_us) for target in targets}
        return {target: pause for target, pause in by_target.items() if pause}

    def admit(self, target: Target) -> Pause | None:
        """None when it may be asked. After a pause one process is let through as the probe, the others wait for it."""
        pause = self.paused([target]).get(target)
        if pause:
            return pause
        with self._lock:
            row = self._rows.get(target.names[-1])
        if row is None or not row.opens:
            return None
        try:
            with self._database.write(durable=False) as connection:
                values = {**_of(target.names[-1]), "process": self._process, "at_us": self._now(connection)}
                claimed = connection.execute(CLAIM, values).rowcount == 1
        except Unavailable:
            return None
        self._forget()
        if claimed:
            return None
        pause = self.paused([target]).get(target)
        return pause or (Pause(target, "failures", None, probing=True) if self._troubled(target) else None)

    def note(
        self,
        target: Target,
        error: LLMError | None = None,
        *,
        meters: Sequence[Meter] = (),
        seen: Sequence[RateLimitReading] = (),
        zone: str = "UTC",
    ) -> None:
        """Note the outcome of a call: None is an answer, an error counts by its class.

        `meters`, `zone` (for its midnight) and `seen` decide how long a refusal lasts: see `cool_until`.
        """
        if error is None and not self._troubled(target):
            return
        try:
            with self._database.write(durable=False) as connection:
                self._note(connection, target, error, lambda failed, now: cool_until(failed, now, meters, seen, zone))
        except Unavailable:
            return
        self._forget()

    def let_go(self, target: Target) -> None:
        """The admitted call is not made: if it was the probe, the next one may be."""
        if self._troubled(target):
            self.note(target, LLMError("not asked"))

    def clear(self, target: Target) -> None:
        """End every pause of the target: it answered, or the key was changed."""
        with self._database.write(durable=False) as connection:
            for name in target.names:
                connection.execute(CLEAR, _of(name))
        self._forget()

    def _note(
        self,
        connection: Connection,
        target: Target,
        error: LLMError | None,
        ends_at: Callable[[LLMError, datetime], datetime | None],
    ) -> None:
        at_us = self._now(connection)
        own = target.names[-1]
        if error is None:
            connection.execute(CLOSE, {**_of(own), "at_us": at_us})
        elif error.countable:
            insert_new(connection, rests, [_fresh(own)])
            connection.execute(FAIL, {**_of(own), "at_us": at_us})
        else:
            connection.execute(LET_GO, {**_of(own), "process": self._process})
            pauses = error.pauses and error.oversize is None  # what is shorter may fit at once
            for name in target.paused_by(error.scope) if pauses else ():
                insert_new(connection, rests, [_fresh(name)])
                until = ends_at(error, from_us(at_us))
                until_us = FOREVER if until is None else to_us(until)
                connection.execute(COOL, {**_of(name), "until": until_us, "because": error.kind})

    def _troubled(self, target: Target) -> bool:
        with self._lock:
            row = self._rows.get(target.names[-1])
            return row is not None and row.opens > 0

    def _forget(self) -> None:
        with self._lock:
            self._read_at = None

    def _refresh(self) -> None:
        if self._read_at is not None and self._clock() - self._read_at < self._read_every_s:
            return
        try:
            with self._database.read() as connection:
                at_us = self._now(connection)
                rows = connection.execute(select(rests).where(or_(r.opens > 0, r.cool_until_us > at_us))).all()
        except Unavailable:
            at_us, rows = 0, []
        self._rows = {Name(row.provider_id, row.model, row.key_hash): row for row in rows}
        self._read_at = self._clock()
        self._ahead_us = at_us - int(self._read_at * SECOND)

    def _pause(self, target: Target, at_us: int) -> Pause | None:
        for name in target.names:
            row = self._rows.get(name)
            if row is None:
                continue
            if row.cool_until_us > at_us:
                return Pause(target, row.why, None if row.cool_until_us >= FOREVER else from_us(row.cool_until_us))
            if row.opens and row.open_until_us > at_us:
                return Pause(target, "failures", from_us(row.open_until_us))
            if row.opens and row.probe_until_us > at_us and row.probe_by != self._process:
                return Pause(target, "failures", None, probing=True)
        return None


def _of(name: Name) -> dict[str, str]:
    return {"of": name.provider_id, "name": name.model, "key": name.key_hash}


def _fresh(name: Name) -> dict[str, Any]:
    return {**name._asdict(), "probe_by": "", "why": "", **dict.fromkeys(ZEROES, 0)}
