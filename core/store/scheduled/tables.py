"""The table of scheduled questions.

A scheduled question stands in its conversation like any other; its answer and its job have the state "scheduled" until
it is sent. Its row here says when, with what, and who sends it:

    waiting -> claimed -> sent -> heard -> (the row is gone)
      ^           |         |
      +-----------+---------+   the limit has not reset; or, of `claimed` only, the process has died

`claimed`: a process prepares it, for as long as its lease lasts; nothing was sent. `sent`: the job runs, with a lease
of its own, and nobody sends it again. `heard`: the first token is there, so that the next question of the pool may go.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from ..columns import ID, NAME, Json, Sequence, metadata

WAITING, CLAIMED, SENT, HEARD = "waiting", "claimed", "sent", "heard"
UNSENT = (WAITING, CLAIMED)
EARLY = "early"  # beside the generation settings: the last try was a person's, before the limit had reset

scheduled = Table(
    "scheduled",
    metadata,
    Column("seq", Sequence, primary_key=True, autoincrement=True),
    Column("owner_id", NAME, nullable=False),
    Column("request_id", NAME, nullable=False),
    Column("conversation_id", ID, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("question_id", ID, nullable=False),
    Column("answer_id", ID, nullable=False),
    Column("after_id", ID),  # the answer above, where that had not ended: it goes first
    Column("model_id", Text, nullable=False),
    Column("pool", NAME, nullable=False),  # sent one after another: provider and hash of the key
    Column("own_key", Boolean, nullable=False),  # sent with a pasted key only
    Column("generation", Json, nullable=False),
    Column("not_before_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),  # how often the limit had not reset
    Column("insist", Boolean, nullable=False),  # a person pressed "Send now"
    Column("state", String(12), nullable=False),
    Column("owner_process", NAME, nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    UniqueConstraint("owner_id", "request_id", name="scheduled_request"),
    Index("scheduled_due", "state", "not_before_us"),
    Index("scheduled_pool", "pool"),
    Index("scheduled_conversation", "conversation_id"),
)
