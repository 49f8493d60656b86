"""The difficulty from which an owner's questions go to a big model, adjusted by their feedback."""

from __future__ import annotations

from typing import Any

from ..records import Routing
from ..routing.candidates import MIDDLE
from ..routing.feedback import FEWEST, Judged, effective_threshold
from ..store import Unavailable, routed_answers
from ..store.database import Database


def threshold(database: Database, owner_id: str) -> float:
    """The owner's threshold; the default while the database is unavailable."""
    try:
        enough = routed_answers.count(database, owner_id) >= FEWEST
        return effective_threshold(judged(database, owner_id)) if enough else MIDDLE
    except Unavailable:
        return MIDDLE


def row(routing: Routing) -> dict[str, Any]:
    """What is stored of a choice with its answer."""
    return {"tier": routing.tier, "difficulty": routing.difficulty, "by_difficulty": routing.by_difficulty}


def judged(database: Database, owner_id: str) -> list[Judged]:
    """The choices of "auto" for this owner, with their feedback. Raises `StoreError`."""
    rows = routed_answers.newest(database, owner_id)
    return [Judged(row.tier, row.difficulty if row.by_difficulty else None, row.verdict) for row in rows]
