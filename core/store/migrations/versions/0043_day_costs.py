"""What a day cost among the sums of calls, and how many calls of it have no known cost."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"

CHARGED = """{row}.sent IS NOT FALSE AND {row}.simulated IS NOT TRUE
             AND ({row}.outcome = 'ok' OR {row}.output_tokens IS NOT NULL)"""
# The sums of a call, and what each adds.
BEFORE = {
    "requests": "CASE WHEN {row}.sent IS FALSE THEN 0 ELSE 1 END",
    "failures": "CASE WHEN {row}.outcome <> 'ok' AND {row}.sent IS NOT FALSE THEN 1 ELSE 0 END",
    "counted": "CASE WHEN {row}.input_tokens IS NOT NULL OR {row}.output_tokens IS NOT NULL THEN 1 ELSE 0 END",
    "tokens": "(coalesce({row}.input_tokens, 0) + coalesce({row}.output_tokens, 0))",
    "estimated": "CASE WHEN {row}.estimated THEN 1 ELSE 0 END",
    "unsent": "CASE WHEN {row}.sent IS FALSE THEN 1 ELSE 0 END",
}
COSTS = {
    "pico_usd": f"CASE WHEN {CHARGED} THEN coalesce({{row}}.cost_usd, 0) ELSE 0 END",
    "unpriced": f"CASE WHEN {{row}}.cost_usd IS NULL AND {CHARGED} THEN 1 ELSE 0 END",
}
AFTER = {**BEFORE, **COSTS}
CHANGED_BEFORE = "owner_id, at, provider_id, outcome, input_tokens, output_tokens, estimated, cached, sent"
CHANGED_AFTER = f"{CHANGED_BEFORE}, cost_usd, simulated"
ADD_TO_SUMS = """INSERT INTO {table} (owner_id, {key}, provider_id, {names})
    SELECT {row}.owner_id, {places}, {row}.provider_id, {values} FROM {source} WHERE NOT {row}.cached {more}
    ON CONFLICT (owner_id, {key}, provider_id) DO UPDATE SET {added};"""
QUARTER_US = 900_000_000
PHASES = "(SELECT 0 AS phase UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) AS phases"


def _statement(
    sums: Mapping[str, str], row: str, sign: str, table: str, key: str, places: str, source: str, more: str = ""
) -> str:
    return ADD_TO_SUMS.format(
        table=table, key=key, row=row, places=places, source=source, more=more,
        names=", ".join(sums),
        values=", ".join(f"{sign} {value.format(row=row)}" for value in sums.values()),
        added=", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in sums),
    )  # fmt: skip


def _sums(sums: Mapping[str, str], row: str, sign: str) -> str:
    """Add (or take) a call to the sums of its hours and of its owner's days."""
    quarter = f"{row}.at / {QUARTER_US}"
    hours = _statement(sums, row, sign, "usage_hours", "phase, hour", f"phase, ({quarter} + phase) / 4", PHASES)
    more = f"AND usage_offsets.owner_id = {row}.owner_id"
    days = _statement(
        sums, row, sign, "usage_days", "ahead, day", f"ahead, ({quarter} + ahead) / 96", "usage_offsets", more
    )
    return f"{hours} {days}"


def _drop_triggers(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DROP TRIGGER calls_counted ON calls")
        return
    for name in ("calls_added", "calls_removed", "calls_changed"):
        connection.exec_driver_sql(f"DROP TRIGGER {name}")


def _create_triggers(connection: sa.Connection, sums: Mapping[str, str], changed: str) -> None:
    add, take = _sums(sums, "new", ""), _sums(sums, "old", "-")
    sqlite = (
        f"CREATE TRIGGER calls_added AFTER INSERT ON calls WHEN NOT new.cached BEGIN {add} END",
        f"CREATE TRIGGER calls_removed AFTER DELETE ON calls WHEN NOT old.cached BEGIN {take} END",
        f"CREATE TRIGGER calls_changed AFTER UPDATE OF {changed} ON calls BEGIN {take} {add} END",
    )
    postgresql = (
        f"""CREATE OR REPLACE FUNCTION call_counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF TG_OP <> 'INSERT' THEN {take} END IF; IF TG_OP <> 'DELETE' THEN {add} END IF; RETURN NULL; END $$""",
        f"""CREATE TRIGGER calls_counted AFTER INSERT OR DELETE OR UPDATE OF {changed} ON calls
           FOR EACH ROW EXECUTE FUNCTION call_counted()""",
    )
    for statement in sqlite if connection.dialect.name == "sqlite" else postgresql:
        connection.exec_driver_sql(statement)


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
        table=table, key=key, names=", ".join(AFTER), places=places, source=source, charged=charged, more=more
    )


def upgrade() -> None:
    connection = op.get_bind()
    for table in ("usage_hours", "usage_days"):
        for name in COSTS:
            op.add_column(table, sa.Column(name, sa.BigInteger, nullable=False, server_default="0"))
    quarter = f"calls.at / {QUARTER_US}"
    connection.exec_driver_sql(_backfill("usage_hours", "phase, hour", f"phase, ({quarter} + phase) / 4", PHASES))
    connection.exec_driver_sql(
        _backfill(
            "usage_days",
            "ahead, day",
            f"ahead, ({quarter} + ahead) / 96",
            "usage_offsets",
            "AND usage_offsets.owner_id = calls.owner_id",
        )
    )
    _drop_triggers(connection)
    _create_triggers(connection, AFTER, CHANGED_AFTER)


def downgrade() -> None:
    """The costs stay on the calls themselves."""
    connection = op.get_bind()
    _drop_triggers(connection)
    for table in ("usage_hours", "usage_days"):
        for name in COSTS:
            op.drop_column(table, name)
    _create_triggers(connection, BEFORE, CHANGED_BEFORE)
