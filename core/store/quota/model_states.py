"""How each model stands with each key, for all processes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select, update

from ...providers.model_states import ModelState
from ...providers.sunset import EndNotice
from ..columns import from_us, to_us
from ..database import Database
from ..rows import insert_new
from .newest import WRITE_EVERY_S, Account, NewestValues
from .tables import model_states

KEPT = timedelta(days=90)  # what was not seen for so long is not known any more
NAME_CHARS = 200
EVER = datetime(1970, 1, 1, tzinfo=UTC)
s = model_states.c


class ModelStates:
    """`ModelStateStore` over the database. While that is away, what this process saw."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._states = NewestValues(database, clock, read=_read, write=_write, time_of=lambda state: state.at)

    def note(self, provider_id: str, key_hash: str, name: str, seen: ModelState) -> None:
        """What was seen of a model. The same as before is written once a minute."""
        before = self.of(provider_id, key_hash).get(name)
        since = seen.at - before.at if seen.at and before and before.at and _is_same(before, seen) else None
        is_news = since is None or since.total_seconds() >= WRITE_EVERY_S
        may_write = seen.at is not None and len(name) <= NAME_CHARS
        self._states.put((provider_id, key_hash), name, seen, write=is_news and may_write)
        if is_news and may_write:
            self._states.save()

    def of(self, provider_id: str, key_hash: str) -> Mapping[str, ModelState]:
        return self._states.of((provider_id, key_hash))


def _read(connection: Connection) -> Iterator[tuple[Account, str, ModelState]]:
    for row in connection.execute(select(model_states)):
        seen = ModelState(row.state, from_us(row.at_us), row.evidence, row.why, _decoded(row.end_notice))
        yield (row.provider_id, row.key_hash), row.model, seen


def _write(connection: Connection, account: Account, name: str, seen: ModelState) -> None:
    provider_id, key_hash = account
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
