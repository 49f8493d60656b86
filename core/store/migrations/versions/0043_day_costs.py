"""What a day cost among the sums of calls, and how many calls of it have no known cost."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"

COUNTS = ("requests", "failures", "counted", "tokens", "estimated", "unsent", "pico_usd", "unpriced")
CHARGED = """{row}.sent IS NOT FALSE AND {row}.simulated IS NOT TRUE
             AND ({row}.outcome = 'ok' OR {row}.output_tokens IS NOT NULL)"""
VALUES = """{sign} CASE WHEN {row}.sent IS FALSE THEN 0 ELSE 1 END,
           {sign} CASE WHEN {row}.outcome <> 'ok' AND {row}.sent IS NOT FALSE THEN 1 ELSE 0 END,
           {sign} CASE WHEN {row}.input_tokens IS NOT NULL OR {row}.output_tokens IS NOT NULL THEN 1 ELSE 0 END,
           {sign} (coalesce({row}.input_tokens, 0) + coalesce({row}.output_tokens, 0)),
           {sign} CASE WHEN {row}.estimated THEN 1 ELSE 0 END, {sign} CASE WHEN {row}.sent IS FALSE THEN 1 ELSE 0 END,
           {sign} CASE WHEN {charged} THEN coalesce({row}.cost_usd, 0) ELSE 0 END,
           {sign} CASE WHEN {row}.cost_usd IS NULL AND {charged} THEN 1 ELSE 0 END"""
SUMS = """INSERT INTO {table} (owner_id, {key}, provider_id, {names})
    SELECT {row}.owner_id, {places}, {row}.provider_id, {values} FROM {source} WHERE NOT {row}.cached {more}
    ON CONFLICT (owner_id, {key}, provider_id) DO UPDATE SET {added};"""
QUARTER_US = 900_000_000


def _sums(row: str, sign: str) -> str:
    """Add (or take) a call to the sums of its hours and of its owner's days."""
    quarter = f"{row}.at / {QUARTER_US}"
    hours = _sum(
        "usage_hours",
        "phase, hour",
        f"phase, ({quarter} + phase) / 4",
        "(SELECT 0 AS phase UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) AS phases",
        row,
        sign,
    )
    more = f"AND usage_offsets.owner_id = {row}.owner_id"
    days = _sum("usage_days", "ahead, day", f"ahead, ({quarter} + ahead) / 96", "usage_offsets", row, sign, more)
    return f"{hours} {days}"


def _sum(table: str, key: str, places: str, source: str, row: str, sign: str, more: str = "") -> str:
    values = VALUES.format(row=row, sign=sign, charged=CHARGED.format(row=row))
    added = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in COUNTS)
    return SUMS.format(
        table=table, key=key, names=", ".join(COUNTS), row=row, places=places, values=values, source=source, more=more,
        added=added,
    )  # fmt: skip


ADD, TAKE = _sums("new", ""), _sums("old", "-")
CHANGED = """owner_id, at, provider_id, outcome, input_tokens, output_tokens, estimated, cached, sent, cost_usd,
    simulated"""
SQLITE = (
    "DROP TRIGGER calls_added",
    "DROP TRIGGER calls_removed",
    "DROP TRIGGER calls_changed",
    f"CREATE TRIGGER calls_added AFTER INSERT ON calls WHEN NOT new.cached BEGIN {ADD} END",
    f"CREATE TRIGGER calls_removed AFTER DELETE ON calls WHEN NOT old.cached BEGIN {TAKE} END",
    f"CREATE TRIGGER calls_changed AFTER UPDATE OF {CHANGED} ON calls BEGIN {TAKE} {ADD} END",
)
POSTGRESQL = (
    f"""CREATE OR REPLACE FUNCTION call_counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP <> 'INSERT' THEN {TAKE} END IF; IF TG_OP <> 'DELETE' THEN {ADD} END IF; RETURN NULL; END $$""",
    "DROP TRIGGER calls_counted ON calls",
    f"""CREATE TRIGGER calls_counted AFTER INSERT OR DELETE OR UPDATE OF {CHANGED} ON calls
       FOR EACH ROW EXECUTE FUNCTION call_counted()""",
)
# Only hours and days on which something was charged, or might have been.
BACKFILL = """INSERT INTO {table} (owner_id, {key}, provider_id, {names})
    SELECT calls.owner_id, {places}, calls.provider_id, 0, 0, 0, 0, 0, 0,
           sum(coalesce(calls.cost_usd, 0)), sum(CASE WHEN calls.cost_usd IS NULL THEN 1 ELSE 0 END)
    FROM calls CROSS JOIN {source} WHERE NOT calls.cached AND {charged} AND (cost_usd IS NULL OR cost_usd <> 0) {more}
    GROUP BY 1, 2, 3, 4
    ON CONFLICT (owner_id, {key}, provider_id) DO UPDATE
        SET pico_usd = excluded.pico_usd, unpriced = excluded.unpriced"""


def _backfill(table: str, key: str, places: str, source: str, more: str = "") -> str:
    charged = CHARGED.format(row="calls")
    return BACKFILL.format(
        table=table, key=key, names=", ".join(COUNTS), places=places, source=source, charged=charged, more=more
    )


def upgrade() -> None:
    connection = op.get_bind()
    for table in ("usage_hours", "usage_days"):
        for name in ("pico_usd", "unpriced"):
            op.add_column(table, sa.Column(name, sa.BigInteger, nullable=False, server_default="0"))
    quarter = f"calls.at / {QUARTER_US}"
    phases = "(SELECT 0 AS phase UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) AS phases"
    connection.exec_driver_sql(_backfill("usage_hours", "phase, hour", f"phase, ({quarter} + phase) / 4", phases))
    connection.exec_driver_sql(
        _backfill(
            "usage_days",
            "ahead, day",
            f"ahead, ({quarter} + ahead) / 96",
            "usage_offsets",
            "AND usage_offsets.owner_id = calls.owner_id",
        )
    )
    for statement in SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL:
        connection.exec_driver_sql(statement)
