"""How long a person's answers were lately, by model and effort: for the estimate before the next question is sent."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import select

from ..records import AskedEffort, PastOutput
from . import Unavailable
from .database import Database
from .tables import calls

NEWEST = 2_000  # calls that are looked at, of whatever model
SINCE = timedelta(days=90)
READ_EVERY_S = 60.0
MOST_PEOPLE = 1_000
ByEffort = Mapping[tuple[str, str], tuple[PastOutput, ...]]  # by model id and effort


class PastOutputs:
    """Read once a minute a person, in one query whose cost is bounded. Thread-safe."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._read: dict[str, tuple[float, ByEffort]] = {}

    def of(self, owner_id: str, model_id: str, effort: AskedEffort | None) -> tuple[PastOutput, ...]:
        """The newest first; () while the database is unavailable."""
        now_s = self._clock()
        outputs: ByEffort
        with self._lock:
            read_at, outputs = self._read.get(owner_id, (None, {}))
        if read_at is None or now_s - read_at >= READ_EVERY_S:
            with suppress(Unavailable):
                outputs = _newest(self._database, owner_id)
            with self._lock:
                self._read.pop(owner_id, None)
                self._read[owner_id] = (now_s, outputs)
                while len(self._read) > MOST_PEOPLE:
                    del self._read[next(iter(self._read))]
        return outputs.get((model_id, "" if effort is None else str(effort)), ())


def _newest(database: Database, owner_id: str) -> ByEffort:
    c = calls.c
    newest = (
        select(
            c.model_id,
            c.settings["effort"].as_string().label("effort"),
            c.output_tokens,
            c.reasoning_tokens,
            c.estimated,
            c.cached,
            c.outcome,
        )
        .where(c.owner_id == owner_id, c.at >= database.now() - SINCE)
        .order_by(c.at.desc())
        .limit(NEWEST)
        .subquery()
    )
    answered = select(newest.c.model_id, newest.c.effort, newest.c.output_tokens, newest.c.reasoning_tokens).where(
        newest.c.outcome == "ok", newest.c.output_tokens > 0, ~newest.c.estimated, ~newest.c.cached
    )
    outputs: dict[tuple[str, str], list[PastOutput]] = {}
    with database.read() as connection:
        for model_id, effort, tokens, reasoning in connection.execute(answered):
            outputs.setdefault((model_id, effort or ""), []).append(PastOutput(tokens, reasoning))
    return {place: tuple(of_place) for place, of_place in outputs.items()}
