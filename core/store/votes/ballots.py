"""Votes, cast and read. One vote per turn of a run: a second replaces it; votes are deleted with the run.

    cast(database, owner, run, turn, 1, lanes, "code")     the second lane was best
    cast(..., "tie", ...)   cast(..., "bad", ...)

`blind` comes from the database, not from the page: it is true only for a vote that was cast while the names were
hidden. The first vote reveals them; a vote that is changed afterwards was not blind.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, delete, select

from ...views.votes import Choice, Lanes, Vote, VoteCount
from ..database import Database
from ..rows import clean
from ..tables import conversations
from . import blind
from .tables import vote_sums, votes


def cast(database: Database, owner_id: str, run_id: str, turn: int, choice: Choice, lanes: Lanes, topic: str) -> Vote:
    """Store the vote and reveal the names. The same choice again changes nothing. NotFound for another owner's run."""
    if isinstance(choice, int) and not 0 <= choice < len(lanes):
        raise ValueError(f"there is no lane {choice} among {len(lanes)}")
    with database.write() as connection:
        options = blind.locked(connection, owner_id, run_id)
        this_vote = (votes.c.run_id == run_id, votes.c.turn == turn, votes.c.owner_id == owner_id)
        existing = connection.execute(select(votes).where(*this_vote)).first()
        if existing and _vote(existing).choice == choice:
            return _vote(existing)
        vote = {
            "run_id": run_id,
            "turn": turn,
            "outcome": "winner" if isinstance(choice, int) else choice,
            "place": choice if isinstance(choice, int) else None,
            "lanes": [list(lane) for lane in clean(list(lanes))],
            "blind": blind.hides(options),
            "topic": clean(topic),
            "at": database.now(),
        }
        connection.execute(delete(votes).where(*this_vote))
        connection.execute(votes.insert(), {**vote, "owner_id": owner_id})
        blind.show(connection, run_id, options)
        return _vote(connection.execute(select(votes).where(*this_vote)).one())


def of_run(database: Database, owner_id: str, run_id: str) -> dict[int, Vote]:
    """The votes on a comparison, by turn."""
    query = select(votes).where(votes.c.run_id == run_id, votes.c.owner_id == owner_id)
    with database.read() as connection:
        return {row.turn: _vote(row) for row in connection.execute(query)}


def of_runs(database: Database, owner_id: str, run_ids: Sequence[str]) -> dict[str, Vote]:
    """The last vote on each of these comparisons that has one."""
    query = select(votes).where(votes.c.run_id.in_(run_ids), votes.c.owner_id == owner_id).order_by(votes.c.turn)
    with database.read() as connection:
        return {row.run_id: _vote(row) for row in connection.execute(query)}


def of_owner(database: Database, owner_id: str) -> list[Vote]:
    """All votes of an owner, oldest first, without those on deleted comparisons."""
    query = (
        select(votes)
        .join(conversations, conversations.c.id == votes.c.run_id)
        .where(votes.c.owner_id == owner_id, conversations.c.deleted_at.is_(None))
        .order_by(votes.c.at, votes.c.run_id, votes.c.turn)
    )
    with database.read() as connection:
        return [_vote(row) for row in connection.execute(query)]


def tallies(database: Database, owner_id: str) -> list[VoteCount]:
    """The same votes as sums of equal ones."""
    query = select(vote_sums).where(vote_sums.c.owner_id == owner_id, vote_sums.c.n > 0)
    with database.read() as connection:
        return [
            VoteCount(row.topic, row.blind, row.outcome, row.winner or None, tuple(row.models.splitlines()), row.n)
            for row in connection.execute(query)
        ]


def _vote(row: Row[Any]) -> Vote:
    lanes = tuple((str(conversation_id), str(model_id)) for conversation_id, model_id in row.lanes)
    return Vote(row.run_id, row.turn, row.outcome, row.place, lanes, row.blind, row.topic, row.at)
