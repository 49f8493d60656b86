"""Verdicts on the sizes that "auto" chose: one click says that it should have been the other, another takes it back.

They move the owner's threshold between small and big a little, from five verdicts on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.records import Routing, Size
from core.routing.candidates import MIDDLE
from core.routing.feedback import FEWEST, OTHER, Judged, Line, lines, ruling, suggested
from core.store import Unavailable
from core.store.database import Database
from core.store.tiers import verdicts

if TYPE_CHECKING:
    from core.desk import Desk

__all__ = ["MIDDLE", "OTHER", "Line", "Tally", "judge", "row", "tally", "threshold", "verdicts_of"]


@dataclass(frozen=True, slots=True)
class Tally:
    """An owner's answers by size; the threshold that rules, and the one that the verdicts suggest (None: too few)."""

    lines: tuple[Line, ...]
    threshold: float
    suggested: float | None


def judge(desk: Desk, owner_id: str, message_id: str, verdict: Size | None, routing: Routing) -> bool:
    """Keep a verdict, None takes it back; False where the owner has no such answer. Raises `StoreError`."""
    return verdicts.judge(desk.database, owner_id, message_id, verdict, row(routing))


def row(routing: Routing) -> dict[str, Any]:
    """What is kept of a choice beside its answer, to be counted."""
    return {"tier": routing.tier, "difficulty": routing.difficulty, "by_difficulty": routing.by_difficulty}


def verdicts_of(desk: Desk, owner_id: str, conversation_id: str) -> dict[str, Size]:
    """The verdicts in a conversation, by the answer's id. Raises `StoreError`."""
    return verdicts.of_conversation(desk.database, owner_id, conversation_id)


def tally(desk: Desk, owner_id: str) -> Tally:
    """The table of an owner. Raises `StoreError`."""
    judged = _judged(desk.database, owner_id)
    return Tally(tuple(lines(judged)), ruling(judged), suggested(judged))


def threshold(database: Database, owner_id: str) -> float:
    """The difficulty from which on this owner's questions go to a big model; ours while the database is away."""
    try:
        enough = verdicts.count(database, owner_id) >= FEWEST
        return ruling(_judged(database, owner_id)) if enough else MIDDLE
    except Unavailable:
        return MIDDLE


def _judged(database: Database, owner_id: str) -> list[Judged]:
    rows = verdicts.newest(database, owner_id)
    return [Judged(row.tier, row.difficulty if row.by_difficulty else None, row.verdict) for row in rows]
