"""How the last call with each key ended, for all processes: read at most every two seconds, written on a change.

What cannot be written because the database is away is written once it is back.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from sqlalchemy import Connection, select, update

from ...errors import LLMError
from ...providers.standing import LastCall, concerns_key, mark
from .. import Unavailable
from ..columns import from_us, to_us
from ..database import Database
from ..rows import insert_new
from .tables import standings

READ_EVERY_S = 2.0
WRITE_EVERY_S = 60.0
s = standings.c
Place = tuple[str, str]


class Standings:
    """`LastCallStore` over the database. While that is unreachable, what this process saw."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._last_calls: dict[Place, LastCall] = {}
        self._unsaved: dict[Place, LastCall] = {}
        self._read_at: float | None = None

    def adopt(self, earlier: Mapping[Place, LastCall]) -> None:
        """Take over what was noted before the database was opened; it is written with the next look."""
        with self._lock:
            self._last_calls |= earlier
            self._unsaved |= earlier

    def note(self, provider_id: str, key_hash: str, error: LLMError | None) -> None:
        """Note the outcome of a call. The same as before is written once a minute."""
        if not concerns_key(error):
            return
        place, before = (provider_id, key_hash), self.get(provider_id, key_hash)
        fresh = mark(error, self._database.now(), before)
        with self._lock:
            self._last_calls[place] = fresh
        if before and before.why == fresh.why and (fresh.at - before.at).total_seconds() < WRITE_EVERY_S:
            return
        with self._lock:
            self._unsaved[place] = fresh
        self._save()

    def get(self, provider_id: str, key_hash: str) -> LastCall | None:
        with self._lock:
            is_due = self._read_at is None or self._clock() - self._read_at >= READ_EVERY_S
            if is_due:
                self._read_at = self._clock()
                self._read()
            last_call = self._last_calls.get((provider_id, key_hash))
        if is_due:
            self._save()
        return last_call

    def _save(self) -> None:
        """Write what is not written yet, unless another process called later."""
        with self._lock:
            unsaved = dict(self._unsaved)
        if not unsaved:
            return
        try:
            with self._database.write(durable=False) as connection:
                for place, last_call in unsaved.items():
                    _write(connection, *place, last_call)
        except Unavailable:
            return
        with self._lock:
            for place, last_call in unsaved.items():
                if self._unsaved.get(place) is last_call:
                    del self._unsaved[place]

    def _read(self) -> None:
        try:
            with self._database.read() as connection:
                rows = connection.execute(select(standings)).all()
        except Unavailable:
            return
        for row in rows:
            seen = LastCall(row.why, from_us(row.at_us), row.good)
            held = self._last_calls.get((row.provider_id, row.key_hash))
            if held is None or held.at < seen.at:
                self._last_calls[row.provider_id, row.key_hash] = seen


def _write(connection: Connection, provider_id: str, key_hash: str, last_call: LastCall) -> None:
    row = {"why": last_call.why, "at_us": to_us(last_call.at), "good": last_call.good}
    if not insert_new(connection, standings, [{"provider_id": provider_id, "key_hash": key_hash, **row}]):
        place = (s.provider_id == provider_id, s.key_hash == key_hash, s.at_us <= row["at_us"])
        connection.execute(update(standings).where(*place).values(**row))
