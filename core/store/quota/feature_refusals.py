"""What providers refused for their models, for all processes: read at most every two seconds, written when refused.

While the database is away, a process knows what it saw itself.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import ColumnElement, delete, select, update

from ...providers.feature_refusals import KEPT, ByModel, Place, lately
from ...records import NOTHING, RefusedFeature
from .. import Unavailable
from ..columns import from_us, to_us
from ..database import Database
from ..rows import insert_new
from .tables import feature_refusals

READ_EVERY_S = 2.0
NAME_CHARS = 200
f = feature_refusals.c


class FeatureRefusals:
    """`FeatureRefusalStore` over the database."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[Place, dict[str, tuple[RefusedFeature, ...]]] = {}
        self._read_at: float | None = None

    def note(self, place: Place, model: str, feature: str) -> None:
        """Remember it from now on; written at once."""
        if len(model) > NAME_CHARS:
            return
        now = self._database.now()
        with self._lock:
            of_place = self._known.setdefault(place, {})
            others = tuple(refusal for refusal in of_place.get(model, ()) if refusal.feature != feature)
            of_place[model] = (*others, RefusedFeature(feature, now))
        row = {"provider_id": place[0], "place": place[1], "model": model, "feature": feature, "at_us": to_us(now)}
        with suppress(Unavailable), self._database.write(durable=False) as connection:
            connection.execute(delete(feature_refusals).where(f.at_us < to_us(now - KEPT)))
            if not insert_new(connection, feature_refusals, [row]):
                connection.execute(
                    update(feature_refusals)
                    .where(*_at(place), f.model == model, f.feature == feature)
                    .values(at_us=row["at_us"])
                )

    def of(self, place: Place) -> ByModel:
        with self._lock:
            if self._read_at is None or self._clock() - self._read_at >= READ_EVERY_S:
                self._read_at = self._clock()
                with suppress(Unavailable):
                    self._known = self._read()
            of_place = self._known.get(place, NOTHING)
            return lately(of_place, self._database.now()) if of_place else NOTHING

    def forget(self, place: Place, model: str | None = None) -> None:
        """All of a place, or of one of its models. Raises Unavailable."""
        which = [f.model == model] if model is not None else []
        with self._database.write() as connection:
            connection.execute(delete(feature_refusals).where(*_at(place), *which))
        with self._lock:
            of_place = self._known.get(place, {})
            for name in [model] if model is not None else list(of_place):
                of_place.pop(name, None)

    def _read(self) -> dict[Place, dict[str, tuple[RefusedFeature, ...]]]:
        refusals: dict[Place, dict[str, tuple[RefusedFeature, ...]]] = {}
        with self._database.read() as connection:
            for row in connection.execute(select(feature_refusals).order_by(f.at_us)):
                of_place = refusals.setdefault((row.provider_id, row.place), {})
                refusal = RefusedFeature(row.feature, from_us(row.at_us))
                of_place[row.model] = (*of_place.get(row.model, ()), refusal)
        return refusals


def _at(place: Place) -> tuple[ColumnElement[bool], ...]:
    return f.provider_id == place[0], f.place == place[1]
