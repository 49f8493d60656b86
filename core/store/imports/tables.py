"""The tables of imports: one row per owner for the newest one, and its rows that are not shown yet."""

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

UNDERWAY = ("reading", "showing")

imports = Table(
    "imports",
    metadata,
    Column("owner_id", NAME, primary_key=True),
    Column("id", ID, nullable=False),
    Column("state", String(12), nullable=False),  # reading, showing, done, failed, stopped
    Column("source", String(12), nullable=False),  # the program that exported the file; "" until it is known
    Column("name", Text, nullable=False),  # of the file
    Column("read_bytes", BigInteger, nullable=False),
    Column("total_bytes", BigInteger, nullable=False),
    Column("conversations", Integer, nullable=False),
    Column("messages", Integer, nullable=False),
    Column("known", Integer, nullable=False),
    Column("left_out", Json, nullable=False),  # kind -> number, and "reasons": the first few
    Column("why", Text, nullable=False),  # it failed
    Column("owner_process", NAME, nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("things", Json),  # "new" and "known": thing -> number, of all but conversations; NULL: none
    Index("imports_state", "state"),
)

staged = Table(
    "staged",
    metadata,
    Column("owner_id", NAME, ForeignKey("imports.owner_id", ondelete="CASCADE"), nullable=False),
    Column("conversation_id", ID, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("into_id", ID),  # the conversation that its messages go to
    Column("known", Boolean, nullable=False),  # it was here before the import
    Column("comparison", Json),  # its options, lanes, rounds and votes, by the ids of the file
    PrimaryKeyConstraint("owner_id", "conversation_id"),
    Index("staged_conversation", "conversation_id"),
)
