"""Votes on comparisons: cast, read, and the names of a blind one shown. See `core.store.votes`."""

from __future__ import annotations

from ..records import Owner
from ..store.database import Database
from ..store.votes import ballots, blind
from ..views.votes import Choice, Lanes, Vote, VoteCount


class Votes:
    """A person's votes on their comparisons."""

    def __init__(self, database: Database, owner: Owner) -> None:
        self._database = database
        self._owner_id = owner.id

    def cast(self, run_id: str, turn: int, choice: Choice, lanes: Lanes, topic: str) -> Vote:
        """One vote for a turn; another takes its place. `lanes` are (conversation, model) as they were shown."""
        return ballots.cast(self._database, self._owner_id, run_id, turn, choice, lanes, topic)

    def of_run(self, run_id: str) -> dict[int, Vote]:
        """The votes on one comparison, by the number of the turn."""
        return ballots.of_run(self._database, self._owner_id, run_id)

    def all(self) -> list[Vote]:
        """All votes, oldest first; a `Vote` is a ballot for `core.insight.votes`."""
        return ballots.of_owner(self._database, self._owner_id)

    def tallies(self) -> list[VoteCount]:
        """The same votes as sums, for `core.insight.votes.counted`."""
        return ballots.tallies(self._database, self._owner_id)

    def reveal(self, run_id: str) -> None:
        """Show the names of a blind comparison without a vote."""
        blind.reveal(self._database, self._owner_id, run_id)
