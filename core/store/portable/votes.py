"""Votes in the JSON of an export, and back out of somebody's file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from ..rows import insert_new
from ..votes.tables import votes
from .records import ImportedVote


def exported(connection: Connection, owner_id: str, run_id: str) -> list[dict[str, Any]]:
    """The votes on a comparison as JSON values; its lanes by their conversations."""
    return [
        {
            "turn": row.turn,
            "outcome": row.outcome,
            "place": row.place,
            "lanes": [{"conversation_id": lane_id, "model_id": model_id} for lane_id, model_id in row.lanes],
            "blind": row.blind,
            "topic": row.topic,
            "at": row.at.isoformat(),
        }
        for row in connection.execute(
            select(votes).where(votes.c.run_id == run_id, votes.c.owner_id == owner_id).order_by(votes.c.turn)
        )
    ]


def keep(
    connection: Connection, owner_id: str, run_id: str, imported: Sequence[ImportedVote], ids: Mapping[str, str]
) -> int:
    """Write what is not there yet; `ids` are the conversations' new names. Returns how many are new."""
    rows = [
        {
            "run_id": run_id,
            "turn": vote.turn,
            "owner_id": owner_id,
            "outcome": vote.outcome,
            "place": vote.place if vote.outcome == "winner" else None,
            "lanes": [[ids.get(lane.conversation_id, lane.conversation_id)[:36], lane.model_id] for lane in vote.lanes],
            "blind": vote.blind,
            "topic": vote.topic[:24],
            "at": vote.at,
        }
        for vote in imported
    ]
    return insert_new(connection, votes, rows)
