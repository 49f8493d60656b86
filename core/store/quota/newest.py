"""The newest value of each place, for all processes: read at most every two seconds, written on a change.

What cannot be written because the database is away is written once it is back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import Connection

from ...records import NOTHING
from .. import Unavailable
from ..database import Database

READ_EVERY_S = 2.0
WRITE_EVERY_S = 60.0
Account = tuple[str, str]  # a provider and the hash of a key
Value = TypeVar("Value")


class NewestValues(Generic[Value]):
    """Values by account and name. While the database is away, what this process saw. Thread-safe.

    `read` yields all that is stored. `write` stores one, unless another process stored a later one. `time_of` says when
    a value was seen, None: before all others.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], float],
        *,
        read: Callable[[Connection], Iterable[tuple[Account, str, Value]]],
        write: Callable[[Connection, Account, str, Value], None],
        time_of: Callable[[Value], datetime | None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._read_all, self._write, self._time_of = read, write, time_of
        self._lock = threading.Lock()
        self._values: dict[Account, dict[str, Value]] = {}
        self._unsaved: dict[tuple[Account, str], Value] = {}
        self._read_at: float | None = None

    def of(self, account: Account) -> Mapping[str, Value]:
        """By name."""
        with self._lock:
            is_due = self._read_at is None or self._clock() - self._read_at >= READ_EVERY_S
            if is_due:
                self._read_at = self._clock()
                self._read()
            values = dict(self._values.get(account, NOTHING))
        if is_due:
            self.save()
        return values

    def put(self, account: Account, name: str, value: Value, *, write: bool) -> None:
        """`write` False: known here, and not worth a write."""
        with self._lock:
            self._values.setdefault(account, {})[name] = value
            if write:
                self._unsaved[account, name] = value

    def save(self) -> None:
        """Write what is not written yet."""
        with self._lock:
            unsaved = dict(self._unsaved)
        if not unsaved:
            return
        try:
            with self._database.write(durable=False) as connection:
                for (account, name), value in unsaved.items():
                    self._write(connection, account, name, value)
        except Unavailable:
            return
        with self._lock:
            for place, value in unsaved.items():
                if self._unsaved.get(place) is value:
                    del self._unsaved[place]

    def _read(self) -> None:
        try:
            with self._database.read() as connection:
                stored = list(self._read_all(connection))
        except Unavailable:
            return
        for account, name, value in stored:
            values = self._values.setdefault(account, {})
            if name not in values or self._is_later(value, values[name]):
                values[name] = value

    def _is_later(self, value: Value, held: Value) -> bool:
        at, held_at = self._time_of(value), self._time_of(held)
        return held_at is None or (at is not None and held_at < at)
