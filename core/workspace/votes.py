"""Votes on comparisons: cast, read, and the names of a blind one shown. See `core.store.votes`."""

from __future__ import annotations

from ..store.votes import ballots, blind
from ..views.votes import Choice, Lanes, Vote, VoteCount
from .chats import Chats


class Votes:
    """The votes on comparisons."""

    def __init__(self, workspace: Chats) -> None:
        self._workspace = workspace

    def cast(self, owner_id: str, run_id: str, turn: int, choice: Choice, lanes: Lanes, topic: str) -> Vote:
        """One vote for a turn; another takes its place. `lanes` are (conversation, model) as they were shown."""
        return ballots.cast(self._workspace.database, owner_id, run_id, turn, choice, lanes, topic)

    def of_run(self, owner_id: str, run_id: str) -> dict[int, Vote]:
        return ballots.of_run(self._workspace.database, owner_id, run_id)

    def all_of(self, owner_id: str) -> list[Vote]:
        """All votes of an owner, oldest first; a `Vote` is a ballot for `core.insight.votes`."""
        return ballots.of_owner(self._workspace.database, owner_id)

    def tallies(self, owner_id: str) -> list[VoteCount]:
        """The same votes as sums, for `core.insight.votes.counted`."""
        return ballots.tallies(self._workspace.database, owner_id)

    def reveal(self, owner_id: str, run_id: str) -> None:
        """Show the names of a blind comparison without a vote."""
        blind.reveal(self._workspace.database, owner_id, run_id)
