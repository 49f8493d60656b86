"""The tables of conversations, one schema for SQLite and PostgreSQL.

    conversations --< messages (a tree by parent_id) --< attachments
         |  kind: chat, comparison, lane      \\--- jobs (one answer in progress, with a lease)
         +--< runs --< lanes >-- conversations
    calls (one row an attempt)    settings (owner, key)

Full text lives beside these tables and is made by the migrations: see `search`.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from .columns import EPOCH, ID, NAME, Instant, Json, Sequence, Usd, metadata

STAGED = datetime(9999, 1, 1, tzinfo=UTC)  # `deleted_at` of what an import has not shown yet
ERASED = EPOCH  # `deleted_at` of what is being deleted for good
DELETED = text("deleted_at IS NOT NULL")
LISTED = text("deleted_at IS NULL AND kind <> 'lane'")
ANSWERED = text("outcome = 'ok' AND NOT cached AND output_tokens > 0 AND ms > 0")
AUDITED = text("id <> ''")  # every call; said by the audit alone, because SQLite would take its indexes elsewhere too
IN_TALK = text("outcome = 'ok' AND conversation_id IS NOT NULL")

conversations = Table(
    "conversations",
    metadata,
    Column("id", ID, primary_key=True),
    Column("owner_id", NAME, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("title", Text, nullable=False),
    Column("title_by_person", Boolean, nullable=False),
    Column("pinned", Boolean, nullable=False),
    Column("system", Text),
    Column("settings", Json, nullable=False),
    Column("model_id", Text),
    Column("leaf_id", ID),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("deleted_at", Instant),
    Index(
        "conversations_listed",
        "owner_id",
        text("pinned DESC"),
        text("updated_at DESC"),
        text("id DESC"),
        sqlite_where=LISTED,
        postgresql_where=LISTED,
    ),
    Index("conversations_model", "owner_id", "model_id"),
    Index("conversations_deleted", "deleted_at", sqlite_where=DELETED, postgresql_where=DELETED),
)

# How many of an owner's conversations are listed; triggers keep it.
list_sizes = Table(
    "list_sizes",
    metadata,
    Column("owner_id", NAME, primary_key=True),
    Column("listed", BigInteger, nullable=False),
)

messages = Table(
    "messages",
    metadata,
    Column("seq", Sequence, primary_key=True, autoincrement=True),
    Column("id", ID, nullable=False),
    Column("conversation_id", ID, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("parent_id", ID),
    Column("depth", Integer, nullable=False),
    Column("role", String(12), nullable=False),
    Column("text", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("model_id", Text),
    Column("state", String(12), nullable=False),
    Column("completion", Json),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("id", name="messages_id"),
    Index("messages_children", "conversation_id", "parent_id", "seq"),
)

attachments = Table(
    "attachments",
    metadata,
    Column("message_id", ID, ForeignKey("messages.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("sha256", String(64)),  # of its bytes, which are in `blobs`; NULL: it is its text
    Column("details", Json),  # width, height, pages, page_count; NULL: none is known
    PrimaryKeyConstraint("message_id", "position"),
    Index("attachments_blob", "sha256"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", ID, ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("options", Json, nullable=False),
)

lanes = Table(
    "lanes",
    metadata,
    Column("run_id", ID, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("conversation_id", ID, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("model_id", Text, nullable=False),
    Column("removed_at", Instant),
    Column("wishes", Json),  # what it has otherwise than the comparison; NULL: nothing
    PrimaryKeyConstraint("run_id", "position"),
    UniqueConstraint("conversation_id", name="lanes_conversation"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("owner_id", NAME, nullable=False),
    Column("request_id", NAME, nullable=False),
    Column("conversation_id", ID, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("user_message_id", ID),
    Column("message_id", ID, ForeignKey("messages.id", ondelete="CASCADE"), nullable=False),
    Column("owner_process", NAME, nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    Column("state", String(12), nullable=False),
    Column("text", Text, nullable=False),
    Column("reasoning", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("owner_id", "request_id"),
    UniqueConstraint("message_id", name="jobs_message"),
    Index("jobs_conversation", "conversation_id"),
    Index("jobs_running", "state", "lease_until"),
)

calls = Table(
    "calls",
    metadata,
    Column("id", ID, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("owner_id", NAME, nullable=False),
    Column("provider_id", NAME, nullable=False),
    Column("model_id", Text, nullable=False),
    Column("n", Integer, nullable=False),
    Column("outcome", String(40), nullable=False),
    Column("ms", Float, nullable=False),
    Column("ttft_ms", Float),
    Column("input_tokens", BigInteger),
    Column("output_tokens", BigInteger),
    Column("estimated", Boolean, nullable=False),
    Column("cost_usd", Usd),
    Column("cached", Boolean, nullable=False),
    Column("request_id", NAME),
    Column("conversation_id", ID),
    Column("first_answer_ms", Float),
    Column("last_ms", Float),
    Column("waited_ms", Float),
    Column("reasoning_tokens", BigInteger),
    Column("chunks", Integer),
    Column("streamed", Boolean),
    Column("failed_over", Boolean),
    Column("cold", Boolean),
    Column("simulated", Boolean),
    Column("probe", Boolean),
    Column("series_id", BigInteger),
    Column("sent", Boolean),  # false: we refused it ourselves; NULL: not noted, so it was sent
    Column("served_model_id", Text),  # whom the answer counts for; NULL: not told, so whom was asked (`model_id`)
    Column("response_model", Text),
    Column("served_by", Text),
    Column("system_fingerprint", Text),
    Column("settings", Json),  # that were sent; NULL: not noted, or all left to the provider
    Column("prompt_hash", String(64)),  # SHA-256 of the question's text
    Column("event_id", String(20)),  # of the line about its failure in the log
    Index("calls_at", "at", "id"),
    Index("calls_outcome", "outcome", "at", "id", sqlite_where=AUDITED, postgresql_where=AUDITED),
    Index("calls_model", "model_id", "at", "id", sqlite_where=AUDITED, postgresql_where=AUDITED),
    Index("calls_owner", "owner_id", "at"),
    Index("calls_unsent", "owner_id", "at", sqlite_where=text("sent IS 0"), postgresql_where=text("sent IS false")),
    Index(
        "calls_answered",
        "model_id",
        "at",
        "output_tokens",
        "ms",
        sqlite_where=ANSWERED,
        postgresql_where=ANSWERED,
    ),
    Index("calls_series", "series_id", "at"),
    Index("calls_of_model", "owner_id", "model_id", "at", sqlite_where=IN_TALK, postgresql_where=IN_TALK),
)

settings = Table(
    "settings",
    metadata,
    Column("owner_id", NAME, nullable=False),
    Column("key", NAME, nullable=False),
    Column("value", Json),
    Column("updated_at", Instant, nullable=False),
    PrimaryKeyConstraint("owner_id", "key"),
)
