"""Counting an attempt: its series, its buckets, its outcome, all in the transaction that stores its row.

Replaying a spool finds the row there already and counts nothing twice: `calls.insert` ensures that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, String, Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from ...records import NIGHTLY
from ..columns import to_us
from ..rows import insert_new
from .buckets import AnswerFlag, Metric, bucket_of, decode_speed, effort_mark, slots_of
from .tables import UNSENT, counts, outcomes, series

Row = Mapping[str, Any]
FIND = select(series.c.id).where(
    series.c.owner_id == bindparam("owner_id", type_=String),
    series.c.provider_id == bindparam("provider_id", type_=String),
    series.c.model_id == bindparam("model_id", type_=String),
    series.c.marks == bindparam("marks", type_=Integer),
)
_ADDS: dict[tuple[str, str], Any] = {}


def flags_of(row: Row, *, retried: bool, tool_rounds: bool = False) -> int:
    """The flags and the effort of an attempt. Old rows without them are in no series."""
    flags = {
        AnswerFlag.RETRIED: retried,
        AnswerFlag.FAILED_OVER: row["failed_over"],
        AnswerFlag.CACHED: row["cached"],
        AnswerFlag.COLD: row["cold"],
        AnswerFlag.BUFFERED: _is_buffered(row) and not tool_rounds,
        AnswerFlag.PROBE: row["probe"],
        AnswerFlag.SIMULATED: row["simulated"],
        AnswerFlag.NIGHTLY: row["owner_id"] == NIGHTLY.id,
        AnswerFlag.TOOL_ROUNDS: tool_rounds,
    }
    effort = (row.get("settings") or {}).get("effort")
    return sum(mark for mark, is_so in flags.items() if is_so) + effort_mark(effort)


def _is_buffered(row: Row) -> bool:
    """Whether it came in one piece; the nightly probe asks for one token, which is no more than that."""
    one_piece = row["outcome"] == "ok" and not row["cached"] and (row["chunks"] or 0) < 2
    return one_piece and row["owner_id"] != NIGHTLY.id


def series_of(connection: Connection, row: Row, flags: int) -> int:
    """The id of the series of the model that answered, created when it is new; without an answer, of the requested
    one."""
    model_id = row.get("served_model_id") or row["model_id"]
    named = {"owner_id": row["owner_id"], "provider_id": row["provider_id"], "model_id": model_id, "marks": flags}
    series_id = connection.execute(FIND, named).scalar()
    if series_id is None:
        insert_new(connection, series, [named])
        series_id = connection.execute(FIND, named).scalar_one()
    return int(series_id)


def count(connection: Connection, row: Row, series_id: int, measured: Mapping[Metric, float]) -> None:
    """Count an attempt that was just stored. `row` is a row of `calls`; its times count only where it answered."""
    slots = slots_of(to_us(row["at"]))
    placed = [{"series_id": series_id, "span": int(span), "slot": slot} for span, slot in slots.items()]
    outcome = UNSENT if row["sent"] is False else row["outcome"]
    _add(connection, outcomes, [{**place, "outcome": outcome} for place in placed])
    rows = [
        {**place, "metric": int(metric), "bucket": bucket_of(value)}
        for metric, value in measured.items()
        for place in placed
    ]
    if rows:
        _add(connection, counts, rows)


def measures(row: Row, *, tool_rounds: bool = False) -> dict[Metric, float]:
    """The measures of an attempt; {} where it failed, was cached, or was not streamed. Of an answer with tool rounds,
    whose row is that of its last request: the first token of the first request, until the text began and ended with all
    rounds and the tools, and no speed, since there was silence in between."""
    if row["outcome"] != "ok" or row["cached"] or not row["streamed"] or row["ttft_ms"] is None:
        return {}
    values = {Metric.TTFT: row["ttft_ms"], Metric.ANSWER: row["first_answer_ms"]}
    values[Metric.TOTAL] = row["last_ms"] if tool_rounds else row["ms"]
    values[Metric.SPEED] = None if tool_rounds else decode_speed(row)
    return {metric: value for metric, value in values.items() if value is not None}


def _add(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Add one to each, in the order of their keys, so that two transactions never deadlock."""
    key = (connection.dialect.name, table.name)
    if key not in _ADDS:
        _ADDS[key] = _upsert(connection.dialect.name, table)
    names = [column.name for column in table.primary_key]
    connection.execute(_ADDS[key], sorted(rows, key=lambda row: [row[name] for name in names]))


def _upsert(dialect: str, table: Table) -> Any:
    keys = [column.name for column in table.primary_key]
    insert = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    values = {name: bindparam(name, type_=table.c[name].type) for name in keys} | {"n": bindparam("n", 1, BigInteger)}
    return insert.values(values).on_conflict_do_update(index_elements=keys, set_={"n": table.c.n + 1}).inline()
