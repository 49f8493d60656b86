"""Who is not asked for a while, and why: one row a (provider, model, key), shared by all processes.

    breaker     5 countable failures in 60 s: open for 30 s, doubled at every failed probe up to 10 min; one probe
    cool-down   a 429 until its reset, no credit until the provider's midnight, a refused key until it changes

    breaker = Breaker(database, process)
    breaker.rests([target])     who rests now, read at most every two seconds
    breaker.admit(target)       None: ask it (perhaps as the one probe); else the rest that forbids it
    breaker.note(target, ...)   what came of it

The database away: nobody rests, so that calls with own keys go on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Connection, Row, and_, bindparam, case, or_, select, update

from core.errors import LLMError
from core.providers.limits import Meter, window_at
from core.records import Seen
from core.store import Unavailable
from core.store.database import Database
from core.store.quota.ledger import Now
from core.store.quota.meters import now_us
from core.store.quota.tables import FOREVER, rests
from core.store.tables import from_us, insert_new, to_us

SECOND = 1_000_000
WITHIN_US = 60 * SECOND
OPEN_US = 30 * SECOND
LONGEST_OPEN_US = 600 * SECOND
PROBE_US = 180 * SECOND
UNTOLD_S = 60.0
LONGEST_TOLD_S = 86_400.0
READ_EVERY_S = 2.0
ALL = "*"
COOLING = ("rate_limited", "quota_spent", "credits", "auth")
OF_ALL_MODELS = ("credits", "auth")
r = rests.c


class Target(NamedTuple):
    """Who is asked: a model of a provider with a key, by hash. Model "*" stands for all of the provider's."""

    provider_id: str
    model: str
    key_hash: str = ""

    @property
    def whole(self) -> Target:
        return self._replace(model=ALL)


@dataclass(frozen=True, slots=True)
class Rest:
    """Why a target is not asked. `until` None: until something changes (the key, or a person says so).

    `why` is "failures" for the breaker, else the kind of the error that began the cool-down. `probing`: the pause is
    over and another process is asking whether it works again.
    """

    target: Target
    why: str
    until: datetime | None
    probing: bool = False


def _us(name: str) -> Any:
    return bindparam(name, type_=BigInteger)


MINE = and_(r.provider_id == bindparam("of"), r.model == bindparam("name"), r.key_hash == bindparam("key"))
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
    .where(MINE)
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
    .where(MINE, r.cool_until_us < _us("until"))
    .values(cool_until_us=_us("until"), why=bindparam("because"))
)
CLAIM = (
    update(rests)
    .where(MINE, r.opens > 0, r.open_until_us <= AT, r.probe_until_us <= AT)
    .values(probe_by=bindparam("process"), probe_until_us=AT + PROBE_US)
)
FAILS = ("fail_1_us", "fail_2_us", "fail_3_us", "fail_4_us", "opens", "probe_until_us")
ZEROES = (*FAILS, "open_until_us", "cool_until_us")
CLOSE = (
    update(rests)
    .where(MINE, r.opens > 0, r.open_until_us <= AT)
    .values(probe_by="", **dict.fromkeys(FAILS, 0))
)  # fmt: skip
CLEAR = update(rests).where(MINE).values(probe_by="", why="", **dict.fromkeys(ZEROES, 0))
# A probe that ended without a verdict (stopped, or refused for a reason of its own) lets the next one try.
LET_GO = update(rests).where(MINE, r.probe_by == bindparam("process")).values(probe_until_us=0)


class Breaker:
    """The rests of one database as one process sees them. Safe in any thread; another process's news take 2 s."""

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
        self._rows: dict[Target, Row[Any]] = {}
        self._read_at: float | None = None
        self._ahead_us = 0

    def rests(self, targets: Iterable[Target]) -> dict[Target, Rest]:
        """Those of the targets that rest now. A target whose pause is over and waits for a probe does not."""
        with self._lock:
            self._refresh()
            at_us = int(self._clock() * SECOND) + self._ahead_us
            found = {target: self._rest(target, at_us) for target in targets}
        return {target: rest for target, rest in found.items() if rest}

    def admit(self, target: Target) -> Rest | None:
        """None when it may be asked. After a pause one process is let through as the probe, the others wait for it."""
        resting = self.rests([target]).get(target)
        if resting:
            return resting
        with self._lock:
            row = self._rows.get(target)
        if row is None or not row.opens:
            return None
        try:
            with self._database.write(durable=False) as connection:
                values = {**_of(target), "process": self._process, "at_us": self._now(connection)}
                claimed = connection.execute(CLAIM, values).rowcount == 1
        except Unavailable:
            return None
        self._forget()
        if claimed:
            return None
        resting = self.rests([target]).get(target)
        return resting or (Rest(target, "failures", None, probing=True) if self._troubled(target) else None)

    def note(
        self,
        target: Target,
        error: LLMError | None = None,
        *,
        meters: Sequence[Meter] = (),
        seen: Sequence[Seen] = (),
    ) -> None:
        """What came of a call: None is an answer, an error counts by its class.

        `meters` (for the zone of their midnight) and `seen` tell how long a refusal lasts: see `cool_until`.
        """
        if error is None and not self._troubled(target):
            return
        try:
            with self._database.write(durable=False) as connection:
                self._note(connection, target, error, meters, seen)
        except Unavailable:
            return
        self._forget()

    def let_go(self, target: Target) -> None:
        """The call that was admitted is not made after all: if it was the probe, the next one may be."""
        if self._troubled(target):
            self.note(target, LLMError("not asked"))

    def clear(self, target: Target) -> None:
        """Ask it again at once: the key was changed, or a person says so."""
        for one in (target, target.whole):
            with self._database.write(durable=False) as connection:
                connection.execute(CLEAR, _of(one))
        self._forget()

    def _note(
        self,
        connection: Connection,
        target: Target,
        error: LLMError | None,
        meters: Sequence[Meter],
        seen: Sequence[Seen],
    ) -> None:
        at_us = self._now(connection)
        if error is None:
            connection.execute(CLOSE, {**_of(target), "at_us": at_us})
        elif error.countable:
            insert_new(connection, rests, [_fresh(target)])
            connection.execute(FAIL, {**_of(target), "at_us": at_us})
        else:
            connection.execute(LET_GO, {**_of(target), "process": self._process})
            if error.kind in COOLING:
                cooled = target.whole if error.kind in OF_ALL_MODELS else target
                insert_new(connection, rests, [_fresh(cooled)])
                until = cool_until(error, from_us(at_us), meters, seen)
                until_us = FOREVER if until is None else to_us(until)
                connection.execute(COOL, {**_of(cooled), "until": until_us, "because": error.kind})

    def _troubled(self, target: Target) -> bool:
        with self._lock:
            row = self._rows.get(target)
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
        self._rows = {Target(row.provider_id, row.model, row.key_hash): row for row in rows}
        self._read_at = self._clock()
        self._ahead_us = at_us - int(self._read_at * SECOND)

    def _rest(self, target: Target, at_us: int) -> Rest | None:
        for one in (target.whole, target):
            row = self._rows.get(one)
            if row is None:
                continue
            if row.cool_until_us > at_us:
                return Rest(target, row.why, None if row.cool_until_us >= FOREVER else from_us(row.cool_until_us))
            if row.opens and row.open_until_us > at_us:
                return Rest(target, "failures", from_us(row.open_until_us))
            if row.opens and row.probe_until_us > at_us and row.probe_by != self._process:
                return Rest(target, "failures", None, probing=True)
        return None


def cool_until(
    error: LLMError, now: datetime, meters: Sequence[Meter] = (), seen: Sequence[Seen] = ()
) -> datetime | None:
    """When a refusal is over, by what was said and where the provider's midnight is. None: not before a change.

    A minute's limit ends when the server wishes. A spent day ends at the reset that was told or at the window's end: a
    wish of seconds is not believed, some say "in 48 s" when the day is gone. "Limit: 0" never ends.
    """
    if error.kind == "auth" or any(said.limit == 0 and said.source == "error" for said in seen):
        return None
    if error.kind == "credits":
        return _window_end("day", meters, now)
    spent = [said for said in seen if said.remaining is not None and said.remaining <= 0]
    long = [said for said in spent if said.per in ("day", "month")]
    told = max((said.resets_at for said in long or spent if said.resets_at and said.resets_at > now), default=None)
    if error.kind == "quota_spent" or long:
        per = max((said.per for said in long), key=("day", "month").index, default="day")
        return told or _wish(error, now, at_least_s=300) or _window_end(per, meters, now)
    return _wish(error, now) or told or from_us(to_us(now) + int(UNTOLD_S * SECOND))


def _wish(error: LLMError, now: datetime, *, at_least_s: float = 0) -> datetime | None:
    wish_s = error.retry_after_s
    if wish_s is None or wish_s <= at_least_s:
        return None
    return from_us(to_us(now) + int(min(wish_s, LONGEST_TOLD_S) * SECOND))


def _window_end(per: Any, meters: Sequence[Meter], now: datetime) -> datetime | None:
    zones = [meter.zone for meter in meters if meter.per == per] or [meter.zone for meter in meters] or ["UTC"]
    return window_at(per, zones[0], now)[1]


def _of(target: Target) -> dict[str, str]:
    return {"of": target.provider_id, "name": target.model, "key": target.key_hash}


def _fresh(target: Target) -> dict[str, Any]:
    return {**target._asdict(), "probe_by": "", "why": "", **dict.fromkeys(ZEROES, 0)}
