"""The tables of the full text; its tokens themselves are in FTS5 or a tsvector, which triggers fill. See `search`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text

from .columns import Sequence, metadata

# Which messages are in the full text, behind which code of their owner; triggers keep it. See `search`.
search_places = Table(
    "search_places",
    metadata,
    Column("seq", Sequence, ForeignKey("messages.seq", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("code", Text, nullable=False),
    Index("search_places_code", "code", "seq"),
)

# One row while messages from before the full text of today wait to be put into it: those with a smaller `seq`.
search_backlog = Table(
    "search_backlog",
    metadata,
    Column("below", BigInteger, primary_key=True, autoincrement=False),
    Column("began", BigInteger, nullable=False),
)
