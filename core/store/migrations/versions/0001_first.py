"""The first schema, written out: later changes of `tables` must not change what an old revision makes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

ID, NAME, WORD = sa.String(36), sa.String(200), sa.String(12)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LISTED = sa.text("deleted_at IS NULL AND kind <> 'lane'")

# Words are split and folded by `core.store.search`; the tokenizer only has to cut at spaces.
SQLITE_SEARCH = (
    """CREATE VIRTUAL TABLE message_words USING fts5(words, content='messages', content_rowid='seq',
       tokenize="unicode61 remove_diacritics 0 categories 'L* N* M* Co'")""",
    """CREATE TRIGGER messages_added AFTER INSERT ON messages WHEN new.words <> '' BEGIN
       INSERT INTO message_words(rowid, words) VALUES (new.seq, new.words); END""",
    """CREATE TRIGGER messages_removed AFTER DELETE ON messages WHEN old.words <> '' BEGIN
       INSERT INTO message_words(message_words, rowid, words) VALUES ('delete', old.seq, old.words); END""",
    """CREATE TRIGGER messages_changed AFTER UPDATE OF words ON messages WHEN old.words <> new.words BEGIN
       INSERT INTO message_words(message_words, rowid, words)
       SELECT 'delete', old.seq, old.words WHERE old.words <> '';
       INSERT INTO message_words(rowid, words) SELECT new.seq, new.words WHERE new.words <> ''; END""",
)
POSTGRESQL_SEARCH = (
    """ALTER TABLE messages ADD COLUMN terms tsvector
       GENERATED ALWAYS AS (array_to_tsvector(string_to_array(words, ' '))) STORED""",
    "CREATE INDEX messages_terms ON messages USING gin (terms)",
)


def upgrade() -> None:
    _conversations()
    _messages()
    _comparisons()
    _jobs()
    _calls_and_settings()
    for statement in SQLITE_SEARCH if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_SEARCH:
        op.execute(statement)


def _to(target: str) -> sa.ForeignKey:
    return sa.ForeignKey(target, ondelete="CASCADE")


def _conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", ID, primary_key=True),
        sa.Column("owner_id", NAME, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("title_by_person", sa.Boolean, nullable=False),
        sa.Column("pinned", sa.Boolean, nullable=False),
        sa.Column("system", sa.Text),
        sa.Column("settings", JSON, nullable=False),
        sa.Column("model_id", sa.Text),
        sa.Column("leaf_id", ID),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("deleted_at", sa.BigInteger),
    )
    order: list[str | sa.TextClause | sa.ColumnElement[Any]] = [
        "owner_id",
        sa.text("pinned DESC"),
        sa.text("updated_at DESC"),
        sa.text("id DESC"),
    ]
    op.create_index("conversations_listed", "conversations", order, sqlite_where=LISTED, postgresql_where=LISTED)


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("seq", SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("id", ID, nullable=False),
        sa.Column("conversation_id", ID, _to("conversations.id"), nullable=False),
        sa.Column("parent_id", ID),
        sa.Column("depth", sa.Integer, nullable=False),
        sa.Column("role", WORD, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("model_id", sa.Text),
        sa.Column("state", WORD, nullable=False),
        sa.Column("completion", JSON),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("id", name="messages_id"),
    )
    op.create_index("messages_children", "messages", ["conversation_id", "parent_id", "seq"])
    op.create_table(
        "attachments",
        sa.Column("message_id", ID, _to("messages.id"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("size_bytes", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("message_id", "position"),
    )


def _comparisons() -> None:
    op.create_table(
        "runs",
        sa.Column("id", ID, _to("conversations.id"), primary_key=True),
        sa.Column("options", JSON, nullable=False),
    )
    op.create_table(
        "lanes",
        sa.Column("run_id", ID, _to("runs.id"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("conversation_id", ID, _to("conversations.id"), nullable=False),
        sa.Column("model_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "position"),
        sa.UniqueConstraint("conversation_id", name="lanes_conversation"),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("owner_id", NAME, nullable=False),
        sa.Column("request_id", NAME, nullable=False),
        sa.Column("conversation_id", ID, _to("conversations.id"), nullable=False),
        sa.Column("user_message_id", ID),
        sa.Column("message_id", ID, _to("messages.id"), nullable=False),
        sa.Column("owner_process", NAME, nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("reasoning", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "request_id"),
        sa.UniqueConstraint("message_id", name="jobs_message"),
    )
    op.create_index("jobs_conversation", "jobs", ["conversation_id"])
    op.create_index("jobs_running", "jobs", ["state", "lease_until"])


def _calls_and_settings() -> None:
    op.create_table(
        "calls",
        sa.Column("id", ID, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("owner_id", NAME, nullable=False),
        sa.Column("provider_id", NAME, nullable=False),
        sa.Column("model_id", sa.Text, nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("ms", sa.Float, nullable=False),
        sa.Column("ttft_ms", sa.Float),
        sa.Column("input_tokens", sa.BigInteger),
        sa.Column("output_tokens", sa.BigInteger),
        sa.Column("estimated", sa.Boolean, nullable=False),
        sa.Column("cost_usd", sa.BigInteger),
        sa.Column("cached", sa.Boolean, nullable=False),
        sa.Column("request_id", NAME),
        sa.Column("conversation_id", ID),
    )
    op.create_index("calls_owner", "calls", ["owner_id", "at"])
    op.create_index("calls_model", "calls", ["provider_id", "model_id", "at"])
    op.create_table(
        "settings",
        sa.Column("owner_id", NAME, nullable=False),
        sa.Column("key", NAME, nullable=False),
        sa.Column("value", JSON),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "key"),
    )
