"""How the last call with each key ended, for all processes: read at most every two seconds, written on a change."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from sqlalchemy import select, update

from ...errors import LLMError
from ...providers.standing import LastCall, concerns_key, mark
from .. import Unavailable
from ..database import Database
from ..tables import from_us, insert_new, to_us
from .tables import standings

READ_EVERY_S = 2.0
WRITE_EVERY_S = 60.0
s = standings.c


class Standings:
    """`LastCallStore` over the database. While that is unreachable, what this process saw."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._last_calls: dict[tuple[str, str], LastCall] = {}
        self._read_at: float | None = None

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
        row = {"why": fresh.why, "at_us": to_us(fresh.at), "good": fresh.good}
        try:
            with self._database.write(durable=False) as connection:
                new = {"provider_id": provider_id, "key_hash": key_hash, **row}
                if not insert_new(connection, standings, [new]):
                    owned = (s.provider_id == provider_id, s.key_hash == key_hash)
                    connection.execute(update(standings).where(*owned).values(**row))
        except Unavailable:
            return

    def get(self, provider_id: str, key_hash: str) -> LastCall | None:
        with self._lock:
            if self._read_at is None or self._clock() - self._read_at >= READ_EVERY_S:
                self._read_at = self._clock()
                self._read()
            return self._last_calls.get((provider_id, key_hash))

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
