"""From which difficulty on an owner's questions go to a big model, moved a little by what they said of the choices."""

from __future__ import annotations

from typing import Any

from ..records import Routing
from ..routing.candidates import MIDDLE
from ..routing.feedback import FEWEST, Judged, effective_threshold
from ..store import Unavailable, routed_answers
from ..store.database import Database


def threshold(database: Database, owner_id: str) -> float:
    """The difficulty from which on this owner's questions go to a big model; ours while the database is away."""
    try:
        enough = routed_answers.count(database, owner_id) >= FEWEST
        return effective_threshold(judged(database, owner_id)) if enough else MIDDLE
    except Unavailable:
        return MIDDLE


def row(routing: Routing) -> dict[str, Any]:
    """What is kept of a choice beside its answer, to be counted."""
    return {"tier": routing.tier, "difficulty": routing.difficulty, "by_difficulty": routing.by_difficulty}


def judged(database: Database, owner_id: str) -> list[Judged]:
    """What "auto" chose for this owner, with what was said of it. Raises `StoreError`."""
    rows = routed_answers.newest(database, owner_id)
    return [Judged(row.tier, row.difficulty if row.by_difficulty else None, row.verdict) for row in rows]
