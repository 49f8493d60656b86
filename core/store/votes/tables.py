"""The table of votes: one row a turn of a comparison. It goes with the comparison for good.

`vote_sums` counts the votes on comparisons that are not deleted by all that a leaderboard asks of a vote. Triggers of
the database keep it, whoever votes, deletes, restores, purges or imports; a count may be 0.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from ..columns import ID, NAME, Instant, Json, metadata

votes = Table(
    "votes",
    metadata,
    Column("run_id", ID, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("turn", Integer, nullable=False),  # the number of its round, from 1
    Column("owner_id", NAME, nullable=False),
    Column("outcome", String(8), nullable=False),  # winner, tie or bad
    Column("place", Integer),  # of the winner in `lanes`
    Column("lanes", Json, nullable=False),  # [[conversation, model], ...] in the order shown
    Column("blind", Boolean, nullable=False),
    Column("topic", String(24), nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("run_id", "turn"),
    Index("votes_owner", "owner_id", "at"),
)

vote_sums = Table(
    "vote_sums",
    metadata,
    Column("owner_id", NAME, nullable=False),
    Column("topic", String(24), nullable=False),
    Column("blind", Boolean, nullable=False),
    Column("outcome", String(8), nullable=False),
    Column("winner", Text, nullable=False),  # "" without one
    Column("models", Text, nullable=False),  # once each and sorted, a line each
    Column("n", BigInteger, nullable=False),
    PrimaryKeyConstraint("owner_id", "topic", "blind", "outcome", "winner", "models"),
)
