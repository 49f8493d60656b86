"""Votes on comparisons: cast, read, and the names of a blind one shown. See `core.store.votes`."""

from __future__ import annotations

from core.desk import Desk
from core.store.votes import ballots, blind
from core.views.votes import Choice, Lanes, Tally, Vote

__all__ = ["Choice", "Tally", "Vote", "all_of", "cast", "of_run", "reveal", "tallies"]


def cast(desk: Desk, owner_id: str, run_id: str, turn: int, choice: Choice, lanes: Lanes, topic: str) -> Vote:
    """One vote for a turn; another takes its place. `lanes` are (conversation, model) as they were shown."""
    return ballots.cast(desk.database, owner_id, run_id, turn, choice, lanes, topic)


def of_run(desk: Desk, owner_id: str, run_id: str) -> dict[int, Vote]:
    return ballots.of_run(desk.database, owner_id, run_id)


def all_of(desk: Desk, owner_id: str) -> list[Vote]:
    """All votes of an owner, oldest first; a `Vote` is a ballot for `core.insight.votes`."""
    return ballots.of_owner(desk.database, owner_id)


def tallies(desk: Desk, owner_id: str) -> list[Tally]:
    """The same votes as sums, for `core.insight.votes.counted`."""
    return ballots.tallies(desk.database, owner_id)


def reveal(desk: Desk, owner_id: str, run_id: str) -> None:
    """Show the names of a blind comparison without a vote."""
    blind.reveal(desk.database, owner_id, run_id)
