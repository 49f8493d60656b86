"""Votes in the JSON of an export, and back out of somebody's file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from core.store.portable.checks import At, Voted
from core.store.tables import clean, insert_new
from core.store.votes.tables import votes

OUTCOMES = ("winner", "tie", "bad")


def written(connection: Connection, run_id: str) -> list[dict[str, Any]]:
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
        for row in connection.execute(select(votes).where(votes.c.run_id == run_id).order_by(votes.c.turn))
    ]


def read(at: At) -> Voted:
    """One vote of a file; BadImport at a fault."""
    outcome, turn, place = at.text("outcome"), at.value.get("turn"), at.value.get("place")
    lanes = tuple((lane.text("conversation_id"), lane.text("model_id")) for lane in at.each("lanes", "lane"))
    if outcome not in OUTCOMES:
        raise at.wrong("“outcome” is not one of " + ", ".join(OUTCOMES))
    if not isinstance(turn, int) or isinstance(turn, bool) or not 0 <= turn < 2**31:
        raise at.wrong("“turn” is not a number")
    if outcome != "winner":
        place = None
    elif not isinstance(place, int) or isinstance(place, bool) or not 0 <= place < len(lanes):
        raise at.wrong("“place” names no lane of it")
    return Voted(turn, outcome, place, lanes, at.flag("blind"), at.text("topic", default="other"), at.instant("at"))


def keep(connection: Connection, owner_id: str, run_id: str, found: Sequence[Voted], ids: Mapping[str, str]) -> None:
    """Write what is not there yet; `ids` are the conversations' new names."""
    rows = [
        {
            "run_id": run_id,
            "turn": vote.turn,
            "owner_id": owner_id,
            "outcome": vote.outcome,
            "place": vote.place,
            "lanes": [[ids.get(lane_id, lane_id)[:36], clean(model_id)] for lane_id, model_id in vote.lanes],
            "blind": vote.blind,
            "topic": clean(vote.topic)[:24],
            "at": vote.at,
        }
        for vote in found
    ]
    insert_new(connection, votes, rows)
