"""How long a list is and what was asked on each day, kept by the database; the log of calls read by model."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

NAME = sa.String(200)

LISTED = "{row}.deleted_at IS NULL AND {row}.kind <> 'lane'"
WAS, IS = LISTED.format(row="old"), LISTED.format(row="new")
LIST = """INSERT INTO list_sizes (owner_id, listed) VALUES (new.owner_id, 1)
    ON CONFLICT (owner_id) DO UPDATE SET listed = list_sizes.listed + 1;"""
UNLIST = "UPDATE list_sizes SET listed = listed - 1 WHERE owner_id = old.owner_id;"
LISTING = "owner_id, kind, deleted_at"
SQLITE_LIST = (
    f"CREATE TRIGGER list_added AFTER INSERT ON conversations WHEN {IS} BEGIN {LIST} END",
    f"CREATE TRIGGER list_removed AFTER DELETE ON conversations WHEN {WAS} BEGIN {UNLIST} END",
    f"CREATE TRIGGER list_left AFTER UPDATE OF {LISTING} ON conversations WHEN {WAS} BEGIN {UNLIST} END",
    f"CREATE TRIGGER list_joined AFTER UPDATE OF {LISTING} ON conversations WHEN {IS} BEGIN {LIST} END",
)
POSTGRESQL_LIST = (
    f"""CREATE FUNCTION list_counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'UPDATE' THEN
          IF old.owner_id = new.owner_id AND ({WAS}) = ({IS}) THEN RETURN NULL; END IF;
        END IF;
        IF TG_OP <> 'INSERT' THEN IF {WAS} THEN {UNLIST} END IF; END IF;
        IF TG_OP <> 'DELETE' THEN IF {IS} THEN {LIST} END IF; END IF;
        RETURN NULL; END $$""",
    f"""CREATE TRIGGER list_counted AFTER INSERT OR DELETE OR UPDATE OF {LISTING} ON conversations
       FOR EACH ROW EXECUTE FUNCTION list_counted()""",
)
COUNT_LIST = f"""INSERT INTO list_sizes (owner_id, listed)
    SELECT owner_id, count(*) FROM conversations WHERE {LISTED.format(row="conversations")} GROUP BY owner_id"""  # noqa: S608

COUNTS = ("requests", "failures", "counted", "tokens", "estimated", "unsent")
SUMS = """INSERT INTO {table} (owner_id, {key}, provider_id, requests, failures, counted, tokens, estimated, unsent)
    SELECT {row}.owner_id, {values}, {row}.provider_id,
           {sign} CASE WHEN {row}.sent IS FALSE THEN 0 ELSE 1 END,
           {sign} CASE WHEN {row}.outcome <> 'ok' AND {row}.sent IS NOT FALSE THEN 1 ELSE 0 END,
           {sign} CASE WHEN {row}.input_tokens IS NOT NULL OR {row}.output_tokens IS NOT NULL THEN 1 ELSE 0 END,
           {sign} (coalesce({row}.input_tokens, 0) + coalesce({row}.output_tokens, 0)),
           {sign} CASE WHEN {row}.estimated THEN 1 ELSE 0 END, {sign} CASE WHEN {row}.sent IS FALSE THEN 1 ELSE 0 END
    FROM {source} WHERE NOT {row}.cached {more}
    ON CONFLICT (owner_id, {key}, provider_id) DO UPDATE SET
        requests = {table}.requests + excluded.requests, failures = {table}.failures + excluded.failures,
        counted = {table}.counted + excluded.counted, tokens = {table}.tokens + excluded.tokens,
        estimated = {table}.estimated + excluded.estimated, unsent = {table}.unsent + excluded.unsent;"""
QUARTER_US = 900_000_000


def _sums(row: str, sign: str) -> str:
    """Add (or take) a call to the sums of its hours and of its owner's days."""
    quarter = f"{row}.at / {QUARTER_US}"
    hours = SUMS.format(
        table="usage_hours",
        key="phase, hour",
        values=f"phase, ({quarter} + phase) / 4",
        source="(SELECT 0 AS phase UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) AS phases",
        more="",
        row=row,
        sign=sign,
    )
    days = SUMS.format(
        table="usage_days",
        key="ahead, day",
        values=f"ahead, ({quarter} + ahead) / 96",
        source="usage_offsets",
        more=f"AND usage_offsets.owner_id = {row}.owner_id",
        row=row,
        sign=sign,
    )
    return f"{hours} {days}"


ADD, TAKE = _sums("new", ""), _sums("old", "-")
CHANGED = "owner_id, at, provider_id, outcome, input_tokens, output_tokens, estimated, cached, sent"
SQLITE_CALLS = (
    "DROP TRIGGER calls_added",
    "DROP TRIGGER calls_removed",
    f"CREATE TRIGGER calls_added AFTER INSERT ON calls WHEN NOT new.cached BEGIN {ADD} END",
    f"CREATE TRIGGER calls_removed AFTER DELETE ON calls WHEN NOT old.cached BEGIN {TAKE} END",
    f"CREATE TRIGGER calls_changed AFTER UPDATE OF {CHANGED} ON calls BEGIN {TAKE} {ADD} END",
)
POSTGRESQL_CALLS = (
    f"""CREATE OR REPLACE FUNCTION call_counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP <> 'INSERT' THEN {TAKE} END IF; IF TG_OP <> 'DELETE' THEN {ADD} END IF; RETURN NULL; END $$""",
    "DROP TRIGGER calls_counted ON calls",
    f"""CREATE TRIGGER calls_counted AFTER INSERT OR DELETE OR UPDATE OF {CHANGED} ON calls
       FOR EACH ROW EXECUTE FUNCTION call_counted()""",
)
ANSWERED = sa.text("outcome = 'ok' AND NOT cached AND output_tokens > 0 AND ms > 0")


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "list_sizes",
        sa.Column("owner_id", NAME, primary_key=True),
        sa.Column("listed", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "usage_offsets",
        sa.Column("owner_id", NAME, nullable=False),
        sa.Column("ahead", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "ahead"),
    )
    op.create_table(
        "usage_days",
        sa.Column("owner_id", NAME, nullable=False),
        sa.Column("ahead", sa.Integer, nullable=False),
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("provider_id", NAME, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in COUNTS),
        sa.PrimaryKeyConstraint("owner_id", "ahead", "day", "provider_id"),
        sqlite_with_rowid=False,
    )
    for statement in (*(SQLITE_LIST if sqlite else POSTGRESQL_LIST), COUNT_LIST):
        op.get_bind().exec_driver_sql(statement)
    for statement in SQLITE_CALLS if sqlite else POSTGRESQL_CALLS:
        op.get_bind().exec_driver_sql(statement)
    op.create_index(
        "calls_answered",
        "calls",
        ["model_id", "at", "output_tokens", "ms"],
        sqlite_where=ANSWERED,
        postgresql_where=ANSWERED,
    )
    op.drop_index("calls_at", "calls")
    op.drop_index("calls_model", "calls")
