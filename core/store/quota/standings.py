"""How the last call with each key ended, for all processes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping

from sqlalchemy import Connection, select, update

from ...errors import LLMError
from ...providers.standing import LastCall, concerns_key, mark
from ..columns import from_us, to_us
from ..database import Database
from ..rows import insert_new
from .newest import WRITE_EVERY_S, Account, NewestValues
from .tables import standings

s = standings.c


class Standings:
    """`LastCallStore` over the database. While that is unreachable, what this process saw."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._last_calls = NewestValues(database, clock, read=_read, write=_write, time_of=lambda call: call.at)

    def adopt(self, earlier: Mapping[Account, LastCall]) -> None:
        """Take over what was noted before the database was opened; it is written with the next look."""
        for account, last_call in earlier.items():
            self._last_calls.put(account, "", last_call, write=True)

    def note(self, provider_id: str, key_hash: str, error: LLMError | None) -> None:
        """Note the outcome of a call. The same as before is written once a minute."""
        if not concerns_key(error):
            return
        before = self.get(provider_id, key_hash)
        seen = mark(error, self._database.now(), before)
        is_news = not before or before.why != seen.why or (seen.at - before.at).total_seconds() >= WRITE_EVERY_S
        self._last_calls.put((provider_id, key_hash), "", seen, write=is_news)
        if is_news:
            self._last_calls.save()

    def get(self, provider_id: str, key_hash: str) -> LastCall | None:
        return self._last_calls.of((provider_id, key_hash)).get("")


def _read(connection: Connection) -> Iterator[tuple[Account, str, LastCall]]:
    for row in connection.execute(select(standings)):
        yield (row.provider_id, row.key_hash), "", LastCall(row.why, from_us(row.at_us), row.good)


def _write(connection: Connection, account: Account, _name: str, last_call: LastCall) -> None:
    provider_id, key_hash = account
    row = {"why": last_call.why, "at_us": to_us(last_call.at), "good": last_call.good}
    if not insert_new(connection, standings, [{"provider_id": provider_id, "key_hash": key_hash, **row}]):
        place = (s.provider_id == provider_id, s.key_hash == key_hash, s.at_us <= row["at_us"])
        connection.execute(update(standings).where(*place).values(**row))
