"""Every attempt to call a provider, failures too: one row each, the numbers of the answer on the last one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import Any
from uuid import uuid4

from sqlalchemy import CompoundSelect, Connection, Select, func, select, union_all

from ..records import Attempt, CallFacts, Completion, Usage
from ..views.usage import CallRow
from . import Unavailable
from .columns import from_us, to_us
from .completion import SERVED
from .database import Database
from .latency import write
from .rows import derived, insert_new
from .tables import ANSWERED, calls

NAMES = tuple(column.name for column in calls.columns)
SPEED_TOKENS = 25  # a shorter answer, such as those of a check, tells how soon it began, not how fast it was written
MODELS_AT_ONCE = 100  # SQLite joins at most 500 queries
NO_NUMBERS: Mapping[str, Any] = {
    **dict.fromkeys(("ttft_ms", "first_answer_ms", "last_ms", "waited_ms", "chunks", "streamed", "failed_over")),
    **dict.fromkeys(("input_tokens", "output_tokens", "reasoning_tokens", "cost")),
    **dict.fromkeys(SERVED),
    "estimated": False,
    "cached": False,
}


def rows(
    owner_id: str, completion: Completion, request_id: str | None = None, *, probe: bool = False
) -> list[dict[str, Any]]:
    """The attempts of an answer as JSON values: none for one never sent, one for a cached one. Where tools were called
    it took several requests: tokens and cost are those of each, the times of the whole answer are on the last one."""
    seed = request_id or uuid4().hex
    at = completion.timing.started_at
    attempts = completion.attempts or _cached_attempt(completion)
    numbers = _numbers_of(attempts, completion)
    first_of_round = 0
    attempt_rows = []
    for place, attempt in enumerate(attempts):
        first_of_round = place if attempt.n == 1 else first_of_round
        attempt_rows.append(
            {
                "id": derived(owner_id, seed, "call", str(place + 1)),
                "at_us": to_us(at),
                "owner_id": owner_id,
                "provider_id": attempt.provider_id,
                "model_id": attempt.model_id,
                "n": place + 1,
                "outcome": attempt.outcome,
                "ms": attempt.ms,
                "request_id": request_id,
                "retried": any(other.model_id == attempt.model_id for other in attempts[first_of_round:place]),
                "tool_rounds": bool(completion.rounds),
                "cold": attempt.cold,
                "simulated": attempt.simulated,
                "sent": attempt.sent,
                "probe": probe,
                **_facts(completion.facts),
                "event_id": completion.error.event_id if completion.error and place == len(attempts) - 1 else None,
                **numbers[place],
            }
        )
        at += timedelta(milliseconds=attempt.ms, seconds=attempt.wait_s or 0)
    return attempt_rows


def add(
    database: Database,
    owner_id: str,
    completion: Completion,
    *,
    request_id: str | None = None,
    conversation_id: str | None = None,
    probe: bool = False,
) -> bool:
    """Store the attempts of an answer without a job (`turns.finish` stores a job's); False: in the spool."""
    attempt_rows = [
        {**row, "conversation_id": conversation_id} for row in rows(owner_id, completion, request_id, probe=probe)
    ]
    return not attempt_rows or database.save("calls", {"rows": attempt_rows}).now


def insert(connection: Connection, values: Mapping[str, Any]) -> int:
    """The operation behind `add`; returns how many rows were new. Only those are counted in the histograms."""
    return sum(_insert(connection, row) for row in values["rows"])


def _insert(connection: Connection, values: Mapping[str, Any]) -> int:
    row = _row(values)
    if "cold" not in values:  # from the spool of a version that did not note what an honest time needs
        return insert_new(connection, calls, [row])
    tool_rounds = bool(values.get("tool_rounds"))
    flags = write.flags_of(row, retried=bool(values.get("retried")), tool_rounds=tool_rounds)
    series_id, measures = write.series_of(connection, row, flags), write.measures(row, tool_rounds=tool_rounds)
    fresh = insert_new(connection, calls, [{**row, "series_id": series_id if measures else None}])
    if fresh:
        write.count(connection, row, series_id, measures)
    return fresh


def recent(database: Database, owner_id: str, *, since: datetime | None = None, limit: int = 1000) -> list[CallRow]:
    """The newest attempts of an owner, newest first."""
    names = [calls.c[name] for name in CallRow.__dataclass_fields__]
    query = select(*names).where(calls.c.owner_id == owner_id).order_by(calls.c.at.desc(), calls.c.n.desc())
    if since:
        query = query.where(calls.c.at >= since)
    with database.read() as connection:
        return [CallRow(*row) for row in connection.execute(query.limit(limit))]


def speeds(database: Database, *, since: datetime, newest: int = 30) -> dict[str, float]:
    """The median tokens per second of each model's newest whole answers, of all owners; {} while the database is
    unavailable.

    By the requested model, whichever model answers.
    """
    with suppress(Unavailable), database.read() as connection:
        names = sorted(name for name in connection.execute(_answered_models()).scalars() if name)
        speeds_of: dict[str, list[float]] = {}
        for start in range(0, len(names), MODELS_AT_ONCE):
            for row in connection.execute(_newest_of(names[start : start + MODELS_AT_ONCE], since, newest)):
                speeds_of.setdefault(row.model_id, []).append(row.output_tokens * 1000 / row.ms)
        return {model_id: median(measured) for model_id, measured in speeds_of.items()}
    return {}


def _answered_models() -> Select[str | None]:
    """Every model that ever answered, and a NULL, by a loose index scan."""
    first = select(func.min(calls.c.model_id).label("model_id")).where(ANSWERED)
    named = first.cte("named", recursive=True)
    after = select(func.min(calls.c.model_id)).where(ANSWERED, calls.c.model_id > named.c.model_id).scalar_subquery()
    return select(named.union_all(select(after).where(named.c.model_id.is_not(None))).c.model_id)


def _newest_of(names: Sequence[str], since: datetime, newest: int) -> CompoundSelect[str, int, float]:
    columns = (calls.c.model_id, calls.c.output_tokens, calls.c.ms)
    each = (
        select(*columns)
        .where(ANSWERED, calls.c.model_id == name, calls.c.at >= since, calls.c.output_tokens >= SPEED_TOKENS)
        .order_by(calls.c.at.desc())
        .limit(newest)
        .subquery()
        for name in names
    )
    return union_all(*(select(subquery) for subquery in each))


def _facts(facts: CallFacts | None) -> dict[str, Any]:
    if facts is None:
        return {"settings": None, "prompt_hash": None}
    settings = {name: value for name, value in asdict(facts).items() if value is not None and name != "prompt_hash"}
    return {"settings": settings or None, "prompt_hash": facts.prompt_hash}


def _numbers(completion: Completion) -> dict[str, Any]:
    timing, usage, cost = completion.timing, completion.usage, completion.cost_usd
    if completion.cached:
        usage = None  # nothing was used; what was is in the row of the answer that was kept
    return {
        "ttft_ms": timing.ttft_ms,
        "first_answer_ms": timing.first_answer_ms,
        "last_ms": timing.last_ms,
        "waited_ms": timing.waited_ms,
        "chunks": timing.arrivals,
        "streamed": timing.streamed,
        "failed_over": any(note.kind == "failed_over" for note in completion.notes),
        **_used(usage, cost),
        "cached": completion.cached,
        **{name: getattr(completion, name) for name in SERVED},
    }


def _used(usage: Usage | None, cost: Decimal | None) -> dict[str, Any]:
    return {
        "input_tokens": usage.input_tokens if usage else None,
        "output_tokens": usage.output_tokens if usage else None,
        "reasoning_tokens": usage.reasoning_tokens if usage else None,
        "estimated": bool(usage and usage.estimated),
        "cost": None if cost is None else str(cost),
    }


def _numbers_of(attempts: Sequence[Attempt], completion: Completion) -> list[Mapping[str, Any]]:
    """The numbers of each row: those of the answer on its last, those of an earlier round on the last of the round."""
    if not attempts:
        return []
    numbers: list[Mapping[str, Any]] = [NO_NUMBERS] * (len(attempts) - 1) + [_numbers(completion)]
    last_places = [place for place, (_, after) in enumerate(pairwise(attempts)) if after.n == 1] + [len(attempts) - 1]
    if len(last_places) == len(completion.rounds):
        for place, turn in zip(last_places, completion.rounds, strict=True):
            numbers[place] = {**numbers[place], **_used(turn.usage, turn.cost_usd)}
    return numbers


def _cached_attempt(completion: Completion) -> tuple[Attempt, ...]:
    """The attempt that a cached answer saved; nothing for one that was refused unsent."""
    if not completion.cached:
        return ()
    provider_id = completion.model_id.partition("/")[0]
    return (Attempt(provider_id, completion.model_id, 1, "ok", completion.timing.total_ms or 0.0, cold=False),)


def _row(values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns and values. A row that an older version left in the spool lacks some: they become NULL."""
    cost = values["cost"]
    columns = {name: values.get(name) for name in NAMES}
    return {**columns, "at": from_us(values["at_us"]), "cost_usd": None if cost is None else Decimal(cost)}
