"""How each model stands with each key, for all processes: read at most every two seconds, written on a change.

What cannot be written because the database is away is written once it is back.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select, update

from ...providers.model_states import ModelState
from ...providers.sunset import EndNotice
from ...records import NOTHING
from .. import Unavailable
from ..columns import from_us, to_us
from ..database import Database
from ..rows import insert_new
from .tables import model_states

READ_EVERY_S = 2.0
WRITE_EVERY_S = 60.0
KEPT = timedelta(days=90)  # what was not seen for so long is not known any more
NAME_CHARS = 200
EVER = datetime(1970, 1, 1, tzinfo=UTC)
s = model_states.c
Place = tuple[str, str]


class ModelStates:
    """`ModelStateStore` over the database. While that is away, what this process saw."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._states: dict[Place, dict[str, ModelState]] = {}
        self._unsaved: dict[tuple[Place, str], ModelState] = {}
        self._read_at: float | None = None

    def note(self, provider_id: str, key_hash: str, name: str, seen: ModelState) -> None:
        """What was seen of a model. The same as before is written once a minute."""
        before = self.of(provider_id, key_hash).get(name)
        with self._lock:
            self._states.setdefault((provider_id, key_hash), {})[name] = seen
        if seen.at is None or len(name) > NAME_CHARS:
            return
        since = seen.at - before.at if before and before.at and _is_same(before, seen) else None
        if since is not None and since.total_seconds() < WRITE_EVERY_S:
            return
        with self._lock:
            self._unsaved[(provider_id, key_hash), name] = seen
        self._save()

    def of(self, provider_id: str, key_hash: str) -> Mapping[str, ModelState]:
        with self._lock:
            is_due = self._read_at is None or self._clock() - self._read_at >= READ_EVERY_S
            if is_due:
                self._read_at = self._clock()
                self._read()
            states = dict(self._states.get((provider_id, key_hash), NOTHING))
        if is_due:
            self._save()
        return states

    def _save(self) -> None:
        """Write what is not written yet, unless another process saw the model later."""
        with self._lock:
            unsaved = dict(self._unsaved)
        if not unsaved:
            return
        try:
            with self._database.write(durable=False) as connection:
                for ((provider_id, key_hash), name), seen in unsaved.items():
                    _write(connection, provider_id, key_hash, name, seen)
        except Unavailable:
            return
        with self._lock:
            for place, seen in unsaved.items():
                if self._unsaved.get(place) is seen:
                    del self._unsaved[place]

    def _read(self) -> None:
        try:
            with self._database.read() as connection:
                rows = connection.execute(select(model_states)).all()
        except Unavailable:
            return
        for row in rows:
            seen = ModelState(row.state, from_us(row.at_us), row.evidence, row.why, _decoded(row.end_notice))
            states = self._states.setdefault((row.provider_id, row.key_hash), {})
            held = states.get(row.model)
            if held is None or held.at is None or (seen.at and held.at < seen.at):
                states[row.model] = seen


def _write(connection: Connection, provider_id: str, key_hash: str, name: str, seen: ModelState) -> None:
    at_us = to_us(seen.at or EVER)
    row = {"state": seen.state, "evidence": seen.evidence, "why": seen.why[:40], "at_us": at_us}
    row |= {"end_notice": _encoded(seen.end)}
    owned = {"provider_id": provider_id, "key_hash": key_hash, "model": name}
    if insert_new(connection, model_states, [{**owned, **row}]):
        connection.execute(delete(model_states).where(s.at_us < to_us((seen.at or EVER) - KEPT)))
    else:
        place = (s.provider_id == provider_id, s.key_hash == key_hash, s.model == name, s.at_us <= at_us)
        connection.execute(update(model_states).where(*place).values(**row))


def _is_same(left: ModelState, right: ModelState) -> bool:
    return _without_times(left) == _without_times(right)


def _without_times(state: ModelState) -> ModelState:
    return replace(state, at=None, end=replace(state.end, at=EVER) if state.end else None)


def _encoded(notice: EndNotice | None) -> dict[str, Any] | None:
    if notice is None:
        return None
    ends_on = notice.ends_on.isoformat() if notice.ends_on else None
    return {**asdict(notice), "at": to_us(notice.at), "ends_on": ends_on}


def _decoded(stored: Mapping[str, Any] | None) -> EndNotice | None:
    if not stored:
        return None
    ends_on = date.fromisoformat(stored["ends_on"]) if stored["ends_on"] else None
    return EndNotice(**{**stored, "at": from_us(stored["at"]), "ends_on": ends_on})
