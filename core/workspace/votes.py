"""Votes on comparisons: cast, read, and reveal the names of a blind one. See `core.store.votes`."""

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
        """Cast the vote of a turn, replacing an earlier one. `lanes`: (conversation, model) in the order shown."""
        return ballots.cast(self._database, self._owner_id, run_id, turn, choice, lanes, topic)

    def of_run(self, run_id: str) -> dict[int, Vote]:
        """The votes on one comparison, by turn number."""
        return ballots.of_run(self._database, self._owner_id, run_id)

    def all(self) -> list[Vote]:
        """All votes, oldest first; a `Vote` is a ballot for `core.insight.votes`."""
        return ballots.of_owner(self._database, self._owner_id)

    def tallies(self) -> list[VoteCount]:
        """Vote counts, for `core.insight.votes.counted`."""
        return ballots.tallies(self._database, self._owner_id)

    def reveal(self, run_id: str) -> None:
        """Reveal the names of a blind comparison without a vote."""
        blind.reveal(self._database, self._owner_id, run_id)
