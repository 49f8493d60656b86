"""The rows of the log, of everybody or of some: calls, messages, votes and counters, read in portions.

This is for who runs the server, whose database it is (see `core/log_data/`); pages read their person's rows elsewhere.
Nothing is written: the connection, and on PostgreSQL each transaction, is read-only, and a schema that is not this
program's is refused. Each portion is a short transaction and begins after the last row of the one before, so that a
reader who takes hours holds up nobody; what is saved meanwhile may or may not be among the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Engine,
    Float,
    FromClause,
    Integer,
    Row,
    Select,
    Text,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    type_coerce,
    union_all,
)

from . import Refused, migrations
from .backends import postgresql, sqlite
from .columns import PICO, to_us
from .quota.tables import FOREVER, meters, shares
from .tables import calls, conversations, messages
from .votes.tables import votes

Columns = Mapping[str, ColumnElement[Any]]


class OlderSchema(Refused):
    """An older Roundtable wrote this database, and nobody has opened it with this one yet."""


class LogSource(NamedTuple):
    """Where the rows of a frame are: their columns (instants in microseconds, truth as 0 and 1), the columns whose
    order is that of the rows, and the bounds of time."""

    columns: Columns
    rows: FromClause
    key: tuple[ColumnElement[Any], ...]
    since: Callable[[int], ColumnElement[bool]]
    until: Callable[[int], ColumnElement[bool]]
    by_time: bool = True
    conditions: tuple[ColumnElement[bool], ...] = ()


def connect(url: str | None, path: Path) -> Engine:
    """A read-only engine on the server, or on the file for None. Nothing is opened yet."""
    if url is None:
        return sqlite.connect(path, read_only=True)
    return postgresql.connect(url, pool_size=2).execution_options(postgresql_readonly=True)


def check(engine: Engine) -> None:
    """Raise NewerSchema, OlderSchema or Refused where the database is not one that this program reads."""
    with engine.connect() as connection, connection.begin():
        if migrations.check(connection):
            return
        revision = migrations.current(connection)
    if revision is None:
        raise Refused("There are no tables of Roundtable's.")
    raise OlderSchema(f"It has schema {revision}, this Roundtable reads {migrations.HEAD}.")


def portions(
    engine: Engine,
    frame: str,
    names: Sequence[str],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    owners: Sequence[str] | None = None,
    rows: int,
) -> Iterator[Sequence[Row[Any]]]:
    """The rows with these columns in their order, at most so many at once; at least one portion, which may be empty.

    Instants are microseconds since 1970 UTC, truth is 0 or 1; `models` of a vote is the JSON of its columns.
    """
    source = SOURCES[frame](engine.dialect.name)
    query = select(*(source.columns[name].label(name) for name in names), *source.key).select_from(source.rows)
    query = query.where(*source.conditions).order_by(*source.key).limit(rows)
    if until:
        query = query.where(source.until(to_us(until)))
    if owners is not None:
        query = query.where(source.columns["owner_id"].in_(owners))
    later = query  # where the order is that of time, what follows a row is in the range, and an index leads there
    if since:
        query = query.where(source.since(to_us(since)))
        later = later if source.by_time else query
    portion = _read(engine, query)
    yield portion
    while len(portion) == rows:
        last = tuple(portion[-1][-len(source.key) :])
        values = (literal(value, column.type) for value, column in zip(last, source.key, strict=True))
        portion = _read(engine, later.where(tuple_(*source.key) > tuple_(*values)))
        yield portion


def _read(engine: Engine, query: Select[Any]) -> Sequence[Row[Any]]:
    with engine.connect() as connection, connection.begin():
        return connection.execute(query).all()


def _us(column: ColumnElement[Any]) -> ColumnElement[int]:
    return type_coerce(column, BigInteger)


def _truth(column: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(column, Integer)


def _usd(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(type_coerce(column, BigInteger), Float) / float(PICO)


def _calls(_dialect: str) -> LogSource:
    c = calls.c
    same = (
        "id owner_id provider_id model_id served_model_id response_model served_by system_fingerprint n outcome "
        "ttft_ms first_answer_ms last_ms waited_ms chunks input_tokens output_tokens reasoning_tokens request_id "
        "conversation_id"
    )
    truths = ("sent", "streamed", "estimated", "cached", "failed_over", "cold", "simulated", "probe")
    columns = {
        **{name: c[name] for name in same.split()},
        **{name: _truth(c[name]) for name in truths},
        "started_at": _us(c.at),
        "total_ms": c.ms,
        "cost_usd": _usd(c.cost_usd),
        "temperature": c.settings["temperature"].as_float(),
        "top_p": c.settings["top_p"].as_float(),
        "seed": cast(c.settings["seed"].as_string(), BigInteger),
        "max_output_tokens": cast(c.settings["max_output_tokens"].as_string(), BigInteger),
        **{name: cast(c.settings[name].as_string(), Text) for name in ("effort", "response_format", "tools")},
        "prompt_sha256": c.prompt_hash,
        "error_id": c.event_id,
    }
    at = _us(c.at)
    return LogSource(columns, calls, (at, c.id), lambda us: at >= us, lambda us: at < us)


def _messages(_dialect: str) -> LogSource:
    m, completion = messages.c, messages.c.completion
    same = ("id", "conversation_id", "parent_id", "depth", "role", "text", "model_id", "state")
    columns = {
        **{name: m[name] for name in same},
        "created_at": _us(m.created_at),
        "owner_id": conversations.c.owner_id,
        "conversation_kind": conversations.c.kind,
        "finish": completion[("finish", "reason")].as_string(),
        "error": completion[("error", "kind")].as_string(),
        "reasoning": func.nullif(completion["reasoning"].as_string(), ""),
        "input_tokens": completion[("usage", "input_tokens")].as_integer(),
        "output_tokens": completion[("usage", "output_tokens")].as_integer(),
        "ttft_ms": completion[("timing", "ttft_ms")].as_float(),
        "total_ms": completion[("timing", "total_ms")].as_float(),
        "cost_usd": cast(completion["cost_usd"].as_string(), Float),
        "cached": _truth(completion["cached"].as_boolean()),
    }
    at = _us(m.created_at)
    joined = messages.join(conversations, conversations.c.id == m.conversation_id)
    present = (conversations.c.deleted_at.is_(None),)
    return LogSource(columns, joined, (m.seq,), lambda us: at >= us, lambda us: at < us, False, present)


def _votes(dialect: str) -> LogSource:
    v = votes.c
    if dialect == "sqlite":
        winner: ColumnElement[Any] = func.json_extract(v.lanes, literal("$[").concat(v.place).concat("][1]"))
    else:
        winner = v.lanes[v.place][1].as_string()
    columns = {
        **{name: v[name] for name in ["run_id", "turn", "owner_id", "outcome", "topic"]},
        "voted_at": _us(v.at),
        "winner_model_id": case((v.outcome == "winner", winner)),
        "models": v.lanes,
        "blind": _truth(v.blind),
    }
    at = _us(v.at)
    joined = votes.join(conversations, conversations.c.id == v.run_id)
    present = (conversations.c.deleted_at.is_(None),)
    return LogSource(columns, joined, (at, v.run_id, v.turn), lambda us: at >= us, lambda us: at < us, True, present)


def _quota(_dialect: str) -> LogSource:
    """The counters, and below each what its people took of the same window."""
    m, s = meters.c, shares.c

    def amount(count: ColumnElement[Any]) -> ColumnElement[Any]:
        return case((m.unit == "usd", cast(count, Float) / float(PICO)), else_=cast(count, Float))

    common = {
        **{name: m[name] for name in ["id", "provider_id", "pool", "scope", "unit", "per", "source"]},
        "key_id": func.nullif(func.substr(m.key_hash, 1, 8), ""),
        "size": amount(m.amount),
        "window_starts_at": case((m.ends_us < FOREVER, m.starts_us)),
        "window_ends_at": case((m.ends_us < FOREVER, m.ends_us)),
        "seen_at": m.seen_us,
    }
    unknown = m.ceiling.is_(None) & ((m.blind > 0) | m.amount.is_(None))
    smaller = case((m.ceiling.is_(None) | (m.amount < m.ceiling), m.amount), else_=m.ceiling)
    left = smaller - m.used - m.reserved
    whole = {
        "owner_id": cast(null(), s.owner_id.type),
        "used": amount(m.used),
        "reserved": amount(m.reserved),
        "remaining": case((unknown, null()), (left < 0, literal(0.0)), else_=amount(left)),
    }
    part = {
        "owner_id": s.owner_id,
        "used": amount(s.taken),
        "reserved": cast(null(), Float),
        "remaining": cast(null(), Float),
    }
    joined = meters.join(shares, (s.meter_id == m.id) & (s.turn == m.turn))
    both = union_all(
        select(*(each.label(name) for name, each in (common | whole).items())),
        select(*(each.label(name) for name, each in (common | part).items())).select_from(joined),
    ).subquery("quota_rows")
    q = both.c
    columns = {name: q[name] for name in q.keys() if name != "id"}  # noqa: SIM118 - a collection of columns
    owner = func.coalesce(q.owner_id, "")
    return LogSource(
        columns,
        both,
        (q.id, owner),
        lambda us: or_(q.window_ends_at.is_(None), q.window_ends_at > us),
        lambda us: or_(q.window_starts_at.is_(None), q.window_starts_at < us),
        by_time=False,
    )


SOURCES: Mapping[str, Callable[[str], LogSource]] = {
    "calls": _calls,
    "messages": _messages,
    "votes": _votes,
    "quota": _quota,
}
